"""Rasters: which files (COG) hold a place, and their values as Web Mercator tiles and at points.

The files are named by the rows of the layer, never by a request; relative paths lie below ``VATRA_HOME``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from psycopg import sql
from rasterio.errors import RasterioError
from rasterio.windows import Window
from rio_tiler.errors import EmptyMosaicError, TileOutsideBounds
from rio_tiler.io import Reader
from rio_tiler.models import ImageData
from rio_tiler.mosaic import mosaic_reader

from layers import database
from layers.catalogue import Layer
from layers.errors import UnknownLayer, VatraError
from layers.extents import Bounds
from layers.health import BrokenLayer
from layers.settings import StorageSettings
from tiles.vector_grid import LATITUDE, WORLD_M, NoSuchTile

if TYPE_CHECKING:
    from collections.abc import Iterator

TILE_PX = 256
DEEPEST = 22
# A tile that more files meet is of a zoom at which nobody sees them apart; reading them would take seconds.
MOST_FILES = 64
BLOCK = 512
Floats = NDArray[np.float64]


class OutsideRaster(VatraError):
    """There is no value at this place."""


@dataclass(frozen=True)
class RasterFile:
    """One COG: its place on disk, and the size of a cell on the ground in metres where the layer says it."""

    path: Path
    resolution_m: float | None
    flown_on: date | None


def require_raster(layer: Layer) -> Layer:
    """The layer if it is one of files; UnknownLayer if it holds features."""
    if not is_raster(layer):
        raise UnknownLayer(layer.id, ["terrain.dem", "imagery.orthophoto"])
    return layer


def is_raster(layer: Layer) -> bool:
    """Whether the layer's features are files with pictures or heights."""
    return layer.schema_name in ("terrain", "imagery")


def files(layer: Layer, day: date, box: Bounds, srid: int, *, most: int | None = None) -> list[RasterFile]:
    """The layer's files that meet the box (west, south, east, north, EPSG:3844 or 3857) on that day, finest first.

    ``most``: the first ones only. Raises NoSuchTile where there are too many, DatabaseUnavailable.
    """
    column = "geom_3857" if srid == 3857 else "geom"
    query = sql.SQL(
        "SELECT path, resolution_m, flown_on FROM {} WHERE {} && ST_MakeEnvelope(%s, %s, %s, %s, %s)"
        " AND valid_from <= %s AND valid_to > %s ORDER BY resolution_m, flown_on DESC NULLS LAST, id LIMIT %s"
    ).format(sql.Identifier(layer.schema_name, layer.table_name), sql.Identifier(column))
    with database.reading(database.map_url()) as connection:
        rows = connection.execute(query, [*box, srid, day, day, most or MOST_FILES + 1]).fetchall()
    if len(rows) > MOST_FILES:
        raise NoSuchTile(f"more than {MOST_FILES} files of {layer.id} meet here; zoom in")
    return [RasterFile(_located(layer, str(row[0])), row[1], row[2]) for row in rows]


def tile(
    layer: Layer, found: Sequence[RasterFile], z: int, x: int, y: int, edge: int = 0
) -> ImageData | None:
    """The tile of 256 pixels, with ``edge`` more on each side; None where no file has values. Raises BrokenLayer."""

    def read(path: str, x: int, y: int, z: int, **options: Any) -> ImageData:
        with Reader(path) as opened:
            image: ImageData = opened.tile(x, y, z, **options)
            return image

    smooth = (
        {"resampling_method": "cubic", "reproject_method": "cubic"}
        if edge
        else {"reproject_method": "bilinear"}
    )
    options: dict[str, Any] = {"tilesize": TILE_PX, "buffer": edge or None, **smooth}
    if not found:
        return None
    with _readable(layer, found):
        try:
            image, _ = mosaic_reader(
                [str(one.path) for one in found],
                read,
                x,
                y,
                z,
                threads=0,
                allowed_exceptions=(TileOutsideBounds,),
                **options,
            )
        except EmptyMosaicError:
            return None
    return image


