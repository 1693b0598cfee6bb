"""The looks of a layer by zoom: between two zooms at which something of its style begins or ends, the same rules draw.

Both the tiles and the MapLibre style are made from these bands, so that a tile holds what the style can draw.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from layers.catalogue import Layer, get_layer
from tiles import ranges
from tiles.ranges import Shown
from tiles.themes import Entry
from tiles.vector_grid import DEEPEST, zoom_of_scale

# MapLibre zooms no further.
LAST_ZOOM = 24.0


@dataclass(frozen=True)
class Band:
    """From zoom ``first`` up to below ``last`` the layer shows the same."""

    first: float
    last: float
    shown: Shown


@lru_cache(maxsize=256)
def bands(layer_id: str) -> tuple[Band, ...]:
    """The bands of a layer's default look in which anything is drawn, from the smallest scale to the largest."""
    if not any(rule.variant == "default" for rule in get_layer(layer_id).style):
        return ()
    entry = Entry(layer=layer_id)
    found: list[Band] = []
    for index, (larger, smaller) in enumerate(pairwise((1, *ranges.bounds(entry)))):
        shown = ranges.shown_in(entry, index)
        if larger == smaller or not shown.rules:
            continue
        first, last = zoom_of_scale(smaller), min(zoom_of_scale(larger), LAST_ZOOM)
        if found and (found[-1].shown.rules, found[-1].shown.kinds) == (shown.rules, shown.kinds):
            last = found.pop().last
        found.append(Band(first, last, shown))
    return tuple(reversed(found))


def bands_in(layer_id: str, z: int) -> tuple[Band, ...]:
    """The bands that a tile of zoom ``z`` is drawn in: from there to the next zoom, or onwards for the deepest."""
    beyond = z + 1 if z < DEEPEST else LAST_ZOOM
    return tuple(band for band in bands(layer_id) if band.first < beyond and band.last > z)


def first_zoom(layer: Layer) -> int:
    """The first zoom whose tiles hold the layer: that at which its style begins to draw."""
    drawn = bands(layer.id)
    begins = drawn[0].first if drawn else zoom_of_scale(layer.scale.max)
    return max(0, min(DEEPEST, math.floor(begins)))
