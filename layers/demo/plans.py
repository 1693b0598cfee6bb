"""General, zonal and detailed plans."""

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
from layers.demo.shapes import yard
from layers.demo.zoning import Overlay

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


def tables(plans: list[Plan], restrictions: list[Row]) -> dict[str, Features]:
    """As layers of the catalogue."""
    return {
        "planning.plan": collect("planning.plan", [plan.row for plan in plans]),
        "planning.restriction": collect("planning.restriction", restrictions),
    }
