"""Vector files, streamed by GDAL as Arrow batches."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import pyogrio
import pyproj
from pyogrio.errors import DataLayerError, DataSourceError

from layers.reading import archive, shapefile, wholeness
from layers.reading.crs import CRSError, recognise
from layers.reading.errors import EmptyFile, NotVector, SeveralLayers, UnknownCRS
from layers.reading.source import BATCH_ROWS, Batch, Request, Source

# Lists and structures (repeated GML elements) are given as JSON text.
_NESTED = (pa.types.is_list, pa.types.is_large_list, pa.types.is_struct, pa.types.is_map)
warnings.filterwarnings("ignore", message="GFS file saving asked", category=RuntimeWarning)
# Measures do come through Arrow; only the declared type loses its M.
warnings.filterwarnings("ignore", message=r"Measured \(M\) geometry types", category=UserWarning)

_SRS_NAME = re.compile(rb"""srsName=["'][^"']*EPSG[^"']*?[:/#](\d{4,6})["']""")


def open_vector(path: Path, request: Request) -> Source:
    """Any file GDAL reads. Raises NotVector, EmptyFile, SeveralLayers or UnknownCRS."""
    target, wanted, encoding, notes = str(path), request.layer, None, []
    if path.suffix.lower() == ".zip":
        member = archive.choose(path, wanted)
        target, wanted = f"/vsizip/{{{path.resolve()}}}/{member}", None
        parts = shapefile.zipped(path, member) if member.lower().endswith(".shp") else None
    else:
        wholeness.check(path)
        parts = shapefile.beside(path) if path.suffix.lower() == ".shp" else None
        if path.suffix.lower() == ".gml":
            # Seen through a cache, which cannot be written to, GDAL leaves no .gfs beside somebody's data.
            target = f"/vsicached?file={quote(str(path.resolve()))}"
    if parts is not None:
        shapefile.check(path, parts)
        encoding, note = shapefile.encoding(parts)
        notes = [note] if note else []
    layer = _choose_layer(path, target, wanted)
    try:
        info = pyogrio.read_info(target, layer=layer, encoding=encoding)
    except (DataSourceError, DataLayerError, UnicodeDecodeError) as error:
        raise NotVector(path, f"cannot be read ({_first_line(error)})") from error
    count = info["features"] if info["features"] >= 0 else None
    return Source(
        path=path,
        layer=layer,
        fields=tuple(str(name) for name in info["fields"]),
        crs=_crs(path, info["crs"] or _srs_name(path)),
        count=count,
        batches=lambda: _stream(path, target, layer, encoding, count),
        has_geometry=info["geometry_type"] is not None,
        notes=notes,
    )


def _choose_layer(path: Path, target: str, wanted: str | None) -> str:
    try:
        layers = pyogrio.list_layers(target)
    except (DataSourceError, DataLayerError) as error:
        raise NotVector(
            path, f"not a vector file, or broken off in the middle ({_first_line(error)})"
        ) from error
    if len(layers) == 0:
        raise EmptyFile(path, "no layer in the file")
    names = [str(name) for name, _ in layers]
    if wanted is not None:
        if wanted not in names:
            raise SeveralLayers(path, names, wanted)
        return wanted
    with_shapes = [str(name) for name, kind in layers if kind is not None]
    if len(with_shapes) == 1:
        return with_shapes[0]
    if len(names) > 1:
        raise SeveralLayers(path, names)
    return names[0]


def _stream(
    path: Path, target: str, layer: str, encoding: str | None, expected: int | None
) -> Iterator[Batch]:
    options: dict[str, Any] = {"encoding": encoding} if encoding else {}
    first = 1
    try:
        with pyogrio.open_arrow(target, layer=layer, batch_size=BATCH_ROWS, use_pyarrow=True, **options) as (
            meta,
            reader,
        ):
            name = meta["geometry_name"] or "wkb_geometry"
            for record in reader:
                # Texts in another encoding than they claim would break off the work later, without a place.
                record.validate(full=True)
                table = pa.Table.from_batches([record])
                wkb = record.column(name) if name in table.column_names else None
                kept = [field for field in table.column_names if field in meta["fields"]]
                rows = np.arange(first, first + table.num_rows, dtype=np.int64)
                first += table.num_rows
                yield Batch(flat(table.select(kept)), wkb, rows)
        if expected is not None and first - 1 < expected:
            raise NotVector(path, f"broken off after {first - 1} of {expected} features")
    except (DataSourceError, DataLayerError, pa.ArrowException, RuntimeError, OSError) as error:
        raise NotVector(path, f"broken off after {first - 1} features ({_first_line(error)})") from error


def flat(table: pa.Table) -> pa.Table:
    """The table with lists and structures as text."""
    for index, field in enumerate(table.schema):
        if any(is_kind(field.type) for is_kind in _NESTED):
            texts = [None if value is None else _joined(value) for value in table.column(index).to_pylist()]
            table = table.set_column(index, field.name, pa.array(texts, pa.string()))
    return table


def _joined(value: object) -> str:
    return "; ".join(str(part) for part in value) if isinstance(value, list) else str(value)


def _crs(path: Path, text: str | None) -> pyproj.CRS | None:
    if text is None or "Undefined" in text:
        return None
    try:
        return recognise(text)
    except CRSError as error:
        raise UnknownCRS(
            path, f"its coordinate reference system is not understood: {_first_line(error)}"
        ) from error


def _srs_name(path: Path) -> str | None:
    """The CRS of a GML file that gives it with each shape only."""
    if path.suffix.lower() != ".gml":
        return None
    with path.open("rb") as file:
        found = _SRS_NAME.search(file.read(256 * 1024))
    return f"EPSG:{found.group(1).decode()}" if found else None


def _first_line(error: Exception) -> str:
    # GDAL's hint for programmers is of no use to whoever has the file.
    text = str(error).partition("; It might help to specify")[0].strip()
    return text.splitlines()[0] if text else type(error).__name__
