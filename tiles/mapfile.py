"""From catalogue and theme to MapServer's mapfile, as text made with mappyfile.

Widths and sizes are given in millimetres of paper and written as pixels at ``PIXELS_PER_MM``; the map's
resolution is set to the same, so MapServer's scale is the true one. Connections are no part of the text.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import mappyfile

from layers.style import Primitive, StyleRule
from tiles import selection
from tiles.classes import Block, drawn_class
from tiles.selection import PIXELS_PER_MM
from tiles.symbols import symbols
from tiles.themes import Entry, added_styles

RESOLUTION = 25.4 * PIXELS_PER_MM
TYPES: dict[Primitive, str] = {"polygon": "POLYGON", "line": "LINE", "point": "POINT"}

Form = Literal["svg", "png"]
OUTPUTS: dict[Form, Block] = {
    "svg": {
        "__type__": "outputformat",
        "name": "svg",
        "driver": "CAIRO/SVG",
        "imagemode": "RGBA",
        "mimetype": "image/svg+xml",
        "transparent": "ON",
        "extension": "svg",
    },
    "png": {
        "__type__": "outputformat",
        "name": "png",
        "driver": "AGG/PNG",
        "imagemode": "RGB",
        "mimetype": "image/png",
        "extension": "png",
        "formatoption": ["COMPRESSION=1"],
    },
}


@lru_cache(maxsize=256)
def mapfile(
    entries: tuple[Entry, ...], overlays: tuple[tuple[str, Primitive], ...] = (), form: Form = "svg"
) -> str:
    """The mapfile of some layers, lowest first.

    ``overlays`` names the styles and kinds of the geometries the caller adds, lowest first; each gets an
    empty layer called ``name:kind``.
    """
    layers = [block for entry in entries for block in feature_layers(entry)]
    added = added_styles()
    layers += [overlay_layer(name, added[name], primitive) for name, primitive in overlays]
    return document("vatra", layers, form)


def document(name: str, layers: list[Block], form: Form = "svg") -> str:
    """A whole mapfile of layers, lowest first. It holds no day, no scale, no data and no connection."""
    text: str = mappyfile.dumps(
        {
            "__type__": "map",
            "name": name,
            "size": [100, 100],
            "maxsize": 20000,
            "resolution": RESOLUTION,
            "defresolution": RESOLUTION,
            "units": "METERS",
            "imagetype": form,
            "outputformats": [OUTPUTS[form]],
            "symbols": symbols(),
            "layers": layers,
        }
    )
    return text


def feature_layers(entry: Entry, *, pieces: bool = False) -> list[Block]:
    """The MapServer layers of one catalogue layer in one look, called ``layer:look:kind``, lowest first.

    They are for pieces (see :class:`tiles.picture.Picture`) or for pictures that stand alone. Before a drawing
    each takes its DATA from :func:`tiles.selection.data`, or is switched off where that is None.
    """
    return [
        feature_layer(entry, primitive, pieces=pieces)
        for primitive in selection.primitives(entry.definition)
        if any(rule.draws(primitive) for rule in entry.rules.values())
    ]


def feature_layer(entry: Entry, primitive: Primitive, *, pieces: bool = False) -> Block:
    """The MapServer layer of one catalogue layer, look and kind of geometry."""
    processing = ["CLOSE_CONNECTION=DEFER", f"ITEMS={','.join(selection.ITEMS)}"]
    if primitive == "line" or pieces:
        # On the whole shape texts stand where they stand in the next picture too, and plates are not lost.
        processing.append("LABEL_NO_CLIP=ON")
    return {
        **_layer(f"{entry.key}:{primitive}", primitive),
        "connectiontype": "POSTGIS",
        "processing": processing,
        "classitem": "rule",
        "classes": [
            {
                **drawn_class(rule, primitive, from_column=True, piece=pieces),
                "expression": str(number),
            }
            for number, rule in entry.rules.items()
        ],
    }


def overlay_layer(name: str, rule: StyleRule, primitive: Primitive) -> Block:
    """A layer without features, for geometries that are not in the database."""
    return {
        **_layer(f"{name}:{primitive}", primitive),
        "classes": [drawn_class(rule, primitive, from_column=False)],
    }


def _layer(name: str, primitive: Primitive) -> Block:
    return {"__type__": "layer", "name": name, "type": TYPES[primitive], "status": "ON"}
