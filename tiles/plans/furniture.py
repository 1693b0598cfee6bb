"""What lies on and round the map window: grid ticks with coordinates, north arrow, scale bar."""

from __future__ import annotations

import math

from tiles.plans.svg import BLACK, WHITE, Canvas, Point
from tiles.plans.window import Window

BAND = 4.0
GRID_MM = 50.0
# Coordinates keep off the corners of the frame.
CLEAR = 8.0
COORDINATE_SIZE = 2.1


def grid_step(scale: int) -> float:
    """Metres between grid ticks: five centimetres on paper (25 m at 1:500, 50 m at 1:1000…)."""
    return GRID_MM * scale / 1000


def grid_values(low: float, high: float, step: float) -> list[float]:
    """Round coordinates inside an interval."""
    return [index * step for index in range(math.ceil(low / step), math.floor(high / step) + 1)]


def frame(canvas: Canvas, window: Window, corner: Point) -> None:
    """The neat line, and outside it the band that bears the grid's coordinates."""
    x, y = corner
    size = (window.width_mm, window.height_mm)
    edge = BAND - 0.25
    canvas.box((x - edge, y - edge), (size[0] + 2 * edge, size[1] + 2 * edge), width=0.5)
    canvas.box(corner, size, width=0.3)


def grid_points(window: Window) -> list[Point]:
    """Where round Stereo 70 coordinates meet inside the window, x = east (m)."""
    step = grid_step(window.scale)
    return [
        (east, north)
        for east in grid_values(window.west, window.east, step)
        for north in grid_values(window.south, window.north, step)
    ]


def coordinates(canvas: Canvas, window: Window, corner: Point) -> None:
    """The grid's coordinates at the window's edges: Y (east) above and below, X (north) beside."""
    step = grid_step(window.scale)
    left, top = corner
    right, bottom = left + window.width_mm, top + window.height_mm
    for east in grid_values(window.west, window.east, step):
        x = left + window.on_paper(east, 0)[0]
        for edge, outwards, baseline in ((top, -1, top - 1.2), (bottom, 1, bottom + BAND - 1.1)):
            canvas.line((x, edge), (x, edge + outwards))
            if left + CLEAR < x < right - CLEAR:
                canvas.text((x, baseline), f"Y {east:.0f}", COORDINATE_SIZE, anchor="middle")
    for north in grid_values(window.south, window.north, step):
        y = top + window.on_paper(0, north)[1]
        for edge, outwards, baseline in ((left, -1, left - 1.2), (right, 1, right + BAND - 1.1)):
            canvas.line((edge, y), (edge + outwards, y))
            if top + CLEAR < y < bottom - CLEAR:
                canvas.text((baseline, y), f"X {north:.0f}", COORDINATE_SIZE, anchor="middle", turned=True)


def north_arrow(canvas: Canvas, at: Point) -> None:
    """An arrow to grid north on a white disc of 15 mm, its middle there."""
    x, y = at
    canvas.circle((x, y), 7.5, WHITE)
    canvas.polygon((x, y - 3.6), (x - 2.2, y + 5.6), (x, y + 3.9), fill=WHITE, outline=BLACK, width=0.25)
    canvas.polygon((x, y - 3.6), (x + 2.2, y + 5.6), (x, y + 3.9), fill=BLACK, outline=BLACK, width=0.25)
    canvas.text((x, y - 4.1), "N", 3.0, anchor="middle", bold=True)


def scale_bar(canvas: Canvas, scale: int, at: Point) -> None:
    """A bar of three centimetres, its upper left corner there, with lengths in metres beneath."""
    x, y = at
    for index in range(3):
        fill = BLACK if index % 2 == 0 else WHITE
        canvas.box((x + index * 10, y), (10, 1.2), fill=fill, outline=BLACK, width=0.15)
    for index in range(4):
        words = f"{index * scale / 100:.0f}{' m' if index == 3 else ''}"
        canvas.text((x + index * 10, y + 3.6), words, 2.0, anchor="middle")
