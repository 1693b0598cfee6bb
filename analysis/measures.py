"""Measures of shapes: what is left of an overlap, how wide it is, how it is printed. Metres, EPSG:3844."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import orjson
import shapely
from shapely.geometry.base import BaseGeometry

MILLIMETRE = 0.001
MICROMETRE = 1e-6
TOUCH_AREA_M2 = 0.005
TOUCH_POINT_M2 = 1e-6
AREA_ERROR_M2 = 0.0015  # of one arc; several together stay below 0.01
MAX_CHORDS = 4096


def of_dimension(shape: BaseGeometry, dimension: int) -> BaseGeometry:
    """The parts of that dimension (0 points, 1 lines, 2 areas) joined; empty if there are none."""
    if shape.geom_type in ("Polygon", "LineString", "Point"):
        return shape if shapely.get_dimensions(shape) == dimension else shapely.GeometryCollection()
    parts = shapely.get_parts(shape)
    while any(part.geom_type.startswith(("Multi", "Geometry")) for part in parts):
        parts = shapely.get_parts(parts)
    kept: list[BaseGeometry] = list(parts[shapely.get_dimensions(parts) == dimension])
    if len(kept) == 1:
        return kept[0]
    return shapely.union_all(kept) if len(kept) else shapely.GeometryCollection()


def without(shape: BaseGeometry, part: BaseGeometry) -> BaseGeometry:
    """What is left of a shape when a part cut out of it is taken away.

    The ends of a line's part lie a hair beside the line, so a line is cleared a micrometre wide.
    """
    if shapely.get_dimensions(shape) == 1:
        part = shapely.buffer(part, MICROMETRE)
    return shapely.difference(shape, part)


def width(area: BaseGeometry) -> float:
    """Greatest width of an area: the diameter of the largest circle that fits into it, to 0.1 mm."""
    if area.is_empty:
        return 0.0
    low, high = 0.0, 2 * area.area / max(area.length / 2, 1e-12)
    while not area.buffer(-high / 2).is_empty:
        low, high = high, high * 2
    while high - low > 1e-4:
        middle = (low + high) / 2
        if area.buffer(-middle / 2).is_empty:
            high = middle
        else:
            low = middle
    return (low + high) / 2


def thinner_than(area: BaseGeometry, metres: float) -> bool:
    """Whether the area is thinner than that everywhere."""
    # No circle inside an area is smaller than area / perimeter, so most areas need no buffer.
    if area.length and 2 * area.area / area.length >= metres:
        return False
    return bool(area.buffer(-metres / 2).is_empty)


def is_touch(area: BaseGeometry) -> bool:
    """Whether an overlap is only the noise of a shared limit, not land."""
    size = area.area
    return size < TOUCH_POINT_M2 or (size < TOUCH_AREA_M2 and thinner_than(area, MILLIMETRE))


def within(land: BaseGeometry, feature: BaseGeometry, metres: float) -> BaseGeometry:
    """The part of the land no farther than that from the feature, its area true to 0.01 m².

    Dents of the feature shallower than a hundredth of the distance are smoothed, as GEOS does.
    Returns the very ``land`` where all of it is. Arcs are drawn by chords, whose error falls with the square
    of their number: two drawings tell how far off the better one is, and how many chords are enough.
    """
    farthest = shapely.distance(shapely.points(shapely.get_coordinates(land)), feature).max()
    if farthest <= metres and shapely.covers(shapely.buffer(feature, metres, quad_segs=8), land):
        return land
    # Turns smaller than a chord look alike in both drawings, so that no chord may hide more than half the error.
    chords = math.ceil(math.pi / 4 / (6 * AREA_ERROR_M2 / metres**2) ** (1 / 3)) + 2
    coarse, finer = (
        shapely.intersection(land, shapely.buffer(feature, metres, quad_segs=number))
        for number in (chords, 2 * chords)
    )
    line = shapely.get_dimensions(land) == 1
    tolerance = MILLIMETRE / 4 if line else AREA_ERROR_M2
    left = abs(finer.length - coarse.length if line else finer.area - coarse.area) / 3
    if left > tolerance:
        chords = min(math.ceil(3 * chords * math.sqrt(left / tolerance)), MAX_CHORDS)
        finer = shapely.intersection(land, shapely.buffer(feature, metres, quad_segs=chords))
    return land if finer.area == land.area and not line else finer


def geojson(shape: BaseGeometry) -> dict[str, Any]:
    """GeoJSON geometry, coordinates in metres rounded to the millimetre, x = east."""
    rounded = shapely.transform(shape, lambda xy: np.round(xy, 3))
    content: dict[str, Any] = orjson.loads(shapely.to_geojson(rounded))
    return content
