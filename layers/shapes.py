"""Shapes made fit for a layer: right kind, two dimensions, valid, in EPSG:3844; or rejected."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from layers import datum
from layers.measures import with_measures_from_length
from layers.reading.crs import ROMANIA_STEREO70, STEREO70, describe
from layers.report import ImportReport, Repaired

MAX_AREA_CHANGE = 0.01
MAX_VERTICES = 500_000
NOT_FINITE = ("a coordinate that is not a number", "numbers")

_POINT, _LINE, _POLYGON = 0, 1, 3
_MULTI = {0: 4, 1: 5, 3: 6}
_KINDS: dict[str, tuple[int, ...]] = {
    "Point": (0,),
    "MultiPoint": (0, 4),
    "MultiLineString": (1, 2, 5),
    "MultiLineStringM": (1, 2, 5),
    "MultiPolygon": (3, 6),
    "Geometry": (0, 1, 2, 3, 4, 5, 6),
}
_NAMES = (
    "Point",
    "LineString",
    "LinearRing",
    "Polygon",
    "MultiPoint",
    "MultiLineString",
    "MultiPolygon",
    "collection",
)


@dataclass
class Shapes:
    """Shapes on their way into a layer, parallel to the rows they came from.

    ``kept`` is false for a rejected row; ``touched`` is true where the shape is no longer the one read.
    ``computed`` is true where measures were counted from the length.
    """

    geometries: NDArray[Any]
    rows: NDArray[np.int64]
    kept: NDArray[np.bool_]
    touched: NDArray[np.bool_]
    computed: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    method: datum.Method = "none"
    datum_accuracy_m: float = 0.0


def fit(
    geometries: NDArray[Any], rows: NDArray[np.int64], kind: str, crs: pyproj.CRS, report: ImportReport
) -> Shapes:
    """Check and bring shapes to the layer's geometry type ``kind``; what does not fit is rejected."""
    none = np.zeros(len(rows), dtype=bool)
    shapes = Shapes(geometries, rows, ~none, none.copy(), none.copy())
    _reject_missing(shapes, report)
    _reject_other_kinds(shapes, kind, report)
    _flatten(shapes, kind, report)
    _reject_huge(shapes, report)
    _transform(shapes, crs, report)
    _repair(shapes, kind, report)
    _reject_elsewhere(shapes, crs, report)
    if kind == "MultiLineStringM":
        _measure(shapes)
    return shapes


def _drop(shapes: Shapes, where: NDArray[np.bool_], report: ImportReport, found: Any, expected: str) -> None:
    where = where & shapes.kept
    for index in np.flatnonzero(where):
        shown = found(index) if callable(found) else found
        report.reject(int(shapes.rows[index]), "geometry", shown, expected)
    shapes.kept &= ~where


def _reject_missing(shapes: Shapes, report: ImportReport) -> None:
    missing = shapely.is_missing(shapes.geometries)
    _drop(shapes, missing, report, "no geometry, or one that cannot be read", "a geometry")
    _drop(
        shapes,
        shapely.is_empty(shapes.geometries),
        report,
        "an empty geometry",
        "a geometry with coordinates",
    )


def _reject_other_kinds(shapes: Shapes, kind: str, report: ImportReport) -> None:
    types = shapely.get_type_id(shapes.geometries)
    wrong = ~np.isin(types, _KINDS[kind])
    _drop(
        shapes,
        wrong,
        report,
        lambda i: _NAMES[types[i]],
        " or ".join(_NAMES[t] for t in _KINDS[kind] if t != 2),
    )


def _flatten(shapes: Shapes, kind: str, report: ImportReport) -> None:
    high = shapely.has_z(shapes.geometries) & shapes.kept
    extra = high if kind == "MultiLineStringM" else high | (shapely.has_m(shapes.geometries) & shapes.kept)
    if not extra.any():
        return
    report.note("heights (Z) or measures (M) in the file were dropped: the layer is flat")
    for index in np.flatnonzero(extra):
        shapes.geometries[index] = _without_z(shapes.geometries[index])
    shapes.touched |= extra


def _without_z(geometry: BaseGeometry) -> Any:
    if not (geometry.has_z and geometry.has_m):
        return shapely.force_2d(geometry)
    from layers.measures import measured_multiline

    parts = [shapely.get_coordinates(part, include_m=True) for part in shapely.get_parts(geometry)]
    return measured_multiline(parts)


def _reject_huge(shapes: Shapes, report: ImportReport) -> None:
    vertices = shapely.get_num_coordinates(shapes.geometries)
    _drop(
        shapes,
        vertices > MAX_VERTICES,
        report,
        lambda i: f"{vertices[i]:,} vertices",
        f"at most {MAX_VERTICES:,} vertices in one shape",
    )


