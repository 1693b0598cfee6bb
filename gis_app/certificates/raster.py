"""SVG to PNG at its size on paper, for what cannot hold vectors (Word), by the engine that makes our PDFs."""

from __future__ import annotations

import json

import typst

from gis_app.certificates.pdf import fonts

PIXELS_PER_INCH = 200.0
PAGE = b"""
#let drawing = json(bytes(sys.inputs.drawing))
#set page(width: drawing.width * 1mm, height: drawing.height * 1mm, margin: 0mm)
#image(bytes(drawing.svg), format: "svg", width: 100%, height: 100%)
"""


def png(svg: str, width_mm: float, height_mm: float) -> bytes:
    """The drawing as PNG of that size in millimetres."""
    drawing = {"svg": svg, "width": width_mm, "height": height_mm}
    drawn: bytes = typst.compile(
        PAGE,
        font_paths=fonts(),
        ignore_system_fonts=True,
        sys_inputs={"drawing": json.dumps(drawing)},
        format="png",
        ppi=PIXELS_PER_INCH,
    )
    return drawn
