"""Ceilings of land coverage where the local regulation gives none (HG 525/1996 annex 2)."""

from __future__ import annotations

from analysis.computed import zones
from analysis.facts import Facts
from analysis.relations import Draft, overlap
from analysis.rulebook import Edition, Rule

reaches = zones.reaches


def findings(rule: Rule, edition: Edition, facts: Facts) -> list[Draft]:
    """One finding for each zone in force that has a ceiling in the table but no POT of its own."""
    found = []
    for zone in zones.effective(rule, edition, facts):
        ceiling = edition.parameters["pot_max"].get(zone.candidate.attributes["code"])
        if ceiling is None or zones.figure(zone.candidate, "pot_max", "value_max") is not None:
            continue
        draft = overlap(edition.text, zone.candidate, zone.shape, facts)
        if draft:
            draft.values = {"pot_max": ceiling}
            draft.attributes = {**zone.candidate.attributes, "pot_max": ceiling}
            found.append(draft)
    return found
