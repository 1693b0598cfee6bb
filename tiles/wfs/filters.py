"""A filter as values: what a request asked for, already understood, not yet tied to a layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import shapely

Comparator = Literal["=", "<>", "<", ">", "<=", ">="]
Relation = Literal[
    "BBOX", "Equals", "Disjoint", "Intersects", "Touches", "Crosses", "Within", "Contains", "Overlaps"
]
TemporalRelation = Literal["After", "Before", "During", "TEquals", "AnyInteracts", "Begins", "Ends"]


@dataclass(frozen=True)
class Property:
    """A reference to a column (or the geometry) by name."""

    name: str


@dataclass(frozen=True)
class Value:
    """A literal as written; what type it has is the column's matter."""

    text: str


@dataclass(frozen=True)
class Comparison:
    """A property compared with a literal or another property."""

    operator: Comparator
    left: Property
    right: Property | Value
    match_case: bool = True


@dataclass(frozen=True)
class Between:
    """Between two literals, both included."""

    subject: Property
    low: Value
    high: Value


@dataclass(frozen=True)
class Like:
    """A pattern, already in SQL's LIKE form with backslash as its escape."""

    subject: Property
    pattern: str
    match_case: bool


@dataclass(frozen=True)
class Null:
    """Has no value."""

    subject: Property


@dataclass(frozen=True)
class Temporal:
    """A date against an instant (``begin`` = ``end``) or a period, ISO texts."""

    relation: TemporalRelation
    subject: Property
    begin: str
    end: str


@dataclass(frozen=True)
class Spatial:
    """The geometry in a relation to a shape in EPSG:3844 (x = east); an empty shape meets nothing."""

    relation: Relation
    subject: Property
    shape: shapely.Geometry


@dataclass(frozen=True)
class Distance:
    """The geometry within (or ``beyond``) so many metres of a shape in EPSG:3844."""

    subject: Property
    shape: shapely.Geometry
    metres: float
    beyond: bool


@dataclass(frozen=True)
class Ids:
    """Features by their ids (``schema.table.number``), of whatever layers."""

    ids: tuple[str, ...]


@dataclass(frozen=True)
class And:
    """All of them."""

    parts: tuple[Filter, ...]


@dataclass(frozen=True)
class Or:
    """One of them at least."""

    parts: tuple[Filter, ...]


@dataclass(frozen=True)
class Not:
    """The opposite."""

    part: Filter


Filter = Comparison | Between | Like | Null | Temporal | Spatial | Distance | Ids | And | Or | Not
