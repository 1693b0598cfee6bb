"""A map picture as asked for: what every door that draws (WMS, tile cache, OGC API Maps) hands to the drawing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Form = Literal["png", "png8", "jpeg", "svg"]
# The pixel of the OGC standards (0.28 mm), and how many of them make an inch.
PIXEL_M = 0.00028
STANDARD_PPI = 25.4 / 0.28
# As much is drawn round a piece at the standard's pixel, and cut off: it decides which texts stand at the edges.
MARGIN_PX = 96


@dataclass(frozen=True)
class Picture:
    """A picture of layers on a day. Made from checked requests only: layers and looks exist, sizes are bounded.

    ``layers`` are pairs of layer and look (variant of its style), from the lowest to the topmost. ``bbox`` is
    west, south, east, north in ``crs`` (always x = east first, whatever order the request came in), the outer
    edges of the outermost pixels. ``width`` and ``height`` are pixels; ``ppi`` pixels an inch, which says how large
    a millimetre of the style is and with it the scale.

    A ``piece`` is laid beside others of the same layers, scale and grid of pixels: its texts stand where they stand
    in the neighbouring pieces, and go on there. Texts of any other picture are placed within what it sees, and whole.
    """

    layers: tuple[tuple[str, str], ...]
    crs: str
    bbox: tuple[float, float, float, float]
    width: int
    height: int
    as_of: date
    form: Form = "png"
    transparent: bool = False
    background: tuple[int, int, int] = (255, 255, 255)
    ppi: float = STANDARD_PPI
    piece: bool = False
