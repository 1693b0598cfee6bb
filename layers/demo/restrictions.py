"""Bans, reserves, risks and servitudes: at least one of every kind, temporary bans in force and run out."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from layers.demo.objects import find_room
from layers.demo.place import Place
from layers.demo.shapes import blob
from layers.demo.zoning import Zone

Row = tuple[BaseGeometry, dict[str, Any]]
SMALLEST_FLOOD_M2 = 2_000.0


@dataclass(frozen=True)
class Entry:
    """A restriction to be drawn on the zones of some codes, ``grown`` by a distance, or on a field of a radius.

    ``act`` sets it instead of the general plan.
    """

    kind: str
    title: str
    codes: tuple[str, ...] = ()
    grown_m: float = 0.0
    radius_m: float = 0.0
    act: str | None = None
    until: datetime.date | None = None


# by index of the place
SINGLE: tuple[tuple[int, Entry], ...] = (
    (
        0,
        Entry(
            "building_ban_temporary",
            "Interdicție temporară până la aprobarea PUZ Centru",
            ("M",),
            until=datetime.date(2027, 6, 30),
        ),
    ),
    (0, Entry("special_destination", "Teren cu destinație specială și zona lui de protecție", ("DS",), 60)),
    (0, Entry("risk_seveso", "Zonă de compatibilitate Seveso", ("I",), 300)),
    (0, Entry("reserve", "Rezervă de teren pentru varianta de ocolire", radius_m=300)),
    (
        1,
        Entry(
            "building_ban_temporary",
            "Interdicție temporară expirată: zona pieței",
            ("C",),
            until=datetime.date(2025, 12, 31),
        ),
    ),
    (2, Entry("risk_other", "Haldă veche: risc de tasare", radius_m=180)),
    (
        3,
        Entry(
            "communicated",
            "Zonă comunicată de instituțiile de apărare",
            radius_m=350,
            act="Adresa nr. 4417/2026",
        ),
    ),
    (
        8,
        Entry(
            "extraction",
            "Perimetru de exploatare: nisip și pietriș",
            radius_m=240,
            act="Licența de exploatare 17482/2016",
        ),
    ),
    (10, Entry("no_intravilan", "Teren agricol de clasa I: nu se introduce în intravilan", radius_m=500)),
    (14, Entry("servitude", "Servitute de trecere cu conducta de transport", radius_m=60)),
    (15, Entry("reserve", "Rezervă de teren pentru școală", radius_m=70)),
)
# (every how many places, from which, what)
REPEATED: tuple[tuple[int, int, Entry], ...] = (
    (3, 0, Entry("puz_forbidden", "Zona centrală: reglementările nu se modifică prin PUZ", ("C",))),
    (4, 1, Entry("puz_compulsory", "Zonă de extindere: construirea numai după PUZ", ("I", "A"))),
    (5, 2, Entry("risk_landslide", "Zonă cu risc de alunecări de teren", radius_m=260)),
    (
        6,
        3,
        Entry("building_ban_permanent", "Interdicție definitivă de construire: teren instabil", radius_m=90),
    ),
)


def draw(rng: np.random.Generator, place: Place, zones: list[Zone], entry: Entry) -> BaseGeometry:
    """The land of a restriction. A small county has no room for every zone: then a field takes its part."""
    lands = [zone.land for zone in zones if zone.code in entry.codes]
    if lands:
        return shapely.union_all(lands).buffer(entry.grown_m)
    radius = entry.radius_m or 60.0
    return blob(
        rng, find_room(rng, place, 0.5 * radius, place.seat, 1_500), radius, 1.5, float(rng.uniform(0, 3))
    )


def row(place: Place, entry: Entry, land: BaseGeometry) -> Row:
    """A feature of planning.restriction, cut to the commune."""
    return shapely.intersection(land, place.land), {
        "siruta": place.siruta,
        "plan_code": None if entry.act else f"PUG-{place.siruta}",
        "act": entry.act,
        "kind": entry.kind,
        "title": entry.title,
        "valid_until": entry.until,
    }


def make_restrictions(
    rng: np.random.Generator, places: list[Place], zones: dict[int, list[Zone]], floods: BaseGeometry
) -> list[Row]:
    """All of the county. ``floods``: land flooded once in a hundred years."""
    wanted = [(places[index], entry) for index, entry in SINGLE]
    wanted += [(place, entry) for every, first, entry in REPEATED for place in places[first::every]]
    rows = [row(place, entry, draw(rng, place, zones[place.index], entry)) for place, entry in wanted]
    northern = max(places, key=lambda place: float(place.seat[1]))
    landscape = Entry("landscape", "Peisaj de valoare deosebită: Cheile Vetrei")
    rows.append(row(northern, landscape, northern.seat_land(2_600)))
    rows.append(row(places[1], Entry("servitude", "Servitute aeronautică de înălțime"), places[1].land))
    flood = Entry("risk_flood", "Zonă cu risc de inundații, probabilitate 1 %")
    for place in places:
        wet = shapely.intersection(floods, shapely.union_all(list(place.built_up.values())))
        if wet.area > SMALLEST_FLOOD_M2:
            rows.append(row(place, flood, wet))
    wettest = max(places, key=lambda place: float(shapely.intersection(floods, place.land).area))
    rows.append(row(wettest, flood, shapely.intersection(floods, wettest.seat_land(4_000))))
    return [(land, attributes) for land, attributes in rows if not land.is_empty]
