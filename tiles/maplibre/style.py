"""One MapLibre style for all layers, derived from the catalogue (maplibre.org/maplibre-style-spec, version 8).

Widths and sizes are those of the printed plan at the pixel of the OGC standards (0.28 mm), so that a map at a
scale looks alike here and in the WMS. Each group of layers is one source.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from layers.catalogue import Layer
from layers.groups import drawing_order
from tiles.maplibre import style_layers
from tiles.maplibre.style_layers import StyleLayer
from tiles.vector_bands import LAST_ZOOM, Band, bands

BACKGROUND = "rgb(252,251,248)"


def document(
    layers: Iterable[Layer], root: str, title: str, centre: tuple[float, float], query: str = ""
) -> dict[str, Any]:
    """The style of these layers; ``root`` is the absolute address of the tiles' door, ending in a slash.

    ``centre`` is longitude and latitude in degrees; ``query`` goes with the address of every source.
    """
    drawn = [layer for layer in drawing_order(layers) if layer.geometry and not holds_files(layer)]
    groups = dict.fromkeys(layer.schema_name for layer in drawn)
    return {
        "version": 8,
        "name": title,
        "center": list(centre),
        "zoom": 11,
        "sources": {group: {"type": "vector", "url": f"{root}{group}.json{query}"} for group in groups},
        "sprite": f"{root}sprite",
        "glyphs": f"{root}fonts/{{fontstack}}/{{range}}.pbf",
        "layers": [
            {"id": "background", "type": "background", "paint": {"background-color": BACKGROUND}},
            *_layers(drawn),
        ],
    }


def holds_files(layer: Layer) -> bool:
    """Whether the layer's features are only the outlines of pictures, which the raster door shows."""
    return any(column.internal for column in layer.columns)


def _layers(layers: list[Layer]) -> list[StyleLayer]:
    """Pictures in the catalogue's order, then the texts, the most important last: MapLibre places those first."""
    pictures: list[StyleLayer] = []
    texts: list[tuple[int, StyleLayer]] = []
    for layer in layers:
        pictures += _joined(
            layer, [(band, part) for band in bands(layer.id) for part in style_layers.pictures(layer, band)]
        )
        ranked: dict[int, list[tuple[Band, StyleLayer]]] = {}
        for band in bands(layer.id):
            for priority, part in style_layers.texts(layer, band):
                ranked.setdefault(priority, []).append((band, part))
        for priority, parts in ranked.items():
            texts += [(priority, joined) for joined in _joined(layer, parts, f"text{priority}")]
    return pictures + [part for _, part in sorted(texts, key=lambda item: item[0])]


def _joined(layer: Layer, parts: list[tuple[Band, StyleLayer]], kind: str = "part") -> list[StyleLayer]:
    """The parts of all bands, those that go on unchanged in the next band as one."""
    found: list[StyleLayer] = []
    going_on: dict[str, StyleLayer] = {}
    for band, part in parts:
        known = json.dumps(part, sort_keys=True)
        before = going_on.get(known)
        if before and before.get("maxzoom", LAST_ZOOM) == _zoom(band.first):
            before["maxzoom"] = _zoom(band.last)
            continue
        made = {
            "id": f"{layer.id}/{kind}{len(found)}",
            "type": part["type"],
            "source": layer.schema_name,
            "source-layer": layer.id,
            "minzoom": _zoom(band.first),
            "maxzoom": _zoom(band.last),
            **part,
        }
        found.append(made)
        going_on[known] = made
    return found


def _zoom(zoom: float) -> float:
    return round(zoom, 3)
