"""Lines with measures: M in metres from the road's origin."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

_LINE_M, _MULTILINE_M = 2002, 2005


def measured_multiline(parts: Sequence[NDArray[np.float64]]) -> Any:
    """A MultiLineString M from (n, 3) arrays of x, y, m, one a part."""
    # GEOS makes measured geometries only from text or bytes.
    pieces = [struct.pack("<bII", 1, _MULTILINE_M, len(parts))]
    for part in parts:
        pieces.append(struct.pack("<bII", 1, _LINE_M, len(part)))
        pieces.append(np.ascontiguousarray(part, "<f8").tobytes())
    return shapely.from_wkb(b"".join(pieces))


def with_measures_from_length(geometry: Any) -> Any:
    """The same lines with M counted along them from 0, part after part in the given order."""
    parts, start = [], 0.0
    for line in shapely.get_parts(geometry):
        xy = shapely.get_coordinates(line)
        steps = np.hypot(*np.diff(xy, axis=0).T)
        along = start + np.concatenate([[0.0], np.cumsum(steps)])
        parts.append(np.column_stack([xy, along]))
        start = float(along[-1])
    return measured_multiline(parts)


def move(geometry: Any, xy: NDArray[np.float64]) -> Any:
    """A measured (multi)line with other positions and the same measures; ``xy`` is (n, 2)."""
    lengths = shapely.get_num_coordinates(shapely.get_parts(geometry))
    measures = shapely.get_coordinates(geometry, include_m=True)[:, 2]
    joined = np.column_stack([xy, measures])
    return measured_multiline(np.split(joined, np.cumsum(lengths)[:-1]))
