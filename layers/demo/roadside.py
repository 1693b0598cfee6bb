"""Roads as features, and what stands where they meet one another, water and rails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from layers.demo.corridor import Corridor
from layers.demo.features import Features, collect, measured_line
from layers.demo.names import COUNTY
from layers.demo.network import Road
from layers.demo.place import Place
from layers.demo.rivers import River

Row = tuple[BaseGeometry, dict[str, Any]]
WIDTHS = {"DX": (21.0, 27.0), "DN": (7.0, 10.0), "DJ": (6.0, 8.0), "DC": (5.0, 6.5), "STR": (5.5, 7.0)}
STREET_CLASS = {"municipiu": "III", "oras": "III", "comuna": "IV"}


def road_rows(roads: list[Road], places: list[Place]) -> list[Row]:
    """Axes with measures; administrators by category (OG 43/1997)."""
    by_siruta = {place.siruta: place for place in places}
    lands = shapely.STRtree([place.land for place in places])
    rows: list[Row] = []
    for road in roads:
        owner = (
            by_siruta[road.siruta]
            if road.siruta
            else places[int(lands.nearest(road.line.interpolate(0.5, normalized=True)))]
        )
        administrator = {"DX": "CNAIR", "DN": "CNAIR", "DJ": f"Consiliul Județean {COUNTY}"}.get(
            road.category, f"UAT {owner.name}"
        )
        carriageway, bed = WIDTHS[road.category]
        surveyed = road.category in ("DX", "DN", "DJ")
        rows.append(
            (
                measured_line(road.corridor.xy, np.round(road.origin_m + road.corridor.along, 3)),
                {
                    "number": road.number,
                    "name": road.name,
                    "category": road.category,
                    "administrator": administrator,
                    "street_class": STREET_CLASS[owner.kind] if road.category == "STR" else None,
                    "carriageway_m": carriageway,
                    "bed_m": bed,
                    "earthwork": "embankment" if road.category == "DX" else "level",
                    "european": road.number == "DN 91",
                    "measure_source": "surveyed" if surveyed else "computed",
                },
            )
        )
    return rows


def meetings(
    lines: Sequence[BaseGeometry], others: Sequence[BaseGeometry]
) -> list[tuple[int, int, shapely.Point]]:
    """(line, other, point) wherever the two cross or touch, found with an index."""
    tree = shapely.STRtree(others)
    pairs = tree.query(np.array(lines, dtype=object), predicate="intersects").T
    found = []
    for a, b in pairs.tolist():
        for part in shapely.get_parts(shapely.intersection(lines[a], others[b])):
            found.append((a, b, part if part.geom_type == "Point" else part.representative_point()))
    return found


def junctions_and_structures(
    roads: list[Road], streets: list[Road], rivers: list[River], rail: Corridor
) -> tuple[list[Row], list[Row]]:
    """Junctions (one a point, with all its roads), and bridges, flyovers and culverts."""
    level = [road for road in [*roads, *streets] if road.category != "DX"]
    lines = [road.line for road in level]
    at: dict[tuple[float, float], set[str]] = {}
    for a, b, point in meetings(lines, lines):
        if a < b:
            at.setdefault((round(point.x, 0), round(point.y, 0)), set()).update(
                (level[a].number, level[b].number)
            )
    crossings: list[Row] = [
        (
            shapely.Point(spot),
            {"kind": "roundabout" if len(numbers) > 3 else "junction", "roads": ", ".join(sorted(numbers))},
        )
        for spot, numbers in at.items()
    ]
    structures: list[Row] = []
    courses = [river.line for river in rivers]
    every = [*level, *(road for road in roads if road.category == "DX")]
    for a, b, point in meetings([road.line for road in every], courses):
        width = float(
            rivers[b].width[
                int(shapely.line_locate_point(courses[b], point, normalized=True) * (len(rivers[b].xy) - 1))
            ]
        )
        kind = "bridge" if width >= 3.0 else "culvert"
        label = "Pod" if kind == "bridge" else "Podeț"
        structures.append(
            (
                point,
                {
                    "road": every[a].number,
                    "kind": kind,
                    "name": f"{label} peste {rivers[b].name}",
                    "watercourse": rivers[b].name,
                },
            )
        )
    track = shapely.LineString(rail.xy)
    express = [road.line for road in roads if road.category == "DX"]
    for a, b, point in meetings(lines, [track, *express]):
        over = b > 0 or level[a].category == "DN"
        if over:
            structures.append((point, {"road": level[a].number, "kind": "flyover", "name": "Pasaj superior"}))
        else:
            crossings.append((point, {"kind": "railway_crossing", "roads": level[a].number}))
    return crossings, structures


def accesses(rng: np.random.Generator, places: list[Place]) -> list[Row]:
    """Accesses with a permit: about one house in ten on national and county roads."""
    rows: list[Row] = []
    for place in places:
        for block in place.blocks:
            if block.road.category not in ("DN", "DJ"):
                continue
            start, end = block.breaks
            for plot in np.flatnonzero(rng.uniform(size=len(start)) < 0.1):
                side = 1 if rng.uniform() < 0.5 else -1
                spot = block.corridor.at(np.array([(start[plot] + end[plot]) / 2]), side * block.road.land_m)[
                    0
                ]
                use = str(
                    rng.choice(
                        ["locuință", "spațiu comercial", "exploatație agricolă", "stație de carburanți"],
                        p=[0.72, 0.16, 0.09, 0.03],
                    )
                )
                permit = f"AAA nr. {int(rng.integers(3, 180))}/{int(rng.integers(2012, 2026))}"
                rows.append((shapely.Point(spot), {"road": block.road.number, "permit": permit, "use": use}))
    return rows


def tables(
    rng: np.random.Generator,
    roads: list[Road],
    places: list[Place],
    rivers: list[River],
    rail: Corridor,
    outline: BaseGeometry,
) -> dict[str, Features]:
    """All layers of roads and rails."""
    streets = [street for place in places for street in place.streets]
    crossings, structures = junctions_and_structures(roads, streets, rivers, rail)
    track = shapely.intersection(shapely.LineString(rail.xy), outline)
    return {
        "roads.road": collect("roads.road", road_rows([*roads, *streets], places)),
        "roads.junction": collect("roads.junction", crossings),
        "roads.structure": collect("roads.structure", structures),
        "roads.access": collect("roads.access", accesses(rng, places)),
        "transport.railway": collect("transport.railway", [(track, {"line": "901", "electrified": True})]),
    }
