"""A CheckReport arranged for reading: findings by regime, everything not checked, sources."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from analysis.findings import CheckReport, Finding, NotChecked
from analysis.rulebook import rulebook
from analysis.settings import settings
from gis_app.pages.filters import layer_title
from gis_app.plans import drawn_cause

SECTIONS = {
    "legal": "Regimul juridic",
    "economic": "Regimul economic",
    "technical": "Regimul tehnic",
    "utilities": "Rețele edilitare",
}
REASONS = {
    "no data for this UAT": "nu există date pentru această localitate",
    "layer never imported": "stratul nu a fost încărcat",
    "out of validity": "datele nu sunt valabile la această zi",
    "unreadable": "datele nu au putut fi citite",
}
EFFECTS = {
    "zoning": "zonă",
    "restriction": "restricție",
    "approval": "aviz",
    "information": "informare",
    "competence": "competență",
}
ISSUERS = {"mayor": "primarul", "county_council_president": "președintele consiliului județean"}
THEMES = {"planning": "urbanism", "utilities": "rețele", "cadastre": "cadastru"}
SIDES = {"left": "stânga", "right": "dreapta", "on": "pe drum"}


@dataclass(frozen=True)
class Section:
    """The findings of one regime."""

    title: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Unchecked:
    """A rule that could not be checked, in words."""

    rule: str
    layer: str
    reason: str
    mandatory: bool


@dataclass(frozen=True)
class Presented:
    """A report with what its page needs beside it; ``mapped`` are the findings that a small map shows."""

    report: CheckReport
    sections: tuple[Section, ...]
    unchecked: tuple[Unchecked, ...]
    not_applicable: tuple[str, ...]
    restrictions: int
    issuer: str
    mapped: frozenset[str]


def present(report: CheckReport, visible: Collection[str] | None = None) -> Presented:
    """The report, arranged; small maps are of findings that rest on layers in ``visible``."""
    titles = {identifier: rule.title.ro for identifier, rule in rulebook(settings().rules).rules.items()}
    return Presented(
        report=report,
        sections=tuple(
            Section(title, found)
            for key, title in SECTIONS.items()
            if (found := tuple(finding for finding in report.findings if finding.section == key))
        ),
        unchecked=tuple(_unchecked(one, titles) for one in report.not_checked),
        not_applicable=tuple(titles.get(rule, rule) for rule in report.not_applicable),
        restrictions=sum(finding.effect == "restriction" for finding in report.findings),
        issuer=ISSUERS[report.competence.issuer],
        mapped=frozenset(finding.id for finding in report.findings if _has_map(finding, visible)),
    )


def _unchecked(one: NotChecked, titles: dict[str, str]) -> Unchecked:
    return Unchecked(
        titles.get(one.rule, one.rule), layer_title(one.layer), REASONS[one.reason], one.mandatory
    )


def _has_map(finding: Finding, visible: Collection[str] | None) -> bool:
    """Whether a small map tells more than the sentence: who is competent is no matter of metres."""
    return finding.effect != "competence" and drawn_cause(finding, visible) is not None
