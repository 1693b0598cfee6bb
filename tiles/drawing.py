"""Maps drawn by MapServer inside this process, as vector (Cairo SVG).

MapScript is not thread safe, so a process draws one map at a time behind a lock. A map object is parsed
anew for each drawing (a few milliseconds): nothing of one drawing can reach the next.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import mapscript
from psycopg.conninfo import make_conninfo
from shapely.geometry.base import BaseGeometry

from layers import database
from layers.errors import DatabaseUnavailable, VatraError
from layers.settings import StorageSettings
from layers.style import Primitive
from tiles.fonts import FONTSET, files
from tiles.mapfile import Form, mapfile
from tiles.selection import PIXELS_PER_MM, data, primitives
from tiles.themes import Entry, get_theme
from tiles.tidy import tidy
from tiles.window import Window

LOST_CONNECTION = ("Database connection failed", "server closed the connection", "terminating connection")
_lock = threading.Lock()


class DrawingFailed(VatraError):
    """MapServer could not draw the map."""


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
    Raises DatabaseUnavailable when PostGIS cannot be read, DrawingFailed for any other failure.
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
    groups = tuple(dict.fromkeys((overlay.style, overlay.primitive) for overlay in overlays))
    text = mapfile(entries, groups, form)
    wanted = selected(entries, as_of, window.scale)
    with _lock:
        try:
            return _draw(text, window, overlays, address, wanted, pixels_per_mm)
        except mapscript.MapServerError:
            # A connection kept from before a restart of the database is dead: once more with new ones.
            mapscript.msConnPoolCloseUnreferenced()
            try:
                return _draw(text, window, overlays, address, wanted, pixels_per_mm)
            except mapscript.MapServerError as error:
                raise explain(error) from error


def selected(entries: Iterable[Entry], as_of: date, scale: float) -> dict[str, str]:
    """DATA by name of the MapServer layer, of those that have something to draw at 1:scale."""
    found = {}
    for entry in entries:
        for primitive in primitives(entry.definition):
            if statement := data(entry, primitive, as_of, scale):
                found[f"{entry.key}:{primitive}"] = statement
    return found


def _draw(
    text: str,
    window: Window,
    overlays: Sequence[Overlay],
    address: str | None,
    wanted: Mapping[str, str],
    pixels_per_mm: float,
) -> bytes:
    files()  # says what to install; MapServer would not
    drawing = mapscript.fromstring(text)
    drawing.setFontSet(str(FONTSET))
    _frame(drawing, window, pixels_per_mm)
    connection = conninfo(address or database.url(), os.getpid())
    for index in range(drawing.numlayers):
        layer = drawing.getLayer(index)
        if layer.connectiontype == mapscript.MS_POSTGIS:
            layer.connection = connection
            if layer.name in wanted:
                layer.data = wanted[layer.name]
            else:
                layer.status = mapscript.MS_OFF
    for overlay in overlays:
        shape = mapscript.shapeObj.fromWKT(overlay.geometry.wkt)
        shape.text = overlay.text
        drawing.getLayerByName(f"{overlay.style}:{overlay.primitive}").addFeature(shape)
    drawn: bytes = drawing.draw().getBytes()
    return drawn


def _frame(drawing: mapscript.mapObj, window: Window, pixels_per_mm: float) -> None:
    """Sets size and extent so that the window's corner is at 0, 0 and a pixel is exactly its share of a mm."""
    width, height = round(window.width_mm * pixels_per_mm), round(window.height_mm * pixels_per_mm)
    pixel = window.metres_per_mm / pixels_per_mm
    drawing.resolution = 25.4 * pixels_per_mm
    drawing.setSize(width, height)
    # MapServer's extent runs from the middle of the first pixel to the middle of the last.
    drawing.setExtent(
        window.west, window.north - (height - 1) * pixel, window.west + (width - 1) * pixel, window.north
    )


@cache
def conninfo(address: str, process: int) -> str:
    """Connection string of this process: its name keeps a child from using its parent's open sockets."""
    settings = StorageSettings()
    return make_conninfo(
        address,
        application_name=f"vatra-drawing-{process}",
        connect_timeout=5,
        options=f"-c jit=off -c statement_timeout={settings.statement_timeout_ms}",
    )


def explain(error: Exception) -> VatraError:
    """MapServer has one class of error; its text tells a lost database from the rest."""
    message = str(error)
    if any(sign in message for sign in LOST_CONNECTION):
        return DatabaseUnavailable(database.unreachable(ConnectionError("drawing found no connection")))
    return DrawingFailed(f"the map could not be drawn: {' '.join(message.split())}")


def _after_fork() -> None:
    """A child starts with a free lock: the thread that may have held it exists in the parent only."""
    global _lock
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_after_fork)