def _transform(shapes: Shapes, crs: pyproj.CRS, report: ImportReport) -> None:
    if crs.to_epsg() == STEREO70 or not shapes.kept.any():
        return
    _drop(shapes, ~_finite(shapes.geometries), report, *NOT_FINITE)
    given = shapes.geometries[shapes.kept]
    moved = datum.transform(given, crs)
    shapes.geometries[shapes.kept] = moved.coordinates
    shapes.touched |= shapes.kept
    shapes.method, shapes.datum_accuracy_m = moved.method, moved.accuracy_m
    # PROJ gives infinity for what lies outside a system's reach.
    lost = ~_finite(shapes.geometries)
    _drop(shapes, lost, report, f"coordinates outside the reach of {describe(crs)}", _somewhere(crs))


def _finite(geometries: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether all coordinates of each shape are finite."""
    xy, owner = shapely.get_coordinates(geometries, return_index=True)
    finite = np.ones(len(geometries), dtype=bool)
    finite[owner[~np.isfinite(xy).all(axis=1)]] = False
    return finite


def _somewhere(crs: pyproj.CRS) -> str:
    return f"a place in Romania (the coordinates were read as {describe(crs)})"


def _repair(shapes: Shapes, kind: str, report: ImportReport) -> None:
    broken = ~shapely.is_valid(shapes.geometries) & shapes.kept
    not_finite = broken.copy()
    not_finite[broken] = ~_finite(shapes.geometries[broken])
    _drop(shapes, not_finite, report, *NOT_FINITE)
    for index in np.flatnonzero(broken & shapes.kept):
        before, row = shapes.geometries[index], int(shapes.rows[index])
        problem = shapely.is_valid_reason(before)
        after = _parts_of(shapely.make_valid(before, method="structure"), kind)
        old, new = float(before.area), float(after.area)
        if after.is_empty or abs(new - old) > MAX_AREA_CHANGE * max(old, new):
            change = f"repairing it would change the area from {old:.2f} to {new:.2f} m²"
            report.reject(row, "geometry", f"{problem}; {change}", "a valid shape")
            shapes.kept[index] = False
            continue
        shapes.geometries[index], shapes.touched[index] = after, True
        report.repair(
            Repaired(row=row, problem=problem, method="make_valid", area_before_m2=old, area_after_m2=new)
        )


def _parts_of(geometry: Any, kind: str) -> Any:
    """Only the parts of the wanted dimension: a repaired polygon may leave stray lines behind."""
    if kind != "MultiPolygon":
        return geometry
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return shapely.multipolygons(parts[shapely.get_type_id(parts) == _POLYGON])


def _reject_elsewhere(shapes: Shapes, crs: pyproj.CRS, report: ImportReport) -> None:
    bounds = shapely.bounds(shapes.geometries)
    box = ROMANIA_STEREO70
    with np.errstate(invalid="ignore"):
        inside = (
            (bounds[:, 0] >= box.x_min)
            & (bounds[:, 1] >= box.y_min)
            & (bounds[:, 2] <= box.x_max)
            & (bounds[:, 3] <= box.y_max)
        )
    _drop(
        shapes,
        ~inside,
        report,
        lambda i: f"east {bounds[i, 0]:.0f}, north {bounds[i, 1]:.0f}",
        _somewhere(crs),
    )


def _measure(shapes: Shapes) -> None:
    """Lines without measures, or with measures that are missing or fall, get them from their length."""
    for index in np.flatnonzero(shapes.kept):
        line = shapes.geometries[index]
        if not _is_measured(line):
            shapes.geometries[index] = with_measures_from_length(line)
            shapes.computed[index] = True
            shapes.touched[index] = True


def _is_measured(line: BaseGeometry) -> bool:
    if not line.has_m:
        return False
    measures = shapely.get_coordinates(line, include_m=True)[:, 2]
    return bool(np.isfinite(measures).all() and measures.max() > measures.min())


def as_multi(geometries: NDArray[Any], kind: str) -> NDArray[Any]:
    """Single shapes as collections of one, where the layer holds collections."""
    if not kind.startswith("Multi") or kind.endswith("M"):
        return geometries
    types = shapely.get_type_id(geometries)
    result = geometries.copy()
    for single, make in (
        (_POINT, shapely.multipoints),
        (_LINE, shapely.multilinestrings),
        (_POLYGON, shapely.multipolygons),
    ):
        where = types == single
        if where.any():
            result[where] = make(geometries[where], indices=np.arange(where.sum()))
    return result
