"""The tables the demo county hands over: columns as in the catalogue, geometry as shapely arrays."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from layers.catalogue import get_layer

Geometries = NDArray[np.object_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Features:
    """One table. ``columns`` hold one value a row (None = unknown); ``geometry`` is EPSG:3844, metres."""

    columns: dict[str, NDArray[Any]]
    geometry: Geometries | None

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    @property
    def shapes(self) -> Geometries:
        """The geometry of a layer that has one. TypeError if it is a table without."""
        if self.geometry is None:
            raise TypeError("this layer has no geometry")
        return self.geometry

    def take(self, chosen: NDArray[Any]) -> Features:
        """The rows of a mask or of an index array."""
        geometry = None if self.geometry is None else self.geometry[chosen]
        return Features({name: values[chosen] for name, values in self.columns.items()}, geometry)


def objects(values: Sequence[Any]) -> NDArray[Any]:
    """A one-dimensional object array, whatever the values are (numpy would unpack geometries)."""
    array = np.empty(len(values), dtype=object)
    array[:] = list(values)
    return array


def collect(layer_id: str, rows: Sequence[tuple[BaseGeometry | None, Mapping[str, Any]]]) -> Features:
    """Rows of (geometry, attributes) as the table of a layer; a missing attribute is None.

    Single geometries become the multi type the layer asks for. KeyError if a row has an unknown column.
    """
    layer = get_layer(layer_id)
    names = [column.name for column in layer.columns]
    for _, attributes in rows:
        if unknown := set(attributes) - set(names):
            raise KeyError(f"{layer_id} has no column {sorted(unknown)}")
    columns = {name: objects([attributes.get(name) for _, attributes in rows]) for name in names}
    if layer.geometry is None:
        return Features(columns, None)
    geometry = objects([shape for shape, _ in rows])
    if layer.geometry in ("MultiPolygon", "MultiLineString"):
        geometry = as_multi(geometry)
    return Features(columns, geometry)


def join(parts: Sequence[Features]) -> Features:
    """Tables of one layer, one after the other."""
    columns = {name: np.concatenate([part.columns[name] for part in parts]) for name in parts[0].columns}
    shapes = [part.geometry for part in parts if part.geometry is not None]
    return Features(columns, np.concatenate(shapes) if shapes else None)


def as_multi(geometry: Geometries) -> Geometries:
    """Polygons and lines as multi-polygons and multi-lines of one part; others unchanged."""
    result = geometry.copy()
    kinds = shapely.get_type_id(geometry)
    for single, builder in ((3, shapely.multipolygons), (1, shapely.multilinestrings)):
        where = np.flatnonzero(kinds == single)
        if len(where):
            result[where] = builder(geometry[where], indices=np.arange(len(where)))
    return result


def many_polygons(rings: Floats) -> Geometries:
    """Polygons from rings of equal length, (n, vertices, 2)."""
    return np.asarray(shapely.polygons(rings), dtype=object)


def many_points(xy: Floats) -> Geometries:
    """Points from coordinates (n, 2)."""
    return np.asarray(shapely.points(xy), dtype=object)


def measured_line(xy: Floats, measures: Floats) -> BaseGeometry:
    """A MultiLineStringM of one part from points (n, 2) and their measures (n,), metres.

    Shapely builds no M geometry from arrays, so the ISO WKB is written here.
    """
    ordinates = np.column_stack([xy, measures]).astype("<f8")
    line = struct.pack("<BII", 1, 2002, len(ordinates)) + ordinates.tobytes()
    return shapely.from_wkb(struct.pack("<BII", 1, 2005, 1) + line)
