"""A window drawn by MapServer in this process, from a mapfile that is parsed for it alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import mapscript

from tiles.fonts import FONTSET, files
from tiles.mapserver import conninfo
from tiles.plans.drawing import Overlay
from tiles.plans.window import Window


def draw_sheet(
    text: str,
    window: Window,
    overlays: Sequence[Overlay],
    address: str,
    wanted: Mapping[str, str],
    pixels_per_mm: float,
) -> bytes:
    """The picture of a mapfile with the overlays on it. ``wanted`` is DATA by layer; other layers are left out.

    Raises MapServerError.
    """
    files()  # says what to install; MapServer would not
    drawing = mapscript.fromstring(text)
    drawing.setFontSet(str(FONTSET))
    _frame(drawing, window, pixels_per_mm)
    connection = conninfo(address)
    for index in range(drawing.numlayers):
        layer = drawing.getLayer(index)
        if layer.connectiontype == mapscript.MS_POSTGIS:
            layer.connection = connection
            if layer.name in wanted:
                layer.data = wanted[layer.name]
            else:
                layer.status = mapscript.MS_OFF
    for overlay in overlays:
        shape = mapscript.shapeObj.fromWKT(overlay.geometry.wkt)
        shape.text = overlay.text
        drawing.getLayerByName(f"{overlay.style}:{overlay.primitive}").addFeature(shape)
    drawn: bytes = drawing.draw().getBytes()
    return drawn


def _frame(drawing: mapscript.mapObj, window: Window, pixels_per_mm: float) -> None:
    """Sets size and extent so that the window's corner is at 0, 0 and a pixel is exactly its share of a mm."""
    width, height = round(window.width_mm * pixels_per_mm), round(window.height_mm * pixels_per_mm)
    pixel = window.metres_per_mm / pixels_per_mm
    drawing.resolution = 25.4 * pixels_per_mm
    drawing.setSize(width, height)
    # MapServer's extent runs from the middle of the first pixel to the middle of the last.
    drawing.setExtent(
        window.west, window.north - (height - 1) * pixel, window.west + (width - 1) * pixel, window.north
    )
