"""The approvals that findings call for, each with the findings that are its reason."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from analysis.findings import Approval
from analysis.reference import ApprovalKind, approval_kinds


def approvals(called_for: Iterable[tuple[str, str]], county: Path | None = None) -> tuple[Approval, ...]:
    """Approvals in the order of their table, from pairs of (approval code, finding id)."""
    because: dict[str, list[str]] = {}
    for code, finding in called_for:
        reasons = because.setdefault(code, [])
        if finding not in reasons:
            reasons.append(finding)
    return tuple(
        Approval.trusted(code=code, title=kind.title, route=kind.route, because=tuple(because[code]))
        for code, kind in _kinds(county).items()
        if code in because
    )


@lru_cache(maxsize=8)
def _kinds(county: Path | None) -> dict[str, ApprovalKind]:
    return approval_kinds(county)
