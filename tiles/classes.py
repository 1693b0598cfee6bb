"""From a style rule to MapServer's CLASS, with its styles and labels, as blocks for mappyfile.

Widths and sizes are given in millimetres of paper and written as pixels at ``PIXELS_PER_MM``.
"""

from __future__ import annotations

from typing import Any

from layers.style import ALWAYS, Hatch, Label, Marker, Primitive, Scale, Shield, Stroke, StyleRule, Words
from tiles.ranges import ROUNDING
from tiles.selection import PIXELS_PER_MM
from tiles.symbols import OPEN_SHAPES, letter_symbol

Block = dict[str, Any]

# MapServer takes a label's size in points at 96 dots an inch.
POINTS_PER_PIXEL = 72 / 96
# Letters in a line of a label beside a point.
LONGEST_LINE = 18
# Repeated along winding lines a text is at least so far from its like. Much less than the margin of pieces, or else
# neighbours would decide differently.
SAME_APART_MM = 10.0
# MapServer cuts lines so far beyond the picture as the widest style of their class, which it does not know before
# the first feature where widths are the features' own: then as the feature drawn last was wide. Wider than a motorway
# at 1:500.
BEYOND_MM = 50.0
# Room round the number of a road that its plate takes, and a little more.
PLATE_MM = 1.0


def drawn_class(rule: StyleRule, primitive: Primitive, *, from_column: bool, piece: bool = False) -> Block:
    """The CLASS that draws features of that kind; texts come ``from_column`` or with each feature.

    In a ``piece`` the edge of the picture may cut texts, else they are whole or left out. Plates never: the margin
    holds them whole, and MapServer would place the thousands of a long road beyond the picture.
    """
    styles: list[Block] = []
    if primitive == "polygon":
        if rule.fill:
            styles.append(_style(color=list(rule.fill)))
        if rule.hatch:
            styles.append(_hatch(rule.hatch))
    if primitive != "point":
        key, ground = ("outlinecolor" if primitive == "polygon" else "color"), 0
        if any(stroke.width is None for stroke in rule.strokes):
            styles.append(_style(width=_pixels(BEYOND_MM)))  # without a colour: nothing is drawn
        for stroke in rule.strokes:
            styles.append(_stroke(stroke, key, ground))
            ground += stroke.ground is not None
    if rule.marker and primitive == ("line" if rule.marker.every else "point"):
        styles += _marker(rule.marker, whole_line=piece)
    described: Block = {"__type__": "class", "styles": styles, **_range(rule.scale)}
    labels = [_shield(rule.shield, from_column=from_column)] if rule.shield else []
    if rule.label:
        labels.append({**_label(rule.label, primitive, from_column=from_column), "partials": piece})
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


def _marker(marker: Marker, *, whole_line: bool) -> list[Block]:
    symbol = letter_symbol(marker.letter) if marker.letter else marker.shape
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
        if whole_line:
            # Counted from the line's own beginning: MapServer clips no shape that an expression has made.
            style["geomtransform"] = "(simplify([shape],0))"
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
        block |= {"repeatdistance": int(_pixels(words.every)), "mindistance": int(_pixels(SAME_APART_MM))}
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
    behind = [(shield.border, 2 * PLATE_MM - 0.5), (shield.fill, 2 * PLATE_MM - 1.0)]
    plates = [
        _style(geomtransform="labelpoly", color=list(colour), outlinecolor=list(colour), width=_pixels(width))
        for colour, width in behind
    ]
    block = _words(shield, "shield" if from_column else None)
    # Others keep away from the plate, not only from the number on it.
    return block | {"buffer": int(_pixels(PLATE_MM)), "styles": plates}


def _pixels(millimetres: float) -> float:
    return round(millimetres * PIXELS_PER_MM, 2)
