"""What a certificate may not go without (Code art. 253(4), (9)), and what of it this report lacks."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict

from analysis.findings import CheckReport
from analysis.rulebook import Rulebook
from gis_app.certificates.vocabulary import vocabulary

BUILT_UP = "admin.built-up-area"
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


def _title(rules: Rulebook, rule_id: str) -> str:
    rule = rules.rules.get(rule_id)
    return rule.title.ro if rule else rule_id


def _gaps(report: CheckReport, land_book_needed: bool) -> Iterator[Missing]:
    """Elements that every rule let pass, yet nothing in the report states."""
    names = vocabulary().missing_determinants
    inside = bool(report.of_rule(BUILT_UP))
    zones = report.of_rule("planning.zone")
    plans = [
        finding
        for finding in report.of_rule("planning.plan")
        if finding.feature and finding.feature.attributes.get("status") in (None, "in_force")
    ]
    if not plans:
        yield Missing(element=names["plan"], rule="planning.plan", layer="planning.plan")
    if inside and not zones:
        yield Missing(element=names["zone"], rule="planning.zone", layer="planning.zone")
    for zone in zones:
        if zone.feature and not zone.feature.attributes.get("regulation"):
            element = names["regulation"].format(zone=zone.feature.attributes.get("code"))
            yield Missing(element=element, rule="planning.zone", layer="planning.regulation")
    if land_book_needed and not report.subject.land_book_number:
        yield Missing(element=names["land_book"], layer="cadastre.parcel")
