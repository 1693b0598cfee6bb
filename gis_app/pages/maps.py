"""The map of a parcel for the screen, without the sheet that paper has round it."""

from __future__ import annotations

from collections.abc import Collection

from shapely.geometry import shape

from analysis.findings import CheckReport
from gis_app import plans
from tiles.plans.plan import map_png as drawn

PIXELS_PER_MM = 8.0


def map_png(report: CheckReport, visible: Collection[str]) -> bytes:
    """The land within the planning documentation, as PNG, of the layers in ``visible``."""
    return drawn(
        shape(report.subject.geometry),
        "planning",
        report.as_of,
        PIXELS_PER_MM,
        overlays=plans.overlays(report, "planning", visible),
        visible=visible,
    )
