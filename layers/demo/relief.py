"""The ground: mountains in the north, hills, a plain in the south, and valleys where the rivers run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
import rasterio.features
import rasterio.shutil
import shapely
from numpy.typing import NDArray
from rasterio.io import MemoryFile
from rasterio.transform import Affine
from shapely.geometry.base import BaseGeometry

from layers.demo.features import Floats
from layers.demo.noise import Noise
from layers.demo.rivers import River

Mask = NDArray[np.bool_]

WEST, SOUTH, EAST, NORTH = 325_000.0, 375_000.0, 395_000.0, 445_000.0
COARSE_M, DEM_M = 250.0, 25.0


def upsample(values: Floats, factor: int) -> Floats:
    """Bilinear refinement of a raster of cell centres."""
    for axis in (0, 1):
        size = values.shape[axis]
        at = np.clip((np.arange(size * factor) + 0.5) / factor - 0.5, 0, size - 1.000001)
        low = at.astype(int)
        share = (at - low).reshape((-1, 1) if axis == 0 else (1, -1))
        values = np.take(values, low, axis) * (1 - share) + np.take(values, low + 1, axis) * share
    return values


def centres(cell_m: float) -> tuple[Floats, Floats]:
    """x of the columns (west to east) and y of the rows (north to south) of the county's raster."""
    return np.arange(WEST + cell_m / 2, EAST, cell_m), np.arange(NORTH - cell_m / 2, SOUTH, -cell_m)


def chunks(xy: Floats, size: int = 8) -> list[Floats]:
    """A line as short ones that share their ends, for an index to tell apart."""
    return [xy[start : start + size + 1] for start in range(0, max(len(xy) - 1, 1), size)]


@dataclass(frozen=True)
class Relief:
    """``remoteness``: 0 in the rivers, towards 1 far from them, on the coarse raster."""

    remoteness: Floats
    ridges: Noise
    hills: Noise
    rough: Noise

    @classmethod
    def make(cls, rng: np.random.Generator, rivers: list[River]) -> Relief:
        """Measures the distance to the rivers once; everything else follows from it."""
        x, y = centres(COARSE_M)
        points = shapely.points(*(axis.ravel() for axis in np.meshgrid(x, y)))
        pieces = [shapely.LineString(piece) for river in rivers for piece in chunks(river.xy[::8])]
        found = shapely.STRtree(pieces).query_nearest(points, return_distance=True, all_matches=False)
        distance = np.asarray(found[1]).reshape(len(y), len(x))
        reach = 1_900.0
        return cls(
            1 - np.exp(-((distance / reach) ** 1.5)),
            Noise.make(rng, 8_500, 1.0, 11),
            Noise.make(rng, 2_600, 1.0, 11),
            Noise.make(rng, 600, 1.0, 11),
        )

    def heights(self, cell_m: float) -> Floats:
        """Metres above the sea on the raster of ``cell_m`` (250 divided by a whole number)."""
        x, y = centres(cell_m)
        away = upsample(self.remoteness, round(COARSE_M / cell_m)) if cell_m != COARSE_M else self.remoteness
        north = ((y - SOUTH) / (NORTH - SOUTH))[:, None]
        valley = 105 + 190 * north + 320 * np.clip(north - 0.55, 0, None) ** 1.4
        upland = 45 + 190 * north**1.3 + 2_300 * np.clip(north - 0.62, 0, None) ** 1.25
        shape = (
            0.95
            + 0.28 * self.ridges.grid(x, y)
            + 0.16 * self.hills.grid(x, y)
            + 0.035 * self.rough.grid(x, y)
        )
        return valley + upland * away * np.clip(shape, 0.12, None) + 0.8 * self.rough.grid(x, y)

    def forest_mask(self, cell_m: float) -> Mask:
        """Where trees grow: steep and remote land, nearly everything in the mountains, little in the plain."""
        x, y = centres(cell_m)
        away = upsample(self.remoteness, round(COARSE_M / cell_m))
        north = ((y - SOUTH) / (NORTH - SOUTH))[:, None]
        wish = away * (0.55 + 0.9 * north) + 0.17 * self.hills.grid(x, y) + 0.14 * self.ridges.grid(x, y)
        wooded = wish + 0.035 * self.rough.grid(x, y) > 1.02 - 0.38 * np.clip(north - 0.55, 0, None)
        return np.asarray(wooded)


def outlines(mask: Mask, cell_m: float) -> list[BaseGeometry]:
    """The true cells of a mask as smooth polygons (corners cut twice), largest first."""
    transform = Affine(cell_m, 0, WEST, 0, -cell_m, NORTH)
    shapes = rasterio.features.shapes(mask.astype("uint8"), mask=mask, transform=transform)
    polygons = [
        shapely.Polygon(rings[0], rings[1:]) for rings in (shape["coordinates"] for shape, _ in shapes)
    ]
    smooth = [
        shapely.make_valid(rounded(polygon, cell_m)) for polygon in polygons if polygon.area > 12 * cell_m**2
    ]
    return sorted(smooth, key=lambda polygon: -polygon.area)


def rounded(polygon: shapely.Polygon, cell_m: float) -> shapely.Polygon:
    """Chaikin's corner cutting of every ring."""
    simple = polygon.simplify(cell_m * 0.75)
    if not isinstance(simple, shapely.Polygon):
        return polygon
    rings = []
    for ring in [simple.exterior, *simple.interiors]:
        xy = shapely.get_coordinates(ring)[:-1]
        for _ in range(2):
            ahead = np.roll(xy, -1, axis=0)
            xy = np.stack([0.75 * xy + 0.25 * ahead, 0.25 * xy + 0.75 * ahead], axis=1).reshape(-1, 2)
        rings.append(np.round(xy, 2))
    return shapely.Polygon(rings[0], rings[1:])


def write_dem(relief: Relief, path: Path) -> BaseGeometry:
    """A Cloud-Optimised GeoTIFF, EPSG:3844, 25 m cells, heights in decimetre steps. Returns its footprint."""
    heights = np.round(relief.heights(DEM_M), 1).astype("float32")
    profile = {
        "driver": "GTiff",
        "width": heights.shape[1],
        "height": heights.shape[0],
        "count": 1,
        "dtype": "float32",
        "crs": "EPSG:3844",
        "transform": Affine(DEM_M, 0, WEST, 0, -DEM_M, NORTH),
        "nodata": -9999.0,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with MemoryFile() as memory:
        with memory.open(**profile) as plain:
            plain.write(heights, 1)
        with memory.open() as plain:
            rasterio.shutil.copy(
                plain,
                path,
                driver="COG",
                compress="DEFLATE",
                predictor="YES",
                overviews="AUTO",
                resampling="average",
                num_threads="ALL_CPUS",
            )
    return shapely.MultiPolygon([shapely.box(WEST, SOUTH, EAST, NORTH)])
