"""The typeface of all drawings, and how wide a text is in it: Noto Sans of Debian's fonts-noto-core.

MapServer, Typst and our own layout use the same two files, so letters look alike and measures agree.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont

from layers.errors import VatraError

FAMILY = "Noto Sans"
# The one list of faces and files, in the form that MapServer reads.
FONTSET = Path(__file__).with_name("fontset.txt")


class FontMissing(VatraError):
    """The typeface is not installed."""


@cache
def files() -> dict[str, Path]:
    """The font files by face: regular, bold, italic; FontMissing says which package holds them."""
    found = {}
    for line in FONTSET.read_text(encoding="utf-8").splitlines():
        face, path = line.split(maxsplit=1)
        found[face] = Path(path)
        if not found[face].exists():
            raise FontMissing(f"{path} is missing; install the Debian package fonts-noto-core")
    return found


def font_file(face: str) -> Path:
    """The file of one face."""
    return files()[face]


@cache
def advances(face: str) -> dict[int, float]:
    """Advance width of every character, in shares of the font size."""
    font = TTFont(font_file(face), lazy=True)
    unit, widths = font["head"].unitsPerEm, font["hmtx"]
    return {code: widths[name][0] / unit for code, name in font.getBestCmap().items()}


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Width of a line of text, in the unit of ``size``."""
    known = advances("bold" if bold else "regular")
    return size * sum(known.get(ord(letter), 0.6) for letter in text)


def wrap(text: str, size: float, limit: float, *, bold: bool = False) -> list[str]:
    """The text in lines no wider than ``limit``, broken at spaces."""
    lines: list[list[str]] = []
    space, used = width(" ", size, bold=bold), 0.0
    for word in text.split():
        needed = width(word, size, bold=bold)
        if lines and used + space + needed <= limit:
            lines[-1].append(word)
            used += space + needed
        else:
            lines.append([word])
            used = needed
    return [" ".join(line) for line in lines]
