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
Place = tuple[int | str, ...]


def read_validated(path: Path, validate: Callable[[Any], T]) -> T:
    """The validated content of a file; DefinitionError names file, line, place and cause."""
    try:
        content, lines = load_with_lines(path.read_text(encoding="utf-8"))
        return validate(content)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise DefinitionError(path, mark.line + 1 if mark else 1, str(error.problem)) from error
    except ValidationError as error:
        # A misspelt key brings two complaints; the one about the stranger says more than what is missing.
        first = min(error.errors(), key=lambda found: found["type"] != "extra_forbidden")
        where = _in_the_file(first["loc"], lines)
        place = ".".join(str(part) for part in where)
        cause = first["msg"].removeprefix("Value error, ")
        raise DefinitionError(path, locate(lines, where), f"{place}: {cause}" if place else cause) from error


def _in_the_file(place: Place, lines: dict[Place, int]) -> Place:
    """The place without the names of union members that pydantic puts in and the file does not have."""
    found: Place = ()
    for at, part in enumerate(place):
        if (*found, part) in lines or at == len(place) - 1:
            found = (*found, part)
    return found
