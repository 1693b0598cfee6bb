"""From Stereo70 to Web Mercator, as PROJ does it but twenty times faster.

PROJ takes more than a microsecond a point, which was most of the time of an import. Over Romania the way there is so
smooth that a polynomial through 81 points follows it to a micrometre.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyproj
import shapely
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from layers import copying
from layers.reading.crs import ROMANIA_STEREO70, STEREO70

Floats = NDArray[np.float64]

WEB_MERCATOR = 3857
# The error is 14 µm with 7, 0.7 µm with 8.
DEGREE = 8
# Points at a time: what lies between the steps stays in the processor's cache.
CHUNK = 4_096

_LEFT, _LOW, _RIGHT, _HIGH = ROMANIA_STEREO70
_CENTRE = np.array([_LEFT + _RIGHT, _LOW + _HIGH]) / 2
_REACH = np.array([_RIGHT - _LEFT, _HIGH - _LOW]) / 2


def ewkb(geometries: NDArray[Any], stored: pa.Array, kind: str) -> pa.Array:
    """EWKB in EPSG:3857, flat, of shapes in EPSG:3844; ``stored`` is their EWKB there, of the layer's ``kind``."""
    xy, counts = forward(shapely.get_coordinates(geometries)), shapely.get_num_coordinates(geometries)
    simple = copying.is_in_one_piece(stored, counts)
    if simple.all():
        return copying.with_coordinates(stored, counts, xy, WEB_MERCATOR)
    of_simple = np.repeat(simple, counts)
    quick = copying.with_coordinates(
        stored.filter(pa.array(simple)), counts[simple], xy[of_simple], WEB_MERCATOR
    )
    flat = shapely.set_coordinates(geometries[~simple], xy[~of_simple])
    wkb = pa.array(shapely.to_wkb(flat, byte_order=1), pa.large_binary())
    types = copying.WKB_TYPES[shapely.get_type_id(flat)]
    rest = copying.ewkb_from_wkb(wkb, types, kind.startswith("Multi"), WEB_MERCATOR)
    order = np.argsort(np.concatenate([np.flatnonzero(simple), np.flatnonzero(~simple)]))
    return pa.concat_arrays([quick, rest]).take(pa.array(order))


def forward(xy: Floats) -> Floats:
    """(n, 2) east, north in EPSG:3844 to x, y in EPSG:3857, in metres, within a micrometre of PROJ.

    Where a point lies outside Romania all are left to PROJ.
    """
    if not _in_romania(xy):
        return np.column_stack(_transformer().transform(xy[:, 0], xy[:, 1]))
    moved = np.empty_like(xy)
    for start in range(0, len(xy), CHUNK):
        places = (xy[start : start + CHUNK] - _CENTRE) / _REACH
        east, north = chebyshev.chebvander(places.T, DEGREE)
        moved[start : start + CHUNK] = np.einsum("kjp,pj->pk", _coefficients() @ east.T, north)
    return moved


def _in_romania(xy: Floats) -> bool:
    east, north = xy.T
    return len(xy) > 0 and ROMANIA_STEREO70.contains((east.min(), north.min(), east.max(), north.max()))


@lru_cache(maxsize=1)
def _coefficients() -> Floats:
    """[x or y, power of north, power of east]: the polynomial that meets PROJ at Chebyshev's points."""
    nodes = chebyshev.chebpts1(DEGREE + 1)
    north, east = np.meshgrid(nodes, nodes, indexing="ij")
    places = np.column_stack([east.ravel(), north.ravel()]) * _REACH + _CENTRE
    values = np.stack(_transformer().transform(*places.T)).reshape(2, DEGREE + 1, DEGREE + 1)
    inverse = np.linalg.inv(chebyshev.chebvander(nodes, DEGREE))
    return np.asarray(inverse @ values @ inverse.T)


@lru_cache(maxsize=1)
def _transformer() -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(STEREO70, WEB_MERCATOR, always_xy=True)
