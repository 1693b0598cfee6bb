"""Monuments, their zones, old centres, archaeology and nature: what culture and environment must be asked about."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from layers.demo.features import Features, collect
from layers.demo.objects import find_room
from layers.demo.place import Place
from layers.demo.rivers import River
from layers.demo.shapes import blob, yard

Row = tuple[BaseGeometry, dict[str, Any]]
CHURCHES = (
    "Biserica „Sfântul Nicolae”",
    "Biserica „Adormirea Maicii Domnului”",
    "Biserica de lemn „Cuvioasa Paraschiva”",
    "Biserica „Intrarea în Biserică”",
    "Ansamblul bisericii „Sfinții Voievozi”",
)
HOUSES = ("Culă", "Conac", "Școală veche", "Moară de apă", "Casă de lemn", "Han")


def monuments(rng: np.random.Generator, places: list[Place]) -> tuple[list[Row], list[Row]]:
    """(monuments, drawn zones): a church in two of three seats, a house here and there; half have no drawn zone."""
    found: list[Row] = []
    zones: list[Row] = []
    for place in places:
        names = [CHURCHES[place.index % 5]] * (place.index % 3 != 1) + [HOUSES[place.index % 6]] * (
            place.index % 4 == 2
        )
        for order, name in enumerate(names):
            block = place.blocks[order % len(place.blocks)]
            lots = block.lots
            wanted = "C" if order == 0 else "Li"
            hits = np.flatnonzero((lots.code == wanted) & (lots.row == 0))
            if not len(hits):
                continue
            corners = lots.corners[hits[len(hits) // 2]]
            at = 0.62 * corners[:2].mean(0) + 0.38 * corners[2:].mean(0)
            front = corners[1] - corners[0]
            shape: BaseGeometry = yard(at, 16.0, 8.5, float(np.arctan2(front[1], front[0])) + np.pi / 2)
            if place.index % 5 == 3:
                shape = shapely.Point(np.round(at, 3))
            value = "A" if place.index % 4 == 0 else "B"
            grade = "UNESCO" if place.index == 12 and order == 0 else value
            code = f"VT-II-{'a' if 'Ansamblul' in name else 'm'}-{value}-{9001 + len(found)}"
            drawn = bool((place.index + order) % 2 == 0)
            title = f"{name}, {block.locality}"
            found.append(
                (
                    shape,
                    {
                        "lmi_code": code,
                        "name": title,
                        "class": grade,
                        "status": "listed",
                        "has_drawn_zone": drawn,
                    },
                )
            )
            if drawn:
                zones.append(
                    (
                        shapely.intersection(blob(rng, at, 110.0), place.land),
                        {"lmi_code": code, "name": f"Zona de protecție: {title}", "class": grade},
                    )
                )
    return found, zones


def protected_areas(places: list[Place]) -> list[Row]:
    """The old centres of the county town and of two towns."""
    rows: list[Row] = []
    for place in places[:3]:
        block = place.blocks[0]
        cores = [
            block.patch_polygon(patch) for patch in block.patches if patch.code in ("C", "Isi", "Isa", "Va")
        ]
        if cores:
            land = shapely.union_all(cores).buffer(45).buffer(-20)
            rows.append(
                (
                    shapely.intersection(land, shapely.union_all(list(place.built_up.values()))),
                    {
                        "code": f"ZCP-{place.siruta}",
                        "name": f"Zona construită protejată – centrul istoric {place.name}",
                    },
                )
            )
    return rows


def archaeology(rng: np.random.Generator, places: list[Place]) -> list[Row]:
    """Sites in the fields: most charted, one found by accident, one of priority interest."""
    rows: list[Row] = []
    for number, place in enumerate(places[2::4]):
        centre = find_room(rng, place, 90.0, place.seat, 1_400)
        status = "accidental" if number == 1 else "priority" if number == 4 else "charted"
        name = (
            "Așezare romană",
            "Necropolă tumulară",
            "Așezare din epoca bronzului",
            "Castru roman",
            "Cetate de pământ",
        )[number % 5]
        rows.append(
            (
                blob(rng, centre, 85.0),
                {
                    "ran_code": f"{place.siruta}.{number + 1:02d}",
                    "name": f"{name} – {place.name}",
                    "status": status,
                },
            )
        )
    return rows


def nature(
    rng: np.random.Generator, rivers: list[River], outline: BaseGeometry, forests: list[BaseGeometry]
) -> tuple[list[Row], list[Row]]:
    """(protected sites, mountain zones)."""
    main = rivers[0]
    lower = main.line.simplify(40).buffer(620).buffer(-150)
    mountains = shapely.box(320_000, 431_500, 400_000, 450_000)
    wild = [shapely.intersection(shapely.make_valid(forest), mountains) for forest in forests[:3]]
    high = shapely.union_all(wild).simplify(20)
    meadow = blob(rng, main.xy[int(0.72 * len(main.xy))] + np.array([6_500.0, 0.0]), 900.0, 2.0, 0.6)
    south = shapely.box(320_000, 370_000, 400_000, 404_000)
    sites = [
        ("ROSCI9001", "Lunca Vetrei", "natura2000_sci", shapely.intersection(lower, south)),
        ("ROSPA9002", "Munții Vetrei", "natura2000_spa", high.buffer(-60)),
        ("RONPA9003", "Poiana cu narcise", "reserve", meadow),
    ]
    rows: list[Row] = [
        (
            land,
            {
                "code": code,
                "name": name,
                "kind": kind,
                "administrator": "Agenția pentru arii naturale protejate, serviciul Vatra",
            },
        )
        for code, name, kind, land in ((*item[:3], shapely.intersection(item[3], outline)) for item in sites)
        if not land.is_empty
    ]
    zones: list[Row] = [
        (
            shapely.intersection(high.buffer(-300), outline),
            {"kind": "forest", "name": "Pădurea montană Vetrei"},
        )
    ]
    upper = shapely.intersection(main.line.buffer(130), mountains)
    zones.append(
        (shapely.intersection(upper, outline), {"kind": "water", "name": f"Cursul montan {main.name}"})
    )
    return rows, [zone for zone in zones if not zone[0].is_empty]


def tables(
    rng: np.random.Generator,
    places: list[Place],
    rivers: list[River],
    outline: BaseGeometry,
    forests: list[BaseGeometry],
) -> dict[str, Features]:
    """All layers of heritage and of protected nature."""
    listed, drawn = monuments(rng, places)
    sites, mountain = nature(rng, rivers, outline, forests)
    return {
        "heritage.monument": collect("heritage.monument", listed),
        "heritage.protection_zone": collect("heritage.protection_zone", drawn),
        "heritage.protected_area": collect("heritage.protected_area", protected_areas(places)),
        "heritage.archaeology": collect("heritage.archaeology", archaeology(rng, places)),
        "environment.protected_site": collect("environment.protected_site", sites),
        "environment.mountain_zone": collect("environment.mountain_zone", mountain),
    }