def heights(layer: Layer, found: Sequence[RasterFile], places: Floats) -> Floats:
    """First band of the finest file at places (n × 2, EPSG:3844, x = east), between cells' middles bilinear.

    NaN where no file has a value. Raises BrokenLayer.
    """
    values = np.full(len(places), np.nan)
    for one in found:
        missing = np.isnan(values)
        if not missing.any():
            break
        with _readable(layer, [one]), rasterio.open(one.path) as opened:
            values[missing] = _bilinear(opened, places[missing])
    return values


def bands(
    layer: Layer, found: Sequence[RasterFile], place: tuple[float, float]
) -> tuple[RasterFile, list[float]]:
    """The finest file with values at a place (EPSG:3844), and all bands of the cell there.

    Raises OutsideRaster, BrokenLayer.
    """
    for one in found:
        with _readable(layer, [one]), rasterio.open(one.path) as opened:
            sampled = next(opened.sample([place], masked=True))
        if not np.ma.getmaskarray(sampled).all():
            return one, [float(value) for value in sampled.filled(math.nan)]
    raise OutsideRaster(f"{layer.id} has no value at {place[0]:.1f}, {place[1]:.1f} (EPSG:3844)")


def deepest_zoom(layer: Layer, day: date) -> int:
    """The zoom beyond which tiles of that day show nothing more. Raises DatabaseUnavailable."""
    query = sql.SQL("SELECT min(resolution_m) FROM {} WHERE valid_from <= %s AND valid_to > %s")
    with database.reading(database.map_url()) as connection:
        row = connection.execute(
            query.format(sql.Identifier(layer.schema_name, layer.table_name)), [day, day]
        ).fetchone()
    return finest_zoom(row[0] if row else None)


def finest_zoom(resolution_m: float | None) -> int:
    """The first zoom at which a pixel of a 256-pixel tile is hardly larger than a cell of that size on the ground."""
    ground = WORLD_M * math.cos(math.radians(LATITUDE)) / TILE_PX
    return min(DEEPEST, max(0, math.ceil(math.log2(ground / (resolution_m or 1.0)) - 0.1)))


def _bilinear(opened: Any, places: Floats) -> Floats:
    """Between the four cells round each place; NaN outside and beside cells without a value."""
    inverse = ~opened.transform
    columns = inverse.a * places[:, 0] + inverse.b * places[:, 1] + inverse.c - 0.5
    rows = inverse.d * places[:, 0] + inverse.e * places[:, 1] + inverse.f - 0.5
    inside = (columns > -0.5) & (rows > -0.5) & (columns < opened.width - 0.5) & (rows < opened.height - 0.5)
    columns, rows = np.clip(columns, 0, opened.width - 1), np.clip(rows, 0, opened.height - 1)
    left, top = np.floor(columns).astype(int), np.floor(rows).astype(int)
    values = np.full(len(places), np.nan)
    for block in {(int(x), int(y)) for x, y in zip(left[inside] // BLOCK, top[inside] // BLOCK, strict=True)}:
        here = inside & (left // BLOCK == block[0]) & (top // BLOCK == block[1])
        window = Window(block[0] * BLOCK, block[1] * BLOCK, BLOCK + 1, BLOCK + 1)
        window = window.intersection(Window(0, 0, opened.width, opened.height))
        cells = opened.read(1, window=window, masked=True).astype(float).filled(np.nan)
        x, y = left[here] - block[0] * BLOCK, top[here] - block[1] * BLOCK
        right, down = np.minimum(x + 1, cells.shape[1] - 1), np.minimum(y + 1, cells.shape[0] - 1)
        across, below = columns[here] - left[here], rows[here] - top[here]
        upper = cells[y, x] * (1 - across) + cells[y, right] * across
        lower = cells[down, x] * (1 - across) + cells[down, right] * across
        values[here] = upper * (1 - below) + lower * below
    return values


def _located(layer: Layer, path: str) -> Path:
    file = Path(path)
    located = file if file.is_absolute() else StorageSettings().home / file
    if not located.is_file():  # also keeps GDAL from taking a path for an address in the network
        raise BrokenLayer(layer.id, f"the file {located.name} is missing")
    return located


@contextmanager
def _readable(layer: Layer, found: Sequence[RasterFile]) -> Iterator[None]:
    try:
        yield
    except RasterioError as error:
        names = ", ".join(one.path.name for one in found)
        raise BrokenLayer(layer.id, f"the file {names} cannot be read") from error
