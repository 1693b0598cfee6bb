"""What reports and searches tell to whom: every sentence to everybody, raw data only of layers that the caller sees.

A certificate must say all that applies to the land, so the sentence, its rule, its law and its distance stay; the
attributes of the mapped thing and the shape it has on the land are the hidden layer's data.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from analysis.findings import CheckReport, Finding
from layers.suggesting import Suggestion

PARCELS, ADDRESSES = "cadastre.parcel", "admin.address"
SOURCES = {"parcel": PARCELS, "address": ADDRESSES, "street": ADDRESSES}


def disclosed(report: CheckReport, visible: Collection[str]) -> CheckReport:
    """The report for somebody who sees the layers of those ids."""
    if not any(_rests_on_hidden(finding, visible) for finding in report.findings):
        return report
    findings = tuple(
        _sentence_only(finding) if _rests_on_hidden(finding, visible) else finding
        for finding in report.findings
    )
    return report.model_copy(update={"findings": findings})


def can_seek(visible: Collection[str], *, by_address: bool = False) -> bool:
    """Whether somebody who sees those layers finds land by searching; a parcel named in full is checked for anybody."""
    return PARCELS in visible and (ADDRESSES in visible or not by_address)


def suggestible(found: list[Suggestion], visible: Collection[str]) -> list[Suggestion]:
    """The suggestions for somebody who sees the layers of those ids."""
    known = [one for one in found if SOURCES.get(one.kind, one.kind) in {one.kind, *visible}]
    if PARCELS in visible:
        return known
    return [replace(one, cadastral_number=None) for one in known]


def _rests_on_hidden(finding: Finding, visible: Collection[str]) -> bool:
    return finding.feature is not None and finding.feature.layer not in visible


def _sentence_only(finding: Finding) -> Finding:
    feature = finding.feature.model_copy(update={"attributes": {}}) if finding.feature else None
    return finding.model_copy(update={"feature": feature, "geometry": None})
