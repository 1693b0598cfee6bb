"""Rows of the local regulation out of zone files that carry POT, CUT and heights as columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pyarrow as pa
import yaml
from pydantic import BaseModel, ConfigDict, Field

from layers import staging
from layers.catalogue import Layer, get_layer
from layers.database import Connection
from layers.mapping import ARROW
from layers.reading import Batch
from layers.reading.delimited import as_number
from layers.reading.text import fold, normalise
from layers.report import ImportReport

ZONES = "planning.zone"
REGULATION = "planning.regulation"
STAGED = "import_regulation"
DEFINITIONS = Path(__file__).with_name("zone_figures.yaml")

_LEVELS = re.compile(r"^(?:S\+|D\+)*P(?:\+(\d+)E?)?(\+M)?(?:\+R)?$", re.IGNORECASE)


class Figure(BaseModel):
    """A regulated figure: where it stands and how files call it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    item: str
    article: Annotated[int, Field(ge=1, le=22)]
    bound: Literal["min", "max"]
    unit: str
    synonyms: tuple[str, ...]


@cache
def figures() -> tuple[Figure, ...]:
    """The figures looked for, from ``zone_figures.yaml``."""
    content = yaml.safe_load(DEFINITIONS.read_text(encoding="utf-8"))
    return tuple(Figure.model_validate(entry) for entry in content["figures"])


Zone = tuple[int, str, str, str | None]


@dataclass
class Regulations:
    """Figures collected from a zone file; ``fields`` maps a figure to the file's field."""

    fields: Mapping[Figure, str]
    report: ImportReport
    found: dict[tuple[Zone, Figure, str], int] = field(default_factory=dict)

    @classmethod
    def for_file(
        cls, layer: Layer, available: Iterable[str], taken: Iterable[str], report: ImportReport
    ) -> Regulations | None:
        """What a file of zones has to give; None for other layers, or where there is no such column."""
        if layer.id != ZONES:
            return None
        free = {fold(name): name for name in available if name not in set(taken)}
        fields = {}
        for figure in figures():
            match = next((free[fold(name)] for name in figure.synonyms if fold(name) in free), None)
            if match is not None:
                fields[figure] = match
        if not fields:
            return None
        report.note(
            "taken into the local regulation: " + ", ".join(f"{f.item} ← {n}" for f, n in fields.items())
        )
        return cls(fields, report)

    def look(self, batch: Batch, columns: Mapping[str, pa.Array]) -> None:
        """Collect the figures of one batch; ``columns`` are the zones' converted columns."""
        zones = list(
            zip(*(columns[n].to_pylist() for n in ("siruta", "plan_code", "code", "utr")), strict=True)
        )
        for figure, name in self.fields.items():
            for zone, row, value in zip(
                zones, batch.rows, batch.attributes.column(name).to_pylist(), strict=True
            ):
                text = normalise(str(value)).strip() if value is not None else ""
                if text and text.lower() != "nan" and None not in zone[:3]:
                    self.found.setdefault((zone, figure, text), int(row))

    def plans(self) -> tuple[str, ...]:
        """Codes of the plans the figures belong to."""
        return tuple(sorted({zone[1] for zone, _, _ in self.found}))

    def sirutas(self) -> tuple[int, ...]:
        """UATs the figures belong to."""
        return tuple(sorted({zone[0] for zone, _, _ in self.found}))

    def stage(self, connection: Connection, plans: Iterable[str]) -> int:
        """Stage the rows of these plans as ``planning.regulation``; how many there are."""
        layer, kept = get_layer(REGULATION), set(plans)
        rows = [_row(zone, figure, text) for (zone, figure, text) in self.found if zone[1] in kept]
        self._warn_of_contradictions(kept)
        staging.create(connection, layer, STAGED)
        columns = {
            column.name: pa.array([row.get(column.name) for row in rows], ARROW[column.type])
            for column in layer.columns
        }
        if rows:
            with staging.writing(connection, STAGED) as writer:
                writer.write(np.arange(len(rows)), columns, None)
        return len(rows)

    def _warn_of_contradictions(self, plans: set[str]) -> None:
        seen: dict[tuple[Zone, str], list[str]] = {}
        for zone, figure, text in self.found:
            if zone[1] in plans:
                seen.setdefault((zone, figure.item), []).append(text)
        for (zone, item), texts in seen.items():
            if len(texts) > 1:
                where = f"zone {zone[2]}" + (f", UTR {zone[3]}" if zone[3] else "")
                self.report.warn(
                    "regulation", f"plan {zone[1]}, {where}: {item} is {' and '.join(sorted(texts))}"
                )


def _row(zone: Zone, figure: Figure, text: str) -> dict[str, object]:
    siruta, plan_code, zone_code, utr = zone
    value = levels(text) if figure.unit == "niveluri" else as_number(text.removesuffix("%"))
    return {
        "siruta": siruta,
        "plan_code": plan_code,
        "zone_code": zone_code,
        "utr": utr,
        "article": figure.article,
        "item": figure.item,
        "modality": "obligatoriu" if figure.bound == "min" else "permis",
        f"value_{figure.bound}": value,
        "unit": figure.unit,
        # What is more than a number (P+2E+M, "conform PUZ") is kept as it stands.
        "body": None if value is not None and as_number(text.removesuffix("%")) is not None else text,
    }


def levels(text: str) -> float | None:
    """Storeys above ground in "P+2E+M" (ground floor, two upper floors, attic: 4), or None.

    Basements (S, D) do not count; a bare number is taken as it is.
    """
    compact = text.replace(" ", "")
    number = as_number(compact)
    if number is not None:
        return number
    match = _LEVELS.match(compact)
    if match is None:
        return None
    return 1.0 + float(match.group(1) or 0) + (1.0 if match.group(2) else 0.0)
