"""The map of a parcel for the screen, without the sheet that paper has round it."""

from __future__ import annotations

from analysis.findings import CheckReport
from gis_app.certificates.raster import png
from gis_app.plans import plan_of
from tiles.selection import PIXELS_PER_MM


def map_png(report: CheckReport) -> bytes:
    """The land within the planning documentation, as PNG."""
    plan = plan_of(report, "planning")
    width, height = plan.window.width_mm, plan.window.height_mm
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        f' width="{width}mm" height="{height}mm" viewBox="0 0 {width * PIXELS_PER_MM} {height * PIXELS_PER_MM}">'
        f"{plan.map_svg}</svg>"
    )
    return png(drawing, width, height)
