"""Pictures that MapServer cannot draw as asked, because their pixels are not square or there is only one.

They are drawn with square pixels, the finer of the two sides, and brought to their size.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace

from PIL import Image

from tiles.picture import Picture

# Pixels that may be lost over the whole picture before it counts as stretched.
TOLERANCE = 0.25
LEAST, MOST = 8, 4096
SVG_ROOT = re.compile(rb'<svg ([^>]*?)width="[^"]*" height="[^"]*"')


def is_plain(picture: Picture) -> bool:
    """Whether MapServer can draw it as asked."""
    across, down = _pixel(picture)
    uneven = abs(across / down - 1) * max(picture.width, picture.height)
    return uneven < TOLERANCE and min(picture.width, picture.height) > 1


def stretched(picture: Picture, draw: Callable[[Picture], bytes]) -> bytes:
    """The picture, drawn by ``draw`` with square pixels and brought to its size."""
    west, south, east, north = picture.bbox
    unit = max(min(_pixel(picture)), max(east - west, north - south) / MOST)
    width, height = (max(LEAST, round(side / unit)) for side in (east - west, north - south))
    drawn = draw(replace(picture, width=width, height=height, form="svg" if picture.form == "svg" else "png"))
    if picture.form == "svg":
        size = b'width="%dpx" height="%dpx" preserveAspectRatio="none"' % (picture.width, picture.height)
        return SVG_ROOT.sub(rb"<svg \1" + size, drawn, count=1)
    with Image.open(io.BytesIO(drawn)) as large:
        return saved(large.resize((picture.width, picture.height), Image.Resampling.BOX), picture)


def _pixel(picture: Picture) -> tuple[float, float]:
    west, south, east, north = picture.bbox
    return (east - west) / picture.width, (north - south) / picture.height


def saved(image: Image.Image, picture: Picture) -> bytes:
    """The image in the picture's form, which is not SVG."""
    kept = io.BytesIO()
    if picture.form == "jpeg":
        image.convert("RGB").save(kept, "JPEG", quality=85)
    elif picture.form == "png8":
        image.quantize(256, method=Image.Quantize.FASTOCTREE).save(kept, "PNG", compress_level=1)
    else:
        image.save(kept, "PNG", compress_level=1)
    return kept.getvalue()
