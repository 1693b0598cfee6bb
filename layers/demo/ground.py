"""From a seed to the bare county: water, relief, communes, roads and the villages on them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from layers.demo import names
from layers.demo.blocks import Block
from layers.demo.corridor import Corridor
from layers.demo.features import Floats
from layers.demo.network import Road, make_express_road, make_railway, make_roads
from layers.demo.noise import Warp
from layers.demo.place import Place
from layers.demo.plots import street_label
from layers.demo.relief import Relief, outlines
from layers.demo.rivers import River, make_rivers
from layers.demo.territory import Territory, make_territory
from layers.demo.villages import SIZES, Stretch, build, choose, kinds, spurs
from layers.demo.waters import Waters, make_waters

FOREST_CELL_M = 125.0
FIRST_SIRUTA = 900_010
# Places whose part in the county is fixed, by index: see planted.py for the codes
BORDER_PLACE, PARTS_PLACE = 9, 11


@dataclass
class Ground:
    """Everything but parcels and paper."""

    territory: Territory
    rivers: list[River]
    waters: Waters
    relief: Relief
    roads: list[Road]
    rail: Corridor
    forests: list[BaseGeometry]
    places: list[Place]

    @cached_property
    def barriers(self) -> BaseGeometry:
        """Water, the railway and the express road: what no parcel covers."""
        express = [road.line.buffer(road.land_m) for road in self.roads if road.category == "DX"]
        track = shapely.LineString(self.rail.xy).buffer(12)
        return shapely.union_all([*express, track, self.waters.bank])


def quotas(parcels: int, kind: list[str], areas: Floats) -> NDArray[np.int64]:
    """Parcels of each place, adding up to ``parcels``: towns first, the larger the county the more by area."""
    weights = np.array([SIZES[item].weight for item in kind])
    mix = float(np.clip(1.0 - 0.5 * np.log10(max(parcels, 20_000) / 20_000), 0.1, 1.0))
    share = mix * weights / weights.sum() + (1 - mix) * areas / areas.sum()
    exact = share * parcels
    whole = np.floor(exact).astype(int)
    order = np.argsort(whole - exact, kind="stable")
    whole[order[: parcels - whole.sum()]] += 1
    return np.asarray(whole)


def cast(kind: list[str], stretches: list[list[Stretch]], territory: Territory) -> list[int]:
    """The order of places: county town, towns, then communes, with those that play a part where it is due."""
    towns = [number for number, item in enumerate(kind) if item == "oras"]
    communes = [number for number, item in enumerate(kind) if item == "comuna"]
    middle = territory.outline.centroid
    # the northernmost communes are all forest: no field there could hold a case
    able = [
        number
        for number in communes
        if stretches[number]
        and stretches[number][0].road.category == "DJ"
        and stretches[number][0].length > 900
    ]
    able.sort(
        key=lambda number: float(shapely.Point(territory.seats[number] + [0.0, 6_000.0]).distance(middle))
    )
    rest = [number for number in communes if number not in able[:3]]
    rest.insert(0, able[0])
    rest.insert(BORDER_PLACE - 5, able[2])
    rest.insert(PARTS_PLACE - 5, able[1])
    return [0, *towns, *rest]


def make_ground(seed: int, parcels: int) -> Ground:
    """The bare county of a seed. The number of parcels only makes villages longer and denser."""
    rng = np.random.default_rng([seed, 1])
    brooks = [f"{name}{ending}" for ending in ("", " de Sus", " Mic", " Vechi") for name in names.BROOKS]
    rivers = make_rivers(rng, [names.RIVERS[0], *rng.permutation(names.RIVERS[1:]).tolist(), *brooks])
    main = rivers[0].xy
    town = main[int(np.argmin(np.abs(main[:, 1] - 411_000)))] + np.array([900.0, 0.0])
    territory = make_territory(rng, town)
    roads = make_roads(rng, territory)
    roads.append(make_express_road(rng, territory))
    rail = make_railway(roads[0], territory.outline)
    waters = make_waters(rng, rivers, territory.outline, territory.seats)
    relief = Relief.make(rng, rivers)
    forests = outlines(relief.forest_mask(FOREST_CELL_M), FOREST_CELL_M)
    ground = Ground(territory, rivers, waters, relief, roads, rail, forests, [])
    ground.places = make_places(ground, seed, parcels)
    for place in ground.places:
        furnish(place, ground)
    return ground


def make_places(ground: Ground, seed: int, parcels: int) -> list[Place]:
    """Communes in their final order, with the blocks of their villages."""
    rng = np.random.default_rng([seed, 2])
    territory, kind = ground.territory, kinds(ground.territory)
    warp = Warp.make(rng, ((1_500, 30),))
    quota = quotas(parcels, kind, shapely.area(territory.uats))
    main_roads = [road for road in ground.roads if road.category != "DX"]
    avoid = obstacles(ground)
    own_roads, stretches = [], []
    numbered = sum(road.category == "DC" for road in main_roads)
    for land, seat, item in zip(territory.uats, territory.seats, kind, strict=True):
        inner = shapely.buffer(land, -220)
        shapely.prepare(inner)
        near = [road for road in main_roads if road.line.intersects(land)]
        extra = list(spurs(rng, near, inner, warp, numbered, avoid))
        numbered += len(extra)
        ground.roads += extra
        own_roads.append([*near, *extra])
        stretches.append(choose(rng, seat, own_roads[-1], inner, SIZES[item], avoid))
    village_names = names.village_names(rng, 8 * len(kind))
    places = []
    for index, number in enumerate(cast(kind, stretches, territory)):
        size = SIZES[kind[number]]
        place = Place(
            index,
            FIRST_SIRUTA + 10 * index,
            names.SEATS[index],
            kind[number],
            territory.uats[number],
            territory.seats[number],
            int(quota[number]),
            own_roads[number],
        )
        called = [place.name, *village_names[8 * index : 8 * index + 8]]
        place.blocks = build(rng, index, stretches[number], size, place.quota * size.village_share, called)
        places.append(place)
    return places


def obstacles(ground: Ground) -> BaseGeometry:
    """What new villages keep off, apart from one another."""
    express = [road.line.buffer(75) for road in ground.roads if road.category == "DX"]
    return shapely.union_all([*express, shapely.LineString(ground.rail.xy).buffer(40), ground.waters.bank])


def furnish(place: Place, ground: Ground) -> None:
    """Streets, built-up areas, barriers and forest of one place."""
    place.barriers = shapely.intersection(ground.barriers, place.land.envelope.buffer(50))
    built: list[BaseGeometry] = []
    for number, block in enumerate(place.blocks):
        earlier = shapely.union_all(built)
        place.streets += streets_of(place, number, block, shapely.difference(place.land.buffer(-3), earlier))
        line = shapely.intersection(shapely.make_valid(block.built_up), place.land)
        line = shapely.difference(line, earlier)
        parts = [part for part in shapely.get_parts(line) if part.area > 2_000]
        if parts:
            place.built_up[block.locality] = shapely.multipolygons(parts)
            built += parts
    keep_off = [
        *(block.hull.buffer(55) for block in place.blocks),
        *(part.buffer(25) for part in built),
        place.main_road_land.buffer(7),
        place.barriers.buffer(10),
    ]
    woods = [
        shapely.intersection(forest, place.land) for forest in ground.forests if forest.intersects(place.land)
    ]
    left = shapely.difference(shapely.union_all(woods), shapely.union_all(keep_off))
    parts = [part for part in shapely.get_parts(left) if part.geom_type == "Polygon" and part.area > 15_000]
    place.forest = shapely.multipolygons(parts) if parts else shapely.MultiPolygon()


def streets_of(place: Place, number: int, block: Block, inside: BaseGeometry) -> list[Road]:
    """The side streets of a block, as far as they lie on free land of the commune."""
    found = []
    for rank, xy in block.streets():
        kept = shapely.intersection(shapely.LineString(xy), inside)
        parts = [
            part for part in shapely.get_parts(kept) if part.geom_type == "LineString" and part.length > 40
        ]
        if parts:
            longest = max(parts, key=lambda part: part.length)
            label = street_label(number, rank)
            axis = Corridor.make(np.round(shapely.get_coordinates(longest), 3), 30.0)
            found.append(Road(label, "STR", axis, 0.0, block.locality, place.siruta, number))
    return found
