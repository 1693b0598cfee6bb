"""Map pictures for every door that shows them, drawn in processes of their own."""

from __future__ import annotations

from layers import database
from layers.timing import span
from tiles.picture import Picture
from tiles.workers import Pool

DRAWING = Pool("drawing", "tiles.painter")


def paint(picture: Picture, address: str | None = None) -> bytes:
    """The picture's bytes (PNG, JPEG or SVG), read as the role of the map services unless ``address`` is given.

    Raises DatabaseUnavailable, DrawingFailed, Busy when too many wait, TaskDied.
    """
    with span("drawing"):
        drawn: bytes = DRAWING.run("picture", picture, address or database.map_url())
    return drawn
