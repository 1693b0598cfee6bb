"""The demo county: everything small at once, parcels, buildings and addresses commune by commune."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from layers.catalogue import catalogue
from layers.demo import heritage, names, plans, planted, roadside, trunks, waters
from layers.demo.cadastre import make_part
from layers.demo.cases import HARD_CASES, SHOWCASE, Case
from layers.demo.features import Features, collect
from layers.demo.ground import BORDER_PLACE, PARTS_PLACE, Ground, make_ground
from layers.demo.objects import local_nodes, sanitary_sources
from layers.demo.place import Place
from layers.demo.planning import zone_places, zone_tables
from layers.demo.planted import Planted
from layers.demo.relief import DEM_M, write_dem
from layers.demo.restrictions import make_restrictions
from layers.demo.zoning import Overlay, Zone

BIG = ("cadastre.parcel", "cadastre.building", "admin.address")
NOT_MADE = ("imagery.orthophoto", "planning.scan")

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
    hard_cases: dict[str, Case] = field(default_factory=lambda: dict(HARD_CASES))
    showcase: Case = SHOWCASE

    @property
    def places(self) -> list[Place]:
        """Communes, towns and the county town."""
        return self.ground.places

    def parts(self) -> Iterator[dict[str, Features]]:
        """Parcels, buildings and addresses of one place at a time; nothing of a place already given is kept."""
        for place in self.places:
            yield make_part(place, self.seed, self.zones[place.index], self.planted)

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
        **zone_tables(places, zones),
        **plans.tables(planning, make_restrictions(rng, places, zones, hundred_year(ground))),
        **trunks.tables(rng, ground, nodes),
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
) -> tuple[list[Planted], dict[int, list[Overlay]], list[planted.Row]]:
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


def coverage_of(places: list[Place], with_terrain: bool) -> dict[str, list[int]]:
    """Every layer that was made is known everywhere, but the networks of one commune."""
    every = [place.siruta for place in places]
    silent = HARD_CASES["no_utilities"].siruta
    skipped = NOT_MADE if with_terrain else (*NOT_MADE, "terrain.dem")
    return {
        layer_id: [code for code in every if not (layer_id.startswith("utilities.") and code == silent)]
        for layer_id, layer in catalogue().items()
        if layer_id not in skipped and not layer.derived
    }
