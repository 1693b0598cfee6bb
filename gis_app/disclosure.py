"""What a report tells to whom: every sentence to everybody, raw data only of layers that the caller sees.

A certificate must say all that applies to the land, so the sentence, its rule, its law and its distance stay; the
attributes of the mapped thing and the shape it has on the land are the hidden layer's data.
"""

from __future__ import annotations

from collections.abc import Collection

from analysis.findings import CheckReport, Finding


def disclosed(report: CheckReport, visible: Collection[str]) -> CheckReport:
    """The report for somebody who sees the layers of those ids."""
    if not any(_rests_on_hidden(finding, visible) for finding in report.findings):
        return report
    findings = tuple(
        _sentence_only(finding) if _rests_on_hidden(finding, visible) else finding
        for finding in report.findings
    )
    return report.model_copy(update={"findings": findings})


def _rests_on_hidden(finding: Finding, visible: Collection[str]) -> bool:
    return finding.feature is not None and finding.feature.layer not in visible


def _sentence_only(finding: Finding) -> Finding:
    feature = finding.feature.model_copy(update={"attributes": {}}) if finding.feature else None
    return finding.model_copy(update={"feature": feature, "geometry": None})
