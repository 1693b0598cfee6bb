"""Foreign map services that are passed on: named in one YAML file (``VATRA_CASCADE``), never by a request."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import Field, TypeAdapter, ValidationError, field_validator, model_validator

from layers.catalogue import Strict, Titles, Visibility, catalogue
from layers.errors import DefinitionError
from layers.extents import Bounds
from layers.yaml_lines import explain, load_with_lines
from tiles.cache.settings import cache_settings

NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")
# The country and its waters.
ROMANIA: Bounds = (116_000.0, 215_000.0, 1_019_000.0, 772_000.0)
Crs = Annotated[str, Field(pattern=r"^EPSG:\d{4,6}$")]


class Attribution(Strict):
    """Whom to name beside the map, and where they are found."""

    text: str
    url: str | None = None


class Foreign(Strict):
    """A foreign WMS. ``timeout_s`` bounds the whole answer; a tile is asked for again after ``keep_s`` seconds.

    ``crs``: what the service can draw in; tiles in another CRS are warped from the nearest of these. ``bounds``:
    where it has something to show, in EPSG:3844, x = east first. ``visibility`` is a circle as for our layers.
    """

    name: str
    title: Titles
    url: str
    layers: Annotated[tuple[str, ...], Field(min_length=1)]
    styles: tuple[str, ...] = ()
    version: Literal["1.1.1", "1.3.0"] = "1.3.0"
    crs: Annotated[tuple[Crs, ...], Field(min_length=1)] = ("EPSG:3844",)
    format: Literal["image/png", "image/jpeg"] = "image/png"
    transparent: bool = True
    attribution: Attribution
    licence: str
    visibility: Visibility = "public"
    timeout_s: Annotated[float, Field(gt=0, le=60)] = 8.0
    keep_s: Annotated[int, Field(ge=0)] = 7 * 86_400
    bounds: Bounds = ROMANIA

    @field_validator("name")
    @classmethod
    def _is_free(cls, value: str) -> str:
        if not NAME.fullmatch(value):
            raise ValueError("a name is small letters, digits and _, in parts joined by dots")
        if value in catalogue() or value.startswith("theme."):
            raise ValueError(f"{value!r} is the name of a layer of our own")
        return value

    @field_validator("url")
    @classmethod
    def _is_a_service(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("expected an http or https address")
        if parts.fragment:
            raise ValueError("an address with '#' cannot be asked")
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> Foreign:
        if self.format == "image/jpeg" and self.transparent:
            raise ValueError("image/jpeg knows no transparency: set transparent: false")
        if self.styles and len(self.styles) != len(self.layers):
            raise ValueError("name as many styles as layers, or none")
        west, south, east, north = self.bounds
        if west >= east or south >= north:
            raise ValueError("bounds are west, south, east, north")
        return self


def foreign() -> dict[str, Foreign]:
    """The services by name, as configured; none without ``VATRA_CASCADE``. Raises DefinitionError (file, line)."""
    path = cache_settings().cascade
    return {} if path is None else _read(path)


@lru_cache(maxsize=4)
def _read(path: Path) -> dict[str, Foreign]:
    try:
        content, lines = load_with_lines(path.read_text(encoding="utf-8"))
        found = TypeAdapter(tuple[Foreign, ...]).validate_python(content)
    except OSError as error:
        raise DefinitionError(path, 1, f"cannot be read: {error.strerror}") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise DefinitionError(path, mark.line + 1 if mark else 1, str(error.problem)) from error
    except ValidationError as error:
        raise DefinitionError(path, *explain(error, lines)) from error
    names = [one.name for one in found]
    for name in names:
        if names.count(name) > 1:
            raise DefinitionError(path, 1, f"{name!r} is named twice")
    return {one.name: one for one in found}
