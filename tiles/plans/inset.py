"""A small map of one finding: the land, what caused the finding, the part concerned, and how far it is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import shapely
from psycopg import sql
from shapely.geometry import Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from layers import database, health
from layers.catalogue import get_layer
from tiles.mapfile import Form
from tiles.plans.drawing import Overlay, picture
from tiles.plans.scales import PlanError
from tiles.plans.svg import decimal
from tiles.plans.tidy import tidy
from tiles.plans.window import Window
from tiles.selection import PIXELS_PER_MM
from tiles.themes import Entry, background

SIZE_MM = (90.0, 60.0)
# Sharp on screens of double density, where a millimetre is some 3.8 pixels of CSS.
PNG_PIXELS_PER_MM = 7.0
SCALES = (
    500,
    750,
    1000,
    1500,
    2000,
    3000,
    4000,
    5000,
    7500,
    10_000,
    15_000,
    25_000,
    50_000,
    100_000,
    250_000,
)
MARGIN = 0.12
BAR_MM = 22.0
# A distance shorter than this on paper is not worth a line.
SHORTEST_MM = 2.0


@dataclass(frozen=True)
class Cause:
    """The feature that led to a finding; ``layer`` is one of the catalogue with a geometry."""

    layer: str
    feature: str


@dataclass(frozen=True)
class Inset:
    """A drawn map and the scale it is true to."""

    content: bytes
    scale: int


def draw_inset(
    land: BaseGeometry,
    as_of: date,
    *,
    cause: Cause | None = None,
    concerned: BaseGeometry | None = None,
    visible: Collection[str] | None = None,
    form: Form = "png",
    address: str | None = None,
) -> Inset:
    """Draws the land (EPSG:3844, x = east) with what is to be lit, ``SIZE_MM`` large, north up.

    Layers not in ``visible`` are not drawn. Raises PlanError, BrokenLayer, DatabaseUnavailable, DrawingFailed.
    """
    entries = _entries(cause, visible)
    health.require_all((entry.layer for entry in entries), as_of, address or database.url())
    shape, way = _trace(cause, land, address) if cause else (None, None)
    window = _frame(shapely.union_all([part for part in (land, way, concerned) if part is not None]))
    overlays = [*_lit(land, shape, way, concerned, window), *_marks(window)]
    drawn = picture(entries, window, as_of, overlays, address, form, _density(form))
    return Inset(_document(drawn) if form == "svg" else drawn, window.scale)


def _density(form: Form) -> float:
    return PNG_PIXELS_PER_MM if form == "png" else PIXELS_PER_MM


def _entries(cause: Cause | None, visible: Collection[str] | None) -> tuple[Entry, ...]:
    """The background with the cause's layer on it: an area beneath roads and parcels, all else above them."""
    entries = background()
    if cause and cause.layer not in {entry.layer for entry in entries} and get_layer(cause.layer).style:
        own = Entry(layer=cause.layer)
        filled = any(rule.fill for rule in own.rules.values())
        entries = (own, *entries) if filled else (*entries, own)
    return tuple(entry for entry in entries if visible is None or entry.layer in visible)


def _trace(
    cause: Cause, land: BaseGeometry, address: str | None
) -> tuple[BaseGeometry | None, BaseGeometry | None]:
    """The cause as far as it can be in the picture, and the shortest way to it; None where it is gone."""
    west, south, east, north = land.bounds
    statement = sql.SQL(
        "SELECT ST_AsBinary(ST_ClipByBox2D(ST_Force2D(geom),"
        " ST_Expand(land, 6 * (%(size)s + ST_Distance(geom, land))))),"
        " ST_AsBinary(ST_ShortestLine(land, ST_Force2D(geom)))"
        " FROM {}, ST_GeomFromWKB(%(land)s, 3844) land WHERE id = %(id)s"
    ).format(sql.Identifier(*cause.layer.split(".")))
    asked = {"size": 100 + max(east - west, north - south), "land": shapely.to_wkb(land), "id": cause.feature}
    with database.reading(address) as connection:
        row = connection.execute(statement, asked).fetchone()
    if row is None or row[0] is None:
        return None, None
    return shapely.from_wkb(row[0]), shapely.from_wkb(row[1])


