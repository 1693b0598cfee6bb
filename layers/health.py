"""Which layers cannot be served though they should be: their table, their rows or their files are gone or corrupt.

An answer from such a layer would look like an empty one; every service says instead that the layer is broken.
Looked at are the newest rows, not all of them: it costs a few milliseconds and is kept for a moment.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import psycopg
from psycopg import sql

from layers import database
from layers.catalogue import Layer, catalogue
from layers.database import Connection
from layers.errors import VatraError
from layers.settings import StorageSettings

KEPT_S = 2.0
PATH = "path"
UNREADABLE = (
    psycopg.ProgrammingError,
    psycopg.InternalError,
    psycopg.DataError,
    psycopg.errors.UndefinedFile,
    psycopg.errors.IoError,
)
TIFF_STARTS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
_kept: dict[tuple[str, date], tuple[float, dict[str, str]]] = {}


class BrokenLayer(VatraError):
    """The data of a layer is gone or corrupt; ``layer`` and ``reason`` say which and how."""

    def __init__(self, layer: str, reason: str) -> None:
        super().__init__(f"{layer}: {reason}")
        self.layer, self.reason = layer, reason


class _Version(NamedTuple):
    layer: str
    id: int
    rows: int


def broken(day: date, address: str | None = None) -> dict[str, str]:
    """Layers whose data on that day cannot be read, by id, each with the reason; up to two seconds old.

    ``address`` defaults to that of the map services, whose rights count. Raises DatabaseUnavailable.
    """
    key = (address or database.map_url(), day)
    known = at_hand(day, key[0])
    if known is not None:
        return known
    fresh = dict(_look(day, key[0]))
    if len(_kept) > 200:
        _kept.clear()
    _kept[key] = (time.monotonic(), fresh)
    return fresh


def at_hand(day: date, address: str | None = None) -> dict[str, str] | None:
    """What `broken` would answer without asking the database; None where it would have to ask."""
    found = _kept.get((address or database.map_url(), day))
    return found[1] if found and time.monotonic() - found[0] < KEPT_S else None


def require(layer_id: str, day: date, address: str | None = None) -> None:
    """Raise BrokenLayer if that layer's data on that day cannot be read."""
    reason = broken(day, address).get(layer_id)
    if reason:
        raise BrokenLayer(layer_id, reason)


def require_all(layer_ids: Iterable[str], day: date, address: str | None = None) -> None:
    """Raise BrokenLayer for the first of those layers whose data on that day cannot be read."""
    if broken(day, address):
        for layer_id in layer_ids:
            require(layer_id, day, address)


def forget() -> None:
    """Look again next time (in this process)."""
    _kept.clear()


def _look(day: date, address: str) -> Iterator[tuple[str, str]]:
    with database.reading(address) as connection:
        missing = _missing_tables(connection)
        yield from missing.items()
        filled = [
            version
            for version in _versions(connection, day)
            if version.rows and version.layer in catalogue() and version.layer not in missing
        ]
        try:
            yield from _probe(connection, filled, day)
        except UNREADABLE:
            for version in filled:  # one bad table fails the common statement, so each is asked alone
                yield from _probe_alone(connection, version, day)


def _missing_tables(connection: Connection) -> dict[str, str]:
    names = [(layer.id, table) for layer in catalogue().values() for table in _tables(layer)]
    found = connection.execute(
        "SELECT layer, name FROM unnest(%s::text[], %s::text[]) AS t(layer, name) WHERE to_regclass(name) IS NULL",
        [[layer for layer, _ in names], [table for _, table in names]],
    )
    return {layer: f"the table {table} is missing" for layer, table in found}


def _tables(layer: Layer) -> list[str]:
    return [layer.id, f"{layer.id}_piece"] if layer.pieces else [layer.id]


def _versions(connection: Connection, day: date) -> list[_Version]:
    rows = connection.execute(
        "SELECT DISTINCT ON (layer) layer, id, rows FROM catalogue.layer_version"
        " WHERE valid_from <= %s ORDER BY layer, number DESC",
        [day],
    )
    return [_Version(*row) for row in rows]


