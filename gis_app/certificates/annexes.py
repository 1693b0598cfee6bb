"""The drawings that certificates annex, from the plan drawer, at their true scale."""

from __future__ import annotations

from collections.abc import Collection

from analysis.findings import CheckReport
from gis_app import plans
from gis_app.certificates.document import NUMBER_PLACE, Annex
from layers.days import today


def draw(report: CheckReport, theme: str, visible: Collection[str] | None = None) -> Annex:
    """The plan of a theme ("planning", "utilities") for the report's land, as of its day.

    The sheet fills A4 at a legal scale; the document's number comes onto it once a register has given one.
    ``visible`` are the layers that may be shown: all on what the authority itself issues.
    Raises PlanError where the land does not fit, DatabaseUnavailable.
    """
    plan = plans.plan_of(report, theme, number=NUMBER_PLACE, day=today(), visible=visible)
    width, height = plan.size_mm
    return Annex(title=plan.title, sheets=plan.sheets, alt=plan.alt, width_mm=width, height_mm=height)