def _frame(shown: BaseGeometry) -> Window:
    """The window with all that is to be seen in its middle."""
    west, south, east, north = shown.bounds
    sides = zip((east - west, north - south), SIZE_MM, strict=True)
    needed = max(side * 1000 / (room * (1 - 2 * MARGIN)) for side, room in sides)
    scale = next((scale for scale in SCALES if scale >= needed), None)
    if scale is None:
        raise PlanError("what is to be shown is too large for a small map")
    half = [side * scale / 2000 for side in SIZE_MM]
    return Window((west + east) / 2 - half[0], (south + north) / 2 + half[1], scale, *SIZE_MM)


def _lit(
    land: BaseGeometry,
    shape: BaseGeometry | None,
    way: BaseGeometry | None,
    concerned: BaseGeometry | None,
    window: Window,
) -> list[Overlay]:
    lit = []
    if concerned is not None and not concerned.is_empty:
        lit.append(Overlay("concerned", concerned))
    lit.append(Overlay("land", land))
    if shape is not None and not shape.is_empty:
        lit += [Overlay("cause_glow", shape), Overlay("cause", shape)]
    if way is not None and way.length > SHORTEST_MM * window.metres_per_mm:
        lit.append(Overlay("reach", way))
        lit.append(Overlay("reach_length", way.centroid, f"{decimal(way.length, 1)} m"))
    return lit


def _marks(window: Window) -> list[Overlay]:
    """A scale bar and an arrow to grid north, on white, in the window's corners."""

    def ground(*points: tuple[float, float]) -> list[tuple[float, float]]:
        return [
            (window.west + x * window.metres_per_mm, window.north - y * window.metres_per_mm)
            for x, y in points
        ]

    def plate(x: float, y: float, width: float, height: float) -> Polygon:
        return box(*ground((x, y + height))[0], *ground((x + width, y))[0])

    width, height = SIZE_MM
    length = _round_length(BAR_MM * window.metres_per_mm)
    bar, foot, right = length / window.metres_per_mm, height - 2.6, width - 4.0
    words = f"{length:.0f} m" if length < 1000 else f"{length / 1000:.0f} km"
    return [
        Overlay(
            "mark_paper",
            shapely.MultiPolygon([plate(1, height - 6.4, bar + 4, 5.4), plate(right - 2.6, 1, 5.2, 9.4)]),
        ),
        Overlay("mark_dark", plate(3, foot, bar / 2, 0.8)),
        Overlay("mark_light", plate(3 + bar / 2, foot, bar / 2, 0.8)),
        Overlay("mark_light", Polygon(ground((right, 4.2), (right - 1.5, 9.8), (right, 8.7)))),
        Overlay("mark_dark", Polygon(ground((right, 4.2), (right + 1.5, 9.8), (right, 8.7)))),
        Overlay("mark_text", Point(*ground((3 + bar / 2, foot - 1.6))), words),
        Overlay("mark_text", Point(*ground((right, 2.6))), "N"),
    ]


def _round_length(most: float) -> float:
    """The longest of 1, 2 or 5 times a power of ten that is no longer than that (m)."""
    power = 10.0 ** (len(str(int(most))) - 1)
    return max(step * power for step in (1, 2, 5) if step * power <= most)


def _document(drawn: bytes) -> bytes:
    width, height = SIZE_MM
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        f' width="{width:.0f}mm" height="{height:.0f}mm"'
        f' viewBox="0 0 {width * PIXELS_PER_MM:.0f} {height * PIXELS_PER_MM:.0f}">{tidy(drawn.decode())}</svg>'
    ).encode()
