"""Water as features: beds, brooks, lakes, dikes and a dam, and the land that floods."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from layers.demo.corridor import Corridor
from layers.demo.features import Features, Floats, collect
from layers.demo.rivers import River
from layers.demo.shapes import blob

Row = tuple[BaseGeometry, dict[str, Any]]


@dataclass(frozen=True)
class Waters:
    """``land`` is all water surface; ``bank`` what parcels keep off."""

    rows: list[Row]
    flood_rows: list[Row]
    land: BaseGeometry
    bank: BaseGeometry


def sections(river: River, count: int) -> list[tuple[int, int]]:
    """Vertex ranges of about equal length, sharing their ends."""
    edges = np.linspace(0, len(river.xy) - 1, count + 1).astype(int)
    return [(int(a), int(b)) for a, b in pairwise(edges) if b > a + 2]


def river_rows(rivers: list[River], town: Floats) -> list[Row]:
    """The main river as beds, the others as axes with a width, each in sections so that widths grow."""
    rows: list[Row] = []
    for river in rivers:
        for first, last in sections(river, 12 if river.order == 1 else 4 if river.order == 2 else 1):
            width = round(float(river.width[first : last + 1].mean()), 1)
            middle = river.xy[(first + last) // 2]
            regularised = river.order <= 2 and float(np.hypot(*(middle - town))) < 2_500
            shape: BaseGeometry = (
                river.bed(first, last) if river.order == 1 else shapely.LineString(river.xy[first : last + 1])
            )
            kind = "regularised" if regularised else "river"
            rows.append((shape, {"code": river.code, "name": river.name, "kind": kind, "width_m": width}))
    return rows


def still_water(
    rng: np.random.Generator, rivers: list[River], outline: BaseGeometry, seats: Floats
) -> list[Row]:
    """Ponds on the brooks, and one reservoir with its dam on the main river in the mountains."""
    rows: list[Row] = []
    main = rivers[0]
    at = int(np.argmin(np.abs(main.xy[:, 1] - 433_500)))
    heading = main.xy[at - 40] - main.xy[at + 40]
    angle = float(np.arctan2(heading[1], heading[0]))
    lake = blob(rng, main.xy[at], 420, 4.5, angle)
    foot = Corridor.make(main.xy, 300.0)
    below = float(foot.along[at]) + 860
    dam = shapely.LineString(foot.at(np.array([below, below]), np.array([-240.0, 240.0])))
    lake = max(
        shapely.get_parts(shapely.difference(lake, dam.buffer(600, single_sided=True))),
        key=lambda part: part.area,
    )
    rows.append(
        (
            lake,
            {"code": "VII-1.L1", "name": "Lacul de acumulare Vatra", "kind": "reservoir", "width_m": 380.0},
        )
    )
    rows.append((dam, {"code": "VII-1.B1", "name": "Barajul Vatra", "kind": "dam", "width_m": 12.0}))
    ponds = 0
    for river in rivers[1:]:
        spot = river.xy[int(rng.uniform(0.3, 0.8) * len(river.xy))]
        clear = np.hypot(*(seats - spot).T).min() > 1_600
        if ponds < 9 and clear and outline.contains(shapely.Point(spot).buffer(500)):
            ponds += 1
            shape = blob(rng, spot, float(rng.uniform(70, 190)), 1.9, float(rng.uniform(0, 3)))
            rows.append(
                (
                    shape,
                    {
                        "code": f"{river.code}.L{ponds}",
                        "name": f"Balta {river.name}",
                        "kind": "lake",
                        "width_m": None,
                    },
                )
            )
    return rows


def dike_rows(river: River, outline: BaseGeometry) -> list[Row]:
    """Dikes on both banks of the lower course."""
    smooth = Corridor.make(river.xy[::10], 900.0)
    rows: list[Row] = []
    for side, bank in ((1, "mal stâng"), (-1, "mal drept")):
        s = np.arange(0.62 * smooth.length, 0.93 * smooth.length, 150.0)
        line = shapely.intersection(shapely.LineString(smooth.at(s, side * 190.0)), outline)
        line = shapely.difference(line, river.line.buffer(45))
        rows += [
            (
                part,
                {
                    "code": f"VII-1.D{len(rows) + k}",
                    "name": f"Dig {river.name} {bank}",
                    "kind": "dike",
                    "width_m": 4.0,
                },
            )
            for k, part in enumerate(shapely.get_parts(line))
            if part.length > 300
        ]
    return rows


def flood_rows(rng: np.random.Generator, rivers: list[River], outline: BaseGeometry) -> list[Row]:
    """Land under water once in 10, 100 and 1,000 years, along the main river and its first tributaries."""
    rows: list[Row] = []
    for number, river in enumerate(rivers[:5]):
        big = river.order == 1
        start = 0.35 if big else 0.55
        course = river.xy[int(start * len(river.xy)) :: 12]
        swell = 1 + 0.35 * np.sin(np.linspace(0, 19, len(course)) + rng.uniform(0, 6))
        for period, reach in ((10, 70.0), (100, 165.0), (1000, 290.0)) if big else ((100, 62.0),):
            balls = shapely.buffer(shapely.points(course), reach * swell)
            spread = shapely.union(shapely.union_all(balls), shapely.LineString(course).buffer(reach * 0.6))
            land = shapely.intersection(shapely.simplify(spread.buffer(40).buffer(-40), 1.5), outline)
            if not land.is_empty:
                rows.append(
                    (
                        land,
                        {
                            "code": f"RO-VT-{number + 1:02d}-{period}",
                            "return_period": period,
                            "name": f"{river.name}, revenire o dată la {period} de ani",
                        },
                    )
                )
    return rows


def make_waters(
    rng: np.random.Generator, rivers: list[River], outline: BaseGeometry, seats: Floats
) -> Waters:
    """All of it, with the surfaces other things keep off."""
    near = outline.buffer(900)
    rivers = [river for river in rivers if river.line.intersects(outline)]
    rows = [row for row in river_rows(rivers, seats[0]) if row[0].intersects(near)]
    lakes = still_water(rng, rivers, outline, seats)
    beds = [
        shape if shape.geom_type == "Polygon" else shape.buffer(row["width_m"] / 2, cap_style="flat")
        for shape, row in rows
    ]
    surfaces = [shape for shape, row in lakes if row["kind"] != "dam"]
    land = shapely.make_valid(shapely.union_all([*beds, *surfaces], grid_size=0.001))
    dikes = dike_rows(rivers[0], outline)
    dry = [shape.buffer(6) for shape, row in [*lakes, *dikes] if row["kind"] in ("dam", "dike")]
    bank = shapely.union_all([land.buffer(4), *dry])
    return Waters([*rows, *lakes, *dikes], flood_rows(rng, rivers, outline), land, bank)


def tables(waters: Waters) -> dict[str, Features]:
    """As layers of the catalogue."""
    return {
        "environment.water": collect("environment.water", waters.rows),
        "environment.flood_zone": collect("environment.flood_zone", waters.flood_rows),
    }
