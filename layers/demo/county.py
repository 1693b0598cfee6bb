"""The demo county: everything small at once, parcels, buildings and addresses commune by commune."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from layers.catalogue import catalogue
from layers.demo import heritage, names, planted, plans, roadside, waters
from layers.demo.features import Features, collect, join, objects
from layers.demo.fields import make_fields
from layers.demo.ground import BORDER_PLACE, PARTS_PLACE, SHOWCASE_PLACE, Ground, make_ground
from layers.demo.noise import Warp
from layers.demo.objects import local_nodes, sanitary_sources
from layers.demo.place import Place
from layers.demo.planted import HARD_CASES, SHOWCASE, Planted
from layers.demo.plots import PUBLIC_CODES, Plots, make_addresses, make_buildings, make_plots
from layers.demo.regulation import make_regulation
from layers.demo.relief import DEM_M, write_dem
from layers.demo.utilities import branches, medium_voltage, street_lines, transformers, trunk_lines
from layers.demo.zoning import TITLES, Overlay, Zone, make_zones

BIG = ("cadastre.parcel", "cadastre.building", "admin.address")
NOT_MADE = ("imagery.orthophoto", "planning.scan")
FIRST_NUMBER = 31_001

Row = tuple[BaseGeometry, dict[str, Any]]


@dataclass
class County:
    """``tables``: layer id → all its features, but for the three big layers, which :meth:`parts` yields.

    ``coverage``: layer id → SIRUTA codes it has data for. ``hard_cases`` and ``showcase`` say where to look.
    """

    seed: int
    parcels: int
    ground: Ground
    tables: dict[str, Features]
    coverage: dict[str, list[int]]
    zones: dict[int, list[Zone]]
    planted: list[Planted]
    hard_cases: dict[str, planted.Case] = field(default_factory=lambda: dict(HARD_CASES))
    showcase: planted.Case = SHOWCASE

    @property
    def places(self) -> list[Place]:
        """Communes, towns and the county town."""
        return self.ground.places

    def parts(self) -> Iterator[dict[str, Features]]:
        """Parcels, buildings and addresses of one place at a time; nothing of a place already given is kept."""
        for place in self.places:
            yield self.part(place)

    def part(self, place: Place) -> dict[str, Features]:
        """Parcels, buildings and addresses of one place."""
        own = [item for item in self.planted if item.siruta == place.siruta]
        rng = place.generator(self.seed, 1)
        plots = make_plots(place)
        plots = plots.take(np.arange(min(len(plots), place.quota - len(own))))
        count = place.quota - len(own) - len(plots)
        warp = Warp.make(np.random.default_rng([self.seed, 3]), ((2_600, 45), (800, 7)))
        strips = list(make_fields(rng, place, count, warp))
        fields = np.concatenate([item.polygon for item in strips]) if strips else np.array([], dtype=object)
        uses = np.concatenate([item.use for item in strips]) if strips else np.array([], dtype=object)
        total = len(plots) + len(fields)
        numbers = (FIRST_NUMBER + rng.permutation(total)).astype(str).astype(object)
        if place.index == SHOWCASE_PLACE:
            chosen = choose_showcase(plots, self.zones[place.index])
            numbers[chosen], plots.code[chosen] = SHOWCASE.cadastral_number, "Li"
        else:
            chosen = None
        plot_use = np.where(np.isin(plots.code.astype(str), ["Va", "Vc", "GC"]), "N", "CC").astype(object)
        public = np.isin(plots.code.astype(str), PUBLIC_CODES)
        tables = [
            parcels_table(
                rng,
                place.siruta,
                np.concatenate([plots.polygon, fields]),
                numbers,
                np.concatenate([plot_use, uses]),
                np.concatenate([public, rng.uniform(size=len(fields)) < 0.06]),
            )
        ]
        if own:
            shapes, labels = objects([item.land for item in own]), objects([item.number for item in own])
            tables.append(
                parcels_table(
                    rng,
                    place.siruta,
                    shapes,
                    labels,
                    objects([item.use for item in own]),
                    np.zeros(len(own), bool),
                )
            )
        return {
            "cadastre.parcel": join(tables),
            "cadastre.building": make_buildings(rng, plots, place.siruta, numbers[: len(plots)], chosen),
            "admin.address": make_addresses(plots, place),
        }

    def digest(self) -> str:
        """A fingerprint of every value and coordinate, to compare two counties."""
        found = hashlib.sha256()
        for tables in (self.tables, *self.parts()):
            for layer_id, table in sorted(tables.items()):
                found.update(layer_id.encode())
                for name, values in sorted(table.columns.items()):
                    found.update(f"{name}{values.tolist()}".encode())
                if table.geometry is not None:
                    found.update(b"".join(shapely.to_wkb(table.geometry).tolist()))
        return found.hexdigest()


def choose_showcase(plots: Plots, zones: list[Zone]) -> int:
    """A whole house plot on the county road, well inside one housing zone of the built-up area."""
    homes = shapely.union_all([zone.land for zone in zones if zone.code == "Li"])
    shapely.prepare(homes)
    area = shapely.area(plots.polygon)
    good = (
        plots.whole
        & (plots.code == "Li")
        & (plots.block == 0)
        & (plots.street == names.MAIN_STREET)
        & (area > 900)
        & (area < 3_200)
        & shapely.contains(homes, plots.polygon)
    )
    candidates = np.flatnonzero(good)
    return int(candidates[len(candidates) // 3])


def parcels_table(
    rng: np.random.Generator,
    siruta: int,
    polygons: NDArray[np.object_],
    numbers: NDArray[Any],
    uses: NDArray[Any],
    public: NDArray[np.bool_],
) -> Features:
    """Parcels with the area of their papers: mostly the drawn one to the metre, now and then well off."""
    area = shapely.area(polygons)
    luck = rng.uniform(size=len(area))
    error = np.where(
        luck < 0.84,
        0.0,
        np.where(luck < 0.96, rng.normal(0, 0.006, len(area)), rng.normal(0, 0.04, len(area))),
    )
    legal = np.maximum(np.round(area * (1 + error)), 1.0)
    ownership = np.where(public, "public", "private").astype(object)
    ownership[luck > 0.985] = None
    single = shapely.get_type_id(polygons) == 3
    shapes = polygons.copy()
    if single.any():
        shapes[single] = shapely.multipolygons(polygons[single], indices=np.arange(int(single.sum())))
    columns = {
        "siruta": np.full(len(area), siruta),
        "cadastral_number": numbers,
        "land_book_number": numbers.copy(),
        "use_category": uses,
        "area_legal_m2": legal,
        "ownership": ownership,
    }
    return Features(columns, shapes)


def make_county(parcels: int = 20_000, seed: int = 1, folder: Path | None = None) -> County:
    """A synthetic county of about 3,000 km² with ``parcels`` parcels, EPSG:3844.

    The same arguments give the same county. The terrain model is written to ``folder`` (dem.tif);
    without a folder there is none, and no row for it. ValueError if ``parcels`` is under 1,000: the
    hard cases would not find a village to be in.
    """
    if parcels < 1_000:
        raise ValueError(f"a county of {parcels} parcels is too small; ask for at least 1000")
    ground = make_ground(seed, parcels)
    places = ground.places
    rng = np.random.default_rng([seed, 4])
    planning, overlays = plans.zonal_plans(rng, places)
    planning = [
        plans.general_plan(rng, place, place.siruta == HARD_CASES["expired_plan"].siruta) for place in places
    ] + planning
    own, extra, history = plant(rng, places)
    for index, more in extra.items():
        overlays.setdefault(index, []).extend(more)
    nodes = {place.index: local_nodes(rng, place) for place in places}
    sources = [row for place in places for row in sanitary_sources(rng, place, nodes[place.index])]
    zones = zone_places(ground, overlays)
    tables = {
        **ground_tables(ground),
        **heritage.tables(rng, places, ground.rivers, ground.territory.outline, ground.forests),
        **roadside.tables(rng, ground.roads, places, ground.rivers, ground.rail, ground.territory.outline),
        **zone_tables(places, zones, planning),
        **plans.tables(planning, plans.make_restrictions(rng, places, zones, hundred_year(ground))),
        **utility_tables(rng, ground, nodes),
        "environment.sanitary_source": collect("environment.sanitary_source", sources),
        "cadastre.predecessor": collect("cadastre.predecessor", history),
    }
    if folder is not None:
        path = folder / "dem.tif"
        tables["terrain.dem"] = collect(
            "terrain.dem",
            [(write_dem(ground.relief, path), {"path": str(path.resolve()), "resolution_m": DEM_M})],
        )
    return County(seed, parcels, ground, tables, coverage_of(places, folder is not None), zones, own)


def plant(
    rng: np.random.Generator, places: list[Place]
) -> tuple[list[Planted], dict[int, list[Overlay]], list[Row]]:
    """The hard cases: (parcels, overlays of zones by place, parcel history)."""
    border, parts = places[BORDER_PLACE], places[PARTS_PLACE]
    others = [place for place in places if place is not border and place.land.intersects(border.land)]
    own = [planted.across_border(rng, border, others)]
    at_lines, overlays = planted.isolated_part(rng, parts)
    pieces, history = planted.parts_and_splits(rng, parts)
    return [*own, *at_lines, planted.at_buffer_limit(rng, parts), *pieces], {parts.index: overlays}, history


def hundred_year(ground: Ground) -> BaseGeometry:
    """Land flooded once in a hundred years."""
    return shapely.union_all([land for land, row in ground.waters.flood_rows if row["return_period"] == 100])


def zone_places(ground: Ground, overlays: dict[int, list[Overlay]]) -> dict[int, list[Zone]]:
    """Zones of every place; its built-up areas become exactly the sum of theirs."""
    track = shapely.LineString(ground.rail.xy).buffer(12)
    express = [road for road in ground.roads if road.category == "DX"]
    zones = {}
    for place in ground.places:
        near = place.land.envelope.buffer(50)
        roads = shapely.union(
            place.road_land, place.strips([road for road in express if road.line.intersects(place.land)])
        )
        beds, rails = (shapely.intersection(land, near) for land in (ground.waters.land, track))
        zones[place.index], place.built_up = make_zones(
            place, roads, rails, beds, overlays.get(place.index, [])
        )
    return zones


def ground_tables(ground: Ground) -> dict[str, Features]:
    """Communes, water and forest."""
    without = {HARD_CASES["no_urbanism_structure"].siruta}
    uats: list[Row] = [
        (
            place.land,
            {
                "siruta": place.siruta,
                "name": place.name,
                "kind": place.kind,
                "county": names.COUNTY,
                "has_urbanism_structure": place.siruta not in without
                and (place.kind != "comuna" or place.index % 9 != 8),
            },
        )
        for place in ground.places
    ]
    woods: list[Row] = [
        (
            part,
            {
                "code": f"UP {place.index + 1} u.a. {number + 1}",
                "name": f"Pădurea {place.name}",
                "administrator": f"Ocolul Silvic {place.name}",
            },
        )
        for place in ground.places
        for number, part in enumerate(shapely.get_parts(place.forest))
    ]
    return {
        "admin.uat": collect("admin.uat", uats),
        "environment.forest": collect("environment.forest", woods),
        "environment.coast_line": collect("environment.coast_line", []),
        **waters.tables(ground.waters),
    }


def zone_tables(
    places: list[Place], zones: dict[int, list[Zone]], planning: list[plans.Plan]
) -> dict[str, Features]:
    """Built-up areas, zones and the regulation of every plan that sets zones."""
    built: list[Row] = []
    rows: list[Row] = []
    used: dict[tuple[int, str, str], None] = {}
    for place in places:
        general = f"PUG-{place.siruta}"
        built += [
            (land, {"siruta": place.siruta, "locality": name, "plan_code": general})
            for name, land in place.built_up.items()
        ]
        for zone in zones[place.index]:
            plan = zone.plan or general
            used[(place.siruta, plan, zone.code)] = None
            rows.append(
                (
                    zone.land,
                    {
                        "siruta": place.siruta,
                        "plan_code": plan,
                        "code": zone.code,
                        "utr": zone.utr,
                        "title": TITLES[zone.code],
                        "subzone": f"{zone.code}1" if zone.code == "Li" and place.kind == "comuna" else None,
                    },
                )
            )
    return {
        "admin.built_up_area": collect("admin.built_up_area", built),
        "planning.zone": collect("planning.zone", rows),
        "planning.regulation": make_regulation(used),
    }


def utility_tables(
    rng: np.random.Generator, ground: Ground, nodes: dict[int, list[Row]]
) -> dict[str, Features]:
    """Networks of the county, but for the commune of which nothing is known."""
    silent = HARD_CASES["no_utilities"].siruta
    known = [place for place in ground.places if place.siruta != silent]
    hidden = next(place.land for place in ground.places if place.siruta == silent)
    lines: list[Row] = []
    for place in known:
        lines += [*street_lines(place, place.land), *branches(place)]
    by_road = {id(road): road for road in ground.roads}
    for road in by_road.values():
        own = [block for place in ground.places for block in place.blocks if block.road is road]
        if own or road.category in ("DN", "DJ"):
            line = medium_voltage(road, own)
            lines += [line] if line else []
    stations = {
        ("400" if "400" in row["name"] else "220" if "220" in row["name"] else str(index)): shape
        for index, rows in nodes.items()
        for shape, row in rows
        if row["subtype"] == "substation"
    }
    centres = {name: np.array(shape.centroid.coords[0]) for name, shape in stations.items()}
    lines += trunk_lines(
        rng, centres, ground.territory.outline.bounds, ground.rivers[0], ground.places[0].seat
    )
    outline = ground.territory.outline
    visible = shapely.difference(outline, hidden)
    kept = [(shapely.intersection(line, visible), row) for line, row in lines]
    objects_ = [row for place in known for row in [*nodes[place.index], *transformers(place)]]
    return {
        "utilities.line": collect("utilities.line", [(line, row) for line, row in kept if not line.is_empty]),
        "utilities.node": collect("utilities.node", objects_),
    }


def coverage_of(places: list[Place], with_terrain: bool) -> dict[str, list[int]]:
    """Every layer that was made is known everywhere, but the networks of one commune."""
    every = [place.siruta for place in places]
    silent = HARD_CASES["no_utilities"].siruta
    skipped = NOT_MADE if with_terrain else (*NOT_MADE, "terrain.dem")
    return {
        layer_id: [code for code in every if not (layer_id.startswith("utilities.") and code == silent)]
        for layer_id in catalogue()
        if layer_id not in skipped
    }
