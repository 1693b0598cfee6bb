"""From catalogue and theme to MapServer's mapfile, as text made with mappyfile.

Widths and sizes are given in millimetres of paper and written as pixels at ``PIXELS_PER_MM``; the map's
resolution is set to the same, so MapServer's scale is the true one. Connections are no part of the text.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import mappyfile

from layers.style import Hatch, Label, Marker, Primitive, Stroke, StyleRule
from tiles import selection
from tiles.selection import PIXELS_PER_MM
from tiles.themes import Entry, get_theme, overlay_styles, subject_styles

Block = dict[str, Any]

RESOLUTION = 25.4 * PIXELS_PER_MM
# MapServer takes a label's size in points at 96 dots an inch.
POINTS_PER_PIXEL = 72 / 96
SRID = 3844
# MapServer works out 1:1000.0005 where 1:1000 is meant.
ROUNDING = 1.001
# Letters in a line of a label beside a point.
LONGEST_LINE = 18
TYPES: dict[Primitive, str] = {"polygon": "POLYGON", "line": "LINE", "point": "POINT"}

# Closed outlines in a box of one by one, y downwards; "tick" is an open stroke.
SHAPES: dict[str, list[list[float]]] = {
    "square": [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]],
    "triangle": [[0.5, 0], [1, 0.9], [0, 0.9], [0.5, 0]],
    "diamond": [[0.5, 0], [1, 0.5], [0.5, 1], [0, 0.5], [0.5, 0]],
    "cross": [[0.5, 0], [0.5, 1], [-99, -99], [0, 0.5], [1, 0.5]],
    "tick": [[0.5, 0], [0.5, 1]],
}
OPEN_SHAPES = {"cross", "tick"}


@lru_cache(maxsize=256)
def mapfile(theme: str, overlays: tuple[tuple[str, Primitive], ...] = ()) -> str:
    """The mapfile of a theme, with the places ``selection.fill_in`` fills.

    ``overlays`` names the styles and kinds of the geometries the caller adds, lowest first; each gets an
    empty layer called ``name:kind``.
    """
    layers = [
        feature_layer(entry, primitive)
        for entry in get_theme(theme).layers
        for primitive in selection.primitives(entry.definition)
        if any(rule.draws(primitive) for rule in entry.rules.values())
    ]
    added = {**overlay_styles(), **subject_styles()}
    layers += [overlay_layer(name, added[name], primitive) for name, primitive in overlays]
    text: str = mappyfile.dumps(
        {
            "__type__": "map",
            "name": theme,
            "size": [100, 100],
            "maxsize": 20000,
            "resolution": RESOLUTION,
            "defresolution": RESOLUTION,
            "units": "METERS",
            "imagetype": "svg",
            "outputformats": [
                {
                    "__type__": "outputformat",
                    "name": "svg",
                    "driver": "CAIRO/SVG",
                    "imagemode": "RGBA",
                    "mimetype": "image/svg+xml",
                    "transparent": "ON",
                    "extension": "svg",
                }
            ],
            "symbols": symbols(),
            "layers": layers,
        }
    )
    return text


def feature_layer(entry: Entry, primitive: Primitive) -> Block:
    """The MapServer layer of one catalogue layer, look and kind of geometry."""
    data = f"geom from ({selection.features(entry, primitive)}) as q using unique id using srid={SRID}"
    return {
        **_layer(f"{entry.key}:{primitive}", primitive),
        "connectiontype": "POSTGIS",
        "processing": ["CLOSE_CONNECTION=DEFER"],
        "data": " ".join(data.split()),
        "maxscaledenom": entry.definition.scale.max * ROUNDING,
        "classitem": "rule",
        "classes": [
            {**_class(rule, primitive, from_column=True), "expression": str(number)}
            for number, rule in entry.rules.items()
        ],
    }


def overlay_layer(name: str, rule: StyleRule, primitive: Primitive) -> Block:
    """A layer without features, for geometries that are not in the database."""
    return {
        **_layer(f"{name}:{primitive}", primitive),
        "classes": [_class(rule, primitive, from_column=False)],
    }


def symbols() -> list[Block]:
    """The symbols that styles refer to."""
    drawn: list[Block] = [
        {"__type__": "symbol", "name": "hatch", "type": "HATCH"},
        {"__type__": "symbol", "name": "circle", "type": "ELLIPSE", "filled": True, "points": [[1, 1]]},
    ]
    for name, points in SHAPES.items():
        drawn.append(
            {
                "__type__": "symbol",
                "name": name,
                "type": "VECTOR",
                "filled": name not in OPEN_SHAPES,
                "points": points,
            }
        )
    return drawn


def _layer(name: str, primitive: Primitive) -> Block:
    return {"__type__": "layer", "name": name, "type": TYPES[primitive], "status": "ON"}


def _class(rule: StyleRule, primitive: Primitive, *, from_column: bool) -> Block:
    styles: list[Block] = []
    if primitive == "polygon":
        if rule.fill:
            styles.append(_style(color=list(rule.fill)))
        if rule.hatch:
            styles.append(_hatch(rule.hatch))
        styles += [_stroke(stroke, "outlinecolor") for stroke in rule.strokes]
    elif primitive == "line":
        styles += [_stroke(stroke, "color") for stroke in rule.strokes]
    if rule.marker and primitive == ("line" if rule.marker.every else "point"):
        styles.append(_marker(rule.marker))
    described: Block = {"__type__": "class", "styles": styles}
    if rule.label:
        described["labels"] = [_label(rule.label, primitive, from_column=from_column)]
    return described


def _style(**values: Any) -> Block:
    return {"__type__": "style", **values}


def _stroke(stroke: Stroke, colour_key: str) -> Block:
    style = _style(**{colour_key: list(stroke.colour)}, linejoin="ROUND", linecap="BUTT")
    if stroke.width is not None:
        style["width"] = _pixels(stroke.width)
    else:
        style |= {"width": "[ground_px]", "maxwidth": 100_000, "linecap": "ROUND"}
    if stroke.dash:
        lengths = [_pixels(length) for length in stroke.dash]
        style["pattern"] = [list(pair) for pair in zip(lengths[::2], lengths[1::2], strict=True)]
    return style


def _hatch(hatch: Hatch) -> Block:
    return _style(
        symbol="hatch",
        color=list(hatch.colour),
        angle=hatch.angle,
        size=_pixels(hatch.spacing),
        width=_pixels(hatch.width),
    )


def _marker(marker: Marker) -> Block:
    style = _style(symbol=marker.shape, size=_pixels(marker.size), color=list(marker.colour))
    if marker.outline:
        style |= {"outlinecolor": list(marker.outline), "width": _pixels(marker.line)}
    elif marker.shape in OPEN_SHAPES:
        style["width"] = _pixels(marker.line)
    if marker.every:
        # A negative gap turns the symbol with the line.
        style["gap"] = -_pixels(marker.every)
    return style


def _label(label: Label, primitive: Primitive, *, from_column: bool) -> Block:
    block: Block = {
        "__type__": "label",
        "type": "TRUETYPE",
        "font": "bold" if label.bold else "italic" if label.italic else "regular",
        "encoding": "UTF-8",
        "size": round(_pixels(label.size) * POINTS_PER_PIXEL, 2),
        "color": list(label.colour),
        "position": "AUTO" if label.beside else "CC",
        "partials": False,
        "buffer": int(_pixels(0.4)),
        "priority": label.priority,
    }
    if from_column:
        block["text"] = "[label]"
    if label.halo:
        block |= {"outlinecolor": list(label.halo), "outlinewidth": int(_pixels(0.6))}
    if label.beside:
        block |= {"offset": [int(_pixels(0.9)), int(_pixels(0.9))], "wrap": " ", "maxlength": LONGEST_LINE}
    if label.along:
        block["angle"] = "FOLLOW" if primitive == "line" else "[angle]"
    if label.every:
        block |= {"repeatdistance": int(_pixels(label.every)), "mindistance": int(_pixels(label.every / 2))}
    if label.largest_scale:
        block["maxscaledenom"] = label.largest_scale * ROUNDING
    return block


def _pixels(millimetres: float) -> float:
    return round(millimetres * PIXELS_PER_MM, 2)
