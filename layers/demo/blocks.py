"""A built-up stretch of road: plots on both sides, streets behind them, and the line round it all.

Everything is worked out in the corridor of the road (s along, t to the left). Plots of one stretch share
their limits to the last bit because each corner is computed once from the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from layers.demo.corridor import Corridor
from layers.demo.features import Floats, Geometries, many_polygons
from layers.demo.network import Road

STREET_M = 4.0
LANE_M = 3.5


@dataclass(frozen=True)
class Patch:
    """Plots ``first``…``last`` (exclusive) of the front row on one side, kept for a zone other than housing."""

    code: str
    first: int
    last: int
    side: int


@dataclass(frozen=True)
class Lots:
    """Plots as corner points: ``near0, near1, far1, far0`` are (n, 2); the near side faces the street."""

    corners: Floats
    side: NDArray[np.int64]
    row: NDArray[np.int64]
    index: NDArray[np.int64]
    code: NDArray[np.object_]
    street: NDArray[np.int64]

    @property
    def polygons(self) -> Geometries:
        """The plots."""
        return many_polygons(self.corners)


@dataclass(frozen=True)
class Block:
    """A stretch of road from ``s0`` to ``s1`` with ``bands`` parallel streets on either side of it."""

    uat: int
    locality: str
    road: Road
    s0: float
    s1: float
    bands: int
    depth_m: float
    front_m: float
    is_seat: bool
    phase: Floats
    main_code: str = "Li"

    @cached_property
    def corridor(self) -> Corridor:
        """Smoother than the road's own, the wider the block is."""
        reach = self.bands * (2 * self.depth_m + 2 * STREET_M) + self.depth_m
        xy = self.road.corridor.xy
        return Corridor.make(xy, max(110.0, 0.9 * reach))

    def depth(self, s: Floats) -> Floats:
        """How deep the plots are at ``s``; smooth, so that streets behind them can follow."""
        size, period = (0.07, 900.0) if self.bands else (0.2, 330.0)
        waves = np.sin(2 * np.pi * s / period + self.phase[0]) + 0.6 * np.sin(
            2 * np.pi * s / (0.37 * period) + self.phase[1]
        )
        return np.asarray(self.depth_m * (1 + size * waves))

    def lean(self, s: Floats) -> Floats:
        """How far the back of the plots is shifted along the road."""
        steep = 0.05 if self.bands else 0.16
        swing = np.sin(self.phase[2]) + 0.5 * np.sin(2 * np.pi * s / 1_100 + self.phase[3])
        return np.asarray(self.depth_m * steep * swing)

    @cached_property
    def lanes(self) -> Floats:
        """Where streets cross the block, ``s`` of their axes."""
        if not self.bands:
            return np.array([])
        count = int((self.s1 - self.s0 - 120) // (230 if self.depth_m < 50 else 310))
        even = np.linspace(self.s0, self.s1, count + 2)[1:-1]
        return np.asarray(even + 28 * np.sin(7.3 * np.arange(len(even)) + self.phase[4]))

    @cached_property
    def breaks(self) -> tuple[Floats, Floats]:
        """Start and end along the road of each plot of a row."""
        rng = np.random.default_rng(np.abs(self.phase * 1e6).astype("uint64"))
        edges = [self.s0, *np.repeat(self.lanes, 2), self.s1]
        starts, ends = [], []
        for piece, (low, high) in enumerate(zip(edges[::2], edges[1::2], strict=True)):
            low, high = low + (LANE_M if piece else 0), high - (LANE_M if piece < len(self.lanes) else 0)
            count = max(1, round((high - low) / self.front_m))
            widths = np.clip(rng.lognormal(0, 0.28, count), 0.6, 1.9)
            stops = low + np.concatenate([[0.0], np.cumsum(widths)]) / widths.sum() * (high - low)
            starts.append(stops[:-1])
            ends.append(stops[1:])
        return np.concatenate(starts), np.concatenate(ends)

    def street_offset(self, band: int, s: Floats) -> Floats:
        """Distance of the ``band``-th parallel street from the road's axis."""
        if band == 0:
            return np.zeros_like(s)
        return self.road.land_m + STREET_M + (2 * band) * self.depth(s) + (2 * band - 2) * STREET_M

    def row_offsets(self, row: int, s: Floats) -> tuple[Floats, Floats]:
        """Near and far distance of a row of plots; rows lie back to back between two streets."""
        band, outward = divmod(row, 2)
        if outward == 0:
            near = self.street_offset(band, s) + (self.road.land_m if band == 0 else STREET_M)
            return near, near + self.depth(s)
        far = self.street_offset(band + 1, s) - STREET_M
        return far, far - self.depth(s)

    def extent(self, band: int, side: int) -> tuple[float, float]:
        """The block is shorter the farther from the road: villages taper."""
        if band == 0:
            return self.s0, self.s1
        ragged = 0.5 + 0.5 * np.sin(self.phase[5] + 2.1 * band + side)
        taper = (self.s1 - self.s0) * (0.05 + 0.13 * ragged) * band / (0.35 * self.bands + 0.65)
        return self.s0 + taper, self.s1 - taper * (0.7 + 0.5 * ragged)

    def kept(self, row: int, side: int) -> NDArray[np.bool_]:
        """Which plots of a row exist."""
        start, end = self.breaks
        low, high = self.extent((row + 1) // 2, side)
        return (start >= low - 0.01) & (end <= high + 0.01)

    @cached_property
    def patches(self) -> tuple[Patch, ...]:
        """Zones other than housing, on whole plots of the front row."""
        count = len(self.breaks[0])
        middle, wide = count // 2, max(2, round(50 / self.front_m))
        patches: list[Patch] = []
        taken: set[tuple[int, int]] = set()

        def put(code: str, first: int, size: int, side: int) -> None:
            cells = {(plot, side) for plot in range(first, first + size)}
            if first >= 0 and first + size <= count and not cells & taken:
                taken.update(cells)
                patches.append(Patch(code, first, first + size, side))

        if self.is_seat and count < 16:
            # a hamlet: a church and a school, the rest is houses
            put("C", middle, 1, 1)
            put("Isi", middle, 1, -1)
        elif self.is_seat:
            for code, first, side in (
                ("C", middle - wide, 1),
                ("C", middle - wide // 2, -1),
                ("Isi", middle, 1),
                ("Isa", middle + wide, -1),
                ("Va", middle + wide, 1),
                ("Iss", middle - 2 * wide, -1),
                ("CS", middle - 2 * wide, 1),
            ):
                put(code, first, wide, side)
            put("GC", count - 2 * wide, wide, 1)
            put("A", 0, wide, -1)
            put("Tea", 0, 1, 1)
        elif count >= 10:
            luck = int(self.phase[0] * 1e4) % 6
            put(("A", "GC", "I", "Vc", "Isc", "CS")[luck], count - wide if luck < 3 else middle, wide, 1)
        if self.front_m < 18 and count >= 30:
            for code, share, side in (
                ("Lc", 0.3, 1),
                ("Ls", 0.3, -1),
                ("M", 0.68, -1),
                ("Lc", 0.7, 1),
                ("I", 0.9, -1),
                ("DS", 0.08, 1),
                ("Tet", 0.2, -1),
                ("Vb2", 0.8, 1),
                ("Isc", 0.42, 1),
            ):
                put(code, int(share * count), 3 * wide, side)
        return tuple(patches)

    @cached_property
    def lots(self) -> Lots:
        """Every plot of the block, front row first."""
        start, end = self.breaks
        parts = []
        for side in (1, -1):
            codes = np.full(len(start), self.main_code, dtype=object)
            for patch in self.patches:
                if patch.side == side:
                    codes[patch.first : patch.last] = patch.code
            for row in range(2 * self.bands + 1):
                keep = np.flatnonzero(self.kept(row, side))
                s0, s1 = start[keep], end[keep]
                corners = np.stack(
                    [
                        self.corner(s0, row, side, 0),
                        self.corner(s1, row, side, 0),
                        self.corner(s1, row, side, 1),
                        self.corner(s0, row, side, 1),
                    ],
                    axis=1,
                )
                street = np.full(len(keep), side * ((row + 1) // 2))
                code = codes[keep] if row == 0 else np.full(len(keep), self.main_code, dtype=object)
                parts.append((corners, np.full(len(keep), side), np.full(len(keep), row), keep, code, street))
        return Lots(*(np.concatenate(values) for values in zip(*parts, strict=True)))

    def corner(self, s: Floats, row: int, side: int, far: int) -> Floats:
        """The corners of a row at ``s``: on its street (far = 0) or at its back (far = 1)."""
        offset = self.row_offsets(row, s)[far]
        lean = self.lean(s) if far else 0.0
        return self.corridor.at(s + lean, side * offset)

    def patch_polygon(self, patch: Patch) -> shapely.Polygon:
        """From the road's axis to the back of the front row, along the limits of the plots."""
        start, end = self.breaks
        s = np.concatenate([start[patch.first : patch.last], end[patch.last - 1 : patch.last]])
        ring = [
            self.corridor.at(s),
            self.corner(s, 0, patch.side, 0)[-1:],
            self.corner(s, 0, patch.side, 1)[::-1],
            self.corner(s, 0, patch.side, 0)[:1],
        ]
        return shapely.Polygon(np.concatenate(ring))

    @cached_property
    def hull(self) -> shapely.Polygon:
        """All the land of the plots and of the streets between them."""
        return self._envelope(np.zeros_like)

    @cached_property
    def ground(self) -> BaseGeometry:
        """What fields and other villages keep off: the hull and the plots that lean out of it."""
        hull = self.hull.buffer(1.5)
        shapely.prepare(hull)
        lots = self.lots.polygons
        leaning = lots[~shapely.contains(hull, lots)]
        return shapely.union_all([hull, *shapely.buffer(shapely.make_valid(leaning), 0.5)])

    @cached_property
    def built_up(self) -> shapely.Polygon:
        """The built-up line: in places behind the plots, in places through them."""

        def slack(s: Floats) -> Floats:
            waves = np.sin(2 * np.pi * s / 410 + self.phase[6]) + 0.7 * np.sin(
                2 * np.pi * s / 173 + self.phase[7]
            )
            return np.asarray(np.clip(9 + 22 * waves, -0.3 * self.depth_m, 22))

        return self._envelope(slack, 24.0)

    def _envelope(self, slack: Callable[[Floats], Floats], ends: float = 0.0) -> shapely.Polygon:
        """The outline of all rows, ``slack`` beyond their backs and ``ends`` beyond the first and last plot."""
        shapes = [
            self._row_outline(row, side, slack, ends)
            for side in (1, -1)
            for row in range(0, 2 * self.bands + 1, 2)
            if self.kept(row, side).any()
        ]
        merged = shapely.union_all(shapes, grid_size=0.001)
        parts = [part for part in shapely.get_parts(merged) if part.geom_type == "Polygon"]
        return shapely.Polygon(max(parts, key=lambda part: part.area).exterior)

    def _row_outline(
        self, row: int, side: int, slack: Callable[[Floats], Floats], ends: float
    ) -> BaseGeometry:
        start, end = (edge[self.kept(row, side)] for edge in self.breaks)
        s = np.arange(start[0], end[-1] + 15, 15.0) if ends else np.union1d(start, end)
        far = self.row_offsets(row, s)[1] + slack(s)
        front = self.corridor.at(s)
        back = self.corridor.at(s + self.lean(s), side * far)
        if ends:
            tips = np.array([s[0] - ends, s[-1] + ends])
            near, deep = (
                self.corridor.at(tips),
                self.corridor.at(tips + self.lean(s[[0, -1]]), side * 0.93 * far[[0, -1]]),
            )
            front = np.concatenate([near[:1], front, near[1:]])
            back = np.concatenate([deep[:1], back, deep[1:]])
        return shapely.make_valid(shapely.Polygon(np.concatenate([front, back[::-1]])))

    def streets(self) -> list[tuple[int, Floats]]:
        """Side streets: (rank, points). Parallel ones first, then the lanes that cross."""
        found = []
        for side in (1, -1):
            for band in range(1, self.bands + 1):
                low, high = self.extent(band, side)
                if high - low > 150:
                    s = np.linspace(low, high, max(8, int((high - low) / 20)))
                    found.append((side * band, self.corridor.at(s, side * self.street_offset(band, s))))
        for number, s in enumerate(self.lanes):
            reach = [0, 0]
            for column, side in enumerate((1, -1)):
                reach[column] = max(
                    (
                        band
                        for band in range(1, self.bands + 1)
                        if self.extent(band, side)[0] < s < self.extent(band, side)[1]
                    ),
                    default=0,
                )
            ends = [float(self.street_offset(band, np.array([s]))[0]) for band in reach]
            t = np.linspace(-ends[1], ends[0], max(5, int(sum(ends) / 25)))
            if sum(ends) > 40:
                shift = (
                    self.lean(np.array([s]))[0]
                    * np.sin(np.pi * np.abs(t) / (2 * self.depth_m + 2 * STREET_M)) ** 2
                )
                found.append((100 + number, self.corridor.at(s + shift, t)))
        return found
