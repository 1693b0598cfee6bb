"""Where the parcel comes from: earlier splits and joins (Code art. 240(4): no second split of a split)."""

from __future__ import annotations

from analysis.facts import Facts
from analysis.relations import Draft
from analysis.rulebook import Edition, Rule


def reaches(rule: Rule, edition: Edition) -> dict[str, float]:
    """None: the history comes by the parcel's number."""
    return {}


def findings(rule: Rule, edition: Edition, facts: Facts) -> list[Draft]:
    """One finding for each earlier split or join, latest generation first."""
    ordered = sorted(facts.history, key=lambda row: (row.attributes["generation"], row.id))
    return [
        Draft(edition.texts.get(row.attributes["operation"], edition.text), row, shape=facts.shape)
        for row in ordered
    ]
