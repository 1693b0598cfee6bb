"""Networks across country: high and medium voltage, gas transport, adductions, backbones; and the whole as layers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from layers.demo.blocks import Block
from layers.demo.cases import HARD_CASES
from layers.demo.corridor import Corridor
from layers.demo.equipment import line
from layers.demo.features import Features, Floats, collect
from layers.demo.ground import Ground
from layers.demo.network import Road
from layers.demo.place import Place
from layers.demo.utilities import half_width, street_lines, transformers

Row = tuple[BaseGeometry, dict[str, Any]]


def spans(rng: np.random.Generator, start: Floats, end: Floats, bends: int) -> shapely.LineString:
    """A high-voltage line or a pipeline: long straights, few angles."""
    share = np.linspace(0, 1, bends + 2)[:, None]
    points = start * (1 - share) + end * share
    points[1:-1] += rng.normal(0, 0.035, (bends, 2)) * np.hypot(*(end - start))
    return shapely.LineString(np.round(points, 3))


def high_voltage(
    rng: np.random.Generator, stations: dict[str, Floats], bounds: tuple[float, ...]
) -> list[Row]:
    """400 kV from west to east, 220 kV from south to north, 110 kV to every town."""
    west, south, east, north = bounds
    great, middle = stations["400"], stations["220"]
    rows: list[Row] = [
        (spans(rng, np.array([west, great[1] + 3_000]), great, 3), line("power-400")),
        (spans(rng, great, np.array([east, great[1] - 2_500]), 3), line("power-400")),
        (spans(rng, np.array([great[0] - 4_000, south]), middle, 3), line("power-220")),
        (spans(rng, middle, np.array([great[0] + 9_000, north]), 4), line("power-220")),
        (spans(rng, great, middle, 1), line("power-220")),
    ]
    towns = [spot for name, spot in stations.items() if name not in ("400", "220")]
    return [*rows, *((spans(rng, middle, spot, 2), line("power-110")) for spot in towns)]


def medium_voltage(road: Road, blocks: Iterable[Block]) -> list[Row]:
    """A 20 kV overhead line that follows a road from pole to pole and passes behind the villages."""
    corridor = Corridor.make(road.corridor.xy, 260.0)
    s = np.arange(0.0, corridor.length, 240.0)
    if len(s) < 3:
        return []
    t = np.full(len(s), 33.0)
    for block in blocks:
        t[(s > block.s0 - 130) & (s < block.s1 + 130)] = half_width(block) + 46
    return [(shapely.LineString(corridor.at(s, t)), line("power-20"))]


def pipes(rng: np.random.Generator, ground: Ground) -> list[Row]:
    """Gas transport and its branch to the county town, gas along the national roads, the water adduction, fibre."""
    west, south, east, _ = ground.territory.outline.bounds
    town = ground.places[0].seat
    crossing = spans(rng, np.array([west, south + 14_000]), np.array([east, south + 19_000]), 5)
    tap = np.array(crossing.interpolate(0.5, normalized=True).coords[0])
    station = town + np.array([1_900.0, -2_700.0])
    rows: list[Row] = [
        (crossing, line("gas-transport")),
        (spans(rng, tap, station, 2), line("gas-transport-branch")),
        (spans(rng, station, town + np.array([350.0, -450.0]), 1), line("gas-high")),
    ]
    for road in ground.roads:
        if road.category == "DN":
            beside = Corridor.make(road.corridor.xy, 200.0)
            rows.append((beside.line(0, beside.length, -9.5, 40.0), line("telecom-backbone")))
            at = road.line.project(shapely.Point(town))
            reach = (max(0.0, at - 9_000), min(beside.length, at + 9_000))
            rows.append((beside.line(*reach, -13.0, 40.0), line("gas-medium")))
    valley = Corridor.make(ground.rivers[0].xy[::12], 1_500.0)
    begin, end = (
        float(valley.along[np.argmin(np.abs(valley.xy[:, 1] - y))]) for y in (432_900.0, town[1] + 1_500)
    )
    rows.append((valley.line(begin, end, 420.0, 300.0), line("water-adduction")))
    return rows


def stations_of(places: list[Place], nodes: dict[int, list[Row]]) -> dict[str, Floats]:
    """Centres of the substations: "400", "220", and each town's by its name."""
    found = {}
    for place in places:
        for shape, row in nodes[place.index]:
            if row["subtype"] == "substation":
                name = next((kind for kind in ("400", "220") if f" {kind}/" in row["name"]), place.name)
                found[name] = np.array(shape.centroid.coords[0])
    return found


def tables(rng: np.random.Generator, ground: Ground, nodes: dict[int, list[Row]]) -> dict[str, Features]:
    """Networks of the county, but for the commune of which nothing is known."""
    silent = HARD_CASES["no_utilities"].siruta
    hidden = next(place.land for place in ground.places if place.siruta == silent)
    lines: list[Row] = []
    objects: list[Row] = []
    for place in ground.places:
        posts, branches = transformers(place)
        lines += [*street_lines(place), *branches]
        if place.siruta != silent:
            objects += [*nodes[place.index], *posts]
    for road in ground.roads:
        blocks = [block for place in ground.places for block in place.blocks if block.road is road]
        if blocks or road.category in ("DN", "DJ"):
            lines += medium_voltage(road, blocks)
    lines += high_voltage(rng, stations_of(ground.places, nodes), ground.territory.outline.bounds)
    lines += pipes(rng, ground)
    visible = shapely.difference(ground.territory.outline, hidden)
    kept = [(shapely.intersection(shape, visible), row) for shape, row in lines]
    return {
        "utilities.line": collect(
            "utilities.line", [(shape, row) for shape, row in kept if not shape.is_empty]
        ),
        "utilities.node": collect("utilities.node", objects),
    }
