"""Planning zones over the land, each with the articles of its local regulation.

A zone of a PUZ or PUD takes the place of the general plan's inside its limit; a row of the regulation for the
UTR that of the row for the whole zone. Zones of plans that are not in force do not count.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
import shapely
from shapely.geometry.base import BaseGeometry

from analysis import measures
from analysis.computed import plans
from analysis.facts import Candidate, Facts
from analysis.relations import Draft, Gap, overlap
from analysis.rulebook import Edition, Rule
from analysis.sentences import fill

ZONE = "planning.zone"
RANKS = {"PUG": 0, "PUZ": 1, "PUD": 2}
Regulation = list[dict[str, Any]]


class Zone(NamedTuple):
    """A zone whose provisions apply to a part of the subject."""

    candidate: Candidate
    shape: BaseGeometry
    plan: Candidate | None


def reaches(rule: Rule, edition: Edition) -> dict[str, float]:
    """Zones and plans, where they overlap."""
    return {rule.layer: 0.0, plans.PLAN: 0.0}


def findings(rule: Rule, edition: Edition, facts: Facts) -> list[Draft | Gap]:
    """One finding a zone; ``feature.attributes["regulation"]`` holds its articles with their sentences."""
    found: list[Draft | Gap] = []
    for zone in effective(facts):
        draft = overlap(edition.text, zone.candidate, zone.shape, facts)
        if draft is None:
            continue
        plan = zone.plan.attributes if zone.plan else {}
        title = plan.get("title") or " ".join(filter(None, (plan.get("kind"), plan.get("code"))))
        approved = {name: plan.get(name) for name in ("approved_by", "approved_on")}
        draft.values = {"plan_title": title or None, **approved}
        regulation = written(rule, edition, zone.candidate)
        draft.attributes = {
            **zone.candidate.attributes,
            "plan_kind": plan.get("kind"),
            "plan_title": plan.get("title"),
            **approved,
            "regulation": regulation,
        }
        found.append(draft)
    if not found and any(_plan_of(candidate, facts) for candidate in facts.of(ZONE)):
        found.append(Gap(plans.PLAN, "out of validity"))
    return found


def effective(facts: Facts) -> list[Zone]:
    """Zones in force over the subject, largest first; where plans overlap, the more detailed one's."""
    if "zones" not in facts.memo:
        facts.memo["zones"] = _effective(facts)
    found: list[Zone] = facts.memo["zones"]
    return found


def _effective(facts: Facts) -> list[Zone]:
    if plans.PLAN in facts.lost:
        return []  # whose plan is in force is not known
    zones = []
    for candidate in facts.of(ZONE):
        plan = _plan_of(candidate, facts)
        if plan is None or plans.in_force(plan, facts):
            zones.append(Zone(candidate, candidate.shape, plan))
    ranks = {_rank(zone) for zone in zones}
    if len(ranks) > 1:
        zones = [_without_finer(zone, zones) for zone in zones]
    return sorted(
        (zone for zone in zones if not zone.shape.is_empty), key=lambda zone: -facts.size(zone.shape)
    )


def regulation_of(candidate: Candidate) -> Regulation:
    """The rows of the local regulation that count for the zone: its UTR's where there are any."""
    rows: Regulation = candidate.attributes.get("regulation") or []
    specific = {(row["article"], row["item"]) for row in rows if row["utr"]}
    return [row for row in rows if row["utr"] or (row["article"], row["item"]) not in specific]


def figure(candidate: Candidate, item: str, end: str) -> float | None:
    """A figure of the regulation, e.g. ``figure(zone, "area_min", "value_min")``; None if it gives none."""
    for row in regulation_of(candidate):
        if row["item"] == item and row[end] is not None:
            return float(row[end])
    return None


def written(rule: Rule, edition: Edition, candidate: Candidate) -> Regulation:
    """The articles, each with its title, whether it is of the economic regime, and its sentence."""
    rows = orjson.dumps(regulation_of(candidate))
    return _written(_Sentences(rule, edition), rows)


class _Sentences:
    """What articles are written with; the same for all subjects, so their sentences are kept."""

    def __init__(self, rule: Rule, edition: Edition) -> None:
        self.rule, self.edition = rule, edition

    def __hash__(self) -> int:
        return hash((id(self.rule), self.edition.valid_from))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Sentences) and (other.rule is self.rule) and other.edition is self.edition


@lru_cache(maxsize=4096)
def _written(sentences: _Sentences, rows: bytes) -> Regulation:
    parameters, labels = sentences.edition.parameters, sentences.rule.labels
    found = []
    for row in orjson.loads(rows):
        title = parameters["articles"].get(row["article"])
        text = fill(sentences.edition.texts["article"], {**row, "article_title": title}, labels)
        economic = row["article"] in parameters["economic"]
        found.append({**row, "article_title": title, "economic": economic, "text": " ".join(text.split())})
    return found


def _plan_of(zone: Candidate, facts: Facts) -> Candidate | None:
    code = zone.attributes["plan_code"]
    return next((plan for plan in facts.of(plans.PLAN) if plan.attributes["code"] == code), None)


def _rank(zone: Zone) -> int:
    return RANKS.get(zone.plan.attributes["kind"], 0) if zone.plan else 0


def _without_finer(zone: Zone, zones: Iterable[Zone]) -> Zone:
    finer = [other.shape for other in zones if _rank(other) > _rank(zone)]
    return zone._replace(shape=measures.without(zone.shape, shapely.union_all(finer))) if finer else zone
