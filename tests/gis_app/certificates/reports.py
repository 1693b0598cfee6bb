"""Reports as the check gives them, made by hand, and rules to read them with."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from analysis.findings import CheckReport, Finding, LegalBasis
from analysis.rulebook import Edition, Rule, Rulebook

CHECKED_AT = datetime(2026, 11, 24, 8, 15, tzinfo=UTC)
PLAN = "PUG-79308"

# Id, title, layer, section, act, and what a certificate says when the rule does not apply.
RULES = (
    (
        "heritage.monument",
        "Monumente istorice",
        "heritage.monument",
        "legal",
        "Legea 422/2001",
        "Imobilul nu este monument istoric și nu se află în zona de protecție a unui monument.",
    ),
    (
        "planning.restriction",
        "Interdicții și rezerve",
        "planning.restriction",
        "legal",
        "Legea 169/2026",
        "Pe imobil nu sunt instituite interdicții de construire sau rezerve de teren.",
    ),
    ("environment.flood", "Zone inundabile", "environment.flood_zone", "technical", "Legea 169/2026", None),
    ("terrain.slope", "Panta terenului", "terrain.dem", "technical", "Legea 169/2026", None),
    ("roads.protection-zone", "Zona de protecție a drumului", "roads.road", "legal", "OG 43/1997", None),
    ("planning.zone", "Zona funcțională", "planning.zone", "technical", "Legea 169/2026", None),
)


@cache
def sample() -> CheckReport:
    """A complete report for parcel 30112."""
    text = (Path(__file__).parent / "report.yaml").read_text(encoding="utf-8")
    return CheckReport.model_validate(yaml.safe_load(text))


def report(**changes: Any) -> CheckReport:
    """The sample report with some of its parts replaced."""
    return sample().model_copy(update=changes)


def findings() -> tuple[Finding, ...]:
    """What the sample report found."""
    return sample().findings


def changed(rule: str, **attributes: Any) -> CheckReport:
    """The sample report with other attributes of the feature behind a rule's first finding."""
    kept = list(findings())
    at = next(at for at, one in enumerate(kept) if one.rule == rule)
    feature = kept[at].feature
    assert feature
    feature = feature.model_copy(update={"attributes": feature.attributes | attributes})
    kept[at] = kept[at].model_copy(update={"feature": feature})
    return report(findings=tuple(kept))


def without(*rules: str) -> CheckReport:
    """The sample report without the findings of some rules."""
    return report(findings=tuple(one for one in findings() if one.rule not in rules))


def rules() -> Rulebook:
    """A rule book with what the report names: titles, and texts for rules that do not apply."""
    return Rulebook(rules={rule[0]: _rule(*rule) for rule in RULES})


def _rule(rule: str, title: str, layer: str, section: str, act: str, absent: str | None) -> Rule:
    edition = Edition(
        valid_from=date(2026, 8, 25),
        status="confirmed",
        legal_basis=(LegalBasis(act=act),),
        text="Se aplică.",
        absent=absent,
    )
    return Rule.model_validate(
        {
            "id": rule,
            "title": {"ro": title, "en": rule},
            "layer": layer,
            "relation": "intersects",
            "effect": "information",
            "section": section,
            "editions": (edition,),
        }
    )
