"""General, zonal and detailed plans, and the bans, reserves and risks they set."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from layers.demo.features import Features, collect
from layers.demo.objects import find_room
from layers.demo.place import Place
from layers.demo.shapes import blob, yard
from layers.demo.zoning import Overlay, Zone

Row = tuple[BaseGeometry, dict[str, Any]]
LAPSE = datetime.date(2029, 8, 25)
EXPIRED = datetime.date(2024, 12, 31)


@dataclass(frozen=True)
class Plan:
    """A plan and the land it rules. Dates as in its council's decision (HCL)."""

    siruta: int
    code: str
    kind: str
    title: str
    decision: str | None
    approved_on: datetime.date | None
    valid_until: datetime.date | None
    land: BaseGeometry
    status: str = "in_force"

    @property
    def row(self) -> Row:
        """As a feature of planning.plan."""
        return self.land, {
            "siruta": self.siruta,
            "code": self.code,
            "kind": self.kind,
            "title": self.title,
            "approved_by": self.decision,
            "approved_on": self.approved_on,
            "valid_until": self.valid_until,
            "status": self.status,
        }


def general_plan(rng: np.random.Generator, place: Place, expired: bool) -> Plan:
    """The PUG of a commune. Those older than seven years on 2026-08-25 lapse in 2029 (Legea 169/2026 art. 573)."""
    year = int(rng.integers(2009, 2014)) if expired else int(rng.integers(2011, 2025))
    day = datetime.date(year, int(rng.integers(1, 13)), int(rng.integers(1, 28)))
    until = EXPIRED if expired else LAPSE if year < 2019 else day.replace(year=year + 10)
    decision = f"HCL nr. {int(rng.integers(8, 120))}/{day.year}"
    kind = {"municipiu": "municipiul", "oras": "orașul", "comuna": "comuna"}[place.kind]
    return Plan(
        place.siruta,
        f"PUG-{place.siruta}",
        "PUG",
        f"Planul urbanistic general – {kind} {place.name}",
        decision,
        day,
        until,
        place.land,
    )


def zonal_plans(rng: np.random.Generator, places: list[Place]) -> tuple[list[Plan], dict[int, list[Overlay]]]:
    """PUZs on economic land of a few places with the zones they set; one annulled; one PUD; one PUG in preparation."""
    plans: list[Plan] = []
    overlays: dict[int, list[Overlay]] = {}
    for order, place in enumerate([*places[:4], *places[13:40:6]]):
        centre = find_room(rng, place, 120.0, place.seat, 1_300)
        land = yard(centre, 170, 120, float(rng.uniform(0, 1.5)))
        place.reserved = shapely.union(place.reserved, land.buffer(1.5, join_style="mitre"))
        code, status = f"PUZ-{place.siruta}-1", "annulled" if order == 6 else "in_force"
        day = datetime.date(2021 + order % 5, 3 + order % 8, 11)
        plans.append(
            Plan(
                place.siruta,
                code,
                "PUZ",
                f"PUZ parc de activități {place.name}",
                f"HCL nr. {31 + order}/{day.year}",
                day,
                day.replace(year=day.year + 5),
                land,
                status,
            )
        )
        if status == "in_force":
            overlays[place.index] = [Overlay(land, ("I", "CS", "Li")[order % 3], code)]
            place.built_up[f"Trup PUZ {place.name}"] = land
    town, later = places[0], places[9]
    lots = town.blocks[0].lots
    lot = lots.polygons[np.flatnonzero((lots.row == 0) & (lots.code == "Li"))[3]]
    day = datetime.date(2025, 5, 14)
    plans.append(
        Plan(
            town.siruta,
            f"PUD-{town.siruta}-1",
            "PUD",
            "PUD locuință colectivă mică",
            f"Dispoziția nr. 212/{day.year}",
            day,
            datetime.date(2028, 5, 14),
            lot,
        )
    )
    plans.append(
        Plan(
            later.siruta,
            f"PUG-{later.siruta}-2",
            "PUG",
            f"Actualizarea PUG – comuna {later.name}",
            None,
            None,
            None,
            later.land,
            "in_preparation",
        )
    )
    return plans, overlays


