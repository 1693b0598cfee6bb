"""Slope of land from an elevation model: the COG read in squares that are kept."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio.errors import RasterioError
from rasterio.windows import Window
from shapely.geometry.base import BaseGeometry

from layers.settings import StorageSettings

MAX_CELLS = 4_000_000
TILE = 256


class Unreadable(Exception):
    """The model's file is missing or broken, or has no heights at this place."""


class Model(NamedTuple):
    """An elevation model's file, when it last changed, and its grid: north-west corner and cells in metres."""

    path: str
    changed: float
    west: float
    north: float
    cell_x: float
    cell_y: float
    width: int
    height: int


@dataclass(frozen=True)
class Slope:
    """Mean and greatest slope in per cent (100 = 45°)."""

    mean_pct: float
    max_pct: float


def slope(path: str, land: BaseGeometry) -> Slope:
    """Slope over the land (EPSG:3844) from the model at ``path``; relative paths are below ``VATRA_HOME``.

    Gradients are central differences over neighbouring cells, mean and greatest over the cells whose
    centre lies in the land, or that it touches where it holds no centre. Raises Unreadable.
    """
    try:
        model = _open(path)
        column, row, heights = _heights(model, land)
    except (RasterioError, ValueError) as error:
        raise Unreadable(f"{path}: {error}") from error
    if min(heights.shape) < 2:
        raise Unreadable(f"{path}: no heights at this place")
    down, right = np.gradient(heights, model.cell_y, model.cell_x)
    steepness = np.hypot(down, right) * 100
    found = steepness[_inside(land, heights.shape, model, column, row) & np.isfinite(steepness)]
    if not found.size:
        raise Unreadable(f"{path}: no heights at this place")
    return Slope(round(float(found.mean()), 2), round(float(found.max()), 2))


def _heights(model: Model, land: BaseGeometry) -> tuple[int, int, NDArray[np.float64]]:
    """First column and row, and heights of the cells around the land, two more on each side for gradients."""
    west, south, east, north = land.bounds
    left = max(math.floor((west - model.west) / model.cell_x) - 2, 0)
    top = max(math.floor((model.north - north) / model.cell_y) - 2, 0)
    right = min(math.ceil((east - model.west) / model.cell_x) + 2, model.width)
    bottom = min(math.ceil((model.north - south) / model.cell_y) + 2, model.height)
    if right <= left or bottom <= top:
        raise ValueError("no heights at this place")
    if (right - left) * (bottom - top) > MAX_CELLS:
        raise ValueError(f"the land spans more than {MAX_CELLS} cells of the model")
    heights = np.full((bottom - top, right - left), np.nan)
    for tile_row in range(top // TILE, (bottom - 1) // TILE + 1):
        for tile_column in range(left // TILE, (right - 1) // TILE + 1):
            y, x = tile_row * TILE, tile_column * TILE
            tile = _tile(model.path, model.changed, tile_row, tile_column)
            rows = slice(max(top - y, 0), min(bottom - y, tile.shape[0]))
            columns = slice(max(left - x, 0), min(right - x, tile.shape[1]))
            target = heights[y + rows.start - top :, x + columns.start - left :]
            target[: rows.stop - rows.start, : columns.stop - columns.start] = tile[rows, columns]
    return left, top, heights


def _inside(
    land: BaseGeometry, shape: tuple[int, ...], model: Model, column: int, row: int
) -> NDArray[np.bool_]:
    """Cells whose centre lies in the land; where there are none, cells that it touches."""
    rows, columns = np.indices(shape)
    x = model.west + (columns + column) * model.cell_x
    y = model.north - (rows + row) * model.cell_y
    centres: NDArray[np.bool_] = shapely.contains_xy(land, x + model.cell_x / 2, y - model.cell_y / 2)
    if centres.any():
        return centres
    touched: NDArray[np.bool_] = shapely.intersects(
        land, shapely.box(x, y - model.cell_y, x + model.cell_x, y)
    )
    return touched


def _open(path: str) -> Model:
    file = Path(path)
    located = file if file.is_absolute() else StorageSettings().home / file
    try:
        return _model(str(located), located.stat().st_mtime)
    except OSError as error:
        raise Unreadable(f"{located}: {error.strerror or error}") from error


@lru_cache(maxsize=64)
def _model(path: str, changed: float) -> Model:
    with rasterio.open(path) as opened:
        grid = opened.transform
        if grid.b or grid.d or grid.e > 0:
            raise Unreadable(f"{path}: its rows do not run from west to east, from north to south")
        return Model(path, changed, grid.c, grid.f, grid.a, -grid.e, opened.width, opened.height)


@lru_cache(maxsize=256)
def _tile(path: str, changed: float, row: int, column: int) -> NDArray[np.float32]:
    """One square of the model, 256 KB; opening and reading it takes a hundred times as long as using it."""
    with rasterio.open(path) as opened:
        left, top = column * TILE, row * TILE
        window = Window(left, top, min(TILE, opened.width - left), min(TILE, opened.height - top))
        heights = opened.read(1, window=window).astype("float32")
        return np.where(heights == opened.nodata, np.float32(np.nan), heights)
