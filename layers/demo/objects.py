"""Things with a place of their own: substations, reservoirs, works, farms; found room for before fields are cut."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from layers.demo.equipment import node, services
from layers.demo.features import Floats, many_points
from layers.demo.place import Place
from layers.demo.shapes import yard

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
    """The centre of a free circle, as near to ``near`` as chance allows; in a forest commune, of a clearing.

    AssertionError if there is none.
    """
    later = shapely.union_all([place.reserved, *place.built_up.values()])
    inner = place.land.buffer(-radius_m - 5)
    for attempt in range(8):
        if attempt == 5:
            place.taken, place.forest = None, place.forest.difference(shapely.Point(near).buffer(2 * reach_m))
        points = near + rng.normal(0, reach_m * 1.5 ** (attempt % 5), (300, 2))
        points = points[shapely.contains_xy(inner, points)]
        points = points[np.argsort(np.hypot(*(points - near).T), kind="stable")]
        spots = many_points(points)
        free = ~np.asarray(shapely.dwithin(occupied(place), spots, radius_m))
        free[free] &= ~np.asarray(shapely.dwithin(later, spots[free], radius_m))
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


# kind of object → length, depth and usual distance from the seat, metres
EVERYWHERE = (("reservoir", 40, 30, 900), ("well", 26, 22, 1_000))
COUNTY_TOWN = (
    ("heat-plant", 120, 80, 1_900),
    ("substation-400", 240, 190, 3_200),
    ("substation-220", 170, 130, 2_600),
    ("water-treatment", 130, 90, 2_000),
)


def local_nodes(rng: np.random.Generator, place: Place) -> list[Row]:
    """A commune's own works: wells, reservoir, pumping, exchange, mast, and what its services need."""
    has, town = services(place), place.kind != "comuna"
    wanted: list[tuple[str, float, float, float]] = [*EVERYWHERE]
    if has.gas:
        wanted.append(("gas-station", 18, 14, 900))
    if has.sewer:
        wanted.append(("sewage-large", 150, 90, 1_600) if town else ("sewage-small", 46, 34, 1_600))
    if town:
        wanted.append(("substation-110", 62, 48, 1_500))
    if has.heat:
        wanted += COUNTY_TOWN
    rows: list[Row] = [(settle(rng, place, *size), node(kind, place.name)) for kind, *size in wanted]
    rows.append((settle(rng, place, 16, 14, 900).centroid, node("mast", place.name)))
    block = place.blocks[0]
    for share, kind in ((0.25, "pumping"), (0.62, "exchange")):
        along = block.s0 + share * (block.s1 - block.s0)
        spot = block.road.corridor.at(np.array([along]), block.road.land_m - 1.1)[0]
        rows.append((shapely.Point(spot), node(kind, place.name)))
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
    parts: list[BaseGeometry] = list(shapely.get_parts(patch.difference(axis.buffer(land_m))))
    return max(parts, key=lambda part: part.area)
