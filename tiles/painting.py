"""Map pictures for every door that shows them, drawn in processes of their own."""

from __future__ import annotations

from functools import cache

from layers import database
from layers.timing import span
from tiles.picture import Form, Picture
from tiles.settings import DrawingSettings
from tiles.themes import Entry
from tiles.workers import Pool


@cache
def pool() -> Pool:
    """The drawing processes."""
    settings = DrawingSettings()
    return Pool(
        name="drawing",
        module="tiles.painter",
        size=settings.processes,
        **settings.model_dump(exclude={"processes"}),
    )


def paint(picture: Picture, address: str | None = None) -> bytes:
    """The picture's bytes (PNG, JPEG or SVG), read as the role of the map services unless ``address`` is given.

    Raises DatabaseUnavailable, DrawingFailed, Busy when too many wait, TaskDied.
    """
    with span("drawing"):
        drawn: bytes = pool().run("picture", picture, address or database.map_url())
    return drawn


def paint_legend(entry: Entry, form: Form, scale: float | None = None, *, transparent: bool = False) -> bytes:
    """The legend of a layer in one look, of what is drawn at 1:scale where that is given. Errors as `paint`."""
    with span("drawing"):
        drawn: bytes = pool().run("legend", entry, form, scale, transparent)
    return drawn


@cache
def legend_sizes() -> dict[tuple[str, str], tuple[int, int]]:
    """Width and height in pixels of every legend (without a scale) by layer and look. Errors as `paint`."""
    sizes: dict[tuple[str, str], tuple[int, int]] = pool().run("legend_sizes")
    return sizes
