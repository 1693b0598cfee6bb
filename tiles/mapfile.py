"""From catalogue and theme to MapServer's mapfile, as text made with mappyfile.

Widths and sizes are given in millimetres of paper and written as pixels at ``PIXELS_PER_MM``; the map's
resolution is set to the same, so MapServer's scale is the true one. Connections are no part of the text.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

import mappyfile

from layers.style import ALWAYS, Hatch, Label, Marker, Primitive, Scale, Shield, Stroke, StyleRule, Words
from tiles import selection
from tiles.ranges import ROUNDING
from tiles.selection import PIXELS_PER_MM
from tiles.themes import Entry, added_styles

Block = dict[str, Any]

RESOLUTION = 25.4 * PIXELS_PER_MM
# MapServer takes a label's size in points at 96 dots an inch.
POINTS_PER_PIXEL = 72 / 96
# Letters in a line of a label beside a point.
LONGEST_LINE = 18
# Letters that may stand on a line.
LETTERS = "ACEGPTU"
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


def feature_layers(entry: Entry) -> list[Block]:
    """The MapServer layers of one catalogue layer in one look, called ``layer:look:kind``, lowest first.

    Before a drawing each takes its DATA from :func:`tiles.selection.data`, or is switched off where that is None.
    """
    return [
        feature_layer(entry, primitive)
        for primitive in selection.primitives(entry.definition)
        if any(rule.draws(primitive) for rule in entry.rules.values())
    ]


def feature_layer(entry: Entry, primitive: Primitive) -> Block:
    """The MapServer layer of one catalogue layer, look and kind of geometry."""
    processing = ["CLOSE_CONNECTION=DEFER", f"ITEMS={','.join(selection.ITEMS)}"]
    if primitive == "line":
        # On the whole line texts stand where they stand in the next picture too, and plates are not lost.
        processing.append("LABEL_NO_CLIP=ON")
    return {
        **_layer(f"{entry.key}:{primitive}", primitive),
        "connectiontype": "POSTGIS",
        "processing": processing,
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
    drawn += [
        {
            "__type__": "symbol",
            "name": f"letter-{letter}",
            "type": "TRUETYPE",
            "font": "bold",
            "character": letter,
        }
        for letter in LETTERS
    ]
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
    if primitive != "point":
        key, ground = ("outlinecolor" if primitive == "polygon" else "color"), 0
        for stroke in rule.strokes:
            styles.append(_stroke(stroke, key, ground))
            ground += stroke.ground is not None
    if rule.marker and primitive == ("line" if rule.marker.every else "point"):
        styles += _marker(rule.marker)
    described: Block = {"__type__": "class", "styles": styles, **_range(rule.scale)}
    labels = [_shield(rule.shield, from_column=from_column)] if rule.shield else []
    labels += [_label(rule.label, primitive, from_column=from_column)] if rule.label else []
    return described | ({"labels": labels} if labels else {})


def _range(scale: Scale) -> Block:
    """What MapServer draws only between two scales; nothing where it always does."""
    limits: Block = {}
    if scale.min > ALWAYS.min:
        limits["minscaledenom"] = scale.min * ROUNDING
    if scale.max < ALWAYS.max:
        limits["maxscaledenom"] = scale.max * ROUNDING
    return limits


def _style(**values: Any) -> Block:
    return {"__type__": "style", **values}


def _stroke(stroke: Stroke, colour_key: str, ground: int) -> Block:
    style = _style(
        **{colour_key: list(stroke.colour)}, linejoin="ROUND", linecap="BUTT", **_range(stroke.scale)
    )
    if stroke.width is not None:
        style["width"] = _pixels(stroke.width)
    else:
        style |= {"width": f"[ground_{ground}]", "maxwidth": 100_000, "linecap": "ROUND"}
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


def _marker(marker: Marker) -> list[Block]:
    symbol = f"letter-{marker.letter}" if marker.letter else marker.shape
    style = _style(
        symbol=symbol, size=_pixels(marker.size), color=list(marker.colour), **_range(marker.scale)
    )
    if marker.outline:
        style |= {"outlinecolor": list(marker.outline), "width": _pixels(marker.line)}
    elif marker.shape in OPEN_SHAPES:
        style["width"] = _pixels(marker.line)
    if marker.every:
        # A negative gap turns the symbol with the line; a letter is read upright.
        style["gap"] = _pixels(marker.every) * (1 if marker.letter else -1)
    return [style]


def _words(words: Words, column: str | None) -> Block:
    block: Block = {
        "__type__": "label",
        "type": "TRUETYPE",
        "font": "bold" if words.bold else "regular",
        "encoding": "UTF-8",
        "size": round(_pixels(words.size) * POINTS_PER_PIXEL, 2),
        "color": list(words.colour),
        "position": "CC",
        "partials": False,
        "force": False,
        "buffer": int(_pixels(0.4)),
        "priority": words.priority,
        **_range(words.scale),
    }
    if column:
        block["text"] = f"[{column}]"
    if words.every:
        block |= {"repeatdistance": int(_pixels(words.every)), "mindistance": int(_pixels(words.every / 2))}
    return block


def _label(label: Label, primitive: Primitive, *, from_column: bool) -> Block:
    block = _words(label, "label" if from_column else None)
    if label.italic and not label.bold:
        block["font"] = "italic"
    if label.halo:
        block |= {"outlinecolor": list(label.halo), "outlinewidth": int(_pixels(0.6))}
    if label.beside:
        away = int(_pixels(0.9))
        block |= {"position": "AUTO", "offset": [away, away], "wrap": " ", "maxlength": LONGEST_LINE}
    if label.along:
        block["angle"] = "FOLLOW" if primitive == "line" else "[angle]"
    return block


def _shield(shield: Shield, *, from_column: bool) -> Block:
    """A plate behind the number: its box, made larger and round by the strokes of the outline."""
    behind = [(shield.border, 1.5), (shield.fill, 1.0)]
    plates = [
        _style(geomtransform="labelpoly", color=list(colour), outlinecolor=list(colour), width=_pixels(width))
        for colour, width in behind
    ]
    return {**_words(shield, "shield" if from_column else None), "styles": plates}


def _pixels(millimetres: float) -> float:
    return round(millimetres * PIXELS_PER_MM, 2)
