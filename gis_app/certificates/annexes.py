"""The drawings that certificates annex, from the plan drawer, at their true scale."""

from __future__ import annotations

from datetime import datetime

from shapely.geometry import shape

from analysis.findings import CheckReport
from gis_app.certificates.document import NUMBER_PLACE, Annex
from gis_app.certificates.romanian import BUCHAREST
from gis_app.certificates.settings import AuthoritySettings
from tiles.plan import draw_plan
from tiles.sheet import Heading


def draw(report: CheckReport, theme: str) -> Annex:
    """The plan of a theme ("planning", "utilities") for the report's land, as of its day.

    The sheet fills A4 at a legal scale; the document's number comes onto it once a register has given one.
    Raises PlanError where the land does not fit, DatabaseUnavailable.
    """
    subject = report.subject
    heading = Heading(
        land=f"Nr. cadastral {subject.cadastral_number}" if subject.cadastral_number else "Teren desenat",
        place=", ".join(f"{uat.name} ({uat.county})" if uat.county else uat.name for uat in subject.uats),
        authority=AuthoritySettings().name,
        number=NUMBER_PLACE,
        day=datetime.now(BUCHAREST).date(),
    )
    plan = draw_plan(shape(subject.geometry), theme, report.as_of, heading=heading)
    width, height = plan.size_mm
    return Annex(title=plan.title, sheets=plan.sheets, alt=plan.alt, width_mm=width, height_mm=height)
