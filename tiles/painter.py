"""What the drawing processes do: pictures by MapServer, each process one at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tiles import legend_picture, service_map
from tiles.courtesy import step_back
from tiles.mapserver import conninfo, insistently
from tiles.picture import Form, Picture
from tiles.pieces import cut_out, is_piece
from tiles.plans.sheet_drawing import draw_sheet
from tiles.png import pack
from tiles.stretching import is_plain, stretched
from tiles.themes import Entry


def prepare() -> None:
    """What every process needs, made once before they are forked."""
    for pieces in (False, True):
        service_map.text(pieces=pieces)
    legend_picture.sizes()


def picture(asked: Picture, address: str) -> bytes:
    """The picture's bytes. Raises DatabaseUnavailable, DrawingFailed."""
    if is_piece(asked):
        return cut_out(asked, lambda grown: _square(grown, address))
    asked = replace(asked, piece=False)
    if not is_plain(asked):
        return stretched(asked, lambda square: _square(square, address))
    drawn = _square(asked, address)
    return pack(drawn) if asked.form == "png" else drawn


def sheet(*arguments: Any) -> bytes:
    """The window of a plan; arguments as :func:`draw_sheet`. Raises DatabaseUnavailable, DrawingFailed."""
    return insistently(lambda: draw_sheet(*arguments))


def legend(entry: Entry, form: Form, scale: float | None, transparent: bool) -> bytes:
    """The legend's bytes. Raises DrawingFailed."""
    return insistently(lambda: legend_picture.legend(entry, form, scale, transparent=transparent))


def _square(asked: Picture, address: str) -> bytes:
    connection = conninfo(address)
    drawn = insistently(
        lambda: service_map.service_map(asked.crs, asked.piece).draw(asked, connection), _forget
    )
    step_back(connection)
    return drawn


def _forget() -> None:
    service_map.service_map.cache_clear()
    step_back.cache_clear()  # there will be a new connection


TASKS = {"picture": picture, "sheet": sheet, "legend": legend, "legend_sizes": legend_picture.sizes}
