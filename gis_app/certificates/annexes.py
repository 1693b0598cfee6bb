"""The drawings that certificates annex, from the plan drawer, at their true scale."""

from __future__ import annotations

from analysis.findings import CheckReport
from gis_app.certificates.document import Annex


def draw(report: CheckReport, theme: str) -> Annex:
    """The plan of a theme ("planning", "utilities") for the report's land and day."""
    raise NotImplementedError
