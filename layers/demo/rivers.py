"""Rivers that meander and widen on their way south, the lakes, dikes and the land they flood."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from layers.demo.corridor import Corridor
from layers.demo.features import Floats, many_points

STEP_M = 20.0


@dataclass(frozen=True)
class River:
    """``xy`` runs downstream; ``width`` (n,) is that of the minor bed, metres; order 1 is the main river."""

    name: str
    code: str
    order: int
    xy: Floats
    width: Floats

    @property
    def line(self) -> shapely.LineString:
        """The axis."""
        return shapely.LineString(self.xy)

    def bed(self, first: int = 0, last: int | None = None) -> shapely.Polygon:
        """The minor bed between two vertices, as wide as the water is there."""
        part = slice(first, None if last is None else last + 1)
        corridor = Corridor.make(self.xy, 40.0)
        return corridor.band(corridor.along[part], self.width[part] / 2, -self.width[part] / 2)


def wander(
    rng: np.random.Generator, start: Floats, heading: float, length_m: float, meander_m: float, swing: float
) -> Floats:
    """A sine-generated curve: what rivers really follow. ``swing`` (radians) is the size of its bends."""
    s = np.arange(0, length_m, STEP_M)
    slow = sum(
        size * np.sin(2 * np.pi * s / (period * rng.uniform(0.8, 1.2)) + rng.uniform(0, 2 * np.pi))
        for size, period in ((0.35, 30_000), (0.22, 11_000))
    )
    phase = 2 * np.pi * s / meander_m + 1.3 * np.sin(2 * np.pi * s / (4.7 * meander_m) + rng.uniform(0, 6))
    growth = np.linspace(1.0, 0.35, len(s)) * (0.75 + 0.25 * np.sin(2 * np.pi * s / 7_300))
    angle = heading + slow + swing * growth * np.sin(phase)
    steps = np.column_stack([np.cos(angle), np.sin(angle)]) * STEP_M
    return np.asarray(start + np.vstack([[0.0, 0.0], np.cumsum(steps, axis=0)]))


def trunk(rng: np.random.Generator, name: str) -> River:
    """The main river, from the southern limit up into the mountains."""
    upstream = wander(rng, np.array([359_000.0, 374_500.0]), np.pi / 2, 110_000, 2_300, 1.35)
    upstream = upstream[: int(np.argmax(upstream[:, 1] > 446_000)) or None]
    return River(name, "VII-1", 1, np.round(upstream[::-1], 3), np.linspace(14.0, 58.0, len(upstream)))


def tributary(
    rng: np.random.Generator, parent: River, taken: list[River], at: float, side: int, name: str, code: str
) -> River | None:
    """A river joining ``parent`` at the share ``at`` of its course, from the left bank (+1) or the right (−1).

    It is traced from the confluence upstream and ends before it would meet another river.
    """
    index = int(at * (len(parent.xy) - 1))
    ahead = parent.xy[max(index - 60, 0)] - parent.xy[min(index + 60, len(parent.xy) - 1)]
    upstream_heading = np.arctan2(ahead[1], ahead[0])
    heading = 0.45 * upstream_heading + 0.55 * np.pi / 2 - side * rng.uniform(0.55, 0.85)
    first = parent.order == 1
    length = rng.uniform(20_000, 38_000) if first else rng.uniform(5_000, 11_000)
    meander, swing = (1_050, 0.85) if first else (520, 0.6)
    line = wander(rng, parent.xy[index], heading, length, meander, swing)
    others = shapely.MultiLineString([river.xy for river in taken])
    shapely.prepare(others)
    near = np.asarray(shapely.dwithin(others, many_points(line[30:]), 500))
    away = np.flatnonzero(~near)
    begin = int(away[0]) if len(away) else len(near)
    stop = np.flatnonzero(near[begin:])
    line = line[: 30 + begin + int(stop[0]) if len(stop) else None]
    if begin > 150 or len(line) * STEP_M < (7_000 if first else 2_500):
        return None
    narrow, wide = (3.0, 15.0) if first else (1.2, 4.5)
    return River(name, code, parent.order + 1, np.round(line[::-1], 3), np.linspace(narrow, wide, len(line)))


def make_rivers(rng: np.random.Generator, names: list[str]) -> list[River]:
    """The main river, up to nine tributaries, and the brooks that feed them."""
    supply = iter(names)
    rivers = [trunk(rng, next(supply))]
    for number, at in enumerate(np.linspace(0.2, 0.93, 10)):
        found = tributary(
            rng,
            rivers[0],
            rivers,
            at + rng.uniform(-0.02, 0.02),
            1 - 2 * (number % 2),
            next(supply),
            f"VII-1.{number + 1}",
        )
        if found:
            rivers.append(found)
    for parent in rivers[1:]:
        for number, at in enumerate(rng.permutation([0.3, 0.5, 0.7, 0.85])):
            brook = tributary(
                rng, parent, rivers, at, 1 - 2 * (number % 2), next(supply), f"{parent.code}.{number + 1}"
            )
            if brook:
                rivers.append(brook)
    return rivers
