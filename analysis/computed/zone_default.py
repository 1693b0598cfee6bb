"""Ceilings of land coverage where the local regulation gives none (HG 525/1996 annex 2)."""

from __future__ import annotations

from analysis.computed import zones
from analysis.facts import Candidate, Facts
from analysis.relations import Draft, overlap
from analysis.rulebook import Edition, Rule

# The articles of a local regulation have official numbers (Ordinul MDLPA 1022/2026).
POT_MAXIMUM = 19

reaches = zones.reaches


def findings(rule: Rule, edition: Edition, facts: Facts) -> list[Draft]:
    """One finding for each zone in force that has a ceiling in the table but no POT of its own."""
    found = []
    for zone in zones.effective(facts):
        ceiling = edition.parameters["pot_max"].get(zone.candidate.attributes["code"])
        if ceiling is None or _has_ceiling(zone.candidate):
            continue
        draft = overlap(edition.text, zone.candidate, zone.shape, facts)
        if draft:
            draft.values = {"pot_max": ceiling}
            draft.attributes = {**zone.candidate.attributes, "pot_max": ceiling}
            found.append(draft)
    return found


def _has_ceiling(zone: Candidate) -> bool:
    """Whether article 19 of the local regulation gives a figure, under whatever name its file has for it."""
    return any(
        row["article"] == POT_MAXIMUM and row["value_max"] is not None for row in zones.regulation_of(zone)
    )
