"""Between ETRS89/WGS84 and Stereo70, where PROJ alone is up to one metre off.

ANCPI's TransDatRO joins the two: oblique stereographic projection on the GRS80 ellipsoid, a Helmert
transformation in the plane, and a grid of the distortions left over, interpolated bicubically over
16 nodes. The grid is not ours to ship: ``VATRA_DATUM_GRID`` names its file or folder. Without it
PROJ is used and 3 m counted into the accuracy.

All coordinates are x = east (or longitude), y = north (or latitude); degrees and metres.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from pyproj.enums import TransformDirection

from layers import measures
from layers.errors import VatraError
from layers.reading.crs import STEREO70, recognise
from layers.settings import StorageSettings

Method = Literal["none", "transdatro", "proj"]
Floats = NDArray[np.float64]

GRID_ACCURACY_M = 0.05
PROJ_ACCURACY_M = 3.0
NO_DATA = 999.0
HEADER = struct.Struct("<6d")
ITERATIONS = 12
CONVERGED_M = 1e-6

# ANCPI, TransDatRO 4.x: from Stereo70 on Krassowsky to stereographic on GRS80, in metres, ppm and arc seconds.
SHIFT_NORTH_M, SHIFT_EAST_M = -31.8051, -119.7358
SCALE = -0.11559991e-6
ROTATION = np.radians(0.22739706 / 3600)
STEREO_GRS80 = "+proj=sterea +lat_0=46 +lon_0=25 +k=0.99975 +x_0=500000 +y_0=500000 +ellps=GRS80"

# WGS84 in its realisations and ETRS89 differ by less than what any of our sources is accurate to.
_EUROPEAN = (
    "european terrestrial reference system 1989",
    "etrs89",
    "world geodetic system 1984",
    "wgs 84",
    "wgs_1984",
)


class DatumError(VatraError):
    """The datum grid cannot be used, or coordinates cannot be brought to the target."""


@dataclass(frozen=True)
class Transformed:
    """The result of a transformation.

    ``coordinates`` is what was given (an (n, 2) array of x, y, or an array of geometries) in the
    target CRS; ``accuracy_m`` what the way there adds to the positional uncertainty, in metres.
    """

    coordinates: NDArray[Any]
    method: Method
    accuracy_m: float


@dataclass(frozen=True)
class Grid:
    """Distortions in metres, east then north, on a regular grid: ``values[row, column, 2]``."""

    e_min: float
    n_min: float
    e_step: float
    n_step: float
    values: Floats

    @classmethod
    def read(cls, path: Path) -> Grid:
        """The grid in a TransDatRO ``.GRD`` file; DatumError if it is not one."""
        content = path.read_bytes()
        if len(content) < HEADER.size:
            raise DatumError(
                f"{path}: not a TransDatRO grid: {len(content)} bytes, a header takes {HEADER.size}"
            )
        e_min, e_max, n_min, n_max, e_step, n_step = HEADER.unpack_from(content)
        if not (e_step > 0 and n_step > 0 and e_max > e_min and n_max > n_min):
            raise DatumError(f"{path}: not a TransDatRO grid: its header makes no sense")
        columns, rows = round((e_max - e_min) / e_step) + 1, round((n_max - n_min) / n_step) + 1
        expected = HEADER.size + rows * columns * 16
        if len(content) != expected:
            raise DatumError(
                f"{path}: {len(content)} bytes found, {expected} expected for {rows} × {columns} nodes"
            )
        values = np.frombuffer(content, "<f8", offset=HEADER.size).reshape(rows, columns, 2)
        return cls(e_min, n_min, e_step, n_step, np.where(values == NO_DATA, np.nan, values))

    def distortion(self, east: Floats, north: Floats) -> Floats:
        """(n, 2) distortions (east, north) in metres; NaN where one of the 16 nodes has none."""
        rows, columns = self.values.shape[:2]
        u, v = (east - self.e_min) / self.e_step, (north - self.n_min) / self.n_step
        with np.errstate(invalid="ignore"):
            i, j = np.floor(u).astype(np.int64), np.floor(v).astype(np.int64)
        inside = (i >= 1) & (i < columns - 2) & (j >= 1) & (j < rows - 2)
        i, j = np.where(inside, i, 1), np.where(inside, j, 1)
        window = np.arange(-1, 3)
        nodes = self.values[(j[:, None] + window)[:, :, None], (i[:, None] + window)[:, None, :]]
        result = _bicubic(nodes, u - i, v - j)
        result[~inside] = np.nan
        return result


def _bicubic(nodes: Floats, u: Floats, v: Floats) -> Floats:
    """Hermite surface over the middle cell of 4 × 4 nodes ([point, row, column, value]).

    Slopes at the cell's corners are one-sided differences of second order, the mixed derivatives
    central ones, as TransDatRO computes them.
    """

    def slopes(line: Floats) -> tuple[Floats, Floats]:
        a, b, c, d = line
        return (-3 * b + 4 * c - d) / 2, (a - 4 * b + 3 * c) / 2

    total = np.zeros((len(u), nodes.shape[-1]))
    value_u, slope_u = _hermite(u)
    value_v, slope_v = _hermite(v)
    by_row = {row: slopes(np.moveaxis(nodes[:, row], 1, 0)) for row in (1, 2)}
    by_column = {column: slopes(np.moveaxis(nodes[:, :, column], 1, 0)) for column in (1, 2)}
    for b, row in enumerate((1, 2)):
        for a, column in enumerate((1, 2)):
            mixed = (
                nodes[:, row - 1, column - 1]
                + nodes[:, row + 1, column + 1]
                - nodes[:, row - 1, column + 1]
                - nodes[:, row + 1, column - 1]
            ) / 4
            total += (
                (value_u[a] * value_v[b])[:, None] * nodes[:, row, column]
                + (slope_u[a] * value_v[b])[:, None] * by_row[row][a]
                + (value_u[a] * slope_v[b])[:, None] * by_column[column][b]
                + (slope_u[a] * slope_v[b])[:, None] * mixed
            )
    return total


def _hermite(t: Floats) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    """Cubic Hermite basis at t: weights of the two values, and of the two slopes."""
    end = t * t * (3 - 2 * t)
    return (1 - end, end), (t * (1 - t) ** 2, t * t * (t - 1))


def etrs89_to_stereo70(degrees: Floats, grid: Grid) -> Floats:
    """(n, 2) longitude, latitude in ETRS89 to (n, 2) east, north; NaN outside the grid."""
    x, y = pyproj.Proj(STEREO_GRS80)(degrees[:, 0], degrees[:, 1])
    return _from_grs80(np.column_stack([x, y]), grid)


def stereo70_to_etrs89(metres: Floats, grid: Grid) -> Floats:
    """The inverse of :func:`etrs89_to_stereo70`, by iteration to a micrometre; NaN outside the grid."""
    guess = metres + np.array([SHIFT_EAST_M, SHIFT_NORTH_M])
    for _ in range(ITERATIONS):
        error = metres - _from_grs80(guess, grid)
        guess = guess + error
        if not np.nanmax(np.abs(error), initial=0.0) > CONVERGED_M:
            break
    longitude, latitude = pyproj.Proj(STEREO_GRS80)(guess[:, 0], guess[:, 1], inverse=True)
    return np.where(np.isnan(guess), np.nan, np.column_stack([longitude, latitude]))


def _from_grs80(plane: Floats, grid: Grid) -> Floats:
    east, north = plane[:, 0], plane[:, 1]
    cosine, sine = (1 - SCALE) * np.cos(ROTATION), (1 - SCALE) * np.sin(ROTATION)
    turned = np.column_stack(
        [cosine * east + sine * north - SHIFT_EAST_M, cosine * north - sine * east - SHIFT_NORTH_M]
    )
    return turned + grid.distortion(turned[:, 0], turned[:, 1])


def configured_grid() -> Grid | None:
    """The grid ``VATRA_DATUM_GRID`` names, or None when it is not set."""
    path = StorageSettings().datum_grid
    return None if path is None else _load(path.resolve())


@lru_cache(maxsize=4)
def _load(path: Path) -> Grid:
    if path.is_dir():
        found = sorted(
            file for file in path.iterdir() if file.suffix.upper() == ".GRD" and "2D" in file.name.upper()
        )
        if not found:
            raise DatumError(f"VATRA_DATUM_GRID={path}: no *2D*.GRD file in that folder")
        path = found[0]
    if not path.is_file():
        raise DatumError(f"VATRA_DATUM_GRID={path}: no such file or folder")
    return Grid.read(path)


def transform(given: NDArray[Any], source: object, target: object = STEREO70) -> Transformed:
    """Coordinates in another CRS, across the datum line by TransDatRO where it is configured.

    ``given`` is an (n, 2) array of x, y or an array of shapely geometries (heights are dropped,
    measures kept); ``source`` and ``target`` anything pyproj takes. One set goes one way: if a single
    coordinate lies outside the grid, PROJ is used for all, so that no outline is torn.

    >>> transform(np.array([[500000.0, 500000.0]]), 31700, 3844).method
    'none'
    """
    given, from_crs, to_crs = np.asarray(given), recognise(source), recognise(target)
    if from_crs.equals(to_crs, ignore_axis_order=True):
        return Transformed(given, "none", 0.0)
    if given.dtype != object:
        moved, method, accuracy = _transform_xy(np.asarray(given, float), from_crs, to_crs)
        return Transformed(moved, method, accuracy)
    flat = given if _are_measured_lines(given) else shapely.force_2d(given)
    xy = shapely.get_coordinates(flat)
    moved, method, accuracy = _transform_xy(xy, from_crs, to_crs)
    return Transformed(_with_coordinates(flat, moved), method, accuracy)


def _are_measured_lines(geometries: NDArray[Any]) -> bool:
    lines = (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING)
    return bool(
        len(geometries)
        and (shapely.has_m(geometries) & np.isin(shapely.get_type_id(geometries), lines)).all()
    )


def _with_coordinates(geometries: NDArray[Any], xy: Floats) -> NDArray[Any]:
    if not shapely.has_m(geometries).any():
        return np.asarray(shapely.set_coordinates(geometries.copy(), xy))
    ends = np.cumsum(shapely.get_num_coordinates(geometries))[:-1]
    moved = np.empty(len(geometries), dtype=object)
    moved[:] = [measures.move(line, part) for line, part in zip(geometries, np.split(xy, ends), strict=True)]
    return moved


def _transform_xy(xy: Floats, source: pyproj.CRS, target: pyproj.CRS) -> tuple[Floats, Method, float]:
    to_stereo, from_stereo = target.to_epsg() == STEREO70, source.to_epsg() == STEREO70
    other = source if to_stereo else target
    if (to_stereo or from_stereo) and _is_european(other):
        grid = configured_grid()
        if grid is not None:
            moved = _by_grid(xy, other, grid, to_stereo)
            if not np.isnan(moved[~np.isnan(xy).any(axis=1)]).any():
                return moved, "transdatro", GRID_ACCURACY_M
    x, y = _transformer(source, target).transform(xy[:, 0], xy[:, 1])
    same_datum = source.geodetic_crs == target.geodetic_crs or (_is_european(source) and _is_european(target))
    return np.column_stack([x, y]), "proj", 0.0 if same_datum else PROJ_ACCURACY_M


def _by_grid(xy: Floats, other: pyproj.CRS, grid: Grid, to_stereo: bool) -> Floats:
    geodetic = other.geodetic_crs
    step = None if other.is_geographic or geodetic is None else _transformer(geodetic, other)
    if to_stereo:
        if step is not None:
            xy = np.column_stack(step.transform(xy[:, 0], xy[:, 1], direction=TransformDirection.INVERSE))
        return etrs89_to_stereo70(xy, grid)
    degrees = stereo70_to_etrs89(xy, grid)
    if step is None:
        return degrees
    return np.column_stack(step.transform(degrees[:, 0], degrees[:, 1]))


def _is_european(crs: pyproj.CRS) -> bool:
    geodetic = crs.geodetic_crs
    name = (geodetic.datum.name if geodetic is not None and geodetic.datum is not None else "").lower()
    return any(known in name for known in _EUROPEAN)


@lru_cache(maxsize=32)
def _transformer(source: pyproj.CRS, target: pyproj.CRS) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)
