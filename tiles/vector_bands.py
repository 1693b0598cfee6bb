"""The looks of a layer by zoom: between two zooms at which something of its style begins or ends, the same rules draw.

Both the tiles and the MapLibre style are made from these bands, so that a tile holds what the style can draw.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from layers.catalogue import Layer, get_layer
from layers.style import StyleRule
from tiles import selection
from tiles.themes import Entry
from tiles.vector_grid import DEEPEST, zoom_of_scale

MapRules = dict[int, StyleRule]
# MapLibre zooms no further.
LAST_ZOOM = 24.0


@dataclass(frozen=True)
class Band:
    """From zoom ``first`` up to below ``last`` these rules draw, those before going first."""

    first: float
    last: float
    rules: MapRules


@lru_cache(maxsize=256)
def bands(layer_id: str) -> tuple[Band, ...]:
    """The bands of a layer's default look in which anything is drawn, from the smallest scale to the largest."""
    if not any(rule.variant == "default" for rule in get_layer(layer_id).style):
        return ()
    entry = Entry(layer=layer_id)
    edges = [1, *(edge for edge in selection.bounds(entry) if edge > 1)]
    found: list[Band] = []
    for larger, smaller in pairwise(edges):
        rules = {number: rule for number, rule in selection.rules_at(entry, smaller).items() if _draws(rule)}
        if not rules:
            continue
        last = min(zoom_of_scale(larger), LAST_ZOOM)
        if found and found[-1].rules == rules and found[-1].first == last:
            last = found.pop().last
        found.append(Band(zoom_of_scale(smaller), last, rules))
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


def _draws(rule: StyleRule) -> bool:
    return bool(rule.fill or rule.hatch or rule.strokes or rule.marker or rule.words)
