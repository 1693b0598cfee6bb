"""Works in a river bed near a bridge: 1 km upstream and 2 km downstream (OG 43/1997 art. 39)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from analysis.facts import Candidate, Facts
from analysis.relations import Draft, concerned
from analysis.rulebook import Edition, Offset, Rule

WATER = "environment.water"
BED = Offset(column="width_m", factor=0.5, default=0.0)
RUNNING = ("river", "regularised", "canal")


def reaches(rule: Rule, edition: Edition) -> dict[str, float | Offset]:
    """Bridges up to the longer of the two distances; waters that the land touches."""
    farthest = max(edition.parameters["upstream_m"], edition.parameters["downstream_m"])
    return {rule.layer: float(farthest), WATER: BED}


def findings(rule: Rule, edition: Edition, facts: Facts) -> list[Draft]:
    """One finding for each bridge over a watercourse whose bed the land touches, within its distance.

    The direction is that of the current, taken from how the watercourse is drawn (source to mouth), between the
    land and the bridge as the crow flies; a watercourse drawn as an area gives none, and the longer
    distance counts.
    """
    found = []
    for water in _touched(facts):
        for bridge in concerned(rule, facts):
            if not _over(bridge, water):
                continue
            direction = _direction(facts, water, bridge)
            limit = edition.parameters[f"{direction or 'downstream'}_m"]
            distance = round(bridge.distance, 3)
            if distance <= limit:
                values = {"direction": direction, "along_m": None}
                found.append(
                    Draft(edition.text, bridge, "within_distance", distance, float(limit), values=values)
                )
    return found


def _touched(facts: Facts) -> Iterator[Candidate]:
    for water in facts.of(WATER):
        half = (water.attributes["width_m"] or 0.0) / 2
        if water.attributes["kind"] in RUNNING and water.distance <= half:
            yield water


def _over(bridge: Candidate, water: Candidate) -> bool:
    named = bridge.attributes["watercourse"]
    return not named or not water.attributes["name"] or named == water.attributes["name"]


def _direction(facts: Facts, water: Candidate, bridge: Candidate) -> str | None:
    lines = [part for part in shapely.get_parts(water.shape) if shapely.get_dimensions(part) == 1]
    if not lines:
        return None
    line = min(lines, key=lambda part: part.distance(facts.shape))
    start = shapely.get_coordinates(shapely.shortest_line(line, facts.shape))[0]
    along = line.project(shapely.Point(start))
    before, after = (shapely.get_coordinates(line.interpolate(max(along + step, 0.0)))[0] for step in (-5, 5))
    ahead = np.dot(after - before, shapely.get_coordinates(bridge.shape.centroid)[0] - start)
    return "upstream" if ahead > 0 else "downstream"
