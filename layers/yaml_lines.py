"""YAML with line numbers, so that an error can name the line it is on."""

from __future__ import annotations

from typing import Any

import yaml
from pydantic import ValidationError

Path = tuple[int | str, ...]


def load_with_lines(text: str) -> tuple[Any, dict[Path, int]]:
    """The content, and the 1-based line of every node by its path.

    Duplicate keys are an error (plain YAML keeps the last one in silence).
    """
    loader = _Loader(text)
    root = loader.get_single_node()
    lines: dict[Path, int] = {}
    if root is None:
        return None, lines
    _walk(root, (), lines)
    return loader.construct_document(root), lines


# libyaml reads ten times faster; the whole catalogue is read whenever a command starts.
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]  # either of two classes with the same methods
    """SafeLoader that names the line of a day that is not in the calendar, 2026-02-30."""

    def construct_day(self, node: yaml.ScalarNode) -> Any:
        """The date; MarkedYAMLError instead of a ValueError without a line."""
        try:
            return self.construct_yaml_timestamp(node)
        except ValueError as error:
            raise yaml.MarkedYAMLError(
                problem=f"{node.value}: {error}", problem_mark=node.start_mark
            ) from error


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _Loader.construct_day)


def locate(lines: dict[Path, int], path: Path) -> int:
    """The line of the deepest known ancestor of ``path``; 1 for an empty document."""
    for length in range(len(path), -1, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return 1


def explain(error: ValidationError, lines: dict[Path, int]) -> tuple[int, str]:
    """Line and cause of a model's first complaint.

    A misspelt key brings two complaints, one for the stranger and one for what is missing: the stranger says more.
    """
    complaints = sorted(error.errors(), key=lambda found: found["type"] != "extra_forbidden")
    first = complaints[0]
    where = ".".join(str(part) for part in first["loc"])
    cause = first["msg"].removeprefix("Value error, ")
    return locate(lines, first["loc"]), f"{where}: {cause}" if where else cause


def _walk(node: yaml.Node, path: Path, lines: dict[Path, int]) -> None:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"key {key.value!r} stands twice", problem_mark=key.start_mark
                )
            seen.add(key.value)
            _walk(value, (*path, key.value), lines)
            lines[(*path, key.value)] = key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _walk(value, (*path, index), lines)
