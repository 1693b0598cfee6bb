"""The corners of the land, numbered as on a cadastral plan: clockwise from the north-west."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

Pair = tuple[float, float]


@dataclass(frozen=True)
class Vertex:
    """A corner in Stereo 70: X is north and Y is east, as surveyors write them (m).

    ``outwards`` points away from the land, as a unit vector east and north.
    """

    number: int
    x_north: float
    y_east: float
    outwards: Pair = (0.0, 1.0)


def vertices(geometry: BaseGeometry) -> tuple[Vertex, ...]:
    """All corners of the outlines of an area (EPSG:3844), its holes after it; or of a line, or a point."""
    found: list[Vertex] = []
    for ring in _rings(geometry):
        for index, (east, north) in enumerate(ring):
            found.append(Vertex(len(found) + 1, north, east, _outwards(ring, index)))
    return tuple(found)


def _rings(geometry: BaseGeometry) -> Iterator[list[Pair]]:
    if isinstance(geometry, Polygon):
        # Clockwise outside, so holes run the other way round.
        turned = orient(geometry, sign=-1.0)
        for ring in (turned.exterior, *turned.interiors):
            yield _from_north_west([(x, y) for x, y, *_ in ring.coords[:-1]])
    elif hasattr(geometry, "geoms"):
        for part in geometry.geoms:
            yield from _rings(part)
    elif isinstance(geometry, LineString):
        yield [(x, y) for x, y, *_ in geometry.coords]
    else:
        yield [(x, y) for x, y, *_ in geometry.coords]


def _from_north_west(ring: list[Pair]) -> list[Pair]:
    first = max(range(len(ring)), key=lambda index: ring[index][1] - ring[index][0])
    return ring[first:] + ring[:first]


def _outwards(ring: Sequence[Pair], index: int) -> Pair:
    """To the left of both edges that meet in a corner: the land lies on the right of a clockwise outline."""
    before, here, after = ring[index - 1], ring[index], ring[(index + 1) % len(ring)]
    east = north = 0.0
    for start, end in ((before, here), (here, after)):
        length = math.dist(start, end) or 1.0
        east -= (end[1] - start[1]) / length
        north += (end[0] - start[0]) / length
    length = math.hypot(east, north)
    return (east / length, north / length) if length > 1e-9 else (0.0, 1.0)
