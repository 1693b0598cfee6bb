"""Where the villages lie: which stretches of which roads are built up, and how densely."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from layers.demo.blocks import Block
from layers.demo.corridor import Corridor, spline
from layers.demo.features import Floats
from layers.demo.network import Road
from layers.demo.noise import Warp
from layers.demo.territory import Territory

TOWNS = 4


@dataclass(frozen=True)
class Size:
    """What a kind of place is built like. ``longest_m`` and ``bands`` bound its stretches of road."""

    weight: float
    village_share: float
    front_m: float
    depth_m: float
    longest_m: float
    bands: int
    stretches: int


SIZES = {
    "municipiu": Size(6.0, 0.85, 15.5, 38.0, 4_200.0, 7, 5),
    "oras": Size(2.6, 0.7, 17.0, 50.0, 3_000.0, 5, 5),
    "comuna": Size(1.0, 0.66, 20.5, 96.0, 2_500.0, 3, 6),
}


@dataclass(frozen=True)
class Stretch:
    """A run of a road inside one commune, away from its limits."""

    road: Road
    start: float
    end: float

    @property
    def length(self) -> float:
        """Metres."""
        return self.end - self.start


def kinds(territory: Territory) -> list[str]:
    """One county town, four towns far from it and from one another, communes."""
    chosen = [0]
    inner = np.flatnonzero(
        shapely.distance(territory.outline.exterior, shapely.points(territory.seats)) > 5_000
    )
    for _ in range(TOWNS):
        gaps = np.hypot(
            *(territory.seats[inner][:, None] - territory.seats[chosen][None]).transpose(2, 0, 1)
        ).min(1)
        chosen.append(int(inner[int(np.argmax(gaps))]))
    return [
        "municipiu" if i == 0 else "oras" if i in chosen else "comuna" for i in range(len(territory.seats))
    ]


def runs(road: Road, inner: BaseGeometry) -> Iterator[Stretch]:
    """The runs of a road inside a prepared polygon, at least 250 m long."""
    inside = shapely.contains_xy(inner, road.corridor.xy)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], inside.astype(int), [0]])))
    for first, last in zip(edges[::2], edges[1::2] - 1, strict=True):
        if road.corridor.along[last] - road.corridor.along[first] > 250:
            yield Stretch(road, float(road.corridor.along[first]), float(road.corridor.along[last]))


def spurs(
    rng: np.random.Generator,
    roads: list[Road],
    inner: BaseGeometry,
    warp: Warp,
    number: int,
    avoid: BaseGeometry,
) -> Iterator[Road]:
    """Up to two communal roads that leave a main road for a village of their own."""
    through = [stretch for road in roads for stretch in runs(road, inner)]
    lines: BaseGeometry = shapely.MultiLineString([road.corridor.xy for road in roads])
    made = 0
    for _ in range(14):
        if made == 2 or not through:
            return
        stretch = through[int(rng.integers(len(through)))]
        at = rng.uniform(stretch.start, stretch.end)
        base, ahead = stretch.road.corridor.at(np.array([at, at + 1.0]))
        side = rng.choice([-1, 1])
        out = side * np.array([-(ahead - base)[1], (ahead - base)[0]]) / np.hypot(*(ahead - base))
        length = rng.uniform(1_700, 3_900)
        turn = rng.uniform(-0.5, 0.5)
        bent = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ out
        xy = warp(
            spline(
                np.array([base, base + out * length * 0.4, base + out * length * 0.4 + bent * length * 0.6])
            )
        )
        xy = xy + (base - xy[0]) * np.linspace(1, 0, len(xy))[:, None] ** 2
        tail = shapely.LineString(xy[20:])
        if inner.contains(tail) and tail.distance(lines) > 350 and not tail.intersects(avoid):
            made += 1
            lines = shapely.union(lines, tail)
            yield Road(f"DC {number + made}", "DC", Corridor.make(np.round(xy, 3)))


def footprint(stretch: Stretch, half_width: float) -> shapely.Polygon:
    """The land a block on that stretch would take."""
    return stretch.road.corridor.line(stretch.start, stretch.end).buffer(half_width, cap_style="flat")


def choose(
    rng: np.random.Generator,
    seat: Floats,
    roads: list[Road],
    inner: BaseGeometry,
    size: Size,
    avoid: BaseGeometry,
) -> list[Stretch]:
    """Stretches for the villages of one commune, the seat's first; none overlaps another."""
    available = [stretch for road in roads for stretch in runs(road, inner)]
    rank = {"DN": 0, "DJ": 1, "DC": 2}

    def to_seat(stretch: Stretch) -> float:
        return float(stretch.road.corridor.line(stretch.start, stretch.end).distance(shapely.Point(seat)))

    def near_end(stretch: Stretch) -> bool:
        at = stretch.road.corridor.line(stretch.start, stretch.end).project(shapely.Point(seat))
        return bool(min(at, stretch.length - at) < 0.3 * size.longest_m)

    available.sort(
        key=lambda stretch: (round(to_seat(stretch) / 150), near_end(stretch), rank[stretch.road.category])
    )
    candidates: list[Stretch] = []
    if available:
        main = available[0]
        at = main.start + main.road.corridor.line(main.start, main.end).project(shapely.Point(seat))
        half = 0.5 * size.longest_m
        candidates.append(Stretch(main.road, max(main.start, at - half), min(main.end, at + half)))
    others = []
    for stretch in available:
        cursor = stretch.start
        spur = stretch.road.corridor.length < 4_500 and stretch.start < 200
        if spur:
            cursor = max(cursor, 0.3 * stretch.road.corridor.length)
        while cursor < stretch.end - 300:
            stop = min(stretch.end, cursor + rng.uniform(0.35, 0.8) * size.longest_m)
            others.append(Stretch(stretch.road, cursor, stop))
            cursor = stop + rng.uniform(500, 1_600)
    order = rng.permutation(len(others))
    candidates += sorted((others[i] for i in order), key=lambda item: item.road.corridor.length > 4_500)
    chosen: list[Stretch] = []
    taken: list[shapely.Polygon] = []
    half_width = 2 * size.depth_m * max(1, size.bands - 1) if size.bands > 3 else 1.5 * size.depth_m
    for candidate in candidates:
        if len(chosen) >= size.stretches:
            break
        for trim in (0.0, 0.12, 0.25, 0.35):
            cut = trim * candidate.length
            part = Stretch(candidate.road, candidate.start + cut, candidate.end - cut)
            shape = footprint(part, half_width if not chosen else 1.2 * size.depth_m)
            if (
                part.length > 280
                and not any(shape.intersects(other) for other in taken)
                and not (chosen and shape.intersects(avoid))
            ):
                chosen.append(part)
                taken.append(shape)
                break
    return chosen


