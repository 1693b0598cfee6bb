"""The grid of vector tiles: Web Mercator, and which zooms show what a style draws at a scale.

A tile is drawn 512 pixels wide (so do MapLibre and the styles derived from the catalogue), and coordinates in it
are whole numbers up to 4096. Zooms are turned into scales on the parallel through the middle of Romania.
"""

from __future__ import annotations

import math

from layers.errors import VatraError
from tiles.picture import STANDARD_PPI

EXTENT = 4096
# Shapes reach this far over a tile's edge, so that outlines along it are not drawn.
BUFFER = 64
WORLD_M = 40_075_016.685578488
TILE_PX = 512
LATITUDE = 46.0
DEEPEST = 17
# Below this zoom shapes are generalised; a tile unit is 0.6 m here and 0.07 m at the deepest.
WHOLE_FROM = 14


class NoSuchTile(VatraError):
    """The tile lies outside the grid, or outside the zooms of what it is asked for."""


def width_m(z: int) -> float:
    """Width of a tile in metres of EPSG:3857."""
    return WORLD_M / (1 << z)


def box(z: int, x: int, y: int, deepest: int = DEEPEST) -> tuple[float, float, float, float]:
    """West, south, east, north of a tile in EPSG:3857. Raises NoSuchTile outside the grid."""
    if not (0 <= z <= deepest and 0 <= x < 2**z and 0 <= y < 2**z):
        raise NoSuchTile(f"there is no tile {z}/{x}/{y} (zooms go to {deepest})")
    width, half = width_m(z), WORLD_M / 2
    return x * width - half, half - (y + 1) * width, (x + 1) * width - half, half - y * width


def zoom_of_scale(denominator: float) -> float:
    """The zoom at which a map of 512-pixel tiles, each pixel 0.28 mm, has the scale 1:denominator."""
    metres_per_px = denominator * 25.4 / 1000 / STANDARD_PPI
    return math.log2(WORLD_M * math.cos(math.radians(LATITUDE)) / TILE_PX / metres_per_px)


def scale_of_zoom(zoom: float) -> float:
    """The other way round: the scale denominator at a zoom."""
    return float(2 ** (zoom_of_scale(1) - zoom))
