"""The nearest line of each network, with what is known of it (Code art. 253(4)d)."""

from __future__ import annotations

from analysis.facts import Candidate, Facts
from analysis.relations import Draft
from analysis.rulebook import Edition, Rule


def findings(rule: Rule, edition: Edition, facts: Facts) -> list[Draft]:
    """One finding a network within reach, and one that says so for each network without."""
    limit = edition.distance_m or 0.0
    found = []
    for network in edition.parameters["networks"]:
        line = nearest(facts, rule.layer, network, limit)
        if line:
            found.append(Draft(edition.text, line, "nearest", round(line.distance, 3), limit))
        elif facts.has(rule.layer):
            found.append(Draft(edition.texts["none"], limit_m=limit, values={"network": network}))
    return found if any(draft.candidate for draft in found) else []


def nearest(facts: Facts, layer: str, network: str, limit_m: float) -> Candidate | None:
    """The nearest line of that network no farther than the limit, service connections apart."""
    for candidate in facts.of(layer):
        if candidate.attributes["network"] == network and round(candidate.distance, 3) <= limit_m:
            return candidate
    return None
