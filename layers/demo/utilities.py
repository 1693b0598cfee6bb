"""Networks inside the villages: lines along every street, a transformer for each stretch of road."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from layers.demo.blocks import Block
from layers.demo.corridor import Corridor
from layers.demo.equipment import Services, line, node, services
from layers.demo.place import Place

# Poles and pipes at the edge of the road's land stand this far off the fences
EDGE_M = 0.9

Row = tuple[BaseGeometry, dict[str, Any]]


@dataclass(frozen=True)
class Axis:
    """A street to lay lines along: the main road through a village (``main``) or a side street.

    ``edge_m``: how far from the axis the outermost lines lie.
    """

    number: int
    main: bool
    corridor: Corridor
    start: float
    end: float
    edge_m: float


def axes(place: Place) -> Iterator[Axis]:
    """Every street of a commune."""
    for number, block in enumerate(place.blocks):
        yield Axis(number, True, block.road.corridor, block.s0, block.s1, block.road.land_m - EDGE_M)
    for number, street in enumerate(place.streets):
        yield Axis(number, False, street.corridor, 0.0, street.corridor.length, street.land_m - EDGE_M)


def laid(axis: Axis, has: Services, mood: int) -> Iterator[tuple[float, dict[str, Any]]]:
    """(offset from the axis, attributes) of the lines in a street, each at its usual distance."""
    edge = axis.edge_m
    yield (edge, line("power-0.4-cable")) if has.cables else (edge, line("power-0.4", mood))
    if has.cables and axis.main:
        yield edge - 0.6, line("power-20-cable")
    yield 0.9 - edge, line("water-main" if axis.main else "water", mood)
    if has.sewer and (axis.main or mood % 3):
        yield (
            0.6,
            line(
                "sewer-combined" if has.heat and axis.main else "sewer-main" if axis.main else "sewer", mood
            ),
        )
    if has.gas and (axis.main or mood % 2):
        yield -edge, line("gas-reduced" if axis.main else "gas-low")
    if axis.main or mood % 2:
        yield edge - 0.2, line("telecom-cable" if has.cables else "telecom")
    if has.heat and (axis.number == 0 if axis.main else axis.number < 4):
        yield edge - 1.4, line("heat")


def street_lines(place: Place) -> list[Row]:
    """The lines under and over the streets of a commune."""
    has = services(place)
    rows = []
    for axis in axes(place):
        for offset, attributes in laid(axis, has, place.index + axis.number):
            shape = shapely.intersection(axis.corridor.line(axis.start, axis.end, offset), place.land)
            rows.append((shape, attributes))
    return [(shape, attributes) for shape, attributes in rows if not shape.is_empty]


def half_width(block: Block) -> float:
    """How far the plots reach to the left of the road, metres."""
    s = np.linspace(block.s0, block.s1, 12)
    return float(block.row_offsets(2 * block.bands, s)[1].max())


def transformers(place: Place) -> tuple[list[Row], list[Row]]:
    """(posts on the road's edge, the 20 kV branches to them along a limit between two plots)."""
    posts: list[Row] = []
    branches: list[Row] = []
    kind = "power-20-cable" if place.kind == "municipiu" else "power-20-branch"
    for block in place.blocks:
        middle = float(block.breaks[0][len(block.breaks[0]) // 2])
        offsets = np.array([half_width(block) + 46, 0.9 - block.road.land_m])
        points = block.corridor.at(np.repeat(middle, 2), offsets)
        posts.append((shapely.Point(points[1]), node("transformer", block.locality)))
        branches.append((shapely.LineString(points), line(kind)))
    return posts, branches
