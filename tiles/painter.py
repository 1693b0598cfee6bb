"""What the drawing processes do: pictures by MapServer, each process one at a time."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

import mapscript

from tiles import legend_picture, service_map
from tiles.drawing import conninfo, explain
from tiles.picture import Form, Picture
from tiles.png import pack
from tiles.stretching import is_plain, stretched
from tiles.themes import Entry

Result = TypeVar("Result")


def prepare() -> None:
    """What every process needs, made once before they are forked."""
    service_map.text()


def picture(asked: Picture, address: str) -> bytes:
    """The picture's bytes. Raises DatabaseUnavailable, DrawingFailed."""
    if not is_plain(asked):
        return stretched(asked, lambda square: _square(square, address))
    drawn = _square(asked, address)
    return pack(drawn) if asked.form == "png" else drawn


def _square(asked: Picture, address: str) -> bytes:
    connection = conninfo(address, os.getpid())
    return _insistently(lambda: service_map.service_map(asked.crs).draw(asked, connection))


def legend(entry: Entry, form: Form, scale: float | None, transparent: bool) -> bytes:
    """The legend's bytes. Raises DrawingFailed."""
    return _insistently(lambda: legend_picture.legend(entry, form, scale, transparent=transparent))


def _insistently(draw: Callable[[], Result]) -> Result:
    """Draw; where it fails once more, with new connections and new maps: those kept may be of a lost database."""
    try:
        return draw()
    except mapscript.MapServerError:
        service_map.service_map.cache_clear()
        mapscript.msConnPoolCloseUnreferenced()
        try:
            return draw()
        except mapscript.MapServerError as error:
            service_map.service_map.cache_clear()
            raise explain(error) from error


TASKS = {"picture": picture, "legend": legend, "legend_sizes": legend_picture.sizes}
