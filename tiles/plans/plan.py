"""A plan: the land on its map, at a true scale, as sheets of vector graphics ready for a page."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from shapely.geometry import MultiPoint, Point
from shapely.geometry.base import BaseGeometry

from layers import database, health
from layers.style import Primitive
from tiles.plans.contents import Missing, Source, contents
from tiles.plans.drawing import Overlay, draw, picture
from tiles.plans.furniture import grid_points
from tiles.plans.legend import LegendEntry
from tiles.plans.scales import Paper, PlanError, check_scale, choose_scale, get_paper
from tiles.plans.sheet import Drawn, Heading, compose, day_text, window_size
from tiles.plans.vertices import Vertex, vertices
from tiles.plans.window import Window
from tiles.themes import Theme, get_theme, overlay_styles, subject_styles

NUMBER_AWAY_MM = 2.2
NUMBER_ROOM_MM = 4.5


@dataclass(frozen=True)
class Plan:
    """A drawn plan. ``sheets`` are SVG documents of ``size_mm``; all but the first continue its tables.

    ``map_svg`` is the map window alone, ``window`` the ground it shows.
    """

    theme: str
    title: str
    as_of: date
    paper: Paper
    window: Window
    map_svg: str
    sheets: tuple[str, ...]
    legend: tuple[LegendEntry, ...]
    sources: tuple[Source, ...]
    missing: tuple[Missing, ...]
    vertices: tuple[Vertex, ...]
    alt: str

    @property
    def sheet_svg(self) -> str:
        """The first sheet, with the map."""
        return self.sheets[0]

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height of every sheet."""
        return self.paper.content

    @property
    def scale(self) -> int:
        """Denominator of the scale."""
        return self.window.scale


def draw_plan(
    land: BaseGeometry,
    theme: str,
    as_of: date,
    *,
    scale: int | None = None,
    paper: str = "A4",
    heading: Heading | None = None,
    overlays: Sequence[Overlay] = (),
    visible: Collection[str] | None = None,
    address: str | None = None,
) -> Plan:
    """Draws the land (EPSG:3844, x = east) on the map of a theme as of a day.

    ``scale`` is chosen to fit with a margin when None. ``overlays`` are geometries to add, in the styles of
    ``themes/overlays.yaml``. Layers not in ``visible`` are neither drawn nor named. ``address`` is the database,
    by default the one of the settings.

    Raises PlanError (empty land, unknown paper, scale or style, land that does not fit), UnknownTheme,
    DatabaseUnavailable.
    """
    chosen, sheet = _theme(theme, visible), get_paper(paper)
    corners = vertices(land)
    window, drawings = _framed(land, chosen, sheet, scale, corners, overlays)
    held = contents(chosen, window, as_of, address)
    map_svg = draw(theme, window, as_of, drawings, address, held.drawn)
    legend = (*_overlay_legend(drawings), *held.legend)
    area = land.area if land.area else None
    drawn = Drawn(chosen.title, heading or Heading(), as_of, area, window, map_svg, held, legend, corners)
    return Plan(
        theme=theme,
        title=chosen.title,
        as_of=as_of,
        paper=sheet,
        window=window,
        map_svg=map_svg,
        sheets=compose(drawn, sheet.content),
        legend=legend,
        sources=held.sources,
        missing=held.missing,
        vertices=corners,
        alt=describe(drawn),
    )


def map_png(
    land: BaseGeometry,
    theme: str,
    as_of: date,
    pixels_per_mm: float,
    *,
    overlays: Sequence[Overlay] = (),
    visible: Collection[str] | None = None,
    address: str | None = None,
) -> bytes:
    """The map of an A4 plan alone, as PNG; parameters and errors as of :func:`draw_plan`.

    It has no place to say what is missing: raises BrokenLayer where a layer's data cannot be read.
    """
    chosen = _theme(theme, visible)
    health.require_all(chosen.layer_ids, as_of, address or database.url())
    window, drawings = _framed(land, chosen, get_paper("A4"), None, vertices(land), overlays)
    return picture(chosen.layers, window, as_of, drawings, address, "png", pixels_per_mm)


