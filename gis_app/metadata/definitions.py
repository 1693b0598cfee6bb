"""The two tables metadata are made with: themes and services, read from YAML beside this module."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import TypeAdapter, ValidationError

from layers.catalogue import Layer, Strict, Titles
from layers.errors import DefinitionError
from layers.yaml_lines import explain, load_with_lines

FOLDER = Path(__file__).parent
Table = TypeVar("Table")


class Theme(Strict):
    """An INSPIRE theme: titles, ISO 19115 topic category, code of the EU data theme."""

    ro: str
    en: str
    topic: str
    data_theme: str
    high_value: bool = False


class Service(Strict):
    """A door; addresses are paths below the installation's own."""

    title: Titles
    kind: Literal["view", "download", "discovery"]
    type: str
    version: str
    capabilities: str
    layer: str | None = None


@cache
def themes() -> dict[str, Theme]:
    """Themes by their INSPIRE code; ``none`` for layers of no theme."""
    return _read("themes.yaml", TypeAdapter(dict[str, Theme]))


@cache
def services() -> dict[str, Service]:
    """The doors by a short name."""
    return _read("services.yaml", TypeAdapter(dict[str, Service]))


def theme_of(layer: Layer) -> Theme:
    """The theme of a layer."""
    return themes()[layer.inspire_theme or "none"]


def _read(name: str, adapter: TypeAdapter[Table]) -> Table:
    path = FOLDER / name
    content, lines = load_with_lines(path.read_text(encoding="utf-8"))
    try:
        return adapter.validate_python(content)
    except ValidationError as error:
        raise DefinitionError(path, *explain(error, lines)) from error
