"""Features of one layer: how many there are, and themselves in batches, always in the same order."""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from psycopg import sql

from layers import database, states
from layers.catalogue import Column, Layer
from layers.timing import span
from tiles.wfs import bookmarks
from tiles.wfs.filters import Filter
from tiles.wfs.refused import Refused
from tiles.wfs.where import condition

BATCH_ROWS = 2_000
LIMIT_S = 120.0
_COUNTS_KEPT = 2_000
_counts: dict[str, int] = {}


@dataclass(frozen=True)
class Selection:
    """Which features of a layer on a day: ``order`` is (column, descending); the id comes last always.

    ``columns`` are shown, with the geometry where ``geometry`` says so. ``limit`` None: all of them.
    """

    layer: Layer
    day: datetime.date
    columns: tuple[Column, ...]
    geometry: bool
    asked: Filter | None = None
    order: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True)
class Batch:
    """Some features: ids, one list of values a column, and geometries (EPSG:3844, x = east) where asked for."""

    ids: list[int]
    values: list[list[Any]]
    geometries: NDArray[Any] | None

    def __len__(self) -> int:
        return len(self.ids)


def count(selection: Selection, address: str) -> int:
    """How many features there are; kept until a version of the layer is published."""
    where, parameters = _where(selection)
    statement = sql.SQL("SELECT count(*) FROM {} f WHERE {}").format(_table(selection.layer), where)
    key = _key(selection, where, parameters, address)
    if key not in _counts:
        with database.reading(address) as connection:
            row = connection.execute(statement, parameters).fetchone()
        if len(_counts) > _COUNTS_KEPT:
            _counts.clear()
        _counts[key] = int(row[0]) if row else 0
    return _counts[key]


@dataclass(frozen=True)
class Reader:
    """A connection whose statements all see one state of the data, and its open cursors.

    Cursors are closed with the reader, not with the generators that read them: one that was left half-way is
    closed when Python gets round to it, and by then somebody else has the connection.
    """

    connection: database.Connection
    cursors: ExitStack


@contextmanager
def reading(address: str) -> Iterator[Reader]:
    """A reader, until the end of the block."""
    with database.connection(address) as connection, ExitStack() as cursors:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        # Everything will be fetched, so plans for a quick first row are not wanted.
        connection.execute("SET LOCAL cursor_tuple_fraction = 1")
        yield Reader(connection, cursors)


def features(reader: Reader, selection: Selection, start: int, limit: int | None) -> Iterator[Batch]:
    """The features from ``start`` on, at most ``limit``. Raises Refused when it takes longer than LIMIT_S."""
    where, parameters = _where(selection)
    key = "" if selection.order else _key(selection, where, parameters, reader.connection.info.dsn)
    position, last = bookmarks.nearest(key, start) if key else (0, None)
    if last is not None:
        where += sql.SQL(" AND f.id > %s")
        parameters.append(last)
    shown: list[sql.Composable] = [sql.SQL("f.id")]
    shown += [sql.Identifier("f", column.name) for column in selection.columns]
    if selection.geometry:
        shown.append(sql.SQL("ST_AsBinary(f.geom)"))
    statement = sql.SQL("SELECT {} FROM {} f WHERE {} ORDER BY {}").format(
        sql.SQL(", ").join(shown), _table(selection.layer), where, _order(selection)
    )
    if limit is not None:
        statement += sql.SQL(" LIMIT {}").format(sql.Literal(limit))
    if start > position:
        statement += sql.SQL(" OFFSET {}").format(sql.Literal(start - position))
    until = time.monotonic() + LIMIT_S
    cursor = reader.cursors.enter_context(reader.connection.cursor(name="features", binary=True))
    with span("db"):
        cursor.execute(statement, parameters)
        rows = cursor.fetchmany(BATCH_ROWS)
    position = start
    while rows:
        yield _batch(rows, selection)
        position += len(rows)
        if key:
            bookmarks.remember(key, position, rows[-1][0])
        if len(rows) < BATCH_ROWS:
            break
        if time.monotonic() > until:
            raise Refused("OperationProcessingFailed", f"this takes more than {LIMIT_S:.0f} s; ask for less")
        with span("db"):
            rows = cursor.fetchmany(BATCH_ROWS)
    cursor.close()


def _key(selection: Selection, where: sql.Composed, parameters: list[Any], address: str) -> str:
    """Changes when the features of a selection may."""
    return states.fingerprint([selection.layer.id], selection.day, where.as_string(), parameters, address)


def _batch(rows: list[tuple[Any, ...]], selection: Selection) -> Batch:
    columns = list(map(list, zip(*rows, strict=True)))
    geometries = np.asarray(shapely.from_wkb(columns.pop()), dtype=object) if selection.geometry else None
    return Batch(columns[0], columns[1:], geometries)


def _where(selection: Selection) -> tuple[sql.Composed, list[Any]]:
    parts: list[sql.Composable] = [sql.SQL("f.valid_from <= %s AND f.valid_to > %s")]
    parameters: list[Any] = [selection.day, selection.day]
    if selection.asked is not None:
        where, more = condition(selection.asked, selection.layer)
        parts.append(where)
        parameters += more
    return sql.SQL(" AND ").join(parts), parameters


def _order(selection: Selection) -> sql.Composable:
    keys: list[sql.Composable] = [
        sql.SQL("{} {} NULLS LAST").format(
            sql.Identifier("f", column), sql.SQL("DESC" if descending else "ASC")
        )
        for column, descending in selection.order
    ]
    return sql.SQL(", ").join([*keys, sql.SQL("f.id")])


def _table(layer: Layer) -> sql.Identifier:
    return sql.Identifier(layer.schema_name, layer.table_name)
