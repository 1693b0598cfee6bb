"""Our YAML files, read so that every mistake can name its line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from layers.errors import DefinitionError, VatraError
from layers.yaml_lines import load_with_lines, locate

Lines = dict[tuple[int | str, ...], int]


class DefinitionErrors(VatraError):
    """Several mistakes, told at once."""

    def __init__(self, errors: tuple[DefinitionError, ...]) -> None:
        super().__init__("\n".join(map(str, errors)))
        self.errors = errors


def load(path: Path) -> tuple[Any, Lines]:
    """Content and lines; DefinitionError for bad YAML, a key that stands twice, or another encoding."""
    try:
        return load_with_lines(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise DefinitionError(path, line, "not UTF-8; save the file as UTF-8") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise DefinitionError(path, mark.line + 1 if mark else 1, str(error.problem)) from error
    except yaml.YAMLError as error:
        raise DefinitionError(path, 1, str(error)) from error


@contextmanager
def located(path: Path, lines: Lines) -> Iterator[None]:
    """Turns pydantic's errors into DefinitionErrors that name file, line, field and cause."""
    try:
        yield
    except ValidationError as error:
        raise DefinitionErrors(shape_errors(path, lines, error)) from error


def shape_errors(path: Path, lines: Lines, error: ValidationError) -> tuple[DefinitionError, ...]:
    """One error a field; of several ways in which a union does not fit, the first."""
    found: dict[tuple[int, str], DefinitionError] = {}
    for detail in error.errors():
        line = locate(lines, detail["loc"])
        field = ".".join(str(part) for part in _known(lines, detail["loc"]))
        cause = _cause(detail["type"], detail["msg"])
        found.setdefault((line, field), DefinitionError(path, line, f"{field}: {cause}" if field else cause))
    return tuple(found.values())


def _known(lines: Lines, loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """The path without pydantic's own marks for the members of a union; a missing key stays."""
    for length in range(len(loc), 0, -1):
        if loc[:length] in lines:
            rest = [part for part in loc[length:] if isinstance(part, str) and part.isidentifier()]
            return (*loc[:length], *rest[:1])
    return loc


def _cause(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "unknown key"
    if kind == "missing":
        return "missing"
    return message.removeprefix("Value error, ")
