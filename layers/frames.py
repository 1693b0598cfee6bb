"""The coordinate reference systems in which features are given out and places are asked for.

Two shapes of every feature are stored: EPSG:3844 with x = east, and the same brought to EPSG:3857 by the
database. Each frame reads the one that it is had from exactly: longitude, latitude and Web Mercator are the
same grid of meridians and parallels, and EPSG:31700 has the coordinates of EPSG:3844. So no question crosses
a datum, an index serves every frame, and what was given out in a frame is found by it again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyproj
import shapely
from psycopg import sql

from layers.errors import VatraError

Corners = tuple[float, float, float, float]
LARGEST_LATITUDE = 85.051128
# Half of what rounding may move a coordinate that we gave out, so that a box drawn through it meets the feature.
SLACK_M = 0.0006


class NoSuchFrame(VatraError):
    """A coordinate reference system that features are not given out in."""


class BadBox(VatraError):
    """Numbers that are no bounding box."""


@dataclass(frozen=True)
class Frame:
    """A CRS as clients see it. ``north_first``: its registered axis order is north (or latitude) before east.

    ``column`` is the stored geometry it is made from, ``decimals`` what keeps a millimetre.
    """

    uri: str
    epsg: int
    column: Literal["geom", "geom_3857"]
    north_first: bool
    geographic: bool = False

    @property
    def decimals(self) -> int:
        """Decimals that keep a millimetre."""
        return 9 if self.geographic else 3

    def output(self) -> sql.Composable:
        """The geometry in this frame and its axis order, flat, as SQL over the table's columns."""
        shape: sql.Composable = sql.Identifier(self.column)
        if self.geographic:
            shape = sql.SQL("ST_Transform({}, 4326)").format(shape)
        elif self.column == "geom":
            shape = sql.SQL("ST_Force2D({})").format(shape)
        return sql.SQL("ST_FlipCoordinates({})").format(shape) if self.north_first else shape

    def stored(self, shape: shapely.Geometry) -> shapely.Geometry:
        """A geometry in this frame and its axis order, as the stored column has it (x = east)."""
        return shapely.transform(shape, self._to_stored)

    def box(self, numbers: Corners) -> Box:
        """The box of those numbers (lower, then upper corner, in axis order), as the stored column has it.

        A box of longitudes may span the antimeridian (west > east). Raises BadBox.
        """
        west, south, east, north = (numbers[i] for i in (1, 0, 3, 2)) if self.north_first else numbers
        if not all(map(math.isfinite, numbers)):
            raise BadBox("a bounding box is made of numbers")
        if south > north or (west > east and not self.geographic):
            raise BadBox("the lower corner of a bounding box comes first")
        halves = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
        return Box(self.column, tuple(self._half(left, south, right, north) for left, right in halves))

    def _half(self, west: float, south: float, east: float, north: float) -> Corners:
        corners = np.array([[west, south], [east, north]])
        if self.geographic:
            limit = [180.0, LARGEST_LATITUDE]
            corners = _to_mercator(np.clip(corners, np.negative(limit), limit))
        (west, south), (east, north) = corners[0] - SLACK_M, corners[1] + SLACK_M
        return float(west), float(south), float(east), float(north)

    def _to_stored(self, coordinates: np.ndarray) -> np.ndarray:
        given = np.ascontiguousarray(coordinates[:, ::-1]) if self.north_first else coordinates
        return _to_mercator(given) if self.geographic else given


@dataclass(frozen=True)
class Box:
    """One or two rectangles in the coordinates of a stored column: west, south, east, north."""

    column: str
    parts: tuple[Corners, ...]

    @property
    def srid(self) -> int:
        """EPSG code of the column."""
        return 3844 if self.column == "geom" else 3857


def _epsg(code: int, column: Literal["geom", "geom_3857"], north_first: bool, geographic: bool) -> Frame:
    return Frame(f"http://www.opengis.net/def/crs/EPSG/0/{code}", code, column, north_first, geographic)


CRS84 = Frame("http://www.opengis.net/def/crs/OGC/1.3/CRS84", 4326, "geom_3857", False, True)
STEREO70 = _epsg(3844, "geom", True, False)
MERCATOR = _epsg(3857, "geom_3857", False, False)
FRAMES: dict[str, Frame] = {
    frame.uri: frame
    for frame in (
        CRS84,
        STEREO70,
        _epsg(31700, "geom", True, False),
        MERCATOR,
        _epsg(4326, "geom_3857", True, True),
        _epsg(4258, "geom_3857", True, True),
    )
}


def frame(uri: str) -> Frame:
    """The frame of that URI, also given as ``[EPSG:3844]``. Raises NoSuchFrame."""
    known = FRAMES.get(uri) or _BY_CURIE.get(uri)
    if known is None:
        raise NoSuchFrame(f"no CRS {uri[:100]!r}; known: {', '.join(FRAMES)}")
    return known


_BY_CURIE = {f"[EPSG:{known.epsg}]": known for uri, known in FRAMES.items() if "/EPSG/" in uri}
_BY_CURIE["[OGC:CRS84]"] = CRS84
_MERCATOR = pyproj.Transformer.from_crs(4326, 3857, always_xy=True)


def _to_mercator(degrees: np.ndarray) -> np.ndarray:
    return np.column_stack(_MERCATOR.transform(degrees[:, 0], degrees[:, 1]))
