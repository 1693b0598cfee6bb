"""Features of a layer, page by page, as GeoJSON made by the database: the reading behind items and downloads.

A question says which features (in force in a span of days, in a box, under conditions), a page how many of them and
how they look. Pages follow the features' ids unless another order is asked for, and then the ids break ties: no
feature comes twice or never.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

import psycopg
from psycopg import sql

from layers import database
from layers.catalogue import Layer, get_layer
from layers.cql2 import BadFilter, Clause
from layers.errors import VatraError
from layers.frames import Box, Frame

# Beside the layer's own columns: since when and until when a feature is in force.
VALIDITY = ("valid_from", "valid_to")
UNREADABLE = (psycopg.DataError, psycopg.errors.InternalError_, psycopg.errors.UndefinedFunction)
KEPT_COUNTS = 2_000
_counts: OrderedDict[tuple[Any, ...], int] = OrderedDict()


class UnknownFeature(VatraError):
    """The layer has no feature of that id."""


@dataclass(frozen=True)
class Question:
    """Which features of a layer: those in force on a day of [``first``, ``last``] (None: open), in ``box``, and for
    which every clause of ``conditions`` holds (their bound names must differ)."""

    layer: Layer
    first: date | None
    last: date | None
    box: Box | None = None
    conditions: tuple[Clause, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """How a page looks and which it is: ``columns`` shown (a name each), ``sort`` (column, descending),
    ``limit`` features after skipping ``offset`` or, where ``after`` is given, those of higher id."""

    frame: Frame
    columns: tuple[str, ...]
    limit: int
    offset: int = 0
    after: int | None = None
    sort: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True)
class Page:
    """Features as GeoJSON, comma-separated; how many, the id of the last one, and whether there are more."""

    features: str
    returned: int
    last_id: int | None
    more: bool


@dataclass
class _Where:
    """The WHERE of a question, and the values it binds."""

    parts: list[sql.Composable] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)

    def add(self, text: str, **values: Any) -> None:
        self.parts.append(sql.SQL(text))
        self.values.update(values)

    @property
    def text(self) -> sql.Composable:
        return sql.SQL(" AND ").join(self.parts) if self.parts else sql.SQL("true")


def columns_of(layer: Layer) -> tuple[str, ...]:
    """Names of everything a feature of the layer shows."""
    return (*(column.name for column in layer.served_columns), *VALIDITY)


def page(question: Question, sheet: Sheet, address: str | None = None) -> Page:
    """The page of the answer. Raises BadFilter where a condition cannot be worked out, DatabaseUnavailable."""
    where = _where(question)
    if sheet.after is not None:
        where.add("id > %(after)s", after=sheet.after)
    order = [
        sql.SQL("{} {} NULLS LAST").format(sql.Identifier(name), sql.SQL("DESC" if descending else "ASC"))
        for name, descending in sheet.sort
    ]
    # One row more than the page holds tells whether another page follows.
    statement = sql.SQL(
        "SELECT string_agg(feature, ',') FILTER (WHERE place <= {limit}), count(*),"
        " max(id) FILTER (WHERE place <= {limit})"
        " FROM (SELECT id, {feature} AS feature, row_number() OVER (ORDER BY {order}) AS place FROM {table}"
        " WHERE {where} ORDER BY {order} LIMIT {one_more} OFFSET %(offset)s) AS page"
    ).format(
        feature=_feature(question.layer.id, sheet.frame, sheet.columns),
        table=sql.Identifier(question.layer.schema_name, question.layer.table_name),
        where=where.text,
        order=sql.SQL(", ").join([*order, sql.Identifier("id")]),
        # As literals, because the planner chooses better knowing them.
        limit=sql.Literal(sheet.offset + sheet.limit),
        one_more=sql.Literal(sheet.limit + 1),
    )
    features, found, last_id = _ask(statement, {**where.values, "offset": sheet.offset}, address)
    return Page(features or "", min(found, sheet.limit), last_id, found > sheet.limit)


def count(question: Question, key: str, address: str | None = None) -> int:
    """How many features the question is about; kept as long as ``key`` (the layer's state) stays. Errors as `page`."""
    where = _where(question)
    table = sql.Identifier(question.layer.schema_name, question.layer.table_name)
    statement = sql.SQL("SELECT count(*) FROM {} WHERE {}").format(table, where.text)
    known = (address, key, statement.as_string(None), repr(where.values))
    if known in _counts:
        _counts.move_to_end(known)
        return _counts[known]
    counted = int(_ask(statement, where.values, address)[0])
    _counts[known] = counted
    while len(_counts) > KEPT_COUNTS:
        _counts.popitem(last=False)
    return counted


def one(layer: Layer, identifier: int, frame: Frame, address: str | None = None) -> str:
    """The feature of that id as GeoJSON, in force or not any more. Raises UnknownFeature, DatabaseUnavailable."""
    statement = sql.SQL("SELECT {} FROM {} WHERE id = %(id)s AND valid_from < valid_to").format(
        _feature(layer.id, frame, columns_of(layer)), sql.Identifier(layer.schema_name, layer.table_name)
    )
    found = _rows(statement, {"id": identifier}, address)
    if not found:
        raise UnknownFeature(f"{layer.id} has no feature {identifier}")
    return str(found[0][0])


def first_place(question: Question, address: str | None = None) -> tuple[float, float] | None:
    """x (east) and y of a point on the first feature, EPSG:3844; None where there is none. Errors as `page`."""
    where = _where(question)
    statement = sql.SQL(
        "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(geom) AS p FROM {} WHERE {} ORDER BY id LIMIT 1) AS t"
    ).format(sql.Identifier(question.layer.schema_name, question.layer.table_name), where.text)
    found = _rows(statement, where.values, address)
    return (float(found[0][0]), float(found[0][1])) if found else None


def geojson_columns(columns: tuple[str, ...]) -> sql.Composable:
    """A JSON object of those columns, as SQL text; an open end of validity is null."""
    pairs: list[sql.Composable] = []
    for name in columns:
        shown: sql.Composable = sql.Identifier(name)
        if name == "valid_to":
            shown = sql.SQL("nullif(valid_to, 'infinity')")
        pairs.append(sql.SQL("{}, {}").format(sql.Literal(name), shown))
    return sql.SQL("json_build_object({})").format(sql.SQL(", ").join(pairs))


@lru_cache(maxsize=1_000)
def _feature(layer_id: str, frame: Frame, columns: tuple[str, ...]) -> sql.Composable:
    """A feature as GeoJSON text: joined as text, which costs a third less than nesting JSON."""
    geometry: sql.Composable = sql.SQL("'null'")
    if get_layer(layer_id).geometry:
        geometry = sql.SQL("ST_AsGeoJSON({}, {}, 0)").format(frame.output(), sql.Literal(frame.decimals))
    text = sql.SQL(
        """'{{"type":"Feature","id":' || id || ',"geometry":' || {} || ',"properties":' || {}::text || '}}'"""
    ).format(geometry, geojson_columns(columns))
    return sql.SQL(text.as_string(None))


def _where(question: Question) -> _Where:
    where = _Where()
    where.add("valid_from < valid_to")
    if question.last is not None:
        where.add("valid_from <= %(last)s", last=question.last)
    if question.first is not None:
        where.add("valid_to > %(first)s", first=question.first)
    if question.box is not None:
        _add_box(where, question.layer, question.box)
    for clause in question.conditions:
        where.parts.append(clause.text)
        where.values.update(clause.values)
    return where


def _add_box(where: _Where, layer: Layer, box: Box) -> None:
    if not layer.geometry:
        where.add("false")
        return
    parts = []
    for position, corners in enumerate(box.parts):
        names = [f"b{position}_{side}" for side in range(4)]
        where.values.update(zip(names, corners, strict=True))
        numbers = sql.SQL(", ").join(sql.SQL("{}::float8").format(sql.Placeholder(name)) for name in names)
        parts.append(
            sql.SQL("ST_Intersects({}, ST_MakeEnvelope({}, {}))").format(
                sql.Identifier(box.column), numbers, sql.Literal(box.srid)
            )
        )
    where.parts.append(sql.SQL("({})").format(sql.SQL(" OR ").join(parts)))


def _ask(statement: sql.Composable, values: dict[str, Any], address: str | None) -> tuple[Any, ...]:
    return _rows(statement, values, address)[0]


def _rows(statement: sql.Composable, values: dict[str, Any], address: str | None) -> list[tuple[Any, ...]]:
    with database.reading(address or database.map_url()) as connection:
        try:
            return connection.execute(sql.Composed([statement]), values).fetchall()
        except UNREADABLE as error:
            said = error.diag.message_primary or type(error).__name__
            raise BadFilter(f"it cannot be worked out: {said}") from error
