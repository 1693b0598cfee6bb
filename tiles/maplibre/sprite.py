"""The pictures of the MapLibre style: hatches as seamless patterns, symbols, plates of road numbers; one sheet.

Drawn four times as large and made smaller, at the pixel of the OGC standards (0.28 mm) times ``ratio``.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from layers.catalogue import catalogue
from layers.style import Colour, Hatch, Marker, Shield
from tiles import fonts
from tiles.picture import STANDARD_PPI

PX_PER_MM = STANDARD_PPI / 25.4
FINER = 4
SHEET_PX = 512
# A plate's corners keep their shape, what lies between is stretched under the number.
PLATE_PX, CORNER_PX = 16, 5
MOST_PATTERN_PX = 256
SHAPES: dict[str, list[tuple[float, float]]] = {
    "square": [(0, 0), (1, 0), (1, 1), (0, 1)],
    "triangle": [(0.5, 0), (1, 0.9), (0, 0.9)],
    "diamond": [(0.5, 0), (1, 0.5), (0.5, 1), (0, 0.5)],
}
STROKES: dict[str, list[tuple[tuple[float, float], tuple[float, float]]]] = {
    "cross": [((0.5, 0), (0.5, 1)), ((0, 0.5), (1, 0.5))],
    "tick": [((0.5, 0), (0.5, 1))],
}


@dataclass(frozen=True)
class Sheet:
    """A sprite: the picture as PNG, and where each symbol lies in it."""

    png: bytes
    index: dict[str, dict[str, Any]]


def rgb(colour: Colour) -> str:
    """A colour as CSS writes it."""
    return f"rgb({colour[0]},{colour[1]},{colour[2]})"


def hatch_name(hatch: Hatch) -> str:
    """Name of a hatch's pattern in the sprite."""
    return f"hatch-{_hex(hatch.colour)}-{hatch.spacing:g}-{hatch.width:g}-{hatch.angle:g}"


def marker_name(marker: Marker) -> str:
    """Name of a symbol in the sprite."""
    outline = _hex(marker.outline) if marker.outline else "none"
    shape = f"letter.{ord(marker.letter):x}" if marker.letter else marker.shape
    return f"{shape}-{_hex(marker.colour)}-{outline}-{marker.size:g}-{marker.line:g}"


def plate_name(shield: Shield) -> str:
    """Name of a road number's plate in the sprite."""
    return f"plate-{_hex(shield.fill)}-{_hex(shield.border)}"


@cache
def sheet(ratio: int) -> Sheet:
    """All pictures of the catalogue's style, for screens of ``ratio`` pixels to a CSS pixel."""
    drawn = dict(_pictures(ratio))
    packed = Image.new("RGBA", (SHEET_PX * ratio, SHEET_PX * ratio * 4))
    index: dict[str, dict[str, Any]] = {}
    x = y = tallest = 0
    for name, picture in sorted(drawn.items(), key=lambda item: (-item[1].height, item[0])):
        if x + picture.width > packed.width:
            x, y, tallest = 0, y + tallest, 0
        packed.paste(picture, (x, y))
        index[name] = {"x": x, "y": y, "width": picture.width, "height": picture.height, "pixelRatio": ratio}
        if name.startswith("plate-"):
            index[name] |= _stretched(ratio)
        x, tallest = x + picture.width, max(tallest, picture.height)
    stream = io.BytesIO()
    packed.crop((0, 0, packed.width, y + tallest)).save(stream, "PNG")
    return Sheet(stream.getvalue(), index)


def _pictures(ratio: int) -> Iterator[tuple[str, Image.Image]]:
    for layer in catalogue().values():
        for rule in layer.style:
            if rule.variant != "default":
                continue
            if rule.hatch:
                yield hatch_name(rule.hatch), _hatch(rule.hatch, ratio)
            if rule.marker:
                yield marker_name(rule.marker), _marker(rule.marker, ratio)
            if rule.shield:
                yield plate_name(rule.shield), _plate(rule.shield, ratio)