def _theme(name: str, visible: Collection[str] | None) -> Theme:
    theme = get_theme(name)
    return theme if visible is None else theme.of_layers(visible)


def _framed(
    land: BaseGeometry,
    theme: Theme,
    paper: Paper,
    scale: int | None,
    corners: Sequence[Vertex],
    overlays: Sequence[Overlay],
) -> tuple[Window, list[Overlay]]:
    """The window, and all that is drawn over the layers: grid, overlays, the land with its corners."""
    if land.is_empty:
        raise PlanError("the land has no geometry: nothing to draw")
    for overlay in overlays:
        if overlay.style not in overlay_styles():
            known = ", ".join(overlay_styles())
            raise PlanError(f"no overlay style {overlay.style!r}; known: {known}")
    window = frame(land, theme, paper, scale)
    seen = [overlay for overlay in overlays if not _under_outline(overlay.geometry, land, window)]
    return window, [*_grid(window), *seen, *_subject(land, corners, window)]


def frame(land: BaseGeometry, theme: Theme, paper: Paper, scale: int | None) -> Window:
    """The window of the sheet with the land in its middle, at the scale asked for or the best one."""
    size = window_size(paper.content)
    west, south, east, north = land.bounds
    extent = (east - west, north - south)
    if scale is None:
        scale = choose_scale(extent, size, theme.margin, theme.largest_scale)
    else:
        check_scale(scale, extent, size)
    half = tuple(side * scale / 2000 for side in size)
    centre = Point((west + east) / 2, (south + north) / 2)
    return Window(centre.x - half[0], centre.y + half[1], scale, *size)


def describe(drawn: Drawn) -> str:
    """What the drawing shows, in words, for those who do not see it."""
    titles = "; ".join(entry.title for entry in drawn.legend)
    about = f" ({drawn.heading.land})" if drawn.heading.land else ""
    return (
        f"{drawn.title}{about}, la scara 1:{drawn.window.scale}, cu nordul în sus, în sistemul Stereografic 1970,"
        f" situația la {day_text(drawn.as_of)}. Imobilul are {len(drawn.vertices)} puncte de contur."
        f" Sunt reprezentate: {titles}."
    )


def _under_outline(geometry: BaseGeometry, land: BaseGeometry, window: Window) -> bool:
    """Whether the outline of the land hides the whole geometry."""
    half = max(stroke.width or 0 for stroke in subject_styles()["land"].strokes) / 2
    return bool(geometry.area) and land.boundary.buffer(half * window.metres_per_mm).covers(geometry)


def _grid(window: Window) -> list[Overlay]:
    ticks = MultiPoint(grid_points(window))
    return [Overlay("grid_casing", ticks), Overlay("grid", ticks)]


def _subject(land: BaseGeometry, corners: Sequence[Vertex], window: Window) -> list[Overlay]:
    """The land, its corners, and their numbers a little outside of it.

    Corners closer together on paper than their numbers need are left to the table.
    """
    drawn = [Overlay("land", land)]
    away = NUMBER_AWAY_MM * window.metres_per_mm
    last = (-math.inf, -math.inf)
    for corner in corners:
        here, (east, north) = (corner.y_east, corner.x_north), corner.outwards
        if math.dist(here, last) < NUMBER_ROOM_MM * window.metres_per_mm:
            continue
        last = here
        drawn.append(Overlay("vertex", Point(here)))
        drawn.append(
            Overlay("vertex_number", Point(here[0] + east * away, here[1] + north * away), str(corner.number))
        )
    return drawn


def _overlay_legend(drawings: Sequence[Overlay]) -> list[LegendEntry]:
    """The land first, then what was added to the layers, each once."""
    styles = {**overlay_styles(), **subject_styles()}
    groups: dict[str, Primitive] = {drawing.style: drawing.primitive for drawing in reversed(drawings)}
    order = ["land", "vertex", *(name for name in groups if name not in subject_styles())]
    return [
        LegendEntry(title, "", styles[name], groups[name])
        for name in order
        if name in groups and (title := styles[name].title)
    ]
