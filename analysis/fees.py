"""The fee of an urbanism certificate, from a table in a file (Codul fiscal art. 474).

A county's own table (``VATRA_FEES``) has the same form and is used on the days it is valid for.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, field_validator

from analysis.facts import Facts
from analysis.findings import Fee
from analysis.rule_model import Strict
from analysis.yaml_files import load, located

TABLES = Path(__file__).parent / "fee_tables"
Lei = Annotated[Decimal, Field(ge=0)]
CENT = Decimal("0.01")


class Band(Strict):
    """Up to that area (included, m²) the fee is so many lei."""

    up_to_m2: Annotated[Decimal, Field(gt=0)]
    lei: Lei


class Above(Strict):
    """Beyond the last band: lei, and lei for every further m²."""

    lei: Lei
    per_m2: Lei


class FeeTable(Strict):
    """Fees for urban land, and the share of them that rural land and extensions pay."""

    title: str
    basis: str
    decision: str | None = None
    valid_from: date
    valid_to: date | None = None
    bands: Annotated[tuple[Band, ...], Field(min_length=1)]
    above: Above
    rural_share: Annotated[Decimal, Field(ge=0, le=1)]
    extension_share: Annotated[Decimal, Field(ge=0, le=1)]

    @field_validator("bands")
    @classmethod
    def _rise(cls, bands: tuple[Band, ...]) -> tuple[Band, ...]:
        edges = [band.up_to_m2 for band in bands]
        if edges != sorted(set(edges)):
            raise ValueError(f"bands must rise, found up to {', '.join(map(str, edges))} m²")
        return bands

    def in_force(self, day: date) -> bool:
        """Whether the table counts on that day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    def urban_lei(self, area_m2: Decimal) -> Decimal:
        """The urban fee, unrounded."""
        for band in self.bands:
            if area_m2 <= band.up_to_m2:
                return band.lei
        return self.above.lei + self.above.per_m2 * (area_m2 - self.bands[-1].up_to_m2)


@lru_cache(maxsize=8)
def fee_tables(county: Path | None = None) -> tuple[FeeTable, ...]:
    """The county's table first, then ours; DefinitionError names file, line and cause."""
    paths = [*([county] if county else []), *sorted(TABLES.glob("*.yaml"))]
    return tuple(_read(path) for path in paths)


def _read(path: Path) -> FeeTable:
    content, lines = load(path)
    with located(path, lines):
        return FeeTable.model_validate(content)


def fee(facts: Facts, county: Path | None = None) -> Fee | None:
    """The certificate's fee; None for a line, or where no table was in force.

    The registered area counts where it is known, the drawn one otherwise. Communes pay the rural share.
    """
    if facts.is_line:
        return None
    registered = facts.area_legal_m2
    area = registered if registered is not None else facts.area_m2
    rural = bool(facts.certain_uats) and all(uat.kind == "comuna" for uat in facts.certain_uats)
    return fee_for(area, rural, facts.day, "registered" if registered is not None else "drawn", county)


def fee_for(
    area_m2: float, rural: bool, day: date, area_is: str = "registered", county: Path | None = None
) -> Fee | None:
    """The fee for that area; None where no table is in force on that day."""
    table = next((table for table in fee_tables(county) if table.in_force(day)), None)
    if table is None:
        return None
    area = Decimal(str(area_m2)).quantize(CENT, ROUND_HALF_UP)
    urban = table.urban_lei(area)
    amount = (urban * (table.rural_share if rural else 1)).quantize(CENT, ROUND_HALF_UP)
    computed_from: dict[str, Any] = {
        "area_m2": float(area),
        "area": area_is,
        "urban_fee_ron": float(urban.quantize(CENT, ROUND_HALF_UP)),
        "place": "rural" if rural else "urban",
        "share": float(table.rural_share) if rural else 1.0,
        "decision": table.decision,
        "valid_from": table.valid_from.isoformat(),
    }
    return Fee(amount_ron=float(amount), basis=table.basis, computed_from=computed_from)