def make_restrictions(
    rng: np.random.Generator, places: list[Place], zones: dict[int, list[Zone]], floods: BaseGeometry
) -> list[Row]:
    """At least one restriction of every kind; temporary bans in force and run out."""
    rows: list[Row] = []

    def put(
        place: Place,
        kind: str,
        title: str,
        land: BaseGeometry,
        act: str | None = None,
        until: datetime.date | None = None,
    ) -> None:
        land = shapely.intersection(land, place.land)
        if not land.is_empty:
            rows.append(
                (
                    land,
                    {
                        "siruta": place.siruta,
                        "plan_code": None if act else f"PUG-{place.siruta}",
                        "act": act,
                        "kind": kind,
                        "title": title,
                        "valid_until": until,
                    },
                )
            )

    def field(place: Place, radius: float) -> BaseGeometry:
        return blob(
            rng, find_room(rng, place, 0.5 * radius, place.seat, 1_500), radius, 1.5, float(rng.uniform(0, 3))
        )

    def zone(place: Place, *codes: str) -> BaseGeometry:
        # a small county has no room for every zone: then a field takes its part
        lands = [item.land for item in zones[place.index] if item.code in codes]
        return shapely.union_all(lands) if lands else field(place, 60)

    for place in places:
        if place.index % 3 == 0:
            put(
                place,
                "puz_forbidden",
                "Zona centrală: reglementările nu se modifică prin PUZ",
                zone(place, "C"),
            )
        if place.index % 4 == 1:
            put(
                place,
                "puz_compulsory",
                "Zonă de extindere: construirea numai după PUZ",
                zone(place, "I", "A"),
            )
        if place.index % 5 == 2:
            put(place, "risk_landslide", "Zonă cu risc de alunecări de teren", field(place, 260))
        if place.index % 6 == 3:
            put(
                place,
                "building_ban_permanent",
                "Interdicție definitivă de construire: teren instabil",
                field(place, 90),
            )
    town = places[0]
    put(
        town,
        "building_ban_temporary",
        "Interdicție temporară până la aprobarea PUZ Centru",
        zone(town, "M"),
        until=datetime.date(2027, 6, 30),
    )
    put(
        town,
        "special_destination",
        "Teren cu destinație specială și zona lui de protecție",
        zone(town, "DS").buffer(60),
    )
    put(town, "risk_seveso", "Zonă de compatibilitate Seveso", zone(town, "I").centroid.buffer(420))
    put(town, "reserve", "Rezervă de teren pentru varianta de ocolire", field(town, 300))
    put(town, "servitude", "Servitute aeronautică de înălțime", places[1].land)
    put(
        places[1],
        "building_ban_temporary",
        "Interdicție temporară expirată: zona pieței",
        zone(places[1], "C"),
        until=datetime.date(2025, 12, 31),
    )
    put(places[2], "risk_other", "Haldă veche: risc de tasare", field(places[2], 180))
    put(
        places[3],
        "communicated",
        "Zonă comunicată de instituțiile de apărare",
        field(places[3], 350),
        act="Adresa nr. 4417/2026",
    )
    put(
        places[8],
        "extraction",
        "Perimetru de exploatare: nisip și pietriș",
        field(places[8], 240),
        act="Licența de exploatare 17482/2016",
    )
    put(
        places[10],
        "no_intravilan",
        "Teren agricol de clasa I: nu se introduce în intravilan",
        field(places[10], 500),
    )
    put(places[14], "servitude", "Servitute de trecere cu conducta de transport", field(places[14], 60))
    put(places[15], "reserve", "Rezervă de teren pentru școală", field(places[15], 70))
    northern = max(places, key=lambda place: place.seat[1])
    put(northern, "landscape", "Peisaj de valoare deosebită: Cheile Vetrei", northern.seat_land(2_600))
    for place in places:
        wet = shapely.intersection(floods, shapely.union_all(list(place.built_up.values())))
        if wet.area > 2_000:
            put(place, "risk_flood", "Zonă cu risc de inundații, probabilitate 1 %", wet)
    return rows


def tables(plans: list[Plan], restrictions: list[Row]) -> dict[str, Features]:
    """As layers of the catalogue."""
    return {
        "planning.plan": collect("planning.plan", [plan.row for plan in plans]),
        "planning.restriction": collect("planning.restriction", restrictions),
    }
