"""The two tile matrix sets: Stereo70 at the scales that plans are read at, and Web Mercator as everybody has it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from mapproxy.grid.tile_grid import TileGrid
from mapproxy.srs import SRS

from layers.extents import Bounds
from tiles.picture import PIXEL_M

TILE_PX = 256


@dataclass(frozen=True)
class Matrix:
    """One zoom level: ``columns`` × ``rows`` tiles, numbered from the north-west corner."""

    id: str
    denominator: float
    columns: int
    rows: int

    @property
    def resolution(self) -> float:
        """Metres of the CRS a pixel."""
        return self.denominator * PIXEL_M


@dataclass(frozen=True)
class MatrixSet:
    """A pyramid of matrices over ``bounds`` (west, south, east, north; x = east first whatever the registry says).

    ``north_east`` tells that the registry's order of the CRS is north, east: corners are written so in documents.
    ``well_known`` is the URN of the well-known scale set that it is exactly.
    """

    id: str
    title: str
    crs: str
    bounds: Bounds
    denominators: tuple[float, ...]
    north_east: bool
    well_known: str | None = None

    @cached_property
    def matrices(self) -> tuple[Matrix, ...]:
        """The levels, coarsest first; a level's number is its place."""
        west, south, east, north = self.bounds
        return tuple(
            Matrix(
                str(level), denominator, _count(east - west, denominator), _count(north - south, denominator)
            )
            for level, denominator in enumerate(self.denominators)
        )

    @cached_property
    def grid(self) -> TileGrid:
        """The same for MapProxy."""
        resolutions = [matrix.resolution for matrix in self.matrices]
        return TileGrid(
            SRS(self.crs),
            bbox=self.bounds,
            tile_size=(TILE_PX, TILE_PX),
            res=resolutions,
            origin="nw",
            name=self.id,
        )

    def tile(self, level: int, column: int, row: int) -> Bounds:
        """Bounds of a tile: the outer edges of its pixels."""
        side = self.matrices[level].resolution * TILE_PX
        west, north = self.bounds[0] + column * side, self.bounds[3] - row * side
        return west, north - side, west + side, north

    def covering(self, level: int, bounds: Bounds) -> tuple[int, int, int, int]:
        """First and last column, first and last row of the tiles that meet ``bounds``, within the matrix."""
        matrix = self.matrices[level]
        side = matrix.resolution * TILE_PX
        west, south, east, north = bounds
        columns = math.floor((west - self.bounds[0]) / side), math.floor((east - self.bounds[0]) / side)
        rows = math.floor((self.bounds[3] - north) / side), math.floor((self.bounds[3] - south) / side)
        first, last = (min(max(column, 0), matrix.columns - 1) for column in columns)
        top, bottom = (min(max(row, 0), matrix.rows - 1) for row in rows)
        return first, last, top, bottom


def _count(length: float, denominator: float) -> int:
    # A hair less, so that a length of exactly n tiles is not rounded up to n + 1.
    return max(1, math.ceil(length / (denominator * PIXEL_M * TILE_PX) - 1e-6))


# From 1:4,000,000 to 1:250 (7 cm a pixel), at the scales that plans are read at. The corner lies so far out that
# Romania begins in column 1, row 1 at every level: the schema of WMTS takes no 0 for the limits of a layer.
STEREO70 = MatrixSet(
    id="Stereo70",
    title="Stereo70 (EPSG:3844), 1:4.000.000 – 1:250",
    crs="EPSG:3844",
    bounds=(-200_000.0, 200_000.0, 1_050_000.0, 1_100_000.0),
    denominators=(
        4_000_000.0, 2_000_000.0, 1_000_000.0, 500_000.0, 200_000.0, 100_000.0, 50_000.0,
        25_000.0, 10_000.0, 5_000.0, 2_000.0, 1_000.0, 500.0, 250.0,
    ),
    north_east=True,
)  # fmt: skip
# OGC 07-057r7, annex E.4: levels 0 to 18 of the Earth's equator over 256 pixels, halved each time.
_HALF = 20_037_508.342_789_2
WEB_MERCATOR = MatrixSet(
    id="GoogleMapsCompatible",
    title="Web Mercator (EPSG:3857)",
    crs="EPSG:3857",
    bounds=(-_HALF, -_HALF, _HALF, _HALF),
    denominators=tuple(559_082_264.028_717_8 / 2**level for level in range(19)),
    north_east=False,
    well_known="urn:ogc:def:wkss:OGC:1.0:GoogleMapsCompatible",
)
MATRIX_SETS = {matrices.id: matrices for matrices in (STEREO70, WEB_MERCATOR)}
