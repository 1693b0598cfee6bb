"""Publishing: one transaction closes the version in force and opens the next, so that a reader sees
the one or the other.

The validity of rows is uni-temporal: a version may not start before the one in force, so what was
answered about a past day stays true. A version of a scope (one UAT) replaces that UAT's rows only;
the others stay in force under the version they came with.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import LiteralString

from psycopg import sql
from psycopg.types.json import Jsonb

from layers import coverage
from layers.bulk import WORTHWHILE_ROWS, filling
from layers.catalogue import Layer
from layers.database import Connection
from layers.errors import VatraError

PIECE_VERTICES = 32
# First key of the advisory locks; the second is the layer.
LOCK_SPACE = 7_340_522


class PublishingError(VatraError):
    """A version cannot be published as asked."""


@dataclass(frozen=True)
class Publication:
    """What a new version says of itself. ``accuracy_m`` is positional, in metres.

    With ``scope`` only that UAT's features are replaced, with ``part`` only those whose column of that name holds
    one of these values.
    """

    layer: Layer
    valid_from: datetime.date
    accuracy_m: float
    source: str = ""
    file_sha256: str | None = None
    crs: str | None = None
    datum: str | None = None
    scope: int | None = None
    part: tuple[str, tuple[str, ...]] | None = None


@dataclass(frozen=True)
class Published:
    """The version that came into being."""

    version_id: int
    number: int
    rows: int
    coverage: list[int]


def lock(connection: Connection, layer: Layer) -> None:
    """Wait for other imports of this layer; held to the end of the transaction."""
    connection.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [LOCK_SPACE, layer.id])


def publish(
    connection: Connection, publication: Publication, staged: str, covers: Iterable[int] | None = None
) -> Published:
    """Make a version of the rows in the table ``staged``, which :func:`layers.staging.create` made.

    Runs in the caller's transaction; where ``geom_3857`` is null the database works it out. ``covers`` are
    the UATs the data is for; without it they are derived (:func:`layers.coverage.derive`). PublishingError
    if the version would start before the one in force, or the scope is an unknown UAT.
    """
    layer, day = publication.layer, publication.valid_from
    source = sql.Identifier(staged)
    lock(connection, layer)
    number = _next_number(connection, layer, day)
    sirutas = sorted(set(covers)) if covers is not None else None
    if sirutas is None:
        sirutas = coverage.derive(connection, layer, source, day, publication.scope)
    _close(connection, publication)
    version_id = _open_version(connection, publication, number)
    rows = _insert(connection, layer, source, version_id, day)
    connection.execute("UPDATE catalogue.layer_version SET rows = %s WHERE id = %s", [rows, version_id])
    partial = publication.scope is not None or publication.part is not None
    coverage.replace(connection, layer.id, sirutas, version_id, day, partial)
    return Published(version_id, number, rows, sirutas)


def keep_report(connection: Connection, version_id: int, report: object) -> None:
    """Store the import's report (JSON-able) with its version."""
    connection.execute(
        "UPDATE catalogue.layer_version SET report = %s WHERE id = %s", [Jsonb(report), version_id]
    )


def _next_number(connection: Connection, layer: Layer, day: datetime.date) -> int:
    last = connection.execute(
        "SELECT number, valid_from FROM catalogue.layer_version WHERE layer = %s ORDER BY number DESC LIMIT 1",
        [layer.id],
    ).fetchone()
    if last is None:
        return 1
    if day < last[1]:
        raise PublishingError(
            f"{layer.id}: version {last[0]} is in force from {last[1]}, a new one cannot start on {day}: "
            f"what was answered since would no longer be true. Use --valid-from {last[1]} or later"
        )
    return int(last[0]) + 1


