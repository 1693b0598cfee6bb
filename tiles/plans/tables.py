"""Tables of a sheet: legend, coordinates and lines of text; each draws what fits and gives back the rest."""

from __future__ import annotations

from collections.abc import Sequence

from tiles.fonts import wrap
from tiles.plans.legend import SAMPLE, LegendEntry
from tiles.plans.svg import GREY, Canvas, Point, decimal
from tiles.plans.vertices import Vertex

Size = tuple[float, float]

TITLE = 2.8
SMALL = 2.2
SMALLEST = 2.0
LINE = 2.7
ROW = 3.3
COLUMN = 45.0
NARROWEST = 33.0
GROUP = 32.0
EDGES = (4.5, 17.0, 29.5)
TABLE_HEAD = 8.5
SOURCE_LINE = 2.55


def legend(
    canvas: Canvas, entries: Sequence[LegendEntry], at: Point, size: tuple[float, float]
) -> tuple[LegendEntry, ...]:
    """Draws what fits, in columns of some 45 mm, narrower where that saves a sheet; the rest is given back."""
    canvas.text((at[0], at[1] + 2.4), "Legendă", TITLE, bold=True)
    columns = max(1, int(size[0] // COLUMN))
    placed = _placed(entries, size, columns)
    if len(placed) < len(entries) and size[0] / (columns + 1) >= NARROWEST:
        narrower = _placed(entries, size, columns + 1)
        placed = max(placed, narrower, key=len)
    for entry, (x, y), lines in placed:
        middle = at[1] + y + (_height(lines) - 0.6) / 2
        entry.draw(canvas, (at[0] + x, middle - SAMPLE[1] / 2))
        for position, line in enumerate(lines):
            baseline = middle + 0.8 + (position - (len(lines) - 1) / 2) * LINE
            canvas.text((at[0] + x + SAMPLE[0] + 1.5, baseline), line, SMALL)
    if len(placed) < len(entries):
        note = "Legenda continuă pe foaia următoare."
        canvas.text((at[0] + 16, at[1] + 2.4), note, SMALL, colour=GREY)
    return tuple(entries[len(placed) :])


def _placed(
    entries: Sequence[LegendEntry], size: Size, columns: int
) -> list[tuple[LegendEntry, Point, list[str]]]:
    """The entries that fit into so many columns, each with its place and its title in lines."""
    width = size[0] / columns
    placed: list[tuple[LegendEntry, Point, list[str]]] = []
    column, y = 0, 5.0
    for entry in entries:
        lines = wrap(entry.title, SMALL, width - SAMPLE[0] - 2.5)
        if y + _height(lines) > size[1]:
            column, y = column + 1, 5.0
            if column == columns:
                break
        placed.append((entry, (column * width, y), lines))
        y += _height(lines)
    return placed


def _height(lines: list[str]) -> float:
    return max(SAMPLE[1], len(lines) * LINE) + 0.6


def coordinates(
    canvas: Canvas, vertices: Sequence[Vertex], at: Point, size: tuple[float, float]
) -> tuple[Vertex, ...]:
    """Draws the table of corners, in groups of columns side by side; gives back what did not fit."""
    canvas.text((at[0], at[1] + 2.4), "Coordonate (m)", TITLE, bold=True)
    rows = int((size[1] - TABLE_HEAD) // ROW)
    groups = max(1, int(size[0] // GROUP))
    if len(vertices) > rows * groups:
        rows -= 1
    fitting = vertices[: rows * groups]
    for start in range(0, len(fitting), rows):
        x, y = at[0] + start // rows * GROUP, at[1] + 5.0
        _table_row(canvas, (x, y + 2.0), ("Nr.", "X (nord)", "Y (est)"), bold=True)
        canvas.line((x, y + 2.8), (x + EDGES[-1], y + 2.8))
        for index, vertex in enumerate(fitting[start : start + rows]):
            cells = (str(vertex.number), decimal(vertex.x_north), decimal(vertex.y_east))
            _table_row(canvas, (x, y + 2.6 + ROW * (index + 1)), cells)
    rest = tuple(vertices[len(fitting) :])
    if rest:
        note = f"punctele {rest[0].number}–{rest[-1].number}: pe foaia următoare"
        canvas.text((at[0], at[1] + size[1]), note, SMALL, colour=GREY)
    return rest


def _table_row(canvas: Canvas, at: Point, cells: Sequence[str], *, bold: bool = False) -> None:
    for edge, words in zip(EDGES, cells, strict=True):
        canvas.text((at[0] + edge, at[1]), words, SMALL, anchor="end", bold=bold)


def lines(canvas: Canvas, written: list[str], at: Point, most: int) -> list[str]:
    """Writes lines one under the other; gives back what is more than ``most``."""
    for index, line in enumerate(written[:most]):
        canvas.text((at[0], at[1] + 1.5 + index * SOURCE_LINE), line, SMALLEST)
    return written[most:]
