"""Reading our YAML files: validated, and every mistake told with file, line and cause."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from layers.errors import DefinitionError
from layers.yaml_lines import load_with_lines, locate

T = TypeVar("T")


def read_validated(path: Path, validate: Callable[[Any], T], tags: frozenset[str] = frozenset()) -> T:
    """The validated content of a file; DefinitionError names file, line, place and cause.

    ``tags`` are the names of a discriminated union, which pydantic puts into the place of an error
    although the file has no such key.
    """
    try:
        content, lines = load_with_lines(path.read_text(encoding="utf-8"))
        return validate(content)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise DefinitionError(path, mark.line + 1 if mark else 1, str(error.problem)) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = tuple(part for part in first["loc"] if part not in tags)
        place = ".".join(str(part) for part in where)
        cause = first["msg"].removeprefix("Value error, ")
        raise DefinitionError(path, locate(lines, where), f"{place}: {cause}" if place else cause) from error
