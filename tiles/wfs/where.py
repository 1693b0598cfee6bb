"""A filter against one layer as SQL: columns from the catalogue, values bound."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

import shapely
from psycopg import sql

from layers.catalogue import Column, Layer
from tiles.wfs.fes import GEOMETRY_COLUMN
from tiles.wfs.filters import (
    And,
    Between,
    Comparison,
    Distance,
    Filter,
    Ids,
    Like,
    Not,
    Null,
    Or,
    Property,
    Spatial,
    Temporal,
    Value,
)
from tiles.wfs.refused import invalid, shown

BIGGEST_ID = 2**63 - 1
FALSE = sql.SQL("false")
_GEOMETRY = sql.Identifier("f", "geom")
_TRUE, _FALSE = frozenset({"true", "1", "t"}), frozenset({"false", "0", "f"})
_RELATIONS = {
    "Equals": sql.SQL("ST_Equals({}, {})"),
    "Intersects": sql.SQL("ST_Intersects({}, {})"),
    "BBOX": sql.SQL("ST_Intersects({}, {})"),
    "Disjoint": sql.SQL("NOT ST_Intersects({}, {})"),
    "Touches": sql.SQL("ST_Touches({}, {})"),
    "Crosses": sql.SQL("ST_Crosses({}, {})"),
    "Within": sql.SQL("ST_Within({}, {})"),
    "Contains": sql.SQL("ST_Contains({}, {})"),
    "Overlaps": sql.SQL("ST_Overlaps({}, {})"),
}
_TEMPORAL = {
    "After": "{column} > {end}",
    "Before": "{column} < {begin}",
    "During": "{column} > {begin} AND {column} < {end}",
    "TEquals": "{column} = {begin} AND {column} = {end}",
    "AnyInteracts": "{column} BETWEEN {begin} AND {end}",
    "Begins": "{column} = {begin}",
    "Ends": "{column} = {end}",
}


def condition(asked: Filter, layer: Layer) -> tuple[sql.Composable, list[Any]]:
    """SQL over the layer's table named ``f``, and its parameters. Raises Refused for what the layer has not."""
    where = _Where(layer)
    return where.of(asked), where.parameters


def feature_number(layer: Layer, feature_id: str) -> int | None:
    """The row's id where the feature id (``schema.table.number``) is one of the layer's; else None."""
    prefix, _, number = feature_id.rpartition(".")
    if prefix != layer.id or not number.isascii() or not number.isdigit() or len(number) > 19:
        return None
    return int(number) if int(number) <= BIGGEST_ID else None


def property_name(name: str, layer: Layer, locator: str = "filter") -> str:
    """The column (or ``geom``) that a reference means: ``name``, ``vatra:name``, ``schema.table/name``."""
    steps = [step.rpartition(":")[2] for step in name.strip().split("/") if step]
    named = steps[-1] if steps else ""
    known = {column.name for column in layer.served_columns}
    if steps[:-1] not in ([], [layer.id]) or (named not in known | {GEOMETRY_COLUMN, "boundedBy"}):
        raise invalid(
            locator, f"{layer.id} has no property {shown(name)}; it has: {', '.join(sorted(known))}"
        )
    if named in known:
        return named
    if not layer.geometry:
        raise invalid(locator, f"{layer.id} has no geometry")
    return GEOMETRY_COLUMN


