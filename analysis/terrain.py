"""Slope of land from an elevation model: a windowed read of the COG, cell by cell inside the land."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio.errors import RasterioError, WindowError
from rasterio.windows import Window, from_bounds
from shapely.geometry.base import BaseGeometry

from layers.settings import StorageSettings

MAX_CELLS = 4_000_000
_opened = threading.local()


class Unreadable(Exception):
    """The model's file is missing or broken, or has no heights at this place."""


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
        window = _window(model, land)
        heights = model.read(1, window=window)
    except (RasterioError, WindowError, ValueError) as error:
        raise Unreadable(f"{path}: {error}") from error
    if min(heights.shape) < 2:
        raise Unreadable(f"{path}: no heights at this place")
    grid = model.window_transform(window)
    values = np.where(heights == model.nodata, np.nan, heights.astype("float64"))
    down, right = np.gradient(values, abs(grid.e), abs(grid.a))
    steepness = np.hypot(down, right) * 100
    found = steepness[_inside(land, heights.shape, grid) & np.isfinite(steepness)]
    if not found.size:
        raise Unreadable(f"{path}: no heights at this place")
    return Slope(round(float(found.mean()), 2), round(float(found.max()), 2))


def _window(model: Any, land: BaseGeometry) -> Window:
    """Whole cells around the land, and two more on each side for the gradients."""
    window = from_bounds(*land.bounds, transform=model.transform)
    left, top = int(np.floor(window.col_off)) - 2, int(np.floor(window.row_off)) - 2
    width = int(np.ceil(window.col_off + window.width)) + 2 - left
    height = int(np.ceil(window.row_off + window.height)) + 2 - top
    if width * height > MAX_CELLS:
        raise ValueError(
            f"the land spans {width} × {height} cells of the model, at most {MAX_CELLS} are read"
        )
    # Cut to the model by ourselves: rasterio's own way past the edge warps, which takes ten times longer.
    return Window(left, top, width, height).intersection(Window(0, 0, model.width, model.height))


def _inside(land: BaseGeometry, shape: tuple[int, ...], grid: Any) -> NDArray[np.bool_]:
    """Cells whose centre lies in the land; where there are none, cells that it touches."""
    rows, columns = np.indices(shape)
    x, y = grid.c + columns * grid.a, grid.f + rows * grid.e
    centres: NDArray[np.bool_] = shapely.contains_xy(land, x + grid.a / 2, y + grid.e / 2)
    if centres.any():
        return centres
    touched: NDArray[np.bool_] = shapely.intersects(land, shapely.box(x, y + grid.e, x + grid.a, y))
    return touched


def _open(path: str) -> Any:
    """The open data set; one a thread, as GDAL's are not to be shared."""
    file = Path(path)
    located = file if file.is_absolute() else StorageSettings().home / file
    kept: dict[tuple[str, float], Any] = _opened.__dict__.setdefault("models", {})
    try:
        key = (str(located), located.stat().st_mtime)
    except OSError as error:
        raise Unreadable(f"{located}: {error.strerror}") from error
    if key not in kept:
        if len(kept) >= 16:
            kept.pop(next(iter(kept))).close()
        kept[key] = rasterio.open(located)
    return kept[key]
