"""Coordinates along a line: s metres along, t metres to its left. Villages and networks are laid in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from layers.demo.features import Floats


@dataclass(frozen=True)
class Corridor:
    """A line (points n × 2, about 20 m apart) with smooth normals, so that offsets do not cross."""

    xy: Floats
    along: Floats
    normals: Floats

    @classmethod
    def make(cls, xy: Floats, smooth_m: float = 120.0) -> Corridor:
        """``smooth_m``: half the length over which the direction is taken; more for wider villages."""
        steps = np.hypot(*np.diff(xy, axis=0).T)
        along = np.concatenate([[0.0], np.cumsum(steps)])
        reach = np.clip(along[:, None] + np.array([-smooth_m, smooth_m]), 0, along[-1])
        east = np.interp(reach, along, xy[:, 0])
        north = np.interp(reach, along, xy[:, 1])
        heading = np.column_stack([east[:, 1] - east[:, 0], north[:, 1] - north[:, 0]])
        heading /= np.hypot(*heading.T)[:, None]
        return cls(xy, along, np.column_stack([-heading[:, 1], heading[:, 0]]))

    @property
    def length(self) -> float:
        """Metres."""
        return float(self.along[-1])

    def at(self, s: Floats | float, t: Floats | float = 0.0) -> Floats:
        """Points of EPSG:3844, shape broadcast(s, t) + (2,), rounded to the millimetre."""
        s, t = np.broadcast_arrays(np.asarray(s, float), np.asarray(t, float))
        x, y = (np.interp(s, self.along, self.xy[:, axis]) for axis in (0, 1))
        nx, ny = (np.interp(s, self.along, self.normals[:, axis]) for axis in (0, 1))
        scale = np.hypot(nx, ny)
        return np.asarray(np.round(np.stack([x + t * nx / scale, y + t * ny / scale], axis=-1), 3))

    def line(self, start: float, end: float, t: float = 0.0, step: float = 25.0) -> shapely.LineString:
        """The line at offset ``t`` between two positions along."""
        s = np.linspace(start, end, max(2, int(abs(end - start) / step) + 1))
        return shapely.LineString(self.at(s, t))

    def band(self, s: Floats, inner: Floats | float, outer: Floats | float) -> shapely.Polygon:
        """The polygon between two offsets, both functions of ``s`` (n,)."""
        ring = np.concatenate([self.at(s, inner), self.at(s, outer)[::-1]])
        return shapely.Polygon(ring)


def spline(nodes: Floats, step_m: float = 20.0) -> Floats:
    """A centripetal Catmull-Rom curve through nodes (n, 2), sampled every ``step_m`` metres or so."""
    first, last = 2 * nodes[0] - nodes[1], 2 * nodes[-1] - nodes[-2]
    points = np.vstack([first, nodes, last])
    pieces = []
    for p0, p1, p2, p3 in zip(points, points[1:], points[2:], points[3:], strict=False):
        count = max(2, int(np.hypot(*(p2 - p1)) / step_m))
        k = np.concatenate(
            [[0.0], np.cumsum(np.sqrt([np.hypot(*(b - a)) for a, b in ((p0, p1), (p1, p2), (p2, p3))]))]
        )
        u = np.linspace(k[1], k[2], count, endpoint=False)[:, None]
        a1 = (k[1] - u) / (k[1] - k[0]) * p0 + (u - k[0]) / (k[1] - k[0]) * p1
        a2 = (k[2] - u) / (k[2] - k[1]) * p1 + (u - k[1]) / (k[2] - k[1]) * p2
        a3 = (k[3] - u) / (k[3] - k[2]) * p2 + (u - k[2]) / (k[3] - k[2]) * p3
        b1 = (k[2] - u) / (k[2] - k[0]) * a1 + (u - k[0]) / (k[2] - k[0]) * a2
        b2 = (k[3] - u) / (k[3] - k[1]) * a2 + (u - k[1]) / (k[3] - k[1]) * a3
        pieces.append((k[2] - u) / (k[2] - k[1]) * b1 + (u - k[1]) / (k[2] - k[1]) * b2)
    return np.vstack([*pieces, nodes[-1:]])
