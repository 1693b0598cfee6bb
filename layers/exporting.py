"""Layers into files: GeoParquet, GeoPackage or CSV (geometry as WKT), as they were on any day."""

from __future__ import annotations

import datetime
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pyogrio
import pyproj
import shapely
from psycopg import sql

from layers.catalogue import Layer, get_layer
from layers.database import Connection
from layers.days import today
from layers.errors import VatraError
from layers.mapping import ARROW
from layers.reading.crs import STEREO70

Format = Literal["geoparquet", "gpkg", "csv"]
BATCH_ROWS = 20_000
SUFFIX = {"geoparquet": ".parquet", "gpkg": ".gpkg", "csv": ".csv"}
GEOMETRY = "geometry"


class ExportError(VatraError):
    """A layer cannot be written."""


def export_layer(
    connection: Connection,
    layer_id: str,
    folder: Path,
    form: Format = "geoparquet",
    as_of: datetime.date | None = None,
) -> tuple[Path, int]:
    """Write one layer as of a day (default today) to ``folder/LAYER.parquet`` or ``.gpkg``.

    Besides the layer's columns a file has ``feature_id`` and ``version``. Returns the file and the
    number of features; an existing file is replaced once the new one is whole. ExportError if the
    folder cannot be written.
    """
    layer = get_layer(layer_id)
    target = folder / f"{layer.id}{SUFFIX[form]}"
    return target, write_layer(connection, layer, target, form, as_of or today())


def write_layer(connection: Connection, layer: Layer, target: Path, form: Format, day: datetime.date) -> int:
    """Write the layer's columns (those of ``layer``, which may have fewer than the catalogue's) to that file.

    Returns the number of features; the file is there whole or not at all. ExportError if it cannot be written.
    """
    making = target.with_name(f".{os.getpid()}.{threading.get_ident()}.{target.name}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        making.unlink(missing_ok=True)
        rows = WRITERS[form](layer, _read(connection, layer, day), making)
        making.replace(target)
    except OSError as error:
        with suppress(OSError):
            making.unlink(missing_ok=True)
        raise ExportError(f"{target}: cannot be written ({error.strerror or error})") from error
    return rows


def _schema(layer: Layer) -> pa.Schema:
    fields = [pa.field("feature_id", pa.int64()), pa.field("version", pa.int32())]
    fields += [pa.field(column.name, ARROW[column.type]) for column in layer.columns]
    if layer.geometry:
        fields.append(pa.field(GEOMETRY, pa.binary()))
    return pa.schema(fields)


def _read(connection: Connection, layer: Layer, day: datetime.date) -> Iterator[pa.RecordBatch]:
    columns: list[sql.Composable] = [sql.SQL("f.id, v.number")]
    columns += [sql.SQL("f.{}").format(sql.Identifier(column.name)) for column in layer.columns]
    if layer.geometry:
        columns.append(sql.SQL("ST_AsBinary(f.geom)"))
    query = sql.SQL(
        "SELECT {} FROM {} f JOIN catalogue.layer_version v ON v.id = f.version_id"
        " WHERE f.valid_from <= {} AND {} < f.valid_to ORDER BY f.id"
    ).format(
        sql.SQL(", ").join(columns),
        sql.Identifier(layer.schema_name, layer.table_name),
        sql.Literal(day),
        sql.Literal(day),
    )
    schema = _schema(layer)
    with connection.cursor(name="export", binary=True) as cursor:
        cursor.itersize = BATCH_ROWS
        cursor.execute(query)
        while rows := cursor.fetchmany(BATCH_ROWS):
            arrays = [
                pa.array(values, field.type)
                for values, field in zip(zip(*rows, strict=True), schema, strict=True)
            ]
            yield pa.record_batch(arrays, schema=schema)


def _write_parquet(layer: Layer, batches: Iterator[pa.RecordBatch], path: Path) -> int:
    schema = _schema(layer)
    if layer.geometry:
        schema = schema.with_metadata({"geo": json.dumps(_geo_metadata(layer))})
    rows = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch.replace_schema_metadata(schema.metadata))
            rows += batch.num_rows
    return rows


def _geo_metadata(layer: Layer) -> dict[str, Any]:
    """GeoParquet 1.1 metadata; coordinates are east, north."""
    kind = "" if layer.geometry == "Geometry" else str(layer.geometry).removesuffix("M")
    return {
        "version": "1.1.0",
        "primary_column": GEOMETRY,
        "columns": {
            GEOMETRY: {
                "encoding": "WKB",
                "geometry_types": [kind] if kind else [],
                "crs": pyproj.CRS.from_epsg(STEREO70).to_json_dict(),
            }
        },
    }


def _write_gpkg(layer: Layer, batches: Iterator[pa.RecordBatch], path: Path) -> int:
    rows = 0
    kind = {None: None, "Geometry": "Unknown"}.get(layer.geometry, layer.geometry)
    options: dict[str, Any] = {"driver": "GPKG", "layer": layer.id}
    if layer.geometry:
        options |= {
            "geometry_name": GEOMETRY,
            "geometry_type": _ogr_kind(str(kind)),
            "crs": f"EPSG:{STEREO70}",
        }
    for batch in batches:
        pyogrio.write_arrow(pa.Table.from_batches([batch]), path, append=rows > 0, **options)
        rows += batch.num_rows
    if rows == 0:
        empty = pa.Table.from_batches([], _schema(layer))
        pyogrio.write_arrow(empty, path, **options)
    return rows


def _ogr_kind(kind: str) -> str:
    return f"Measured {kind.removesuffix('M')}" if kind.endswith("M") else kind


def _write_csv(layer: Layer, batches: Iterator[pa.RecordBatch], path: Path) -> int:
    schema, rows = _schema(layer), 0
    if layer.geometry:
        schema = schema.set(schema.get_field_index(GEOMETRY), pa.field(GEOMETRY, pa.string()))
    with pc.CSVWriter(path, schema) as writer:
        for batch in batches:
            columns = batch.columns
            if layer.geometry:
                shapes = shapely.from_wkb(columns[-1].to_numpy(zero_copy_only=False))
                columns[-1] = pa.array(shapely.to_wkt(shapes, rounding_precision=3, trim=True).tolist())
            writer.write_batch(pa.record_batch(columns, schema=schema))
            rows += batch.num_rows
    return rows


WRITERS: dict[Format, Callable[[Layer, Iterator[pa.RecordBatch], Path], int]] = {
    "geoparquet": _write_parquet,
    "gpkg": _write_gpkg,
    "csv": _write_csv,
}
