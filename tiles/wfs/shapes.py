"""GML geometries of filters, and boxes, as shapes in EPSG:3844 with x = east, y = north."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.errors import GEOSException

from layers import datum
from tiles.wfs import xml
from tiles.wfs.crs import STORED, Reference, reference
from tiles.wfs.refused import Refused, invalid, shown

Floats = NDArray[np.float64]
VERTICES = 20_000
# Longitudes and latitudes far around Romania: Stereo70 means nothing beyond, and there is nothing of ours.
REACH = (12.0, 38.0, 38.0, 54.0)
_STEP_DEGREES, _STEP_METRES = 0.05, 5_000.0
GEOMETRIES = frozenset(
    {"Point", "LineString", "LinearRing", "Polygon", "Envelope", "Box", "MultiPoint", "MultiLineString"}
    | {"MultiCurve", "MultiPolygon", "MultiSurface", "Curve", "Surface"}
)


def geometry(element: Element, default: Reference) -> shapely.Geometry:
    """A GML 2, 3.1 or 3.2 geometry. Raises Refused for what cannot be read, is not valid or has no place here."""
    kind = xml.name(element)
    system = _system(element, default)
    if kind in {"Envelope", "Box"}:
        return box(_corners(element), system)
    try:
        shape = _Reader(system).read(element)
    except (GEOSException, ValueError) as error:
        raise invalid("filter", f"the {kind} cannot be read: {error}") from error
    if not shapely.is_valid(shape):
        raise invalid("filter", f"the {kind} is not valid: {shapely.is_valid_reason(shape)}")
    return _inward(shape, system)


def box(numbers: list[float], system: Reference, locator: str = "bbox") -> shapely.Geometry:
    """A box (lowest corner, highest corner, axes as the system's name means). Empty far away from Romania."""
    if len(numbers) != 4 or not np.isfinite(numbers).all():
        raise invalid(locator, "a box is four finite numbers: the lowest corner, then the highest")
    a, b, c, d = numbers
    x_min, y_min, x_max, y_max = (b, a, d, c) if system.north_first else (a, b, c, d)
    if x_min > x_max or y_min > y_max:
        raise invalid(locator, "the box's lowest corner is beyond its highest; mind the order of axes")
    if system.srid in {STORED, 31700}:
        return shapely.box(x_min, y_min, x_max, y_max)
    edges = _reach(system)
    x_min, y_min = max(x_min, edges[0]), max(y_min, edges[1])
    x_max, y_max = min(x_max, edges[2]), min(y_max, edges[3])
    if x_min > x_max or y_min > y_max:
        return shapely.Polygon()
    return _inward(shapely.box(x_min, y_min, x_max, y_max), system)


def _reach(system: Reference) -> tuple[float, float, float, float]:
    if system.geographic:
        return REACH
    move = pyproj.Transformer.from_crs(4326, system.srid, always_xy=True)
    edges: tuple[float, float, float, float] = move.transform_bounds(*REACH)
    return edges


def _inward(shape: shapely.Geometry, system: Reference) -> shapely.Geometry:
    if system.srid in {STORED, 31700}:
        return shape
    # A straight line in degrees is none in Stereo70, so long ones are followed in steps.
    west, south, east, north = shapely.bounds(shape)
    span = max(east - west, north - south)
    step = max(_STEP_DEGREES if system.geographic else _STEP_METRES, span / 200)
    shape = shapely.segmentize(shape, step)
    moved: shapely.Geometry = datum.transform(np.array([shape], dtype=object), system.srid).coordinates[0]
    if not np.isfinite(shapely.get_coordinates(moved)).all():
        raise invalid(
            "filter", f"coordinates have no place in Stereo70; mind the order of axes of {system.name}"
        )
    return moved


def _system(element: Element, default: Reference) -> Reference:
    named = next((one.get("srsName") for one in element.iter() if one.get("srsName")), None)
    return reference(named, "filter") if named else default


def _corners(element: Element) -> list[float]:
    parts = [one for one in element if xml.name(one) in {"lowerCorner", "upperCorner", "coord", "pos"}]
    text = " ".join(" ".join(part.itertext()) for part in parts) or xml.text(element).replace(",", " ")
    return [float(number) for number in _numbers(text)]


def _numbers(text: str) -> Floats:
    try:
        numbers = np.array(text.split(), dtype=float)
    except ValueError as error:
        raise invalid("filter", f"coordinates are numbers, found {shown(text)}") from error
    if not np.isfinite(numbers).all():
        raise invalid("filter", "coordinates are finite numbers")
    if len(numbers) > 2 * VERTICES:
        raise invalid("filter", f"a geometry may have {VERTICES} vertices here")
    return numbers


class _Reader:
    """Reads one geometry's elements in that system."""

    def __init__(self, system: Reference) -> None:
        self._system = system
        self._kinds: dict[str, Callable[[Element], shapely.Geometry]] = {
            "Point": lambda e: shapely.Point(self._positions(e)[0]),
            "LineString": lambda e: shapely.LineString(self._positions(e)),
            "Curve": lambda e: shapely.LineString(self._positions(e)),
            "LinearRing": lambda e: shapely.Polygon(self._positions(e)),
            "Polygon": self._polygon,
            "Surface": lambda e: shapely.MultiPolygon(self._parts(e, {"PolygonPatch"}, self._polygon)),
            "MultiPoint": lambda e: shapely.MultiPoint(self._members(e, {"Point"})),
            "MultiLineString": lambda e: shapely.MultiLineString(self._members(e, {"LineString"})),
            "MultiCurve": lambda e: shapely.MultiLineString(self._members(e, {"LineString", "Curve"})),
            "MultiPolygon": lambda e: shapely.MultiPolygon(self._members(e, {"Polygon"})),
            "MultiSurface": lambda e: shapely.MultiPolygon(self._members(e, {"Polygon"})),
        }

    def read(self, element: Element) -> shapely.Geometry:
        kind = self._kinds.get(xml.name(element))
        if kind is None:
            raise Refused(
                "OperationProcessingFailed", f"a filter cannot hold a {shown(xml.name(element))}", "filter"
            )
        shape = kind(element)
        if shapely.is_empty(shape):
            raise invalid("filter", f"the {xml.name(element)} has no coordinates")
        return shape

    def _polygon(self, element: Element) -> shapely.Polygon:
        rings = {"exterior": [], "interior": []}  # type: dict[str, list[Floats]]
        for one in element:
            side = {"outerBoundaryIs": "exterior", "innerBoundaryIs": "interior"}.get(
                xml.name(one), xml.name(one)
            )
            if side in rings:
                rings[side].append(self._positions(one))
        if len(rings["exterior"]) != 1:
            raise invalid("filter", "a polygon has one exterior ring")
        return shapely.Polygon(rings["exterior"][0], rings["interior"])

    def _members(self, element: Element, kinds: set[str]) -> list[Any]:
        return self._parts(element, kinds, self.read)

    def _parts(self, element: Element, kinds: set[str], read: Callable[[Element], Any]) -> list[Any]:
        return [read(one) for one in element.iter() if one is not element and xml.name(one) in kinds]

    def _positions(self, element: Element) -> Floats:
        """(n, 2) of x = east, y = north in the system's unit."""
        for one in element.iter():
            if xml.name(one) == "posList":
                return self._pairs(_numbers(xml.text(one)), one)
            if xml.name(one) == "coordinates":
                return self._pairs(_numbers(xml.text(one).replace(",", " ")), one)
        singles = [" ".join(one.itertext()) for one in element.iter() if xml.name(one) in {"pos", "coord"}]
        return self._pairs(_numbers(" ".join(singles)), element)

    def _pairs(self, numbers: Floats, element: Element) -> Floats:
        if element.get("srsDimension", "2") != "2" or len(numbers) % 2 or not len(numbers):
            raise invalid("filter", "coordinates come in pairs")
        pairs = numbers.reshape(-1, 2)
        return pairs[:, ::-1] if self._system.north_first else pairs
