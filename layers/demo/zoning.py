"""The zones of a general plan: they tile the whole commune, and the built-up area exactly.

All limits are cut up as lines first and the faces between them labelled, so neighbouring zones share
every vertex and the zones of the built-up area add up to it to the last bit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from layers.demo.features import Geometries
from layers.demo.place import Place

GRID_M = 0.001

TITLES = {
    "Li": "Locuințe individuale și funcțiuni complementare",
    "Lc": "Locuințe colective și funcțiuni complementare",
    "Ls": "Locuințe semicolective și funcțiuni complementare",
    "C": "Zona centrală",
    "M": "Zonă mixtă: locuințe, comerț și servicii",
    "Isa": "Administrație publică",
    "Isi": "Educație",
    "Iss": "Sănătate",
    "Isc": "Cultură",
    "I": "Zona unităților industriale și logistice",
    "A": "Zona unităților agro-zootehnice",
    "CS": "Zona comerț și servicii",
    "Va": "Spații verzi publice cu acces nelimitat",
    "Vb2": "Baze sportive de performanță",
    "Vc": "Spații verzi pentru agrement",
    "Ve": "Culoare de protecție față de infrastructura tehnică",
    "DS": "Zona cu destinație specială",
    "GC": "Zona gospodăriilor comunale și cimitirelor",
    "Tr": "Infrastructură de transport rutier",
    "Tf": "Infrastructură de transport feroviar",
    "Tea": "Echipamente de alimentare cu apă",
    "Tec": "Echipamente de canalizare",
    "Tet": "Echipamente de termoficare",
    "EE": "Zona extractivă și de exploatare",
    "TA": "Zona activităților agro-zootehnice",
    "TF": "Zona forestieră",
    "TH": "Zona apelor",
    "TN": "Terenuri neproductive",
    "TT": "Terenuri ocupate de căi de comunicație și transport",
    "VE": "Zona spațiilor verzi și de agrement (extravilan)",
}


@dataclass(frozen=True)
class Overlay:
    """Land that gets a zone code of its own, whatever lies below. ``plan`` replaces the general plan there."""

    land: BaseGeometry
    code: str
    plan: str | None = None


@dataclass(frozen=True)
class Zone:
    """One zone: a multi-polygon with its code. ``locality`` is None outside the built-up area."""

    land: BaseGeometry
    code: str
    plan: str | None
    locality: str | None
    utr: str | None


def faces_between(place: Place, limits: Sequence[BaseGeometry]) -> Geometries:
    """The faces that the limits cut the commune into."""
    near = [shapely.intersection(limit, place.land) for limit in limits if not limit.is_empty]
    lines = shapely.union_all([place.land.exterior, *near], grid_size=GRID_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    return faces[shapely.contains_xy(place.land, shapely.get_coordinates(shapely.point_on_surface(faces)))]


def within(land: BaseGeometry, points: Geometries) -> NDArray[np.bool_]:
    """Which points lie in some land."""
    if land.is_empty:
        return np.zeros(len(points), dtype=bool)
    shapely.prepare(land)
    return shapely.intersects(land, points)


def make_zones(
    place: Place,
    road_land: BaseGeometry,
    rail_land: BaseGeometry,
    beds: BaseGeometry,
    overlays: Sequence[Overlay],
) -> tuple[list[Zone], dict[str, BaseGeometry]]:
    """Zones of a commune, and its built-up area by locality made of the same faces."""
    patches = [(block.patch_polygon(patch), patch.code) for block in place.blocks for patch in block.patches]
    special = [*overlays, *(Overlay(land, code) for land, code in patches)]
    natural = [beds, rail_land, road_land, place.forest]
    limits = [
        land.boundary for land in [*place.built_up.values(), *natural, *(item.land for item in special)]
    ]
    faces = faces_between(place, limits)
    points = shapely.point_on_surface(faces)
    locality = np.full(len(faces), None, dtype=object)
    for name, land in place.built_up.items():
        locality[within(land, points) & (locality == None)] = name  # noqa: E711 - elementwise
    inside = locality != None  # noqa: E711 - elementwise
    code = np.where(inside, "Li", "TA").astype(object)
    plan = np.full(len(faces), None, dtype=object)
    code[within(place.forest, points) & ~inside] = "TF"
    patch = np.full(len(faces), -1)
    for number, overlay in reversed(list(enumerate(special))):
        hit = within(overlay.land, points)
        hit &= inside | (number < len(overlays))
        code[hit], patch[hit] = overlay.code, number
        if overlay.plan:
            plan[hit] = overlay.plan
    for land, built_code, open_code in ((road_land, "Tr", "TT"), (rail_land, "Tf", "TT"), (beds, "TH", "TH")):
        hit = within(land, points)
        code[hit] = np.where(inside[hit], built_code, open_code)
        patch[hit] = -1
    return gather(place, faces, locality, code, plan, patch)


def gather(
    place: Place,
    faces: Geometries,
    locality: NDArray[np.object_],
    code: NDArray[np.object_],
    plan: NDArray[np.object_],
    patch: NDArray[np.int64],
) -> tuple[list[Zone], dict[str, BaseGeometry]]:
    """Faces of one label joined; the built-up area of a locality is the sum of its faces."""
    order = {name: number + 1 for number, name in enumerate(place.built_up)}
    groups: dict[tuple[str | None, str, str | None, int], list[int]] = defaultdict(list)
    built: dict[str, list[int]] = defaultdict(list)
    for number, label in enumerate(zip(locality, code, plan, patch.tolist(), strict=True)):
        groups[label].append(number)
        if label[0] is not None:
            built[label[0]].append(number)
    zones = [
        Zone(
            shapely.coverage_union_all(faces[members]),
            kind,
            which,
            name,
            f"UTR {order[name]}" if name else None,
        )
        for (name, kind, which, _), members in groups.items()
    ]
    return zones, {name: shapely.coverage_union_all(faces[members]) for name, members in built.items()}
