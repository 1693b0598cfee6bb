"""The parcels of the villages, with their houses and addresses, a whole commune at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.demo.blocks import Lots
from layers.demo.features import Features, Floats, Geometries, as_multi, many_points, many_polygons
from layers.demo.names import MAIN_STREET, street_name
from layers.demo.place import Place

PUBLIC_CODES = ("Isa", "Isi", "Iss", "Isc", "Va", "Vc", "Vb2", "GC", "Tea", "Tet", "DS")
BUILDING_USE = {
    "Li": "locuință individuală",
    "Lc": "locuințe colective",
    "Ls": "locuințe semicolective",
    "C": "locuință și comerț",
    "M": "locuință și servicii",
    "CS": "comerț",
    "Isa": "sediu administrativ",
    "Isi": "școală",
    "Iss": "dispensar",
    "Isc": "cămin cultural",
    "I": "hală de producție",
    "A": "clădire agrozootehnică",
    "Tea": "gospodărie de apă",
    "Tet": "centrală termică",
    "DS": "construcție cu destinație specială",
}


@dataclass(frozen=True)
class Plots:
    """Village parcels of one commune. ``whole`` ones still have the four corners they were drawn with."""

    polygon: Geometries
    corners: Floats
    whole: NDArray[np.bool_]
    code: NDArray[Any]
    street: NDArray[Any]
    number: NDArray[Any]
    block: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.polygon)

    def take(self, chosen: NDArray[Any]) -> Plots:
        """The plots of a mask or index array."""
        return Plots(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


def make_plots(place: Place) -> Plots:
    """Every plot that fits: later villages give way to earlier ones, and all to water, rails and other roads."""
    parts, grounds = [], [place.barriers, place.reserved]
    home = shapely.buffer(place.land, -0.5)
    shapely.prepare(home)
    for number, block in enumerate(place.blocks):
        lots = block.lots
        polygons = lots.polygons
        keep = shapely.is_valid(polygons) & shapely.contains(home, polygons)
        around = block.ground.envelope.buffer(5)
        taken = shapely.intersection(shapely.union_all(grounds), around)
        shapely.prepare(taken)
        keep &= ~shapely.intersects(taken, polygons)
        others = [
            road for road in [*place.roads, *place.streets] if road is not block.road and road.block != number
        ]
        strips = shapely.intersection(
            place.strips([road for road in others if road.line.intersects(around)]), around
        )
        polygons, whole, fits = cut(polygons, strips)
        chosen = np.flatnonzero(keep & fits)
        names, numbers = addresses(lots, number)
        parts.append(
            (
                polygons[chosen],
                lots.corners[chosen],
                whole[chosen],
                lots.code[chosen],
                names[chosen],
                numbers[chosen],
                np.full(len(chosen), number),
            )
        )
        grounds.append(block.ground)
    return Plots(*(np.concatenate(values) for values in zip(*parts, strict=True)))


def cut(
    polygons: Geometries, strips: shapely.Geometry
) -> tuple[Geometries, NDArray[np.bool_], NDArray[np.bool_]]:
    """Plots less the land of roads that pass: (polygons, untouched, still usable)."""
    shapely.prepare(strips)
    crossed = shapely.intersects(strips, polygons)
    result = polygons.copy()
    result[crossed] = shapely.difference(polygons[crossed], strips)
    usable = (shapely.get_type_id(result) == 3) & (shapely.area(result) > 0.45 * shapely.area(polygons))
    return result, ~crossed, usable


def addresses(lots: Lots, block: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Street names and house numbers: odd on one side of a street, even on the other."""
    ranks = np.unique(lots.street)
    names = [MAIN_STREET if rank == 0 else street_label(block, rank) for rank in ranks]
    label = np.array(names, dtype=object)[np.searchsorted(ranks, lots.street)]
    odd = np.where(lots.row == 0, lots.side > 0, lots.row % 2 == 1)
    return label, (2 * lots.index + np.where(odd, 1, 2)).astype(str).astype(object)


def street_label(block: int, rank: int) -> str:
    """The name of a side street, the same for its axis and for its addresses."""
    within = rank - 70 if rank >= 100 else 2 * abs(rank) + (rank < 0)
    return street_name(within, 17 * block)


