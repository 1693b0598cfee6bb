"""Access to the roads in reach: prior agreement, permit, and the traffic police (Code art. 266–267)."""

from __future__ import annotations

from analysis.facts import Facts
from analysis.relations import Draft
from analysis.roads import Road, roads_in_reach
from analysis.rulebook import Edition, Rule


def findings(rule: Rule, edition: Edition, facts: Facts) -> list[Draft]:
    """One finding for each road in reach, and what the traffic police has to do with it."""
    limit = edition.distance_m or 0.0
    found = []
    for road in roads_in_reach(facts):
        if road.access.distance_to_axis_m <= limit:
            found += _of(road, rule, edition, facts)
    return found


def _of(road: Road, rule: Rule, edition: Edition, facts: Facts) -> list[Draft]:
    access, limit = road.access, edition.distance_m
    values = {
        "position": access.position.removeprefix("km "),
        "side": access.side,
        "frontage_m": access.frontage_m or None,
        "next_junction_m": access.next_junction_m,
        "next_access_m": access.next_access_m,
    }
    attributes = {**road.candidate.attributes, **values, "measure_m": access.measure_m}
    if access.side == "on":
        values["side"] = None  # what lies on the road is on no side of it
    text = edition.text if road.managed else edition.texts["street"]
    exempt = _exempt(road, edition, facts)
    police = tuple(code for code in rule.approvals if code == "traffic-police")
    others = tuple(code for code in rule.approvals if code not in police)
    distance = access.distance_to_axis_m
    first = Draft(
        text,
        road.candidate,
        "nearest",
        distance,
        limit,
        values=values,
        attributes=attributes,
        approvals=others,
    )
    second = Draft(
        edition.texts["police_exempt" if exempt else "police"],
        road.candidate,
        "nearest",
        distance,
        limit,
        values=values,
        attributes=attributes,
        approvals=() if exempt else police,
    )
    return [first, second]


def _exempt(road: Road, edition: Edition, facts: Facts) -> bool:
    """Houses on small streets away from junctions; the few cars a day are the applicant's to declare."""
    classes = edition.parameters.get("exempt_classes", ())
    if road.candidate.attributes["street_class"] not in classes or not facts.has("roads.junction"):
        return False
    return road.crossing_m is None or road.crossing_m >= edition.parameters["exempt_from_junction_m"]
