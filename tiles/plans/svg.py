"""A small SVG canvas in millimetres: lines, boxes and text, enough for what stands around a map."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Literal

from layers.style import Colour
from tiles.fonts import FAMILY

BLACK: Colour = (30, 30, 30)
GREY: Colour = (110, 110, 110)
WHITE: Colour = (255, 255, 255)

Anchor = Literal["start", "middle", "end"]
Point = tuple[float, float]


def hexadecimal(colour: Colour) -> str:
    """The colour as SVG writes it."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def number(value: float) -> str:
    """A length to a thousandth of a millimetre, without idle zeros."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def decimal(value: float, places: int = 2) -> str:
    """A number as it is written in Romania."""
    return f"{value:.{places}f}".replace(".", ",")


class Canvas:
    """Collects elements; lengths in mm, origin upper left, y downwards."""

    def __init__(self) -> None:
        self.elements: list[str] = []

    def raw(self, element: str) -> None:
        """An element written elsewhere."""
        self.elements.append(element)

    def line(
        self, *points: Point, colour: Colour = BLACK, width: float = 0.2, dash: Sequence[float] = ()
    ) -> None:
        """A line through the points."""
        path = " ".join(f"{number(x)},{number(y)}" for x, y in points)
        dashes = f' stroke-dasharray="{" ".join(map(number, dash))}"' if dash else ""
        self.raw(
            f'<polyline points="{path}" fill="none" stroke="{hexadecimal(colour)}"'
            f' stroke-width="{number(width)}"{dashes}/>'
        )

    def polygon(
        self, *points: Point, fill: Colour | None, outline: Colour | None = None, width: float = 0.2
    ) -> None:
        """A closed outline, filled or not."""
        path = " ".join(f"{number(x)},{number(y)}" for x, y in points)
        stroke = f' stroke="{hexadecimal(outline)}" stroke-width="{number(width)}"' if outline else ""
        self.raw(f'<polygon points="{path}" fill="{hexadecimal(fill) if fill else "none"}"{stroke}/>')

    def box(
        self,
        corner: Point,
        size: Point,
        *,
        fill: Colour | None = None,
        outline: Colour | None = BLACK,
        width: float = 0.2,
    ) -> None:
        """A rectangle by its upper left corner and its size."""
        (x, y), (w, h) = corner, size
        self.polygon((x, y), (x + w, y), (x + w, y + h), (x, y + h), fill=fill, outline=outline, width=width)

    def circle(self, centre: Point, radius: float, fill: Colour, outline: Colour | None = None) -> None:
        """A disc."""
        stroke = f' stroke="{hexadecimal(outline)}" stroke-width="0.2"' if outline else ""
        self.raw(
            f'<circle cx="{number(centre[0])}" cy="{number(centre[1])}" r="{number(radius)}"'
            f' fill="{hexadecimal(fill)}"{stroke}/>'
        )

    def text(
        self,
        at: Point,
        words: str,
        size: float,
        *,
        anchor: Anchor = "start",
        bold: bool = False,
        colour: Colour = BLACK,
        turned: bool = False,
        halo: Colour | None = None,
    ) -> None:
        """A line of text by its baseline; ``turned`` runs upwards."""
        x, y = map(number, at)
        turn = f' transform="rotate(-90 {x} {y})"' if turned else ""
        weight = ' font-weight="bold"' if bold else ""
        if halo:
            ring = f'stroke="{hexadecimal(halo)}" stroke-width="{number(size / 4)}" stroke-linejoin="round"'
            weight += f' paint-order="stroke" {ring}'
        self.raw(
            f'<text x="{x}" y="{y}" font-size="{number(size)}" text-anchor="{anchor}"{weight}'
            f' fill="{hexadecimal(colour)}"{turn}>{escape(words)}</text>'
        )

    def document(self, width: float, height: float) -> str:
        """The whole as an SVG document of that size in mm."""
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" version="1.1"'
            f' width="{number(width)}mm" height="{number(height)}mm"'
            f' viewBox="0 0 {number(width)} {number(height)}" font-family="{FAMILY}, sans-serif">'
            f"{''.join(self.elements)}</svg>"
        )
