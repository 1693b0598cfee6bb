"""The catalogue: what every layer is called, holds, looks like and whom it may be shown to.

One YAML file a layer in ``layers/definitions``. Tables, import, maps, the API and the documentation
derive from it; nothing about a single layer is written anywhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from layers.errors import DefinitionError, UnknownLayer
from layers.style import ALWAYS, Scale, StyleRule, check_rules
from layers.yaml_lines import explain, load_with_lines

DEFINITIONS = Path(__file__).parent / "definitions"

GeometryType = Literal[
    "Point", "MultiPoint", "MultiLineString", "MultiLineStringM", "MultiPolygon", "Geometry"
]
Visibility = Literal["public", "operator", "staff"]
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Strict(BaseModel):
    """A value object read from a file: unknown keys are mistakes, and it never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Titles(Strict):
    """A title in the three languages, Romanian first."""

    ro: str
    hu: str
    en: str


class Meaning(Strict):
    """What a column holds, for people."""

    ro: str
    en: str


class Column(Strict):
    """One attribute of a layer. ``unit`` is a UCUM-like text (m, m2, kV, mm, %).

    ``words`` are what the ``values`` of a choice are called in Romanian, where they are no words themselves.
    An ``internal`` column (a path on the server's disk) is never served.
    """

    name: Identifier
    type: Literal["text", "integer", "number", "boolean", "date", "choice"]
    meaning: Meaning
    unit: str | None = None
    required: bool = False
    internal: bool = False
    values: tuple[str, ...] = ()
    words: Mapping[str, str] = {}
    synonyms: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _choices_have_values(self) -> Column:
        if (self.type == "choice") != bool(self.values):
            raise ValueError(f"column {self.name}: 'values' goes with type 'choice', and only with it")
        if self.words and set(self.words) != set(self.values):
            raise ValueError(f"column {self.name}: 'words' has one for each of 'values', or is left out")
        return self


class Expectations(Strict):
    """What a whole import is checked for, beyond each single row."""

    no_overlaps: bool = False
    no_gaps: bool = False
    tolerance_m: float = 0.1
    covers: str | None = None
    within_uat: bool = False
    may_be_empty: bool = False


class Layer(Strict):
    """A layer of the catalogue; ``id`` is ``schema.table``.

    ``indexes`` are columns by which features are looked up apart from ``key`` and place. A layer with
    ``sources`` is derived: worked out from those layers (and the rules), never imported, and seen by no more people
    than they are. ``visibility`` is the widest circle that may see
    it: an installation may narrow it (:mod:`layers.visibility`). ``level`` is its place in a picture of many layers:
    what has a lower one lies beneath.
    """

    id: Annotated[str, Field(pattern=r"^[a-z]+\.[a-z_]+$")]
    title: Titles
    abstract: Meaning
    geometry: GeometryType | None
    columns: tuple[Column, ...]
    key: tuple[Identifier, ...] = ()
    indexes: tuple[tuple[Identifier, ...], ...] = ()
    pieces: bool = False
    sources: tuple[str, ...] = ()
    visibility: Visibility = "public"
    inspire_theme: str | None = None
    licence: str = "CC-BY-4.0"
    accuracy_m: float
    level: Annotated[int, Field(ge=0, le=100)] = 50
    scale: Scale = ALWAYS
    expectations: Expectations = Expectations()
    synonyms: tuple[str, ...] = ()
    style: tuple[StyleRule, ...] = ()

    @property
    def schema_name(self) -> str:
        """Database schema."""
        return self.id.split(".")[0]

    @property
    def table_name(self) -> str:
        """Table name inside the schema."""
        return self.id.split(".")[1]

    @property
    def derived(self) -> bool:
        """Whether the layer is worked out from others."""
        return bool(self.sources)

    @property
    def served_columns(self) -> tuple[Column, ...]:
        """The columns that map services and downloads show."""
        return tuple(column for column in self.columns if not column.internal)

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @model_validator(mode="after")
    def _key_names_columns(self) -> Layer:
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            raise ValueError("a column is defined twice")
        for name in (*self.key, *(name for index in self.indexes for name in index)):
            if name not in names:
                raise ValueError(f"key or index names {name!r}, which is no column")
        return self

    @model_validator(mode="after")
    def _style_reads_columns(self) -> Layer:
        check_rules(self.style, {column.name: column.values for column in self.columns})
        return self


def read_definition(path: Path) -> Layer:
    """One layer from its file; DefinitionError names file, line, field and cause."""
    try:
        content, lines = load_with_lines(path.read_text(encoding="utf-8"))
        layer = Layer.model_validate(content)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise DefinitionError(path, mark.line + 1 if mark else 1, str(error.problem)) from error
    except ValidationError as error:
        raise DefinitionError(path, *explain(error, lines)) from error
    if path.stem != layer.id:
        raise DefinitionError(path, 1, f"the file defines {layer.id!r}; name it {layer.id}.yaml")
    return layer


@cache
def catalogue(folder: Path = DEFINITIONS) -> dict[str, Layer]:
    """All layers by id, in the order of their files."""
    return {layer.id: layer for layer in map(read_definition, sorted(folder.glob("*.yaml")))}


def get_layer(layer_id: str) -> Layer:
    """The layer of that id; UnknownLayer (with near names) if there is none."""
    try:
        return catalogue()[layer_id]
    except KeyError:
        raise UnknownLayer(layer_id, list(catalogue())) from None