class _Where:
    def __init__(self, layer: Layer) -> None:
        self._layer = layer
        self.parameters: list[Any] = []
        self._kinds: dict[type, Callable[[Any], sql.Composable]] = {
            Comparison: self._comparison,
            Between: self._between,
            Like: self._like,
            Null: self._null,
            Temporal: self._temporal,
            Spatial: self._spatial,
            Distance: self._distance,
            Ids: self._ids,
            And: lambda one: _joined(" AND ", [self.of(part) for part in one.parts]),
            Or: lambda one: _joined(" OR ", [self.of(part) for part in one.parts]),
            Not: lambda one: sql.SQL("NOT ({})").format(self.of(one.part)),
        }

    def of(self, asked: Filter) -> sql.Composable:
        return self._kinds[type(asked)](asked)

    def _bound(self, value: Any) -> sql.Composable:
        self.parameters.append(value)
        return sql.Placeholder()

    def _column(self, subject: Property) -> Column:
        name = property_name(subject.name, self._layer)
        if name == GEOMETRY_COLUMN:
            raise invalid("filter", "the geometry has no place in this condition")
        return self._layer.column(name)

    def _comparison(self, one: Comparison) -> sql.Composable:
        column = self._column(one.left)
        left: sql.Composable = sql.Identifier("f", column.name)
        if isinstance(one.right, Property):
            other = self._column(one.right)
            if _family(other) != _family(column):
                raise invalid("filter", f"{column.name} and {other.name} are of different types")
            right: sql.Composable = sql.Identifier("f", other.name)
        else:
            right = self._bound(_typed(column, one.right))
        if not one.match_case and _family(column) == "text":
            left, right = sql.SQL("lower({})").format(left), sql.SQL("lower({})").format(right)
        return sql.SQL("{} {} {}").format(left, sql.SQL(one.operator), right)

    def _between(self, one: Between) -> sql.Composable:
        column = self._column(one.subject)
        low, high = (self._bound(_typed(column, value)) for value in (one.low, one.high))
        return sql.SQL("{} BETWEEN {} AND {}").format(sql.Identifier("f", column.name), low, high)

    def _like(self, one: Like) -> sql.Composable:
        column = self._column(one.subject)
        text: sql.Composable = sql.Identifier("f", column.name)
        if _family(column) != "text":
            text = sql.SQL("{}::text").format(text)
        operator = sql.SQL("LIKE" if one.match_case else "ILIKE")
        return sql.SQL("{} {} {}").format(text, operator, self._bound(_without_nul(one.pattern)))

    def _null(self, one: Null) -> sql.Composable:
        name = property_name(one.subject.name, self._layer)
        return sql.SQL("{} IS NULL").format(sql.Identifier("f", name))

    def _temporal(self, one: Temporal) -> sql.Composable:
        column = self._column(one.subject)
        if column.type != "date":
            raise invalid("filter", f"{column.name} is no date")
        moments = {"begin": _date(one.begin), "end": _date(one.end)}
        named = sql.SQL(_TEMPORAL[one.relation]).format(
            column=sql.Identifier("f", column.name),
            **{name: sql.Literal(moment) for name, moment in moments.items()},
        )
        return sql.SQL("({})").format(named)

    def _spatial(self, one: Spatial) -> sql.Composable:
        self._geometry(one.subject)
        if shapely.is_empty(one.shape):
            return FALSE if one.relation != "Disjoint" else sql.SQL("true")
        return _RELATIONS[one.relation].format(_GEOMETRY, self._shape(one.shape))

    def _distance(self, one: Distance) -> sql.Composable:
        self._geometry(one.subject)
        near = sql.SQL("ST_DWithin({}, {}, {})").format(
            _GEOMETRY, self._shape(one.shape), self._bound(one.metres)
        )
        return sql.SQL("NOT {}").format(near) if one.beyond else near

    def _geometry(self, subject: Property) -> None:
        if property_name(subject.name, self._layer) != GEOMETRY_COLUMN:
            raise invalid("filter", f"{shown(subject.name)} is no geometry")

    def _shape(self, shape: shapely.Geometry) -> sql.Composable:
        return sql.SQL("ST_GeomFromWKB({}, 3844)").format(self._bound(shapely.to_wkb(shape)))

    def _ids(self, one: Ids) -> sql.Composable:
        numbers = [number for name in one.ids if (number := feature_number(self._layer, name)) is not None]
        return sql.SQL("f.id = ANY({})").format(self._bound(numbers)) if numbers else FALSE


def _joined(operator: str, parts: list[sql.Composable]) -> sql.Composable:
    return sql.SQL("({})").format(sql.SQL(operator).join(parts))


def _family(column: Column) -> str:
    return {"choice": "text", "integer": "number"}.get(column.type, column.type)


def _typed(column: Column, value: Value) -> Any:
    """The literal as the column's type. Raises Refused where it is none."""
    text = value.text.strip()
    match _family(column):
        case "text":
            return _without_nul(value.text)
        case "date":
            return _date(text)
        case "boolean" if text.lower() in _TRUE | _FALSE:
            return text.lower() in _TRUE
        case "number":
            return _number(column, text)
    raise invalid("filter", f"{column.name} is of type {column.type}, found {shown(text)}")


def _number(column: Column, text: str) -> Decimal | float:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise invalid("filter", f"{column.name} is a number, found {shown(text)}") from error
    if not number.is_finite() or abs(number.adjusted()) > 300:
        raise invalid("filter", f"{column.name} is compared with finite numbers only, found {shown(text)}")
    # A column of doubles is compared as doubles: 0.1 as written must meet the 0.1 that is stored.
    return float(number) if column.type == "number" else number


def _date(text: str) -> datetime.date:
    day, _, _ = text.strip().partition("T")
    try:
        return datetime.date.fromisoformat(day.removesuffix("Z")[:10] if len(day) > 10 else day)
    except ValueError as error:
        raise invalid("filter", f"a date is YYYY-MM-DD, found {shown(text)}") from error


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise invalid("filter", "a text holds a NUL character")
    return text