def inside(corners: Floats, along: tuple[Floats, Floats], deep: tuple[Floats, Floats]) -> Geometries:
    """Four-cornered shapes inside four-cornered plots, by shares of the front and of the depth."""
    near0, near1, far1, far0 = (corners[:, k] for k in range(4))

    def at(u: Floats, v: Floats) -> Floats:
        u, v = u[:, None], v[:, None]
        return (near0 * (1 - u) + near1 * u) * (1 - v) + (far0 * (1 - u) + far1 * u) * v

    rings = np.stack(
        [at(along[0], deep[0]), at(along[1], deep[0]), at(along[1], deep[1]), at(along[0], deep[1])], axis=1
    )
    return many_polygons(np.round(rings, 3))


def make_buildings(
    rng: np.random.Generator, plots: Plots, siruta: int, numbers: NDArray[Any], always: int | None = None
) -> Features:
    """Houses near the street and annexes behind them, always within their plot; ``always`` has a house for sure."""
    luck = rng.uniform(size=len(plots)) < 0.88
    if always is not None:
        luck[always] = True
    built = np.isin(plots.code.astype(str), list(BUILDING_USE)) & plots.whole & luck
    annex = built & (plots.code == "Li") & (rng.uniform(size=len(plots)) < 0.55)
    tables = []
    for chosen, code, size in (
        (np.flatnonzero(built), "C1", (9.5, 12.0)),
        (np.flatnonzero(annex), "C2", (6.0, 8.0)),
    ):
        corners = plots.corners[chosen]
        front = np.hypot(*(corners[:, 1] - corners[:, 0]).T)
        depth = np.hypot(*(corners[:, 3] - corners[:, 0]).T)
        big = np.where(np.isin(plots.code[chosen].astype(str), ["Li", "C", "CS"]), 1.0, 1.7)
        width = np.clip(size[0] * big * rng.uniform(0.8, 1.3, len(chosen)), 4.0, 0.72 * front)
        begin = rng.uniform(0.03, 0.12, len(chosen)) * front + 0.6
        start = (
            rng.uniform(2.5, 7.0, len(chosen))
            if code == "C1"
            else 0.5 * depth + rng.uniform(0, 3, len(chosen))
        )
        room = (0.48 if code == "C1" else 0.97) * depth - start
        length = np.minimum(size[1] * big * rng.uniform(0.8, 1.4, len(chosen)), room)
        shapes = inside(
            corners, (begin / front, (begin + width) / front), (start / depth, (start + length) / depth)
        )
        levels = (
            levels_of(rng, plots.code[chosen]) if code == "C1" else np.full(len(chosen), "P", dtype=object)
        )
        uses = [
            BUILDING_USE[value] if code == "C1" else "anexă gospodărească" for value in plots.code[chosen]
        ]
        tables.append(
            (
                np.full(len(chosen), siruta),
                numbers[chosen],
                np.full(len(chosen), code, dtype=object),
                np.array(uses, dtype=object),
                levels,
                shapes,
            )
        )
    columns = [np.concatenate(values) for values in zip(*tables, strict=True)]
    names = ("siruta", "cadastral_number", "building_code", "use", "levels")
    return Features(dict(zip(names, columns, strict=False)), as_multi(columns[-1]))


def levels_of(rng: np.random.Generator, code: NDArray[Any]) -> NDArray[Any]:
    """Height regimes that suit the zone."""
    low = rng.choice(["P", "P+M", "P+1", "P+1+M"], size=len(code), p=[0.55, 0.15, 0.22, 0.08])
    high = rng.choice(["P+3", "P+4", "S+P+4"], size=len(code))
    return np.where(code == "Lc", high, low).astype(object)


def make_addresses(plots: Plots, place: Place) -> Features:
    """Points on the street side of the plots that have an entrance."""
    middle = np.round(plots.corners[:, :2].mean(axis=1), 3)
    postcode = [f"{990_000 + place.index * 100 + block}" for block in plots.block]
    columns = {
        "siruta": np.full(len(plots), place.siruta),
        "street": plots.street,
        "number": plots.number,
        "postcode": np.array(postcode, dtype=object),
    }
    return Features(columns, many_points(middle))
