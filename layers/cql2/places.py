"""Shapes in filters: from GeoJSON in the filter's CRS to EWKB in the coordinates of the stored column."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
import shapely

from layers.cql2.errors import BadFilter
from layers.frames import BadBox, Frame

SPATIAL = {
    "s_contains": "ST_Contains({}, {})",
    "s_crosses": "ST_Crosses({}, {})",
    "s_disjoint": "NOT ST_Intersects({}, {})",
    "s_equals": "ST_Equals({}, {})",
    "s_intersects": "ST_Intersects({}, {})",
    "s_overlaps": "ST_Overlaps({}, {})",
    "s_touches": "ST_Touches({}, {})",
    "s_within": "ST_Within({}, {})",
}
LARGEST = 1e9


def shape(node: dict[str, Any], frame: Frame, place: str) -> bytes:
    """The EWKB of a GeoJSON geometry or ``bbox`` of the tree. Raises BadFilter."""
    found = _box(node["bbox"], frame, place) if "bbox" in node else frame.stored(_geojson(node, place))
    if not np.abs(shapely.get_coordinates(found)).max(initial=0.0) < LARGEST:
        raise BadFilter("its coordinates are no place on earth", place)
    srid = 3844 if frame.column == "geom" else 3857
    return bytes(shapely.to_wkb(shapely.set_srid(shapely.force_2d(found), srid), include_srid=True))


def refuse_collections(nodes: list[Any], places: list[str]) -> None:
    """Raise BadFilter for a collection of geometries where only a single kind has an answer."""
    for node, place in zip(nodes, places, strict=True):
        if isinstance(node, dict) and node.get("type") == "GeometryCollection":
            raise BadFilter("a collection of geometries works with s_intersects and s_disjoint only", place)


def _geojson(node: dict[str, Any], place: str) -> shapely.Geometry:
    try:
        found = shapely.from_geojson(orjson.dumps(node))
    except (shapely.GEOSException, orjson.JSONEncodeError, TypeError) as error:
        raise BadFilter("this is no GeoJSON geometry", place) from error
    if found is None or found.is_empty:
        raise BadFilter("this geometry is empty", place)
    if not found.is_valid:
        raise BadFilter(f"this geometry is not valid: {shapely.is_valid_reason(found)[:80]}", place)
    return found


def _box(numbers: Any, frame: Frame, place: str) -> shapely.Geometry:
    if not isinstance(numbers, list) or len(numbers) not in (4, 6):
        raise BadFilter("a box has 4 or 6 numbers", place)
    if not all(isinstance(number, int | float) and not isinstance(number, bool) for number in numbers):
        raise BadFilter("a box is made of numbers", place)
    try:
        box = frame.box(flat_box(numbers))
    except BadBox as error:
        raise BadFilter(str(error), place) from error
    return shapely.union_all([shapely.box(*part) for part in box.parts])


def flat_box(numbers: list[float]) -> tuple[float, float, float, float]:
    """The four numbers in the plane of a box of four or six."""
    if len(numbers) == 6:
        numbers = [*numbers[0:2], *numbers[3:5]]
    first, second, third, fourth = numbers
    return first, second, third, fourth
