"""The drawn area against the registered one."""

from __future__ import annotations

from analysis.facts import Facts
from analysis.relations import Draft
from analysis.rulebook import Edition, Rule


def reaches(rule: Rule, edition: Edition) -> dict[str, float]:
    """None: what is compared is the subject's own."""
    return {}


def findings(rule: Rule, edition: Edition, facts: Facts) -> list[Draft]:
    """Whether they differ by more than both tolerances; nothing where no area is registered."""
    registered = facts.area_legal_m2
    if not registered:
        return []
    drawn = facts.area_m2
    difference = abs(drawn - registered)
    differs = difference > max(
        edition.parameters["tolerance_share"] * registered, edition.parameters["tolerance_m2"]
    )
    values = {
        "difference_m2": difference,
        "difference_share": difference / registered,
        "drawn_m2": drawn,
        "registered_m2": registered,
    }
    if not differs and "agrees" not in edition.texts:
        return []
    text = edition.text if differs else edition.texts["agrees"]
    return [Draft(text, shape=facts.shape, values=values)]