def _close(connection: Connection, publication: Publication) -> None:
    layer, day, scope = publication.layer, publication.valid_from, publication.scope
    connection.execute(
        "UPDATE catalogue.layer_version SET valid_to = %s WHERE layer = %s AND valid_to = 'infinity'",
        [day, layer.id],
    )
    table = sql.Identifier(layer.schema_name, layer.table_name)
    update: sql.Composed = sql.SQL("UPDATE {} f SET valid_to = {} WHERE valid_to = 'infinity'").format(
        table, sql.Literal(day)
    )
    if scope is not None:
        update += _within(connection, layer, day, scope)
    if publication.part:
        column, values = publication.part
        update += sql.SQL(" AND {} = ANY({})").format(sql.Identifier(column), sql.Literal(list(values)))
    connection.execute(update)


def _within(connection: Connection, layer: Layer, day: datetime.date, scope: int) -> sql.Composed:
    if coverage.has_siruta(layer):
        return sql.SQL(" AND siruta = {}").format(sql.Literal(scope))
    if layer.geometry is None:
        raise PublishingError(
            f"{layer.id} has neither SIRUTA nor geometry: it can only be replaced as a whole"
        )
    known = connection.execute(
        "SELECT 1 FROM admin.uat WHERE siruta = %s AND valid_from <= %s AND %s < valid_to", [scope, day, day]
    ).fetchone()
    if known is None:
        raise PublishingError(
            f"no UAT {scope} in admin.uat on {day}: import the UATs before a scope of {layer.id}"
        )
    return sql.SQL(
        " AND EXISTS (SELECT FROM admin.uat u WHERE u.siruta = {siruta}"
        " AND u.valid_from <= {day} AND {day} < u.valid_to"
        " AND ST_Intersects(u.geom, ST_PointOnSurface(ST_Force2D(f.geom))))"
    ).format(siruta=sql.Literal(scope), day=sql.Literal(day))


def _open_version(connection: Connection, publication: Publication, number: int) -> int:
    return _number(
        connection,
        "INSERT INTO catalogue.layer_version (layer, number, valid_from, accuracy_m, source, file_sha256, crs, datum)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
        [
            publication.layer.id,
            number,
            publication.valid_from,
            publication.accuracy_m,
            publication.source,
            publication.file_sha256,
            publication.crs,
            publication.datum,
        ],
    )


def _insert(
    connection: Connection, layer: Layer, staged: sql.Identifier, version_id: int, day: datetime.date
) -> int:
    shapes = ["geom", "geom_3857"] if layer.geometry else []
    names = [*(column.name for column in layer.columns), *shapes]
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    many = sql.SQL("SELECT count(*) FROM (SELECT FROM {} LIMIT {}) AS s").format(staged, WORTHWHILE_ROWS)
    with filling(connection, layer.id, _number(connection, many)):
        inserted = connection.execute(
            sql.SQL("INSERT INTO {} (version_id, valid_from, {}) SELECT {}, {}, {} FROM {}").format(
                sql.Identifier(layer.schema_name, layer.table_name),
                columns,
                sql.Literal(version_id),
                sql.Literal(day),
                columns,
                staged,
            )
        )
    if layer.pieces:
        _cut(connection, layer, version_id)
    return inserted.rowcount


def _cut(connection: Connection, layer: Layer, version_id: int) -> None:
    """Pieces of the new version's shapes, small enough for quick distances."""
    connection.execute(
        sql.SQL(
            "INSERT INTO {} (feature_id, geom)"
            " SELECT id, ST_Subdivide(ST_Force2D(geom), {}) FROM {} WHERE version_id = {}"
        ).format(
            sql.Identifier(layer.schema_name, f"{layer.table_name}_piece"),
            sql.Literal(PIECE_VERTICES),
            sql.Identifier(layer.schema_name, layer.table_name),
            sql.Literal(version_id),
        )
    )


def _number(
    connection: Connection, statement: sql.Composed | LiteralString, values: list[object] | None = None
) -> int:
    row = connection.execute(statement, values).fetchone()
    return int(row[0]) if row else 0