def _hatch(hatch: Hatch, ratio: int) -> Image.Image:
    """A tile that fits itself on every side: whole numbers of lines cross its width and its height."""
    scale = PX_PER_MM * ratio
    turn = math.radians(hatch.angle)
    # Lines run at the angle, y downwards; this is how many begin per pixel across and down.
    across, down = math.sin(turn) / (hatch.spacing * scale), math.cos(turn) / (hatch.spacing * scale)
    width, lines_across = _fitting(across)
    height, lines_down = _fitting(down)
    fine_y, fine_x = np.mgrid[0 : height * FINER, 0 : width * FINER] + 0.5
    phase = (lines_across * fine_x / width + lines_down * fine_y / height) / FINER
    distance = np.abs(phase - np.round(phase)) / math.hypot(lines_across / width, lines_down / height)
    covered = (distance <= hatch.width * scale / 2).reshape(height, FINER, width, FINER).mean(axis=(1, 3))
    pixels = np.zeros((height, width, 4), dtype=np.uint8)
    pixels[..., :3] = hatch.colour
    pixels[..., 3] = np.round(covered * 255)
    return Image.fromarray(pixels)


def _fitting(per_px: float) -> tuple[int, int]:
    """A length in pixels that holds a whole number of lines, and that number (signed; 0 for lines along it)."""
    if abs(per_px) < 1e-6:
        return 4, 0
    lengths = [
        (abs(count / per_px - round(count / abs(per_px)) * (1 if per_px > 0 else -1)), count)
        for count in range(1, 5)
    ]
    count = min(lengths)[1]
    length = min(max(round(count / abs(per_px)), 1), MOST_PATTERN_PX)
    return length, count if per_px > 0 else -count


def _marker(marker: Marker, ratio: int) -> Image.Image:
    scale = PX_PER_MM * ratio * FINER
    size, line = marker.size * scale, marker.line * scale
    side = math.ceil((size + line) / FINER + 2) * FINER
    picture = Image.new("RGBA", (side, side))
    draw = ImageDraw.Draw(picture)
    edge = (side - size) / 2
    outline = marker.outline and (*marker.outline, 255)
    thickness = max(1, round(line))

    def at(point: tuple[float, float]) -> tuple[float, float]:
        return edge + point[0] * size, edge + point[1] * size

    if marker.letter:
        face = ImageFont.truetype(str(fonts.font_file("bold")), size)
        options: dict[str, Any] = {"stroke_width": thickness * 2, "stroke_fill": outline} if outline else {}
        draw.text((side / 2, side / 2), marker.letter, (*marker.colour, 255), face, "mm", **options)
    elif marker.shape == "circle":
        draw.ellipse([at((0, 0)), at((1, 1))], (*marker.colour, 255), outline, thickness if outline else 0)
    elif marker.shape in SHAPES:
        draw.polygon(
            [at(p) for p in SHAPES[marker.shape]], (*marker.colour, 255), outline, thickness if outline else 0
        )
    else:
        for start, end in STROKES[marker.shape]:
            draw.line([at(start), at(end)], (*marker.colour, 255), thickness)
    return picture.resize((side // FINER, side // FINER), Image.Resampling.LANCZOS)


def _plate(shield: Shield, ratio: int) -> Image.Image:
    side = PLATE_PX * ratio * FINER
    picture = Image.new("RGBA", (side, side))
    draw = ImageDraw.Draw(picture)
    corner, border = 3 * ratio * FINER, round(1.2 * ratio * FINER)
    draw.rounded_rectangle((0, 0, side - 1, side - 1), corner, (*shield.fill, 255))
    draw.rounded_rectangle(
        (border, border, side - 1 - border, side - 1 - border),
        corner - border,
        None,
        (*shield.border, 255),
        border,
    )
    return picture.resize((side // FINER, side // FINER), Image.Resampling.LANCZOS)


def _stretched(ratio: int) -> dict[str, Any]:
    near, far = CORNER_PX * ratio, (PLATE_PX - CORNER_PX) * ratio
    inset = 3 * ratio
    return {
        "stretchX": [[near, far]],
        "stretchY": [[near, far]],
        "content": [inset, inset, PLATE_PX * ratio - inset, PLATE_PX * ratio - inset],
    }


def _hex(colour: Colour) -> str:
    return "{:02x}{:02x}{:02x}".format(*colour)
