"""Where the subject meets the roads in reach: kilometre, side, frontage, the next junction and access."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from analysis.facts import Candidate, Facts
from analysis.findings import RoadAccess
from analysis.measures import MILLIMETRE

ROADS = "roads.road"
MANAGED = ("A", "DX", "DN", "DJ", "DC")
STEP_M = 2.5
# From the edge of the road's bed to the plots along it: verge, ditch, pavement, a strip of green. What lies farther is
# behind other land, and no front.
ROADSIDE_M = 15.0
CARRIAGEWAY_M = 7.0  # where neither bed nor carriageway is known
FACING = 0.5  # cosine of 60°: an edge turned farther away from the road is a side, not the front


@dataclass(frozen=True, eq=False)
class Road:
    """A road in reach. ``crossing_m``: along it to the next junction, roundabout or pedestrian crossing."""

    candidate: Candidate
    access: RoadAccess
    managed: bool
    crossing_m: float | None


def roads_in_reach(facts: Facts) -> list[Road]:
    """Roads, streets included, that come within the rules' reach of access; nearest first."""
    if "roads" not in facts.memo:
        facts.memo["roads"] = [
            _road(candidate, facts) for candidate in facts.of(ROADS) if candidate.attributes.get("measures")
        ]
    found: list[Road] = facts.memo["roads"]
    return found


def kilometre(measure_m: float) -> str:
    """``km 12+340`` from metres, as on the posts."""
    whole, rest = divmod(round(measure_m), 1000)
    return f"km {whole}+{rest:03d}"


def _road(candidate: Candidate, facts: Facts) -> Road:
    attributes = candidate.attributes
    measures = attributes.pop("measures")
    here = np.array(measures["at"])
    access = RoadAccess.trusted(
        road=attributes["number"],
        category=attributes["category"],
        administrator=attributes["administrator"],
        position=kilometre(here[2]),
        measure_m=round(float(here[2]), 3),
        measure_source=attributes["measure_source"],
        side=_side(facts.shape, candidate, measures),
        distance_to_axis_m=round(candidate.distance, 3),
        frontage_m=round(frontage(facts.shape, candidate.shape, front_reach(attributes)), 3),
        next_junction_m=_rounded(measures["junction_m"]),
        next_access_m=_rounded(measures["access_m"]),
    )
    return Road(candidate, access, attributes["category"] in MANAGED, measures["crossing_m"])


def front_reach(attributes: Mapping[str, Any]) -> float:
    """How far from a road's axis, in metres, an outline may lie to be along the road."""
    width = max(attributes.get("bed_m") or 0.0, attributes.get("carriageway_m") or CARRIAGEWAY_M)
    return width / 2 + ROADSIDE_M


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 3)


def _side(subject: BaseGeometry, candidate: Candidate, measures: dict[str, Any]) -> Any:
    """Side of the road as seen going up the kilometres, whichever way the axis is drawn."""
    if round(candidate.distance, 3) == 0:
        return "on"
    before, after = np.array(measures["before"]), np.array(measures["after"])
    ahead = (after - before)[:2] * (1 if after[2] >= before[2] else -1)
    here = shapely.Point(measures["at"][:2])
    to_subject = np.diff(shapely.get_coordinates(shapely.shortest_line(here, subject)), axis=0)[0]
    return "left" if ahead[0] * to_subject[1] - ahead[1] * to_subject[0] > 0 else "right"


def frontage(subject: BaseGeometry, road: BaseGeometry, reach_m: float) -> float:
    """Length in metres of the subject's outline that faces the road and is within reach of it.

    An edge faces the road when its outward normal turns less than 60° away from the way to the nearest point
    of the axis and nothing of the subject lies between. For a line there is no frontage: 0.
    """
    if shapely.get_dimensions(subject) != 2:
        return 0.0
    starts, ends = _edges(subject, road, reach_m)
    if not len(starts):
        return 0.0
    middles, along = (starts + ends) / 2, ends - starts
    lengths = np.hypot(*along.T)
    # Rings are oriented so that the land lies to the left; the right-hand normal leads outward.
    outward = np.column_stack([along[:, 1], -along[:, 0]]) / lengths[:, None]
    sights = shapely.shortest_line(shapely.points(middles), road)
    way = shapely.get_coordinates(sights).reshape(-1, 2, 2)[:, 1] - middles
    distances = np.hypot(*way.T)
    with np.errstate(invalid="ignore"):
        cosines = np.einsum("ij,ij->i", outward, way) / distances
    facing = ((distances <= reach_m) & (cosines >= FACING)) | (distances < MILLIMETRE)
    if facing.any() and not _is_convex(subject):
        inner = shapely.buffer(subject, -0.01)
        shapely.prepare(inner)
        facing &= ~shapely.intersects(inner, sights)
    return float(lengths[facing].sum())


def _edges(
    subject: BaseGeometry, road: BaseGeometry, reach_m: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Starts and ends of the outline's edges within reach of the road, in short steps.

    The land lies to the left of each.
    """
    rings = shapely.get_exterior_ring(shapely.get_parts(subject))
    coordinates, owner = shapely.get_coordinates(rings, return_index=True)
    same = owner[1:] == owner[:-1]
    starts, ends = coordinates[:-1][same], coordinates[1:][same]
    clockwise = ~shapely.is_ccw(rings)[owner[1:][same]]
    starts, ends = (
        np.where(clockwise[:, None], ends, starts),
        np.where(clockwise[:, None], starts, ends),
    )
    lengths = np.hypot(*(ends - starts).T)
    near = shapely.distance(shapely.linestrings(np.stack([starts, ends], axis=1)), road) <= reach_m
    near &= lengths > 0
    steps = np.ceil(lengths[near] / STEP_M).astype(int)
    edge = np.repeat(np.arange(len(steps)), steps)
    number = np.arange(len(edge)) - np.repeat(np.cumsum(steps) - steps, steps)
    part = ((ends - starts)[near] / steps[:, None])[edge]
    first = starts[near][edge] + part * number[:, None]
    return first, first + part


def _is_convex(subject: BaseGeometry) -> bool:
    return bool(subject.area >= subject.convex_hull.area * (1 - 1e-9))
