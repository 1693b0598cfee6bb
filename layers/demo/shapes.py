"""Small shapes the rest of the county is furnished with."""

from __future__ import annotations

import numpy as np
import shapely

from layers.demo.features import Floats


def blob(
    rng: np.random.Generator, centre: Floats, radius_m: float, stretch: float = 1.0, angle: float = 0.0
) -> shapely.Polygon:
    """An irregular closed outline round a point; ``stretch`` makes it longer than wide."""
    turn = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    radius = radius_m * (
        1
        + sum(size * np.sin(k * turn + rng.uniform(0, 6.28)) for k, size in ((2, 0.12), (3, 0.1), (5, 0.06)))
    )
    x, y = radius * np.cos(turn) * np.sqrt(stretch), radius * np.sin(turn) / np.sqrt(stretch)
    ring = np.column_stack([x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)])
    return shapely.Polygon(np.round(centre + ring, 3))


def yard(centre: Floats, along_m: float, deep_m: float, angle: float = 0.0) -> shapely.Polygon:
    """A rectangle round a point, turned by ``angle`` (radians)."""
    corners = np.array([[-along_m, -deep_m], [along_m, -deep_m], [along_m, deep_m], [-along_m, deep_m]]) / 2
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return shapely.Polygon(np.round(centre + corners @ turn, 3))
