"""Things with a place of their own: substations, reservoirs, works, farms; found room for before fields are cut."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from layers.demo.features import Floats
from layers.demo.place import Place
from layers.demo.shapes import yard
from layers.demo.utilities import GAS_LOCAL, HEAT, POWER_GRID, POWER_LOCAL, TELECOM, WATER, services

Row = tuple[BaseGeometry, dict[str, Any]]


def occupied(place: Place) -> BaseGeometry:
    """Land that is not free for anything new, apart from what was set aside since the villages were laid out."""
    if place.taken is None:
        hulls = [block.hull.buffer(30) for block in place.blocks]
        place.taken = shapely.union_all([*hulls, place.road_land, place.barriers, place.forest])
        shapely.prepare(place.taken)
    return place.taken


def find_room(
    rng: np.random.Generator, place: Place, radius_m: float, near: Floats, reach_m: float
) -> Floats:
    """The centre of a free circle, as near to ``near`` as chance allows. AssertionError if there is none."""
    taken = occupied(place)
    later = shapely.union_all([place.reserved, *place.built_up.values()])
    inner = place.land.buffer(-radius_m - 5)
    for attempt in range(5):
        points = near + rng.normal(0, reach_m * 1.5**attempt, (300, 2))
        points = points[shapely.contains_xy(inner, points)]
        points = points[np.argsort(np.hypot(*(points - near).T), kind="stable")]
        spots = shapely.points(points)
        free = ~shapely.dwithin(taken, spots, radius_m)
        free[free] &= ~shapely.dwithin(later, spots[free], radius_m)
        if free.any():
            return np.asarray(np.round(points[int(np.argmax(free))], 3))
    raise AssertionError(f"no free circle of {radius_m} m in {place.name}")


def settle(
    rng: np.random.Generator, place: Place, along_m: float, deep_m: float, reach_m: float
) -> shapely.Polygon:
    """A fenced yard near the seat, set aside so that no field covers it."""
    centre = find_room(rng, place, float(np.hypot(along_m, deep_m)) / 2 + 3, place.seat, reach_m)
    shape = yard(centre, along_m, deep_m, float(rng.uniform(0, 1.5)))
    place.reserved = shapely.union(place.reserved, shape.buffer(1.5, join_style="mitre"))
    return shape


def local_nodes(rng: np.random.Generator, place: Place) -> list[Row]:
    """A commune's own works: wells, reservoir, pumping, exchange, mast, and what its services need."""
    has = services(place)
    rows: list[Row] = []

    def put(
        shape: BaseGeometry,
        network: str,
        subtype: str,
        name: str,
        operator: str,
        capacity: str | None = None,
        fenced: bool = True,
    ) -> None:
        rows.append(
            (
                shape,
                {
                    "network": network,
                    "subtype": subtype,
                    "name": f"{name} {place.name}",
                    "operator": operator,
                    "fenced": fenced,
                    "capacity": capacity,
                },
            )
        )

    put(settle(rng, place, 40, 30, 900), "water", "reservoir", "Rezervor 300 m³", WATER, "300 m³")
    put(settle(rng, place, 26, 22, 1_000), "water", "well", "Front de captare", WATER, "6 l/s")
    put(settle(rng, place, 16, 14, 900).centroid, "telecom", "mast", "Stație de bază", TELECOM)
    block = place.blocks[0]
    for share, network, subtype, name, operator in (
        (0.25, "water", "pumping", "Stație de pompare", WATER),
        (0.62, "telecom", "exchange", "Centrală telefonică", TELECOM),
    ):
        spot = block.road.corridor.at(
            np.array([block.s0 + share * (block.s1 - block.s0)]), block.road.land_m - 1.1
        )[0]
        put(shapely.Point(spot), network, subtype, name, operator, fenced=False)
    if has["gas"]:
        put(
            settle(rng, place, 18, 14, 900),
            "gas",
            "regulating_station",
            "Stație de reglare-măsurare",
            GAS_LOCAL,
            "5.000 Nmc/h",
        )
    if has["sewer"]:
        town = place.kind != "comuna"
        size = (150.0, 90.0) if town else (46.0, 34.0)
        put(
            settle(rng, place, *size, 1_600),
            "sewer",
            "treatment",
            "Stație de epurare",
            WATER,
            "25.000 locuitori echivalenți" if town else "2.500 locuitori echivalenți",
        )
    if place.kind != "comuna":
        put(
            settle(rng, place, 62, 48, 1_500),
            "electricity",
            "substation",
            "Stația 110/20 kV",
            POWER_LOCAL,
            "2 × 25 MVA",
        )
    if has["heat"]:
        put(
            settle(rng, place, 120, 80, 1_900),
            "heat",
            "heat_plant",
            "Centrala de termoficare",
            HEAT,
            "180 MWt",
        )
        put(
            settle(rng, place, 240, 190, 3_200),
            "electricity",
            "substation",
            "Stația 400/220 kV",
            POWER_GRID,
            "2 × 250 MVA",
        )
        put(
            settle(rng, place, 170, 130, 2_600),
            "electricity",
            "substation",
            "Stația 220/110 kV",
            POWER_GRID,
            "2 × 200 MVA",
        )
        put(
            settle(rng, place, 130, 90, 2_000),
            "water",
            "treatment",
            "Stație de tratare a apei",
            WATER,
            "240 l/s",
        )
    return rows


FARMS = (
    ("cattle", 120),
    ("pigs", 850),
    ("poultry", 9_000),
    ("sheep", 400),
    ("horses", 12),
    ("rabbits", 600),
    ("veterinary", None),
)


def sanitary_sources(rng: np.random.Generator, place: Place, nodes: list[Row]) -> list[Row]:
    """Cemeteries and farms on their zones, treatment works, one landfill by the county town."""
    rows: list[Row] = []
    for block in place.blocks:
        for patch in block.patches:
            if patch.code == "GC":
                shape = patch_yard(block.patch_polygon(patch), block.road.line, block.road.land_m)
                rows.append((shape, {"kind": "cemetery", "name": f"Cimitirul {block.locality}"}))
            elif patch.code == "A":
                kind, heads = FARMS[(place.index + len(rows)) % len(FARMS)]
                shape = patch_yard(block.patch_polygon(patch), block.road.line, block.road.land_m)
                rows.append(
                    (shape, {"kind": kind, "name": f"Exploatație agricolă {block.locality}", "heads": heads})
                )
    for shape, row in nodes:
        if row["network"] == "sewer" and row["subtype"] == "treatment":
            kind = "wastewater_open" if place.kind != "comuna" else "wastewater_closed"
            rows.append((shape, {"kind": kind, "name": row["name"]}))
    if place.kind == "municipiu":
        rows.append(
            (settle(rng, place, 320, 210, 4_500), {"kind": "landfill", "name": "Depozitul ecologic județean"})
        )
    return rows


def patch_yard(patch: shapely.Polygon, axis: BaseGeometry, land_m: float) -> BaseGeometry:
    """A patch without the road it reaches to the middle of."""
    return max(shapely.get_parts(patch.difference(axis.buffer(land_m))), key=lambda part: part.area)
