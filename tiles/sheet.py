"""The sheet: heading, map window with its frame, legend, coordinates, sources and title block, in mm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tiles import furniture
from tiles.contents import Contents
from tiles.drawing import Window
from tiles.fonts import width, wrap
from tiles.furniture import BAND
from tiles.legend import SAMPLE, LegendEntry
from tiles.selection import PIXELS_PER_MM
from tiles.svg import GREY, Canvas, Point, number
from tiles.vertices import Vertex

HEAD = 14.0
FOOT = 72.0
TITLE_BLOCK = 12.0
SOURCES = 13.5
SOURCE_LINE = 2.55
SOURCE_LINES = 4
GAP = 4.0
SMALL = 2.2
LINE = 2.7
ROW = 3.3
GROUP = 32.0
EDGES = (4.5, 17.0, 29.5)
TABLE_HEAD = 8.5


@dataclass(frozen=True)
class Heading:
    """What the sheet says of the land and of who issues it; what is None is left to be filled in."""

    land: str = ""
    place: str = ""
    authority: str = ""
    number: str | None = None
    day: date | None = None


@dataclass(frozen=True)
class Drawn:
    """Everything a sheet is composed of."""

    title: str
    heading: Heading
    as_of: date
    area_m2: float | None
    window: Window
    map_svg: str
    contents: Contents
    legend: tuple[LegendEntry, ...]
    vertices: tuple[Vertex, ...]


def window_size(content: tuple[float, float]) -> tuple[float, float]:
    """Size of the map window on a sheet of that size (mm)."""
    return content[0] - 2 * BAND, content[1] - HEAD - FOOT - 2 * BAND


def compose(drawn: Drawn, size: tuple[float, float]) -> tuple[str, ...]:
    """The sheet, and further sheets for what of legend, coordinates and sources did not fit."""
    canvas = Canvas()
    _head(canvas, drawn, size)
    _map(canvas, drawn)
    top = size[1] - FOOT + 2
    bottom = size[1] - TITLE_BLOCK - SOURCES
    rows = int((bottom - top - TABLE_HEAD) // ROW)
    table = GROUP * (1 if len(drawn.vertices) <= rows else 2)
    legend = _legend(canvas, drawn.legend, (0, top), (size[0] - table - GAP, bottom - top))
    coordinates = _coordinates(canvas, drawn.vertices, (size[0] - table, top), (table, bottom - top))
    sources = _lines(canvas, _sources(drawn.contents, size[0]), (0, bottom + 1.5), SOURCE_LINES)
    _title_block(canvas, drawn, size)
    sheets = [canvas.document(*size)]
    while legend or coordinates or sources:
        canvas = Canvas()
        _head(canvas, drawn, size, continued=True)
        parts = sum(map(bool, (legend, coordinates, sources)))
        share = (size[1] - HEAD - TITLE_BLOCK - GAP) / parts
        top, room = HEAD + GAP, (size[0], share - 2 * GAP)
        if legend:
            legend = _legend(canvas, legend, (0, top), room)
            top += share
        if coordinates:
            coordinates = _coordinates(canvas, coordinates, (0, top), room)
            top += share
        if sources:
            sources = _lines(canvas, sources, (0, top), int(room[1] // SOURCE_LINE))
        _title_block(canvas, drawn, size)
        sheets.append(canvas.document(*size))
    return tuple(sheets)


def day_text(day: date) -> str:
    """A date as it is written in Romania."""
    return f"{day:%d.%m.%Y}"


def metres(value: float, decimals: int = 2) -> str:
    """A number with decimal comma."""
    return f"{value:.{decimals}f}".replace(".", ",")


def _head(canvas: Canvas, drawn: Drawn, size: tuple[float, float], *, continued: bool = False) -> None:
    scale = f"Scara 1:{drawn.window.scale}"
    room = size[0] - width(scale, 4.2, bold=True) - 6
    title = f"{drawn.title} (continuare)" if continued else drawn.title
    fitted = min(4.4, 4.4 * room / max(width(title, 4.4, bold=True), 1))
    canvas.text((0, 4.6), title, fitted, bold=True)
    canvas.text((size[0], 4.6), scale, 4.2, bold=True, anchor="end")
    about = " · ".join(part for part in (drawn.heading.land, drawn.heading.place) if part)
    lines = wrap(about, 2.8, size[0] - 42)
    for index, line in enumerate(lines[:2]):
        canvas.text((0, 8.8 + index * 3.4), line, 2.8)
    canvas.text((size[0], 8.8), f"Situația la {day_text(drawn.as_of)}", 2.6, anchor="end", colour=GREY)
    if drawn.area_m2 is not None:
        area = f"S = {metres(drawn.area_m2)} m² (din coordonate)"
        canvas.text((size[0], 12.2), area, 2.6, anchor="end", colour=GREY)


def _map(canvas: Canvas, drawn: Drawn) -> None:
    window, corner = drawn.window, (BAND, HEAD + BAND)
    x, y = map(number, corner)
    w, h = number(window.width_mm), number(window.height_mm)
    canvas.raw(f'<clipPath id="window"><rect x="{x}" y="{y}" width="{w}" height="{h}"/></clipPath>')
    canvas.raw(
        f'<g clip-path="url(#window)"><g transform="translate({x} {y}) scale({1 / PIXELS_PER_MM})">'
        f"{drawn.map_svg}</g></g>"
    )
    furniture.frame(canvas, window, corner)
    furniture.coordinates(canvas, window, corner)
    furniture.north_arrow(canvas, (corner[0] + window.width_mm - 9, corner[1] + 9))


def _legend(
    canvas: Canvas, entries: Sequence[LegendEntry], at: Point, size: tuple[float, float]
) -> tuple[LegendEntry, ...]:
    """Draws what fits, in columns of some 45 mm; the rest is given back."""
    canvas.text((at[0], at[1] + 2.4), "Legendă", 2.8, bold=True)
    columns = max(1, int(size[0] // 45))
    column_width = size[0] / columns
    column, y = 0, at[1] + 5.0
    for index, entry in enumerate(entries):
        lines = wrap(entry.title, SMALL, column_width - SAMPLE[0] - 2.5)
        height = max(SAMPLE[1], len(lines) * LINE) + 0.6
        if y + height > at[1] + size[1]:
            column, y = column + 1, at[1] + 5.0
            if column == columns:
                note = "Legenda continuă pe foaia următoare."
                canvas.text((at[0] + 16, at[1] + 2.4), note, SMALL, colour=GREY)
                return tuple(entries[index:])
        x, middle = at[0] + column * column_width, y + (height - 0.6) / 2
        entry.draw(canvas, (x, middle - SAMPLE[1] / 2))
        for position, line in enumerate(lines):
            baseline = middle + 0.8 + (position - (len(lines) - 1) / 2) * LINE
            canvas.text((x + SAMPLE[0] + 1.5, baseline), line, SMALL)
        y += height
    return ()


def _coordinates(
    canvas: Canvas, vertices: Sequence[Vertex], at: Point, size: tuple[float, float]
) -> tuple[Vertex, ...]:
    """Draws the table of corners, in groups of columns side by side; gives back what did not fit."""
    canvas.text((at[0], at[1] + 2.4), "Coordonate (m)", 2.8, bold=True)
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
            cells = (str(vertex.number), metres(vertex.x_north), metres(vertex.y_east))
            _table_row(canvas, (x, y + 2.6 + ROW * (index + 1)), cells)
    rest = tuple(vertices[len(fitting) :])
    if rest:
        note = f"punctele {rest[0].number}–{rest[-1].number}: pe foaia următoare"
        canvas.text((at[0], at[1] + size[1]), note, SMALL, colour=GREY)
    return rest


def _table_row(canvas: Canvas, at: Point, cells: Sequence[str], *, bold: bool = False) -> None:
    for edge, words in zip(EDGES, cells, strict=True):
        canvas.text((at[0] + edge, at[1]), words, SMALL, anchor="end", bold=bold)


def _sources(contents: Contents, room: float) -> list[str]:
    """The layer versions behind the map, and the layers that nothing is known of, in lines."""
    told = [
        f"{source.title} v{source.version} ({day_text(source.valid_from)})" for source in contents.sources
    ]
    lines = wrap(f"Surse (versiunea stratului, data): {'; '.join(told) or 'niciuna'}.", 2.0, room)
    if contents.missing:
        without = [
            f"{missing.title} ({', '.join(missing.uats)})" if missing.uats else missing.title
            for missing in contents.missing
        ]
        lines += wrap(f"Fără date: {'; '.join(without)}.", 2.0, room)
    return lines


def _lines(canvas: Canvas, lines: list[str], at: Point, most: int) -> list[str]:
    """Writes lines one under the other; gives back what is more than ``most``."""
    for index, line in enumerate(lines[:most]):
        canvas.text((at[0], at[1] + 1.5 + index * SOURCE_LINE), line, 2.0)
    return lines[most:]


def _title_block(canvas: Canvas, drawn: Drawn, size: tuple[float, float]) -> None:
    top = size[1] - TITLE_BLOCK
    canvas.box((0.2, top), (size[0] - 0.4, TITLE_BLOCK - 0.2), width=0.35)
    heading = drawn.heading
    issued = (
        f"{heading.number or '............'} / {day_text(heading.day) if heading.day else '............'}"
    )
    cells = (
        (0.29, "Emitent", heading.authority or "....................................."),
        (0.22, "Anexă la actul nr. / din", issued),
        (0.22, "Sistem de proiecție", "Stereografic 1970 (EPSG:3844)"),
        (0.27, f"Scara 1:{drawn.window.scale}", ""),
    )
    x = 0.0
    for share, label, words in cells:
        cell = share * size[0]
        if x:
            canvas.line((x, top), (x, size[1]), width=0.2)
        canvas.text((x + 1.5, top + 3.2), label, 2.0, colour=GREY)
        for index, line in enumerate(wrap(words, 2.6, cell - 3)[:2]):
            canvas.text((x + 1.5, top + 7.0 + index * 3.2), line, 2.6)
        x += cell
    furniture.scale_bar(canvas, drawn.window.scale, (size[0] - 39, top + 5.5))
