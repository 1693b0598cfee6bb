"""Themes: which layers a plan shows, in which order and look; one YAML file each in ``tiles/themes``."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from layers.catalogue import Layer, get_layer
from layers.errors import DefinitionError, VatraError
from layers.style import StyleRule
from layers.yaml_lines import explain, load_with_lines

FOLDER = Path(__file__).parent / "themes"

ThemeName = Literal["planning", "utilities", "cadastre"]
THEMES: tuple[str, ...] = get_args(ThemeName)
Content = TypeVar("Content")


class Entry(BaseModel):
    """A layer in one of its looks. ``rules`` are numbered as in the catalogue, so a number names a rule."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    layer: str
    variant: str = "default"

    @property
    def definition(self) -> Layer:
        """The layer's entry in the catalogue."""
        return get_layer(self.layer)

    @property
    def key(self) -> str:
        """Layer and look in one word; MapServer's layers are named by it."""
        return f"{self.layer}:{self.variant}"

    @property
    def rules(self) -> dict[int, StyleRule]:
        """The rules of this look, by their number in the catalogue."""
        numbered = enumerate(self.definition.style)
        return {number: rule for number, rule in numbered if rule.variant == self.variant}

    @model_validator(mode="after")
    def _has_rules(self) -> Entry:
        if not self.rules:
            raise ValueError(f"{self.layer} has no style of variant {self.variant!r}")
        return self


class Theme(BaseModel):
    """A kind of plan. ``layers`` from the lowest to the topmost.

    ``about`` names the layers that come first in the legend. ``margin`` is the share of the map window left
    free on each side of the land, which decides the scale, up to ``largest_scale`` (a denominator): a small
    piece of land is shown with what lies about it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    margin: Annotated[float, Field(ge=0.15, lt=0.5)]
    largest_scale: int
    about: tuple[str, ...]
    layers: tuple[Entry, ...]

    @property
    def layer_ids(self) -> tuple[str, ...]:
        """The layers, each once, in drawing order."""
        return tuple(dict.fromkeys(entry.layer for entry in self.layers))

    def of_layers(self, visible: Collection[str]) -> Theme:
        """The theme with no other layers than these."""
        shown = tuple(entry for entry in self.layers if entry.layer in visible)
        return self.model_copy(update={"layers": shown})


class UnknownTheme(VatraError):
    """No theme of that name."""


@cache
def get_theme(name: str) -> Theme:
    """The theme of that name; UnknownTheme if there is none, DefinitionError if its file is wrong."""
    if name not in THEMES:
        raise UnknownTheme(f"no theme {name!r}; known: {', '.join(THEMES)}")
    return _read(FOLDER / f"{name}.yaml", TypeAdapter(Theme))


@cache
def overlay_styles() -> dict[str, StyleRule]:
    """Styles for geometries that a caller adds, by name."""
    return _read(FOLDER / "overlays.yaml", TypeAdapter(dict[str, StyleRule]))


@cache
def subject_styles() -> dict[str, StyleRule]:
    """Styles of the land itself (``land``) and its numbered corners (``vertex``)."""
    return _read(FOLDER / "subject.yaml", TypeAdapter(dict[str, StyleRule]))


@cache
def inset_styles() -> dict[str, StyleRule]:
    """Styles of what a small map of one finding lights up, and of the marks on it."""
    return _read(FOLDER / "inset.yaml", TypeAdapter(dict[str, StyleRule]))


@cache
def added_styles() -> dict[str, StyleRule]:
    """All styles for what is in no layer, by name."""
    return {**overlay_styles(), **subject_styles(), **inset_styles()}


@cache
def background() -> tuple[Entry, ...]:
    """What lies quietly beneath a small map, lowest first."""
    return _read(FOLDER / "background.yaml", TypeAdapter(tuple[Entry, ...]))


def _read(path: Path, adapter: TypeAdapter[Content]) -> Content:
    content, lines = load_with_lines(path.read_text(encoding="utf-8"))
    try:
        return adapter.validate_python(content)
    except ValidationError as error:
        raise DefinitionError(path, *explain(error, lines)) from error
