"""The sheet: heading, map window with its frame, legend, coordinates, sources and title block, in mm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tiles.fonts import width, wrap
from tiles.plans import furniture, tables
from tiles.plans.contents import Contents
from tiles.plans.furniture import BAND
from tiles.plans.legend import LegendEntry
from tiles.plans.svg import GREY, Canvas, decimal, number
from tiles.plans.vertices import Vertex
from tiles.plans.window import Window
from tiles.selection import PIXELS_PER_MM

HEAD = 14.0
FOOT = 72.0
TITLE_BLOCK = 12.0
SOURCES = 13.5
SOURCE_LINES = 4
# Corners that the table lists: a sheet more for every few hundred is of no use to anybody.
LISTED = 600
GAP = 4.0


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
    rows = int((bottom - top - tables.TABLE_HEAD) // tables.ROW)
    table = tables.GROUP * (1 if len(drawn.vertices) <= rows else 2)
    legend = tables.legend(canvas, drawn.legend, (0, top), (size[0] - table - GAP, bottom - top))
    coordinates = tables.coordinates(
        canvas, drawn.vertices[:LISTED], (size[0] - table, top), (table, bottom - top)
    )
    sources = tables.lines(canvas, _sources(drawn, size[0]), (0, bottom + 1.5), SOURCE_LINES)
    _title_block(canvas, drawn, size)
    sheets = [canvas.document(*size)]
    while legend or coordinates or sources:
        canvas = Canvas()
        _head(canvas, drawn, size, continued=True)
        parts = sum(map(bool, (legend, coordinates, sources)))
        share = (size[1] - HEAD - TITLE_BLOCK - GAP) / parts
        top, room = HEAD + GAP, (size[0], share - 2 * GAP)
        if legend:
            legend = tables.legend(canvas, legend, (0, top), room)
            top += share
        if coordinates:
            coordinates = tables.coordinates(canvas, coordinates, (0, top), room)
            top += share
        if sources:
            sources = tables.lines(canvas, sources, (0, top), int(room[1] // tables.SOURCE_LINE))
        _title_block(canvas, drawn, size)
        sheets.append(canvas.document(*size))
    return tuple(sheets)


def day_text(day: date) -> str:
    """A date as it is written in Romania."""
    return f"{day:%d.%m.%Y}"


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
        area = f"S = {decimal(drawn.area_m2)} m² (din coordonate)"
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


def _sources(drawn: Drawn, room: float) -> list[str]:
    """The layer versions behind the map, what nothing is known of and what the tables leave out, in lines."""
    contents = drawn.contents
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
    if len(drawn.vertices) > LISTED:
        lines.append(f"Sunt înscrise primele {LISTED} din cele {len(drawn.vertices)} puncte de contur.")
    return lines


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
