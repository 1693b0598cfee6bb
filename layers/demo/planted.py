"""The parcels of the hard cases, put in on purpose before fields are cut (see cases.py)."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from layers.demo.cases import HARD_CASES
from layers.demo.features import Floats
from layers.demo.objects import find_room, occupied
from layers.demo.place import Place
from layers.demo.shapes import yard
from layers.demo.zoning import Overlay

Row = tuple[BaseGeometry | None, dict[str, Any]]


@dataclass(frozen=True)
class Planted:
    """A parcel put in by hand."""

    siruta: int
    number: str
    land: BaseGeometry
    use: str


def across_border(rng: np.random.Generator, place: Place, others: list[Place]) -> Planted:
    """A strip that begins in ``place`` and ends in a neighbour."""
    taken = shapely.union_all(
        [
            part
            for item in (place, *others)
            for part in (occupied(item), item.reserved, *item.built_up.values())
        ]
    )
    shapely.prepare(taken)
    border = place.land.exterior
    for share in rng.permutation(np.linspace(0.01, 0.99, 120)):
        spot, ahead = (
            np.array(border.interpolate(share * border.length + step).coords[0]) for step in (0.0, 5.0)
        )
        angle = float(np.arctan2(*(ahead - spot)[::-1]))
        strip = yard(spot, 34.0, 360.0, angle)
        meets = [other for other in others if strip.intersects(other.land)]
        inside = shapely.union_all([place.land, *(other.land for other in meets)])
        if (
            len(meets) == 1
            and inside.contains(strip)
            and taken.disjoint(strip)
            and (0.35 < strip.intersection(place.land).area / strip.area < 0.65)
        ):
            for owner in (place, meets[0]):
                owner.reserved = shapely.union(owner.reserved, strip)
            case = HARD_CASES["two_communes"]
            return Planted(case.siruta, str(case.cadastral_number), strip, "A")
    raise AssertionError(f"no border of {place.name} has room for a parcel across it")


def local(centre: Floats, angle: float, points: list[tuple[float, float]]) -> Floats:
    """Points of a turned local frame in EPSG:3844."""
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.asarray(np.round(centre + np.array(points) @ turn, 3))


def frame(
    centre: Floats, angle: float, west: float, south: float, east: float, north: float
) -> shapely.Polygon:
    """A rectangle of the local frame."""
    return shapely.Polygon(local(centre, angle, [(west, south), (east, south), (east, north), (west, north)]))


def isolated_part(rng: np.random.Generator, place: Place) -> tuple[list[Planted], list[Overlay]]:
    """A built-up part of its own in the fields, two zones, and the parcels that do not keep to its lines."""
    centre = find_room(rng, place, 190.0, place.seat, 1_600)
    angle = float(rng.uniform(0.2, 1.2))
    body = frame(centre, angle, -120, -80, 120, 80)
    place.built_up[f"Trup {place.name} – atelier"] = body
    overlays = [
        Overlay(frame(centre, angle, -120, -80, 0, 80), "A"),
        Overlay(frame(centre, angle, 0, -80, 120, 80), "I"),
    ]
    shapes = {
        "sliver": frame(centre, angle, -80, -60, 0.3, 10),
        "sliver_neighbour": frame(centre, angle, 0.3, -60, 90, 10),
        "split_by_built_up_line": frame(centre, angle, -40, 30, 10, 130),
    }
    planted = [
        Planted(place.siruta, str(HARD_CASES[name].cadastral_number), land, "CC" if "sliver" in name else "A")
        for name, land in shapes.items()
    ]
    place.reserved = shapely.union_all([place.reserved, body, *shapes.values()])
    return planted, overlays


def at_buffer_limit(rng: np.random.Generator, place: Place) -> Planted:
    """A parcel with one corner exactly 20 m from the axis of a county road, outside the villages."""
    taken = shapely.union_all(
        [place.barriers, place.forest, place.reserved, *(block.hull.buffer(40) for block in place.blocks)]
    )
    axes = shapely.union_all([road.line for road in place.roads])
    for road in place.roads:
        if road.category != "DJ":
            continue
        for s in rng.permutation(np.arange(60.0, road.corridor.length - 60, 45.0)):
            for side in (1.0, -1.0):
                corner, far = road.corridor.at(np.array([s, s]), side * np.array([20.0, 120.0]))
                out = (far - corner) / np.hypot(*(far - corner))
                across = np.array([-out[1], out[0]])
                ring = np.array(
                    [
                        corner,
                        corner + 15 * out + 14 * across,
                        far + 14 * across,
                        far - 14 * across,
                        corner + 15 * out - 14 * across,
                    ]
                )
                for _ in range(60):
                    gap = 20.0 - shapely.Polygon(ring).distance(road.line)
                    ring = ring + gap * out
                    if abs(gap) < 1e-10:
                        break
                land = shapely.Polygon(ring)
                if (
                    place.land.contains(land)
                    and taken.disjoint(land)
                    and abs(land.distance(axes) - 20.0) < 1e-9
                ):
                    place.reserved = shapely.union(place.reserved, land)
                    return Planted(place.siruta, str(HARD_CASES["buffer_limit"].cadastral_number), land, "A")
    raise AssertionError(f"no county road of {place.name} has room for a parcel beside it")


def parts_and_splits(rng: np.random.Generator, place: Place) -> tuple[list[Planted], list[Row]]:
    """The parcel in two parts with a hole, the one in the hole, and the parcels of two splits with their history."""
    centre = find_room(rng, place, 95.0, place.seat, 1_700)
    angle = float(rng.uniform(0, 1.5))
    hole = frame(centre, angle, -50, -10, -30, 12)
    first = shapely.Polygon(frame(centre, angle, -85, -40, 10, 40).exterior, [hole.exterior])
    both = shapely.MultiPolygon([first, frame(centre, angle, 40, -25, 80, 30)])
    planted = [Planted(place.siruta, "30106", both, "A"), Planted(place.siruta, "30107", hole, "HB")]
    place.reserved = shapely.union_all([place.reserved, both, hole])
    centre = find_room(rng, place, 60.0, place.seat, 1_700)
    for number, (west, east) in {
        "30108": (-50.0, -5.0),
        "30110": (-5.0, 22.0),
        "30111": (22.0, 50.0),
    }.items():
        planted.append(Planted(place.siruta, number, frame(centre, angle, west, -30, east, 30), "A"))
    place.reserved = shapely.union_all([place.reserved, *(item.land for item in planted[2:])])
    history = [
        ("30108", "29871", 2015, 4, 9),
        ("30109", "29871", 2015, 4, 9),
        ("30110", "30109", 2024, 10, 2),
        ("30111", "30109", 2024, 10, 2),
    ]
    rows: list[Row] = [
        (
            None,
            {
                "siruta": place.siruta,
                "cadastral_number": now,
                "earlier_number": before,
                "operation": "split",
                "on_date": datetime.date(*day),
            },
        )
        for now, before, *day in history
    ]
    return planted, rows
