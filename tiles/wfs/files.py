"""Features as files to keep: GeoPackage, zipped Shapefile, CSV."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pyarrow as pa
import pyogrio
import shapely

from layers.catalogue import Column, Layer
from layers.errors import VatraError
from layers.mapping import ARROW
from tiles.wfs.crs import Reference, outward
from tiles.wfs.reading import Batch
from tiles.wfs.refused import Refused

GEOMETRY = "geometry"
# What a Shapefile bears: bytes of a text, letters of a name.
TEXT_BYTES, NAME_LETTERS = 254, 10
NAMES_FILE = "columns.csv"
# Shapefiles hold one kind of shape each.
_KINDS: dict[str, tuple[frozenset[int], str]] = {
    "": (frozenset(), ""),
    "_point": (frozenset({0}), "Point"),
    "_multipoint": (frozenset({4}), "MultiPoint"),
    "_line": (frozenset({1, 5}), "LineString"),
    "_polygon": (frozenset({3, 6}), "Polygon"),
}


def write_gpkg(
    path: Path,
    layer: Layer,
    columns: tuple[Column, ...],
    geometry: bool,
    batches: Iterator[Batch],
    system: Reference,
) -> int:
    """Add a layer to the GeoPackage at ``path`` (``fid`` is the feature's number); how many features."""
    options: dict[str, Any] = {"driver": "GPKG", "layer": layer.id, "layer_options": {"FID": "fid"}}
    if geometry:
        options |= {
            "geometry_name": GEOMETRY,
            "crs": f"EPSG:{system.srid}",
            "geometry_type": _gpkg_kind(layer),
        }
    failed: list[Exception] = []
    rows = 0

    def records() -> Iterator[pa.RecordBatch]:
        # An exception would reach GDAL as a text and come back as another.
        nonlocal rows
        try:
            for table in _tables(columns, geometry, batches, system, "fid"):
                rows += len(table)
                yield from table.to_batches()
        except (VatraError, psycopg.Error) as error:
            failed.append(error)

    stream = pa.RecordBatchReader.from_batches(_schema(columns, geometry, "fid"), records())
    pyogrio.write_arrow(stream, path, append=path.exists(), **options)
    if failed:
        raise failed[0]
    return rows


def write_shapefiles(
    folder: Path,
    layer: Layer,
    columns: tuple[Column, ...],
    geometry: bool,
    batches: Iterator[Batch],
    system: Reference,
) -> int:
    """Write a layer into ``folder``, one Shapefile a kind of shape. Raises Refused where a text does not fit in."""
    rows = 0
    names = _short_names(columns)
    _explain(folder / NAMES_FILE, layer, columns, names)
    for table in _tables(columns, geometry, batches, system, "feature_id"):
        _check_texts(table, layer)
        table = table.rename_columns(["feature_id", *names, *table.column_names[len(names) + 1 :]])
        for suffix, part, kind in _by_kind(table, layer, geometry):
            _append_shapes(folder / f"{layer.id}{suffix}", part, kind, layer, system)
        rows += len(table)
    if not rows:
        suffix, kind = _expected_kind(layer) if geometry else ("", "")
        schema = _schema(columns, geometry, "feature_id")
        empty = pa.Table.from_batches([], schema).rename_columns(
            ["feature_id", *names, *schema.names[len(names) + 1 :]]
        )
        _append_shapes(folder / f"{layer.id}{suffix}", empty, kind, layer, system)
    return rows


def zip_folder(folder: Path, target: Path) -> None:
    """All files of the folder, packed."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for file in sorted(folder.iterdir()):
            packed.write(file, file.name)


def csv_head(columns: Iterable[Column], geometry: bool) -> str:
    """The line of names."""
    return _csv([["feature_id", *(column.name for column in columns), *([GEOMETRY] if geometry else [])]])


def csv_rows(batch: Batch, system: Reference) -> str:
    """A line each; the geometry as well-known text, x = east first, measures kept where nothing is transformed."""
    columns = [batch.ids, *([_plain(value) for value in values] for values in batch.values)]
    if batch.geometries is not None:
        moved = outward(batch.geometries, system)
        columns.append([wkt or "" for wkt in shapely.to_wkt(moved, rounding_precision=-1).tolist()])
    return _csv(zip(*columns, strict=True))


def _csv(rows: Iterable[Iterable[Any]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue()


def _plain(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _schema(columns: tuple[Column, ...], geometry: bool, id_name: str) -> pa.Schema:
    fields = [pa.field(id_name, pa.int64())]
    fields += [pa.field(column.name, ARROW[column.type]) for column in columns]
    return pa.schema([*fields, pa.field(GEOMETRY, pa.binary())] if geometry else fields)


def _tables(
    columns: tuple[Column, ...], geometry: bool, batches: Iterator[Batch], system: Reference, id_name: str
) -> Iterator[pa.Table]:
    schema = _schema(columns, geometry, id_name)
    for batch in batches:
        values: list[Any] = [batch.ids, *batch.values]
        if batch.geometries is not None:
            moved = outward(batch.geometries, system)
            values.append(shapely.to_wkb(moved, flavor="iso").tolist())
        arrays = [pa.array(one, field.type) for one, field in zip(values, schema, strict=True)]
        yield pa.Table.from_arrays(arrays, schema=schema)


def _gpkg_kind(layer: Layer) -> str:
    kind = str(layer.geometry)
    if kind == "Geometry":
        return "Unknown"
    return f"Measured {kind.removesuffix('M')}" if kind.endswith("M") else kind


def _by_kind(table: pa.Table, layer: Layer, geometry: bool) -> Iterator[tuple[str, pa.Table, str]]:
    if not geometry:
        yield "", table, ""
        return
    shapes = shapely.from_wkb(table.column(GEOMETRY).to_pylist())
    kinds = shapely.get_type_id(shapes)
    for suffix, (members, kind) in _KINDS.items():
        chosen = np.isin(kinds, list(members))
        if chosen.any():
            mixed = layer.geometry == "Geometry"
            yield (suffix if mixed else ""), table.filter(pa.array(chosen)), kind


def _expected_kind(layer: Layer) -> tuple[str, str]:
    kind = str(layer.geometry).removeprefix("Multi").removesuffix("M")
    return ("_point", "Point") if kind == "Geometry" else ("", kind)


def _append_shapes(stem: Path, table: pa.Table, kind: str, layer: Layer, system: Reference) -> None:
    suffix = ".shp" if kind else ".dbf"
    path = stem.with_name(stem.name + suffix)
    options: dict[str, Any] = {"driver": "ESRI Shapefile", "encoding": "UTF-8", "append": path.exists()}
    if kind:
        measured = str(layer.geometry).endswith("M") and system.srid in {3844, 31700}
        options |= {
            "geometry_name": GEOMETRY,
            "crs": f"EPSG:{system.srid}",
            "geometry_type": f"Measured {kind}" if measured else kind,
        }
    pyogrio.write_arrow(table, path, **options)


def _short_names(columns: Iterable[Column]) -> list[str]:
    """Names of ten letters at most, each once."""
    names: list[str] = []
    for column in columns:
        short, number = column.name[:NAME_LETTERS], 1
        while short in names:
            short, number = f"{column.name[: NAME_LETTERS - 2]}_{number}", number + 1
        names.append(short)
    return names


def _explain(path: Path, layer: Layer, columns: tuple[Column, ...], names: list[str]) -> None:
    """Say beside the Shapefiles which column each shortened name is."""
    head = [] if path.exists() else [["layer", "field", "column", "meaning", "unit"]]
    rows = [
        [layer.id, name, column.name, column.meaning.ro, column.unit or ""]
        for name, column in zip(names, columns, strict=True)
    ]
    with path.open("a", encoding="utf-8", newline="") as file:
        file.write(_csv([*head, *rows]))


def _check_texts(table: pa.Table, layer: Layer) -> None:
    """A Shapefile would cut longer texts without a word."""
    for field in table.schema:
        if not pa.types.is_string(field.type):
            continue
        for number, value in zip(table.column(0), table.column(field.name), strict=True):
            if value.is_valid and len(value.as_py().encode()) > TEXT_BYTES:
                raise Refused(
                    "OperationProcessingFailed",
                    f"{layer.id}.{number}: {field.name} is longer than the {TEXT_BYTES} bytes a Shapefile holds;"
                    " ask for a GeoPackage",
                    "outputFormat",
                )
