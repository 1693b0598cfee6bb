"""The legend: what a map shows, each with its title and a sample of how it looks."""

from __future__ import annotations

import math
from dataclasses import dataclass

from layers.style import Hatch, Marker, Primitive, StyleRule
from tiles.plans.svg import Canvas, Point

SAMPLE = (8.0, 3.2)
CORNERS: dict[str, tuple[Point, ...]] = {
    "square": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
    "triangle": ((0, -1), (1, 0.8), (-1, 0.8)),
    "diamond": ((0, -1), (1, 0), (0, 1), (-1, 0)),
}


@dataclass(frozen=True)
class LegendEntry:
    """One line of the legend."""

    title: str
    layer: str
    rule: StyleRule
    primitive: Primitive

    def draw(self, canvas: Canvas, at: Point) -> None:
        """Draws the sample into a box of ``SAMPLE`` mm with its upper left corner there."""
        (x, y), (w, h) = at, SAMPLE
        if self.primitive == "polygon" and not _is_limit(self.rule):
            _area(canvas, self.rule, at)
        elif self.primitive != "point":
            _line(canvas, self.rule, (x, y + h / 2), w)
        elif self.rule.marker:
            _marker(canvas, self.rule.marker, (x + w / 2, y + h / 2))


def sample(entry: LegendEntry) -> str:
    """The sample alone, as an SVG document."""
    canvas = Canvas()
    entry.draw(canvas, (0, 0))
    return canvas.document(*SAMPLE)


def _is_limit(rule: StyleRule) -> bool:
    """A dashed outline without a filling reads as a limit, best shown as a line."""
    return not (rule.fill or rule.hatch) and any(stroke.dash for stroke in rule.strokes)


def _area(canvas: Canvas, rule: StyleRule, at: Point) -> None:
    (x, y), (w, h) = at, SAMPLE
    if rule.fill:
        canvas.box(at, SAMPLE, fill=rule.fill, outline=None)
    if rule.hatch:
        _hatch(canvas, rule.hatch, at)
    for stroke in rule.strokes:
        corners = ((x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y))
        canvas.line(*corners, colour=stroke.colour, width=stroke.width or 0.3, dash=stroke.dash)


def _hatch(canvas: Canvas, hatch: Hatch, at: Point) -> None:
    """Lines of the hatch's angle, cut at the sample's edge."""
    (x, y), (w, h) = at, SAMPLE
    # At most a third of the sample between lines: a wide hatch must still be seen as one.
    spacing = min(hatch.spacing, h / 1.8)
    turn = math.radians(-hatch.angle)
    along, across = (math.cos(turn), math.sin(turn)), (-math.sin(turn), math.cos(turn))
    reach = math.hypot(w, h) / 2
    steps = math.ceil(reach / spacing)
    for step in range(-steps, steps + 1):
        foot = (x + w / 2 + across[0] * step * spacing, y + h / 2 + across[1] * step * spacing)
        ends = _cut(foot, along, (x, x + w), (y, y + h))
        if ends:
            canvas.line(*ends, colour=hatch.colour, width=hatch.width)


def _cut(foot: Point, along: Point, *spans: tuple[float, float]) -> tuple[Point, Point] | None:
    """The part of a straight line inside the box given by its two spans."""
    first, last = -math.inf, math.inf
    for position, direction, (low, high) in zip(foot, along, spans, strict=True):
        if abs(direction) < 1e-9:
            if not low < position < high:
                return None
            continue
        bounds = sorted(((low - position) / direction, (high - position) / direction))
        first, last = max(first, bounds[0]), min(last, bounds[1])
    if first >= last:
        return None
    return (
        (foot[0] + along[0] * first, foot[1] + along[1] * first),
        (foot[0] + along[0] * last, foot[1] + along[1] * last),
    )


def _line(canvas: Canvas, rule: StyleRule, start: Point, length: float) -> None:
    x, y = start
    for stroke in rule.strokes:
        width = stroke.width or 2.2 + 2 * (stroke.ground.casing if stroke.ground else 0)
        canvas.line(start, (x + length, y), colour=stroke.colour, width=width, dash=stroke.dash)
    if rule.marker:
        for share in (0.5,) if rule.marker.letter else (0.2, 0.8):
            _marker(canvas, rule.marker, (x + share * length, y))


def _marker(canvas: Canvas, marker: Marker, centre: Point) -> None:
    (x, y), half = centre, min(marker.size, SAMPLE[1]) / 2
    if marker.letter:
        size = marker.size
        foot = (x, y + size * 0.36)
        canvas.text(
            foot, marker.letter, size, anchor="middle", bold=True, colour=marker.colour, halo=marker.outline
        )
    elif marker.shape == "circle":
        canvas.circle(centre, half, marker.colour, marker.outline)
    elif marker.shape in CORNERS:
        corners = [(x + dx * half, y + dy * half) for dx, dy in CORNERS[marker.shape]]
        canvas.polygon(*corners, fill=marker.colour, outline=marker.outline)
    else:
        canvas.line((x, y - half), (x, y + half), colour=marker.colour)
        if marker.shape == "cross":
            canvas.line((x - half, y), (x + half, y), colour=marker.colour)
