"""What a certificate may not go without (Code art. 253(4), (9)), and what of it this report lacks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict

from analysis.findings import CheckReport, Finding
from analysis.rulebook import Rulebook
from gis_app.certificates.settings import AuthoritySettings
from gis_app.certificates.vocabulary import vocabulary

BUILT_UP = "admin.built-up-area"
IN_FORCE = ("in_force", "lapsing")
NOT_DETERMINED = "not determined"


class Missing(BaseModel):
    """A mandatory element that was not determined. ``element`` is Romanian, ready to print.

    ``reason`` is one of the reasons of ``NotChecked``, or "not determined" where all layers were read and
    still the element is not among what they say.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    element: str
    rule: str | None = None
    layer: str | None = None
    reason: str = NOT_DETERMINED

    @property
    def printed(self) -> str:
        """The element and why it is missing, in Romanian."""
        reason = vocabulary().reasons.get(self.reason)
        return f"{self.element}: {reason}" if reason else self.element


def inside_built_up(report: CheckReport) -> bool:
    """Whether a part of the land is inside; land wholly outside is a finding too, that no outline caused."""
    return any(finding.feature for finding in report.of_rule(BUILT_UP))


def plans_in_force(report: CheckReport) -> tuple[Finding, ...]:
    """Findings of plans whose provisions apply on the report's day, those that will lapse included."""
    return tuple(
        finding
        for finding in report.of_rule("planning.plan")
        if finding.feature and _standing(finding.feature.attributes) in IN_FORCE
    )


def _standing(plan: dict[str, Any]) -> object:
    return plan.get("state") or plan.get("status") or "in_force"


def missing(report: CheckReport, rules: Rulebook, *, land_book_needed: bool = True) -> tuple[Missing, ...]:
    """Mandatory elements that the report does not determine; empty when the certificate may be issued.

    A rule that is ``to_confirm`` does not block. ``land_book_needed``: whether the authority wants an officer
    to see land whose land book is not known.
    """
    unchecked = [entry for entry in report.not_checked if entry.mandatory]
    found = [
        Missing(element=_title(rules, entry.rule), rule=entry.rule, layer=entry.layer, reason=entry.reason)
        for entry in unchecked
    ]
    silent = {entry.rule for entry in unchecked}
    found += [gap for gap in _gaps(report, land_book_needed) if gap.rule not in silent]
    return tuple(found)


def out_of_competence(report: CheckReport, authority: AuthoritySettings) -> tuple[Missing, ...]:
    """What keeps an authority from issuing for this land: that the act is another's to issue (Code art. 304)."""
    competence = report.competence
    if authority.issues_for(competence.issuer, report.subject.siruta):
        return ()
    issuer = vocabulary().issuers[competence.issuer]
    text = vocabulary().missing_determinants["competence"].format(issuer=issuer, reason=competence.reason)
    return (Missing(element=text, rule="admin.uat"),)


def _title(rules: Rulebook, rule_id: str) -> str:
    rule = rules.rules.get(rule_id)
    return rule.title.ro if rule else rule_id


def _gaps(report: CheckReport, land_book_needed: bool) -> Iterator[Missing]:
    """Elements that every rule let pass, yet nothing in the report states."""
    names = vocabulary().missing_determinants
    inside = inside_built_up(report)
    zones = report.of_rule("planning.zone")
    if not plans_in_force(report):
        yield Missing(element=names["plan"], rule="planning.plan", layer="planning.plan")
    if inside and not zones:
        yield Missing(element=names["zone"], rule="planning.zone", layer="planning.zone")
    for zone in zones:
        if zone.feature and not zone.feature.attributes.get("regulation"):
            element = names["regulation"].format(zone=zone.feature.attributes.get("code"))
            yield Missing(element=element, rule="planning.zone", layer="planning.regulation")
    if land_book_needed and not report.subject.land_book_number:
        yield Missing(element=names["land_book"], layer="cadastre.parcel")
