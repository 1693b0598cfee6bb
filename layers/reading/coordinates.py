"""Text files: surveyors' coordinate lists, points with coordinates, WKT, and plain tables.

In a Romanian inventory of coordinates **X is north and Y is east**, the reverse of GIS habit. Columns
called Nord and Est, or latitude and longitude, are taken at their word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely

from layers.reading.crs import ROMANIA_STEREO70, STEREO70, recognise
from layers.reading.delimited import (
    EAST,
    LATITUDE,
    LONGITUDE,
    NORTH,
    PARCEL,
    POINT_NUMBER,
    WKT,
    Table,
    as_number,
    read_table,
)
from layers.reading.errors import EmptyFile, NotVector
from layers.reading.source import BATCH_ROWS, Batch, Request, Source, batch_from_shapes

PARCEL_FIELD = "nr_cad"
_TITLE = re.compile(
    r"(?:nr\.?\s*cad\w*\.?|num[aă]r\w*\s+cad\w*|imobil\w*|parcel\w*|lot\w*)\s*(?:nr\.?)?[\s:=]*([\w./-]*\d[\w./-]*)",
    re.IGNORECASE,
)
STEREO70_NOTE = "coordinate list taken as Stereo70 (EPSG:3844), X north and Y east, as surveyors write"


@dataclass
class _Parcel:
    """Rings of one parcel as they are read: (east, north) of each point, closed by its first number."""

    number: str | None
    line: int
    attributes: dict[str, str | None] = field(default_factory=dict)
    rings: list[list[tuple[str, float, float]]] = field(default_factory=lambda: [[]])

    def add(self, point: str, east: float, north: float) -> None:
        ring = self.rings[-1]
        if len(ring) >= 3 and (point == ring[0][0] != "" or (east, north) == ring[0][1:]):
            self.rings.append([])
            return
        ring.append((point, east, north))

    def shape(self, lines: bool) -> Any:
        outlines = [[(east, north) for _, east, north in ring] for ring in self.rings if ring]
        if lines:
            return shapely.MultiLineString([line for line in outlines if len(line) > 1])
        polygons = [shapely.Polygon(ring) for ring in outlines if len(ring) >= 3]
        if not polygons:
            return None
        outer: Any = polygons[0]
        for polygon in polygons[1:]:
            # A ring inside is a hole; one beside is another part.
            outer = outer.difference(polygon) if outer.contains(polygon) else outer.union(polygon)
        return outer


def open_text(path: Path, request: Request) -> Source:
    """A delimited text file; what it is shows by its columns. Raises NotVector or EmptyFile."""
    table = read_table(path)
    wkt = table.find(WKT)
    if wkt is not None:
        return _wkt(table, wkt)
    columns = _coordinate_columns(table)
    if columns is None:
        return _plain(table)
    if request.geometry in ("Point", "MultiPoint", "Geometry") and table.header is not None:
        return _points(table, columns)
    return _inventory(table, columns, lines=(request.geometry or "").startswith("MultiLine"))


@dataclass(frozen=True)
class _Columns:
    north: int
    east: int
    degrees: bool
    explicit: bool


def _coordinate_columns(table: Table) -> _Columns | None:
    if table.header is None:
        return _Columns(north=1, east=2, degrees=False, explicit=False)
    latitude, longitude = table.find(LATITUDE), table.find(LONGITUDE)
    if latitude is not None and longitude is not None:
        return _Columns(latitude, longitude, degrees=True, explicit=True)
    north, east = table.find(NORTH), table.find(EAST)
    if north is None or east is None:
        return None
    named = "n" in table.header[north].lower() and "e" in table.header[east].lower()
    return _Columns(north, east, degrees=False, explicit=named)


def _rows(table: Table) -> tuple[str, ...]:
    return tuple(table.header or ())


def _cells(cells: list[str], header: tuple[str, ...]) -> dict[str, str | None]:
    padded = [*cells, *[""] * (len(header) - len(cells))]
    return {name: value or None for name, value in zip(header, padded, strict=False)}


def _batches(table: Table, fields: tuple[str, ...], shape: Any) -> Iterator[Batch]:
    """Batches of one feature a line; ``shape`` makes a geometry of the cells, or is None."""
    lines = ((number, cells) for number, cells in table.lines() if cells)
    while part := list(islice(lines, BATCH_ROWS)):
        records = [_cells(cells, _rows(table)) for _, cells in part]
        attributes: dict[str, list[Any]] = {name: [record[name] for record in records] for name in fields}
        shapes = [shape(cells) for _, cells in part] if shape else [None] * len(part)
        yield batch_from_shapes(attributes, shapes, [number for number, _ in part])


def _plain(table: Table) -> Source:
    fields = _rows(table)
    return Source(
        table.path,
        table.path.stem,
        fields,
        None,
        None,
        lambda: _batches(table, fields, None),
        has_geometry=False,
    )


def _wkt(table: Table, column: int) -> Source:
    fields = tuple(name for position, name in enumerate(_rows(table)) if position != column)

    def shape(cells: list[str]) -> Any:
        if len(cells) <= column or not cells[column]:
            return None
        return shapely.from_wkt(cells[column], on_invalid="ignore")

    return Source(table.path, table.path.stem, fields, None, None, lambda: _batches(table, fields, shape))


def _points(table: Table, columns: _Columns) -> Source:
    fields = tuple(n for i, n in enumerate(_rows(table)) if i not in (columns.north, columns.east))

    def shape(cells: list[str]) -> Any:
        place = _place(cells, columns)
        return None if place is None else shapely.Point(place)

    first = next((_place(cells, columns) for _, cells in table.lines() if _place(cells, columns)), None)
    return _source(table, fields, columns, lambda: _batches(table, fields, shape), first)


def _pair(cells: list[str], columns: _Columns) -> list[str]:
    return [cells[position] for position in (columns.north, columns.east) if position < len(cells)]


def _place(cells: list[str], columns: _Columns) -> tuple[float, float] | None:
    numbers = [as_number(cell) for cell in _pair(cells, columns)]
    if len(numbers) < 2 or numbers[0] is None or numbers[1] is None:
        return None
    return numbers[1], numbers[0]


def _inventory(table: Table, columns: _Columns, lines: bool) -> Source:
    parcels = _parcels(table, columns)
    extra = [
        name
        for position, name in enumerate(_rows(table))
        if position not in (columns.north, columns.east, table.find(POINT_NUMBER), table.find(PARCEL))
    ]
    fields = (*([PARCEL_FIELD] if any(parcel.number for parcel in parcels) else []), *extra)

    def batches() -> Iterator[Batch]:
        attributes: dict[str, list[Any]] = {name: [p.attributes.get(name) for p in parcels] for name in extra}
        if PARCEL_FIELD in fields:
            attributes = {PARCEL_FIELD: [parcel.number for parcel in parcels], **attributes}
        shapes = [parcel.shape(lines) for parcel in parcels]
        batch = batch_from_shapes(attributes, shapes, [parcel.line for parcel in parcels])
        yield batch

    first = next(
        ((east, north) for parcel in parcels for ring in parcel.rings for _, east, north in ring), None
    )
    return _source(table, fields, columns, batches, first, len(parcels))


def _parcels(table: Table, columns: _Columns) -> list[_Parcel]:
    """The parcels of a list, parted by a column, by titles or by blank lines."""
    by_column, point_column = table.find(PARCEL), table.find(POINT_NUMBER)
    parcels: dict[str, _Parcel] = {}
    title, block, bad = None, 0, []
    for number, cells in table.lines(with_titles=True):
        if not any(cells):
            block, title = block + 1, None
            continue
        place = _place(cells, columns)
        if place is None:
            heading = _TITLE.search(" ".join(cells))
            if heading:
                block, title = block + 1, heading.group(1)
            elif any(as_number(cell) is not None for cell in _pair(cells, columns)):
                bad.append((number, cells))
            continue
        own = cells[by_column] if by_column is not None and by_column < len(cells) else title
        key = own if by_column is not None else f"{block}"
        parcel = parcels.setdefault(key or "", _Parcel(own or None, number, _cells(cells, _rows(table))))
        position = point_column if point_column is not None else (0 if table.header is None else None)
        parcel.add(cells[position] if position is not None else "", *place)
    if bad:
        number, cells = bad[0]
        found = " ".join(cells)
        more = f" (and {len(bad) - 1} more lines like it)" if len(bad) > 1 else ""
        raise NotVector(table.path, f"line {number}: found {found!r}, expected point number, X, Y{more}")
    if not parcels:
        raise EmptyFile(table.path, "no coordinates in the list")
    return list(parcels.values())


def _source(
    table: Table,
    fields: tuple[str, ...],
    columns: _Columns,
    batches: Any,
    first: tuple[float, float] | None,
    count: int | None = None,
) -> Source:
    crs: pyproj.CRS | None = None
    notes: list[str] = []
    if columns.degrees:
        crs = recognise(4326)
    elif first is not None and ROMANIA_STEREO70.contains((*np.array(first), *np.array(first))):
        crs = recognise(STEREO70)
        notes.append(STEREO70_NOTE)
    return Source(
        table.path,
        table.path.stem,
        fields,
        crs,
        count,
        batches,
        habitual_axes=not columns.explicit,
        notes=notes,
    )
