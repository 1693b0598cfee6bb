"""The plans over the land: in force, lapsing, expired, in preparation (Code art. 76, 109, 573)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from analysis.facts import Candidate, Facts
from analysis.relations import Draft, concerned, overlap
from analysis.rulebook import Edition, Rule

PLAN = RULE = "planning.plan"
State = Literal["in_force", "lapsing", "expired", "in_preparation", "annulled"]


def findings(rule: Rule, edition: Edition, facts: Facts) -> list[Draft]:
    """One finding a plan; ``feature.attributes["state"]`` says how it stands. Annulled plans are left out."""
    found = []
    for candidate in concerned(rule, facts):
        standing = state(candidate.attributes, edition.parameters, facts.day)
        text = edition.texts.get(standing, edition.text)
        draft = overlap(text, candidate, candidate.shape, facts)
        if draft is None or standing == "annulled":
            continue
        values = _values(candidate, standing, edition.parameters, facts.day)
        draft.attributes = {**candidate.attributes, "state": standing}
        draft.values = values
        found.append(draft)
    return sorted(found, key=lambda draft: str((draft.attributes or {}).get("kind")))


def state(plan: dict[str, Any], parameters: Mapping[str, Any], day: date) -> State:
    """How a plan stands on that day, after its own term and the lapse of old general plans."""
    if plan["status"] in ("in_preparation", "annulled"):
        return "annulled" if plan["status"] == "annulled" else "in_preparation"
    if plan["valid_until"] and date.fromisoformat(plan["valid_until"]) < day:
        return "expired"
    if not _is_old(plan, parameters):
        return "in_force"
    return "expired" if day > parameters["lapses_on"] else "lapsing"


def in_force(candidate: Candidate, facts: Facts) -> bool:
    """Whether the plan's provisions apply, by the terms of the rule on plans in force that day."""
    terms = facts.parameters.get(RULE, {})
    return state(candidate.attributes, terms, facts.day) in ("in_force", "lapsing")


def _is_old(plan: dict[str, Any], parameters: Mapping[str, Any]) -> bool:
    if plan["kind"] != "PUG" or not plan["approved_on"] or "pug_years" not in parameters:
        return False
    return bool(
        _years_later(date.fromisoformat(plan["approved_on"]), parameters["pug_years"])
        < parameters["counted_on"]
    )


def _years_later(day: date, years: int) -> date:
    last = 28 if (day.month, day.day) == (2, 29) else day.day
    return day.replace(year=day.year + years, day=last)


def _values(candidate: Candidate, standing: State, parameters: dict[str, Any], day: date) -> dict[str, Any]:
    approved = candidate.attributes["approved_on"]
    age = (day - date.fromisoformat(approved)).days // 365.2425 if approved else None
    values: dict[str, Any] = {"age_years": age, "lapses_on": parameters.get("lapses_on")}
    if standing == "expired" and not candidate.attributes["valid_until"]:
        values["valid_until"] = parameters["lapses_on"]
    return values
