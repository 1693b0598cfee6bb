"""Maps of a window at a true scale, as vector (Cairo SVG) or pixels: what plans and the small maps of findings are.

They are drawn in the drawing processes (:mod:`tiles.painting`); a map object is parsed anew for each (a few
milliseconds): nothing of one drawing can reach the next.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from shapely.geometry.base import BaseGeometry

from layers import database
from layers.style import Primitive
from layers.timing import span
from tiles.mapfile import Form, mapfile
from tiles.painting import pool
from tiles.plans.tidy import tidy
from tiles.plans.window import Window
from tiles.selection import PIXELS_PER_MM, data, primitives
from tiles.themes import Entry, get_theme


@dataclass(frozen=True)
class Overlay:
    """A geometry (EPSG:3844) drawn over the layers in a named style, with an optional label."""

    style: str
    geometry: BaseGeometry
    text: str = ""

    @property
    def primitive(self) -> Primitive:
        """What kind of thing it is drawn as."""
        kind = self.geometry.geom_type
        if kind.endswith("Polygon"):
            return "polygon"
        return "line" if "Line" in kind else "point"


def draw(
    theme: str,
    window: Window,
    as_of: date,
    overlays: Sequence[Overlay] = (),
    address: str | None = None,
    entries: Collection[Entry] | None = None,
) -> str:
    """The inner SVG of the map: a group in pixels, ``PIXELS_PER_MM`` to the millimetre, origin upper left.

    ``entries`` are those of the theme to draw, where it is known that the others have nothing to show.
    Raises DatabaseUnavailable when PostGIS cannot be read, Busy when too many wait for a drawing process, TaskDied
    where it took too long, DrawingFailed for any other failure.
    """
    layers = get_theme(theme).layers
    if entries is not None:
        layers = tuple(entry for entry in layers if entry in entries)
    return tidy(picture(layers, window, as_of, overlays, address).decode())


def picture(
    entries: tuple[Entry, ...],
    window: Window,
    as_of: date,
    overlays: Sequence[Overlay] = (),
    address: str | None = None,
    form: Form = "svg",
    pixels_per_mm: float = PIXELS_PER_MM,
) -> bytes:
    """The layers, lowest first, with the overlays on them, as a PNG or an SVG document. Errors as :func:`draw`."""
    overlays = tuple(overlays)
    groups = tuple(dict.fromkeys((overlay.style, overlay.primitive) for overlay in overlays))
    text = mapfile(entries, groups, form)
    wanted = selected(entries, as_of, window.scale)
    with span("drawing"):
        drawn: bytes = pool().run(
            "sheet", text, window, overlays, address or database.url(), wanted, pixels_per_mm
        )
    return drawn


def selected(entries: Iterable[Entry], as_of: date, scale: float) -> dict[str, str]:
    """DATA by name of the MapServer layer, of those that have something to draw at 1:scale."""
    found = {}
    for entry in entries:
        for primitive in primitives(entry.definition):
            if statement := data(entry, primitive, as_of, scale):
                found[f"{entry.key}:{primitive}"] = statement
    return found
