"""Pictures that are laid beside others, such as tiles: drawn with a margin that is then cut off.

A text that stands across an edge is drawn by both neighbours, at the same place on the ground, and each keeps its
part. They agree on which texts there are, because what decides it lies within the margin.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

from PIL import Image

from tiles.picture import MARGIN_PX, STANDARD_PPI, Picture
from tiles.png import pack
from tiles.stretching import is_plain, saved


def is_piece(picture: Picture) -> bool:
    """Whether it is drawn as a piece: a stretched picture or an SVG stands alone, whatever it is for."""
    return picture.piece and picture.form != "svg" and is_plain(picture)


def cut_out(picture: Picture, draw: Callable[[Picture], bytes]) -> bytes:
    """The piece, cut out of a larger picture that ``draw`` draws."""
    margin = margin_px(picture)
    with Image.open(io.BytesIO(draw(grown(picture)))) as larger:
        middle = larger.crop((margin, margin, margin + picture.width, margin + picture.height))
    if picture.form != "png":
        return saved(middle, picture)
    stored = io.BytesIO()
    middle.save(stored, "PNG", compress_level=0)
    return pack(stored.getvalue())


def margin_px(picture: Picture) -> int:
    """How much is drawn round the piece: the same on paper on every device."""
    return round(MARGIN_PX * picture.ppi / STANDARD_PPI)


def grown(picture: Picture) -> Picture:
    """The picture with its margin, as PNG."""
    west, south, east, north = picture.bbox
    margin = margin_px(picture)
    right, up = (east - west) / picture.width * margin, (north - south) / picture.height * margin
    return replace(
        picture,
        bbox=(west - right, south - up, east + right, north + up),
        width=picture.width + 2 * margin,
        height=picture.height + 2 * margin,
        form="png",
    )
