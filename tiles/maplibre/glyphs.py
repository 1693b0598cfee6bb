"""The letters of the MapLibre style: signed distance fields of Noto Sans, made from the font's own outlines.

Format: github.com/mapbox/node-fontnik, ``proto/glyphs.proto``; 256 characters a file, a field of 24 px an em with
a border of 3 px, in which 192 is the outline and 32 grades are a pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import shapely
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont
from shapely.geometry import LinearRing, Polygon
from shapely.geometry.base import BaseGeometry

from layers.errors import VatraError
from tiles import fonts

FACES = {f"{fonts.FAMILY} {face.title()}": face for face in ("regular", "bold", "italic")}
EM_PX, BORDER_PX = 24, 3
RADIUS_PX, CUT_OFF = 8, 0.25
PER_FILE = 256
LAST_CODE = 0xFFFF
# Straight pieces that a curve is cut into.
PIECES = 6
Point = tuple[float, float]


class NoSuchGlyphs(VatraError):
    """No typeface of that name, or no file of that range of characters."""


def glyphs(stack: str, first: int, last: int) -> bytes:
    """The characters from ``first`` to ``last`` in the first known typeface of a list with commas between.

    Raises NoSuchGlyphs.
    """
    known = [name for name in stack.split(",", 8) if name in FACES]
    if not known:
        raise NoSuchGlyphs(f"no typeface {stack[:80]!r}; there are {', '.join(FACES)}")
    if first % PER_FILE or last != first + PER_FILE - 1 or not 0 <= last <= LAST_CODE:
        raise NoSuchGlyphs(f"no characters {first}-{last}: files hold {PER_FILE}, from a multiple of it on")
    return _file(known[0], first)


@lru_cache(maxsize=32)
def _file(name: str, first: int) -> bytes:
    font = TTFont(fonts.font_file(FACES[name]), lazy=True)
    named = font.getBestCmap()
    codes = [code for code in range(first, first + PER_FILE) if code in named]
    drawn = b"".join(_field(3, _glyph(font, code, named[code])) for code in codes)
    last = first + PER_FILE - 1
    return _field(1, _field(1, name.encode()) + _field(2, f"{first}-{last}".encode()) + drawn)


def _glyph(font: TTFont, code: int, name: str) -> bytes:
    scale = EM_PX / font["head"].unitsPerEm
    shape = _outline(font, name, scale)
    advance = round(font["hmtx"][name][0] * scale)
    message = _number(1, code)
    if shape.is_empty:
        return message + _number(3, 0) + _number(4, 0) + _number(5, 0) + _number(6, 0) + _number(7, advance)
    west, south, east, north = shape.bounds
    left, top = int(np.floor(west)), int(np.ceil(north))
    width, height = int(np.ceil(east)) - left, top - int(np.floor(south))
    ascender = round(font["hhea"].ascender * scale)
    return (
        message
        + _field(2, _distances(shape, left, top, width, height))
        + _number(3, width)
        + _number(4, height)
        + _number(5, _signed(left))
        + _number(6, _signed(top - ascender))
        + _number(7, advance)
    )


def _distances(shape: BaseGeometry, left: int, top: int, width: int, height: int) -> bytes:
    """Bytes of the field, row by row from above: how far each pixel's middle lies from the outline."""
    rows, columns = np.mgrid[0 : height + 2 * BORDER_PX, 0 : width + 2 * BORDER_PX]
    points = shapely.points(left - BORDER_PX + columns + 0.5, top + BORDER_PX - rows - 0.5)
    edge = shape.boundary
    shapely.prepare(edge)
    shapely.prepare(shape)
    away = shapely.distance(edge, points)
    outside = np.where(shapely.contains(shape, points), -away, away)
    field = np.clip(np.round(255 - 255 * (outside / RADIUS_PX + CUT_OFF)), 0, 255).astype(np.uint8)
    return bytes(field)


def _outline(font: TTFont, name: str, scale: float) -> BaseGeometry:
    """The glyph's area in pixels, y upwards. Contours that run clockwise are filled, the others are holes."""
    pen = DecomposingRecordingPen(font.getGlyphSet())
    font.getGlyphSet()[name].draw(pen)
    filled: list[Polygon] = []
    holes: list[Polygon] = []
    contour: list[Point] = []
    for command, arguments in pen.value:
        if command == "moveTo":
            contour = [arguments[0]]
        elif command == "lineTo":
            contour.append(arguments[0])
        elif command == "qCurveTo":
            contour += _curve(contour[-1], arguments) if contour else _loop(arguments)
        elif command in ("closePath", "endPath") and len(contour) > 2:
            ring = [(x * scale, y * scale) for x, y in contour]
            (holes if LinearRing(ring).is_ccw else filled).append(Polygon(ring).buffer(0))
    return shapely.union_all(filled).difference(shapely.union_all(holes))


def _loop(handles: tuple[Point | None, ...]) -> list[Point]:
    """A contour without a point on it: it begins between its last handle and its first."""
    given = [point for point in handles if point is not None]
    middle = _between(given[-1], given[0], 0.5)
    return [middle, *_curve(middle, [*given, middle])]


def _curve(start: Point, given: Sequence[Point]) -> list[Point]:
    """A chain of quadratic curves as TrueType stores it (between two handles the curve passes their middle)."""
    path: list[Point] = []
    for place, handle in enumerate(given[:-1]):
        end = given[-1] if place == len(given) - 2 else _between(handle, given[place + 1], 0.5)
        for step in range(1, PIECES + 1):
            share = step / PIECES
            path.append(_between(_between(start, handle, share), _between(handle, end, share), share))
        start = end
    return path or [given[-1]]


def _between(a: Point, b: Point, share: float) -> Point:
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share


def _signed(value: int) -> int:
    return (value << 1) ^ (value >> 31)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _field(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
