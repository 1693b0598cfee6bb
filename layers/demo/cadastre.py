"""Parcels, buildings and addresses of one place: the layers that grow with the county."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.demo.cases import SHOWCASE
from layers.demo.features import Features, Geometries, as_multi, objects
from layers.demo.fields import make_fields
from layers.demo.noise import Warp
from layers.demo.place import Place
from layers.demo.planted import Planted
from layers.demo.plots import PUBLIC_CODES, Plots, make_addresses, make_buildings, make_plots
from layers.demo.zoning import Zone

FIRST_NUMBER = 31_001
OPEN_CODES = ("Va", "Vc", "GC")


def make_part(place: Place, seed: int, zones: list[Zone], planted: list[Planted]) -> dict[str, Features]:
    """The three big layers of one place: its quota of parcels, those planted in it among them."""
    own = [item for item in planted if item.siruta == place.siruta]
    rng = place.generator(seed, 1)
    plots = make_plots(place)
    plots = plots.take(np.arange(min(len(plots), place.quota - len(own))))
    warp = Warp.make(np.random.default_rng([seed, 3]), ((2_600, 45), (800, 7)))
    strips = list(make_fields(rng, place, place.quota - len(own) - len(plots), warp))
    fields = objects([polygon for item in strips for polygon in item.polygon])
    numbers = (FIRST_NUMBER + rng.permutation(len(plots) + len(fields))).astype(str).astype(object)
    chosen = None
    if place.siruta == SHOWCASE.siruta:
        chosen = choose_showcase(place, plots, zones)
        numbers[chosen] = SHOWCASE.cadastral_number
    open_land = np.isin(plots.code.astype(str), OPEN_CODES)
    uses = [
        *np.where(open_land, "N", "CC"),
        *(use for item in strips for use in item.use),
        *(item.use for item in own),
    ]
    public = np.isin(plots.code.astype(str), PUBLIC_CODES)
    common = rng.uniform(size=len(fields)) < 0.06
    parcels = parcels_table(
        rng,
        place.siruta,
        np.concatenate([plots.polygon, fields, objects([item.land for item in own])]),
        np.concatenate([numbers, objects([item.number for item in own])]),
        objects([str(use) for use in uses]),
        np.concatenate([public, common, np.zeros(len(own), dtype=bool)]),
    )
    return {
        "cadastre.parcel": parcels,
        "cadastre.building": make_buildings(rng, plots, place.siruta, numbers[: len(plots)], chosen),
        "admin.address": make_addresses(plots, place),
    }


def choose_showcase(place: Place, plots: Plots, zones: list[Zone]) -> int:
    """A whole house plot on a county road, well inside one housing zone. AssertionError if there is none."""
    homes = shapely.union_all([zone.land for zone in zones if zone.code == "Li"])
    shapely.prepare(homes)
    roads = shapely.union_all([road.line for road in place.roads if road.category == "DJ"])
    shapely.prepare(roads)
    area = shapely.area(plots.polygon)
    good = plots.whole & (plots.code == "Li") & (area > 700) & (area < 4_500)
    good &= shapely.contains(homes, plots.polygon) & shapely.dwithin(roads, plots.polygon, 9.0)
    candidates = np.flatnonzero(good)
    if not len(candidates):
        raise AssertionError(f"no plot of {place.name} can be the one that examples show")
    return int(candidates[len(candidates) // 3])


def parcels_table(
    rng: np.random.Generator,
    siruta: int,
    polygons: Geometries,
    numbers: NDArray[Any],
    uses: NDArray[Any],
    public: NDArray[np.bool_],
) -> Features:
    """Parcels with the area of their papers: mostly the drawn one to the metre, now and then well off."""
    area = shapely.area(polygons)
    luck = rng.uniform(size=len(area))
    slight, gross = rng.normal(0, 0.006, len(area)), rng.normal(0, 0.04, len(area))
    error = np.where(luck < 0.84, 0.0, np.where(luck < 0.96, slight, gross))
    ownership = np.where(public, "public", "private").astype(object)
    ownership[luck > 0.985] = None
    columns = {
        "siruta": np.full(len(area), siruta),
        "cadastral_number": numbers,
        "land_book_number": numbers.copy(),
        "use_category": uses,
        "area_legal_m2": np.maximum(np.round(area * (1 + error)), 1.0),
        "ownership": ownership,
    }
    return Features(columns, as_multi(polygons))
