"""Tables that rules refer to: acts that legal bases cite, approvals that findings call for, and purposes.

A county adds to them, or replaces entries, by files of the same name in its own folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, model_validator

from analysis.findings import LegalBasis
from analysis.rule_model import Strict
from analysis.yaml_files import Lines, load, located
from layers.errors import DefinitionError
from layers.yaml_lines import locate

HERE = Path(__file__).parent
ACTS, APPROVALS, PURPOSES = "acts.yaml", "approvals.yaml", "purposes.yaml"
TABLES = frozenset({ACTS, APPROVALS, PURPOSES})

# Acts of a county or a local council are the authority's own and in no general table.
LOCAL_ACT = re.compile(r"(HCJ|HCL|HCGMB|Dispoziția|Regulament(ul)? local)\b.*")


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


class Purpose(Strict):
    """Approvals that a file for this purpose asks for, wherever the land is.

    ``boxes`` are those that it ticks in the first section of F_CU_07_0.
    """

    purpose: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    title: str
    boxes: tuple[Literal["build", "demolish", "civil", "special", "engineering"], ...] = ()
    approvals: tuple[str, ...]
    legal_basis: Annotated[tuple[LegalBasis, ...], Field(min_length=1)]


_ACTS = TypeAdapter(tuple[Act, ...])
_APPROVALS = TypeAdapter(tuple[ApprovalKind, ...])
_PURPOSES = TypeAdapter(tuple[Purpose, ...])


def acts(county: Path | None = None) -> dict[str, Act]:
    """All known acts by their short citation (``Legea 169/2026``)."""
    return _merged(ACTS, _ACTS, "act", county)


def approval_kinds(county: Path | None = None) -> dict[str, ApprovalKind]:
    """All approvals by code."""
    return _merged(APPROVALS, _APPROVALS, "code", county)


def purposes(county: Path | None = None) -> dict[str, Purpose]:
    """What a file asks for by purpose (dwelling, building, engineering, demolition)."""
    return _merged(PURPOSES, _PURPOSES, "purpose", county)


def dangling(county: Path | None = None) -> Iterator[DefinitionError]:
    """References from one table to another that lead nowhere."""
    known, approvals = acts(county), approval_kinds(county)
    for folder in _folders(county):
        for name, adapter in ((APPROVALS, _APPROVALS), (PURPOSES, _PURPOSES)):
            path = folder / name
            rows, lines = _load(path, adapter)
            for index, row in enumerate(rows):
                for number, basis in enumerate(row.legal_basis):
                    if not (basis.act in known or LOCAL_ACT.fullmatch(basis.act)):
                        line = locate(lines, (index, "legal_basis", number, "act"))
                        yield DefinitionError(path, line, f"act {basis.act!r} is not in {ACTS}")
                for number, code in enumerate(getattr(row, "approvals", ())):
                    if code not in approvals:
                        line = locate(lines, (index, "approvals", number))
                        yield DefinitionError(path, line, f"approval {code!r} is not in {APPROVALS}")


def _folders(county: Path | None) -> tuple[Path, ...]:
    return (HERE, county) if county else (HERE,)


def _merged(name: str, adapter: TypeAdapter[Any], key: str, county: Path | None) -> dict[str, Any]:
    return {
        getattr(row, key): row
        for folder in _folders(county)
        for row in _distinct(folder / name, *_load(folder / name, adapter), key)
    }


def _load(path: Path, adapter: TypeAdapter[Any]) -> tuple[tuple[Any, ...], Lines]:
    if not path.exists():
        return (), {}
    content, lines = load(path)
    with located(path, lines):
        return adapter.validate_python(content), lines


def _distinct(path: Path, rows: tuple[Any, ...], lines: Lines, key: str) -> tuple[Any, ...]:
    seen: set[str] = set()
    for index, row in enumerate(rows):
        name = getattr(row, key)
        if name in seen:
            raise DefinitionError(path, lines[(index, key)], f"{key} {name!r} stands twice")
        seen.add(name)
    return rows
