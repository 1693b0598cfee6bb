"""Is the land constructible: the four tests of the Code's art. 159, each with its answer.

Public services are a person's to judge; the other three are met, not met, or not known.
"""

from __future__ import annotations

from analysis.computed import utilities_available, zones
from analysis.facts import Facts
from analysis.findings import Relation
from analysis.relations import Draft
from analysis.roads import roads_in_reach
from analysis.rulebook import Edition, Rule

ALWAYS = True
LINES, ROADS = "utilities.line", "roads.road"


def reaches(rule: Rule, edition: Edition) -> dict[str, float]:
    """Zones where they overlap, networks and roads up to the rule's distances."""
    near = {LINES: float(edition.parameters["utilities_m"]), ROADS: float(edition.parameters["access_m"])}
    return {**zones.reaches(rule, edition), **near}


def findings(rule: Rule, edition: Edition, facts: Facts) -> list[Draft]:
    """The definition, then an answer to each test."""
    if facts.is_line:
        return []
    return [
        Draft(edition.text),
        _minimum(edition, facts),
        *_utilities(edition, facts),
        _access(edition, facts),
        Draft(edition.texts["services_unknown"]),
    ]


def _minimum(edition: Edition, facts: Facts) -> Draft:
    main = next(iter(zones.effective(facts)), None)
    area_min = zones.figure(main.candidate, "area_min", "value_min") if main else None
    front_min = zones.figure(main.candidate, "front_min", "value_min") if main else None
    if main is None or (area_min is None and front_min is None):
        return Draft(edition.texts["minimum_unknown"])
    area = facts.area_legal_m2 or facts.area_m2
    front = max((road.access.frontage_m for road in roads_in_reach(facts)), default=0.0)
    met = (area_min is None or area >= area_min) and (front_min is None or front >= front_min)
    values = {
        "area_min": area_min,
        "front_min": front_min,
        "area_m2": area if area_min is not None else None,
        "front_m": front if front_min is not None else None,
    }
    return Draft(edition.texts["minimum_met" if met else "minimum_not_met"], main.candidate, values=values)


def _utilities(edition: Edition, facts: Facts) -> list[Draft]:
    found = []
    for network in edition.parameters["networks"]:
        line = utilities_available.nearest(facts, LINES, network, edition.parameters["utilities_m"])
        answer = "met" if line else "not_met" if facts.has(LINES) else "unknown"
        distance = round(line.distance, 3) if line else None
        relation: Relation | None = "nearest" if line else None
        text = edition.texts[f"utilities_{answer}"]
        found.append(Draft(text, line, relation, distance, values={"network": network}))
    return found


def _access(edition: Edition, facts: Facts) -> Draft:
    if not facts.has(ROADS):
        return Draft(edition.texts["access_unknown"])
    limit = edition.parameters["access_m"]
    near = next((road for road in roads_in_reach(facts) if road.access.distance_to_axis_m <= limit), None)
    if near is None:
        return Draft(edition.texts["access_not_met"])
    distance = near.access.distance_to_axis_m
    values = {"road": near.access.road}
    return Draft(
        edition.texts["access_met"], near.candidate, "nearest", distance, float(limit), values=values
    )