def _probe_alone(connection: Connection, version: _Version, day: date) -> Iterator[tuple[str, str]]:
    try:
        yield from _probe(connection, [version], day)
    except UNREADABLE as error:
        said = error.diag.message_primary or type(error).__name__
        yield version.layer, f"the table {version.layer} cannot be read: {said}"


def _probe(connection: Connection, versions: list[_Version], day: date) -> list[tuple[str, str]]:
    if not versions:
        return []
    parts = [_newest_row(catalogue()[version.layer], version, day) for version in versions]
    reasons: list[tuple[str, str]] = []
    for layer, found, pieces, paths in connection.execute(sql.SQL(" UNION ALL ").join(parts)):
        if not found:
            reasons.append((layer, "the rows of the version in force are gone"))
        elif not pieces:
            reasons.append((layer, f"the table {layer}_piece lacks the shapes of the version in force"))
        else:
            reasons += [(layer, reason) for reason in map(_file_fault, paths or ()) if reason][:1]
    return reasons


def _newest_row(layer: Layer, version: _Version, day: date) -> sql.Composable:
    """Whether the version's newest row is there and every column of it readable, and the files it names."""
    in_force = sql.SQL("version_id = {} AND valid_from <= {day} AND {day} < valid_to").format(
        sql.Literal(version.id), day=sql.Literal(day)
    )
    table = sql.Identifier(layer.schema_name, layer.table_name)
    columns: list[sql.Composable] = [sql.Identifier(column.name) for column in layer.columns]
    if layer.geometry:
        columns += [sql.SQL("ST_NPoints(geom)"), sql.SQL("ST_NPoints(geom_3857)")]
    has_path = any(column.internal and column.name == PATH for column in layer.columns)
    return sql.SQL(
        "(SELECT {layer}::text, COALESCE(s.readable, false), {pieces}, {paths} FROM (SELECT 1) AS one LEFT JOIN"
        " (SELECT id, to_jsonb(ROW({columns})) IS NOT NULL AS readable FROM {table} WHERE {in_force}"
        " ORDER BY id DESC LIMIT 1) AS s ON true)"
    ).format(
        layer=sql.Literal(layer.id),
        pieces=sql.SQL("EXISTS (SELECT FROM {} p WHERE p.feature_id = s.id)").format(
            sql.Identifier(layer.schema_name, f"{layer.table_name}_piece")
        )
        if layer.pieces
        else sql.SQL("true"),
        paths=sql.SQL("(SELECT array_agg({}) FROM {} WHERE {})").format(sql.Identifier(PATH), table, in_force)
        if has_path
        else sql.SQL("NULL::text[]"),
        columns=sql.SQL(", ").join(columns),
        table=table,
        in_force=in_force,
    )


def _file_fault(path: str) -> str | None:
    """What is wrong with a raster's file; None if it is there and begins as a TIFF. Paths never leave the server."""
    file = Path(path)
    located = file if file.is_absolute() else StorageSettings().home / file
    try:
        with located.open("rb") as opened:
            start = opened.read(4)
    except OSError as error:
        return f"the file {located.name} cannot be read: {error.strerror}"
    if start not in TIFF_STARTS:
        return f"the file {located.name} is no TIFF"
    state = located.stat()
    return _content_fault(str(located), state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=20_000)
def _content_fault(path: str, _changed: int, _size: int) -> str | None:
    """Whether the header and the last block can be read; a file that came only in part lacks that."""
    import rasterio  # here, because most who ask have no raster layers
    from rasterio.errors import RasterioError

    try:
        with rasterio.open(path) as opened:
            opened.read(1, window=((opened.height - 1, opened.height), (opened.width - 1, opened.width)))
    except RasterioError:
        return f"the file {Path(path).name} cannot be read to its end"
    return None
