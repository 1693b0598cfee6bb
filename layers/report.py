"""The validation report of an import: what was read, published, repaired, rejected, and doubtful."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

SHOWN = 100


class Entry(BaseModel):
    """A line of the report; never changed once written."""

    model_config = ConfigDict(frozen=True)


class Rejected(Entry):
    """A row that cannot be published. ``row`` counts features (or lines) of the file from 1."""

    row: int
    column: str
    found: str
    expected: str


class Repaired(Entry):
    """A shape that was put right. Areas in m² (0 for lines and points)."""

    row: int
    problem: str
    method: str
    area_before_m2: float
    area_after_m2: float


class Warned(Entry):
    """Something to look at that does not stop the import. ``rows`` are those concerned."""

    kind: str
    text: str
    rows: tuple[int, ...] = ()
    x: float | None = None
    y: float | None = None


class ImportReport(BaseModel):
    """What happened to a file. Lists are bounded to the first 100; the counts are complete.

    ``rejected_count`` counts mistakes, ``rejected_rows`` the rows that have at least one.
    """

    layer: str
    file: str
    source_layer: str = ""
    file_sha256: str | None = None
    crs: str = ""
    datum: str = "none"
    accuracy_m: float = 0.0
    columns: dict[str, str] = Field(default_factory=dict)
    valid_from: datetime.date | None = None
    version: int | None = None
    dry_run: bool = False
    rows_read: int = 0
    rows_published: int = 0
    left_out_count: int = 0
    repaired_count: int = 0
    repaired: list[Repaired] = Field(default_factory=list)
    rejected_count: int = 0
    rejected_rows: int = 0
    rejected_by: dict[str, int] = Field(default_factory=dict)
    rejected: list[Rejected] = Field(default_factory=list)
    warning_count: int = 0
    warnings_by: dict[str, int] = Field(default_factory=dict)
    warnings: list[Warned] = Field(default_factory=list)
    notes: list[str] = Field(default_factory=list)
    coverage: list[int] = Field(default_factory=list)
    unused_fields: list[str] = Field(default_factory=list)
    _is_rejected: bytearray = PrivateAttr(default_factory=bytearray)

    def reject(self, row: int, column: str, found: object, expected: str) -> None:
        """Note a row that cannot be published."""
        if len(self.rejected) < SHOWN:
            self.rejected.append(Rejected(row=row, column=column, found=_short(found), expected=expected))
        self.reject_more(column, [row])

    def reject_more(self, column: str, rows: Iterable[int]) -> None:
        """Count rows rejected for the same reason beyond the ones shown."""
        known = self._is_rejected
        count = 0
        for row in map(int, rows):
            count += 1
            if row >= len(known):
                known.extend(bytes(2 * row + 1 - len(known)))
            self.rejected_rows += not known[row]
            known[row] = True
        self.rejected_count += count
        self.rejected_by[column] = self.rejected_by.get(column, 0) + count

    def repair(self, entry: Repaired) -> None:
        """Note a repaired shape."""
        self.repaired_count += 1
        if len(self.repaired) < SHOWN:
            self.repaired.append(entry)

    def warn(
        self, kind: str, text: str, rows: tuple[int, ...] = (), at: tuple[float, float] | None = None
    ) -> None:
        """Note something doubtful; ``at`` is x (east), y (north) in EPSG:3844."""
        x, y = at or (None, None)
        self.add_warning(Warned(kind=kind, text=text, rows=rows, x=x, y=y))

    def add_warning(self, warned: Warned) -> None:
        """Note something doubtful found elsewhere."""
        self.warn_more(warned.kind, 1)
        if len(self.warnings) < SHOWN:
            self.warnings.append(warned)

    def warn_more(self, kind: str, count: int) -> None:
        """Count warnings of a kind beyond the ones shown."""
        self.warning_count += count
        self.warnings_by[kind] = self.warnings_by.get(kind, 0) + count

    def leave_out(self, row: int, why: str) -> None:
        """Note a row that carries nothing to publish."""
        self.left_out_count += 1
        self.warn("left_out", f"row {row} left out: {why}", (row,))

    def note(self, text: str) -> None:
        """Add a remark once."""
        if text not in self.notes:
            self.notes.append(text)

    def text(self) -> str:
        """The report for a person to read."""
        return "\n".join(_lines(self)) + "\n"


def _short(value: object, limit: int = 160) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _lines(report: ImportReport) -> list[str]:
    state = "dry run, nothing published" if report.dry_run else f"version {report.version}"
    if report.version is None and not report.dry_run:
        state = "nothing published"
    lines = [
        f"{report.layer} from {report.file}: {state}",
        f"  rows read {report.rows_read}, published {report.rows_published}, "
        f"repaired {report.repaired_count}, rejected {report.rejected_rows}, warnings {report.warning_count}",
        f"  coordinates {report.crs or 'none'}, datum {report.datum}, accuracy {report.accuracy_m:g} m",
    ]
    if report.columns:
        lines.append(
            "  columns " + ", ".join(f"{ours} ← {theirs}" for ours, theirs in report.columns.items())
        )
    if report.unused_fields:
        lines.append("  fields not used " + ", ".join(report.unused_fields))
    if report.coverage:
        lines.append(f"  coverage {len(report.coverage)} UAT")
    lines += [f"  note: {text}" for text in report.notes]
    lines += [
        f"  rejected row {r.row}, {r.column}: found {r.found}, expected {r.expected}" for r in report.rejected
    ]
    lines += _more("mistakes", len(report.rejected), report.rejected_count, report.rejected_by)
    lines += [
        f"  repaired row {r.row}: {r.problem}; {r.method}; area {r.area_before_m2:.2f} → {r.area_after_m2:.2f} m²"
        for r in report.repaired
    ]
    lines += _more("repaired", len(report.repaired), report.repaired_count, {})
    lines += [f"  warning ({w.kind}): {w.text}" for w in report.warnings]
    lines += _more("warnings", len(report.warnings), report.warning_count, report.warnings_by)
    return lines


def _more(what: str, shown: int, total: int, by_kind: dict[str, int]) -> list[str]:
    if total <= shown:
        return []
    kinds = ", ".join(f"{kind} {count}" for kind, count in Counter(by_kind).most_common())
    return [f"  … {total - shown} more {what}" + (f" (of all: {kinds})" if kinds else "")]
