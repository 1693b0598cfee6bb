"""Two tables that rules refer to: the acts that legal bases cite, and the approvals that findings call for.

A county adds to both, or changes entries, by files of the same name in its own folder.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, model_validator

from analysis.findings import LegalBasis
from analysis.rule_model import Strict
from analysis.yaml_files import load, located
from layers.errors import DefinitionError

HERE = Path(__file__).parent
ACTS, APPROVALS = "acts.yaml", "approvals.yaml"
TABLES = frozenset({ACTS, APPROVALS})


class Act(Strict):
    """A law, ordinance, decision or order, in force on the days ``[in_force_from, until)``."""

    act: str
    title: str
    in_force_from: date
    until: date | None = None
    replaced_by: str | None = None
    status: Literal["confirmed", "to_confirm"] = "to_confirm"

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Act:
        if self.until and self.until <= self.in_force_from:
            raise ValueError(f"ends on {self.until}, not after it starts on {self.in_force_from}")
        return self


class ApprovalKind(Strict):
    """An approval: asked for directly, or at choice through the single-agreement commission.

    ``box`` is the box of F_CU_07_0 (9.1 or 9.2) it ticks; None puts it under the other approvals of its group.
    """

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    title: str
    body: str
    route: Literal["direct", "single_agreement"]
    box: str | None = None
    legal_basis: Annotated[tuple[LegalBasis, ...], Field(min_length=1)]


_ACTS = TypeAdapter(tuple[Act, ...])
_APPROVALS = TypeAdapter(tuple[ApprovalKind, ...])


def acts(county: Path | None = None) -> dict[str, Act]:
    """All known acts by their short citation (``Legea 169/2026``)."""
    return {act.act: act for folder in _folders(county) for act in _read(folder / ACTS, _ACTS, "act")}


def approval_kinds(county: Path | None = None) -> dict[str, ApprovalKind]:
    """All approvals by code."""
    return {
        kind.code: kind
        for folder in _folders(county)
        for kind in _read(folder / APPROVALS, _APPROVALS, "code")
    }


def _folders(county: Path | None) -> tuple[Path, ...]:
    return (HERE, county) if county else (HERE,)


def _read(path: Path, adapter: TypeAdapter[Any], key: str) -> tuple[Any, ...]:
    if not path.exists():
        return ()
    content, lines = load(path)
    with located(path, lines):
        rows: tuple[Any, ...] = adapter.validate_python(content)
    seen: set[str] = set()
    for index, row in enumerate(rows):
        name = getattr(row, key)
        if name in seen:
            raise DefinitionError(path, lines[(index, key)], f"{key} {name!r} stands twice")
        seen.add(name)
    return rows