def build(
    rng: np.random.Generator, uat: int, stretches: list[Stretch], size: Size, plots: float, names: list[str]
) -> list[Block]:
    """Blocks with about ``plots`` plots in all: first longer, then with streets behind the road."""
    needed = plots * size.front_m
    town = size.bands > 3
    count = int(np.clip(needed / 1_100, min(3, len(stretches)), len(stretches)))
    shares = np.concatenate([[2.6 if town else 1.7], rng.uniform(0.55, 1.3, count)])[:count]
    blocks = []
    for number, (stretch, share) in enumerate(zip(stretches, shares / shares.sum(), strict=False)):
        most = size.bands if number == 0 else min(2, size.bands - 1)
        for bands in range(most + 1):
            depth = size.depth_m * (1.0 if bands == 0 or town else 0.62)
            length = needed * share / (2 * (1 + 2 * bands)) / (0.85 if bands else 1.0)
            if length < stretch.length and (not town or length < 500 + 11 * bands * depth):
                break
        length = float(np.clip(length, min(180.0, stretch.length), stretch.length))
        centre = (stretch.start + stretch.end) / 2
        if number:
            centre += rng.uniform(-0.5, 0.5) * (stretch.length - length)
        blocks.append(
            Block(
                uat,
                names[number],
                stretch.road,
                centre - length / 2,
                centre + length / 2,
                bands,
                depth * rng.uniform(0.9, 1.12),
                size.front_m,
                number == 0,
                rng.uniform(0, 6.28, 8),
            )
        )
    return blocks
