"""The staging table: a temporary one of the import's own session, gone with it whatever happens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NamedTuple

import pyarrow as pa
from numpy.typing import NDArray
from psycopg import Copy, sql

from layers import copying, mercator
from layers.catalogue import Layer
from layers.database import Connection

NAME = "import_staging"
SQL_TYPES = {
    "text": "text",
    "choice": "text",
    "integer": "integer",
    "number": "double precision",
    "boolean": "boolean",
    "date": "date",
}


def create(connection: Connection, layer: Layer, name: str = NAME) -> None:
    """An empty staging table with the file's row number, the layer's columns, ``geom`` and ``geom_3857``."""
    columns: list[sql.Composable] = [sql.SQL("file_row integer")]
    columns += [
        sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(SQL_TYPES[column.type]))
        for column in layer.columns
    ]
    if layer.geometry:
        columns.append(sql.SQL("geom geometry, geom_3857 geometry"))
    connection.execute(
        sql.SQL("CREATE TEMPORARY TABLE {} ({}) ON COMMIT DROP").format(
            sql.Identifier(name), sql.SQL(", ").join(columns)
        )
    )


class Shaped(NamedTuple):
    """The shapes of one batch in EPSG:3844: EWKB of the layer's ``kind``, and as shapely objects."""

    ewkb: pa.Array
    geometries: NDArray[Any]
    kind: str


class Writer:
    """Writes batches of rows into a staging table, each while the next one is made ready."""

    def __init__(self, copy: Copy, executor: ThreadPoolExecutor) -> None:
        self._copy, self._executor = copy, executor
        self._pending: Future[None] | None = None

    def finish(self) -> None:
        """Wait for what is still on its way; an error of the server is raised here or by write."""
        if self._pending is not None:
            self._pending.result()
            self._pending = None

    def write(self, rows: NDArray[Any], columns: Mapping[str, pa.Array], shaped: Shaped | None) -> None:
        """Rows of one batch: their numbers, our columns in the layer's order, and the shapes."""
        arrays = [pa.array(rows, pa.int32()), *columns.values()]
        self.finish()
        self._pending = self._executor.submit(self._send, arrays, shaped)

    def _send(self, arrays: list[pa.Array], shaped: Shaped | None) -> None:
        if shaped is not None:
            arrays += [shaped.ewkb, mercator.ewkb(shaped.geometries, shaped.ewkb, shaped.kind)]
        self._copy.write(copying.rows(arrays))


@contextmanager
def writing(connection: Connection, name: str = NAME) -> Iterator[Writer]:
    """COPY into the staging table; nothing else can use the connection meanwhile."""
    statement = sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(sql.Identifier(name))
    with connection.cursor() as cursor, ThreadPoolExecutor(1) as executor, cursor.copy(statement) as copy:
        copy.write(copying.HEADER)
        writer = Writer(copy, executor)
        yield writer
        writer.finish()
        copy.write(copying.TRAILER)
