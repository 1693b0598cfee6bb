"""GeoParquet, streamed row group by row group; also plain Parquet for tables without geometry."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj

from layers.reading.crs import CRSError, recognise
from layers.reading.errors import NotVector, UnknownCRS
from layers.reading.source import BATCH_ROWS, Batch, Request, Source
from layers.reading.vector import flat

# What GeoParquet says a file without "crs" is in.
DEFAULT_CRS = "OGC:CRS84"


def open_parquet(path: Path, request: Request) -> Source:
    """A GeoParquet 1.x file with WKB geometry. Raises NotVector or UnknownCRS."""
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise NotVector(path, f"not a Parquet file, or broken off in the middle ({error})") from error
    geo = _metadata(path, file.schema_arrow.metadata or {})
    name = str(geo.get("primary_column", "")) if geo else ""
    column = geo.get("columns", {}).get(name, {}) if geo else {}
    if geo and column.get("encoding") != "WKB":
        raise NotVector(path, f"geometry encoding {column.get('encoding')!r} is not read, only WKB")
    bbox = (column.get("covering") or {}).get("bbox", {}).get("xmin", [None])[0]
    fields = tuple(field for field in file.schema_arrow.names if field not in (name, bbox))
    return Source(
        path=path,
        layer=path.stem,
        fields=fields,
        crs=_crs(path, column) if geo else None,
        count=file.metadata.num_rows,
        batches=lambda: _stream(path, name, fields),
        has_geometry=bool(geo),
    )


def _metadata(path: Path, metadata: dict[bytes, bytes]) -> dict[str, Any]:
    try:
        found = json.loads(metadata.get(b"geo", b"{}"))
    except ValueError as error:
        raise NotVector(path, f"its geo metadata is damaged ({error})") from error
    return found if isinstance(found, dict) else {}


def _crs(path: Path, column: dict[str, Any]) -> pyproj.CRS | None:
    given = column.get("crs", DEFAULT_CRS)
    if given is None:
        return None
    try:
        return recognise(json.dumps(given) if isinstance(given, dict) else given)
    except CRSError as error:
        raise UnknownCRS(path, f"its coordinate reference system is not understood: {error}") from error


def _stream(path: Path, geometry: str, fields: tuple[str, ...]) -> Iterator[Batch]:
    first = 1
    columns = [*fields, geometry] if geometry else list(fields)
    try:
        with pq.ParquetFile(path) as file:
            for record in file.iter_batches(batch_size=BATCH_ROWS, columns=columns):
                table = pa.Table.from_batches([record])
                wkb = table.column(geometry).combine_chunks().cast(pa.binary()) if geometry else None
                rows = np.arange(first, first + table.num_rows, dtype=np.int64)
                first += table.num_rows
                yield Batch(flat(table.select(fields)), wkb, rows)
    except (pa.ArrowException, OSError) as error:
        raise NotVector(path, f"broken off after {first - 1} features ({error})") from error
