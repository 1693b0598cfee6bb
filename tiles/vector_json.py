"""TileJSON 3.0: what a set of vector tiles holds, where it lies and at which zooms.

Source: github.com/mapbox/tilejson-spec, 3.0.0.
"""

from __future__ import annotations

import math
from datetime import date
from typing import Any

from layers import extents
from layers.catalogue import Column, Layer
from layers.extents import Bounds
from tiles import vector
from tiles.vector_bands import first_zoom
from tiles.vector_grid import DEEPEST

FIELD_TYPES = {"integer": "Number", "number": "Number", "boolean": "Boolean"}
LICENCES = {"CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/"}


def tile_json(
    name: str, layers: tuple[Layer, ...], address: str, attribution: str, as_of: date
) -> dict[str, Any]:
    """The document; ``address`` is the tiles' own with {z}, {x} and {y}, ``attribution`` who publishes the data."""
    first, last = vector.zooms(layers)
    west, south, east, north = bounds(layers, as_of)
    return {
        "tilejson": "3.0.0",
        "name": name,
        "description": " · ".join(layer.title.ro for layer in layers),
        "version": "1.0.0",
        "scheme": "xyz",
        "tiles": [address],
        "minzoom": first,
        "maxzoom": last,
        "bounds": [west, south, east, north],
        "center": [round((west + east) / 2, 6), round((south + north) / 2, 6), min(max(first, 11), last)],
        "attribution": f"{attribution} {licences(layers)}".strip(),
        "vector_layers": [_vector_layer(layer) for layer in layers],
    }


def licences(layers: tuple[Layer, ...]) -> str:
    """The licences of the layers, as links where the licence has an address."""
    named = dict.fromkeys(layer.licence for layer in layers)
    return " ".join(
        f'<a href="{LICENCES[name]}" rel="license">{name}</a>' if name in LICENCES else name for name in named
    )


def bounds(layers: tuple[Layer, ...], as_of: date) -> Bounds:
    """West, south, east, north in degrees of what the layers hold on that day; Romania if they hold nothing."""
    found = [place.degrees for place in (extents.extent(layer, as_of) for layer in layers) if place]
    wests, souths, easts, norths = zip(*(found or [extents.ROMANIA]), strict=True)
    # Rounded outwards, so that a feature at the very edge stays inside.
    return _down(min(wests)), _down(min(souths)), -_down(-max(easts)), -_down(-max(norths))


def _down(degrees: float) -> float:
    return math.floor(degrees * 1e6) / 1e6


def _vector_layer(layer: Layer) -> dict[str, Any]:
    return {
        "id": layer.id,
        "description": layer.title.ro,
        "minzoom": first_zoom(layer),
        "maxzoom": DEEPEST,
        "fields": {column.name: _field(column) for column in layer.served_columns},
    }


def _field(column: Column) -> str:
    unit = f" [{column.unit}]" if column.unit else ""
    kind = FIELD_TYPES.get(column.type, "String")
    return f"{kind}: {column.meaning.ro}{unit}"
