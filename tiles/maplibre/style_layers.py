"""The style layers that draw what one catalogue layer shows in one band of zooms.

MapServer draws feature by feature; MapLibre draws layer by layer. So each part of the rules (fill, hatch, each
stroke, marker, text) becomes a style layer of its own, whose colours and widths are chosen by the rule that fits.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from layers.catalogue import Layer
from layers.style import GroundWidth, Label, Primitive, Shield, Stroke, StyleRule, Words
from tiles.maplibre import sprite
from tiles.maplibre.expressions import Expression, fit, of_kind, words
from tiles.maplibre.sprite import PX_PER_MM, rgb
from tiles.selection import primitives
from tiles.vector_bands import Band
from tiles.vector_grid import scale_of_zoom

StyleLayer = dict[str, Any]
Rules = dict[int, StyleRule]
WEIGHTS = {(False, False): "Regular", (True, False): "Bold", (False, True): "Italic", (True, True): "Bold"}
# A text's size in the style is the height of its capitals and tails.
EM_PER_SIZE = 1.35
HALO_PX = 1.2
# How far apart a text is repeated along a line that does not say it.
EVERY_MM = 80.0


def pictures(layer: Layer, band: Band) -> Iterator[StyleLayer]:
    """Fills, hatches, lines and symbols, the lowest first."""
    for primitive in primitives(layer):
        for drawn in _pictures(band, primitive):
            yield _narrowed(layer, band, primitive, drawn)


def texts(layer: Layer, band: Band) -> Iterator[tuple[int, StyleLayer]]:
    """Labels and shields with their priority, the highest 10."""
    for primitive in primitives(layer):
        for priority, drawn in _texts(layer, band, primitive):
            yield priority, _narrowed(layer, band, primitive, drawn)


def _narrowed(layer: Layer, band: Band, primitive: Primitive, drawn: StyleLayer) -> StyleLayer:
    chosen = fit(band.shown, dict.fromkeys(drawn.pop("rules"), True), False)
    conditions = [of_kind(primitive)] if layer.geometry == "Geometry" else []
    conditions += [chosen] if chosen is not True else []
    if conditions:
        drawn["filter"] = conditions[0] if len(conditions) == 1 else ["all", *conditions]
    return drawn


def _pictures(band: Band, primitive: Primitive) -> Iterator[StyleLayer]:
    rules = dict(band.shown.rules)
    if primitive == "polygon":
        fills = {number: rgb(rule.fill) for number, rule in rules.items() if rule.fill}
        if fills:
            yield _part("fill", list(fills), paint={"fill-color": fit(band.shown, fills, "rgba(0,0,0,0)")})
        hatches = {number: sprite.hatch_name(rule.hatch) for number, rule in rules.items() if rule.hatch}
        if hatches:
            yield _part("fill", list(hatches), paint={"fill-pattern": fit(band.shown, hatches, "")})
    if primitive != "point":
        yield from _strokes(band, rules)
    markers: dict[float | None, Rules] = {}
    for number, rule in rules.items():
        if rule.marker and primitive == ("line" if rule.marker.every else "point"):
            markers.setdefault(rule.marker.every, {})[number] = rule
    for every, marked in markers.items():
        names = {number: sprite.marker_name(rule.marker) for number, rule in marked.items() if rule.marker}
        layout: dict[str, Any] = {"icon-image": fit(band.shown, names, ""), "icon-allow-overlap": True}
        layout["icon-ignore-placement"] = True
        if every:
            layout |= {"symbol-placement": "line", "symbol-spacing": max(1.0, round(every * PX_PER_MM, 1))}
        yield _part("symbol", list(marked), layout=layout)


def _strokes(band: Band, rules: Rules) -> Iterator[StyleLayer]:
    """The first strokes of all rules, then the second ones: a road's edge lies under all roads' surfaces."""
    for place in range(max((len(rule.strokes) for rule in rules.values()), default=0)):
        alike: dict[tuple[Any, ...], dict[int, Stroke]] = {}
        for number, rule in rules.items():
            if place < len(rule.strokes):
                stroke = rule.strokes[place]
                # A dash is given in widths of its line, so lines of one layer have one width.
                key = (stroke.dash, stroke.width if stroke.dash else None, stroke.ground is None)
                alike.setdefault(key, {})[number] = stroke
        for (dash, width, _), strokes in alike.items():
            paint = {
                "line-color": fit(
                    band.shown, {n: rgb(one.colour) for n, one in strokes.items()}, "rgba(0,0,0,0)"
                ),
                "line-width": _width(band, strokes),
            }
            if dash and width:
                paint["line-dasharray"] = [round(length / width, 2) for length in dash]
            layout = {"line-join": "round", "line-cap": "butt" if dash or width else "round"}
            yield _part("line", list(strokes), paint=paint, layout=layout)


def _width(band: Band, strokes: dict[int, Stroke]) -> Expression:
    if all(stroke.width for stroke in strokes.values()):
        return fit(band.shown, {n: _px(stroke.width or 0) for n, stroke in strokes.items()}, 0)
    zooms = [band.first, *range(math.floor(band.first) + 1, math.ceil(band.last)), band.last]
    stops: list[Expression] = []
    for zoom in zooms:
        widths = {n: _true_width(one.ground, zoom) for n, one in strokes.items() if one.ground}
        stops += [round(zoom, 3), fit(band.shown, widths, 0)]
    return ["interpolate", ["exponential", 2], ["zoom"], *stops]


def _true_width(ground: GroundWidth, zoom: float) -> Expression:
    """Pixels of a width in metres on the ground at that zoom."""
    metres = ["to-number", ["get", ground.column], ground.default]
    metres = ["case", [">", metres, 0], metres, ground.default]
    factor = 1000 / scale_of_zoom(zoom) * PX_PER_MM
    return ["+", ["max", ["*", metres, round(factor, 5)], _px(ground.least)], _px(2 * ground.casing)]


def _texts(layer: Layer, band: Band, primitive: Primitive) -> Iterator[tuple[int, StyleLayer]]:
    labels: dict[Label, list[int]] = {}
    shields: dict[Shield, list[int]] = {}
    for number, rule in band.shown.rules.items():
        if rule.label:
            labels.setdefault(rule.label, []).append(number)
        if rule.shield and primitive == "line":
            shields.setdefault(rule.shield, []).append(number)
    for label, numbers in labels.items():
        yield label.priority, _label(layer, label, numbers, along=label.along and primitive == "line")
    for shield, numbers in shields.items():
        yield shield.priority, _shield(layer, shield, numbers)


def _label(layer: Layer, label: Label, rules: list[int], *, along: bool) -> StyleLayer:
    layout = _words(layer, label, italic=label.italic)
    if along:
        layout |= _along(label)
    if label.beside:
        layout |= {"text-variable-anchor": ["left", "right", "top", "bottom"], "text-radial-offset": 0.6}
        layout["text-justify"] = "auto"
    paint: dict[str, Any] = {"text-color": rgb(label.colour)}
    if label.halo:
        paint |= {"text-halo-color": rgb(label.halo), "text-halo-width": HALO_PX}
    return _part("symbol", rules, layout=layout, paint=paint)


def _shield(layer: Layer, shield: Shield, rules: list[int]) -> StyleLayer:
    layout = {
        **_words(layer, shield, italic=False),
        **_along(shield),
        "icon-image": sprite.plate_name(shield),
        "icon-text-fit": "both",
        "text-rotation-alignment": "viewport",
        "icon-rotation-alignment": "viewport",
    }
    return _part("symbol", rules, layout=layout, paint={"text-color": rgb(shield.colour)})


def _words(layer: Layer, asked: Words, *, italic: bool) -> dict[str, Any]:
    return {
        "text-field": words(layer, asked),
        "text-font": [f"Noto Sans {WEIGHTS[asked.bold, italic]}"],
        "text-size": round(_px(asked.size) * EM_PER_SIZE, 1),
        "text-max-width": 9,
    }


def _along(asked: Words) -> dict[str, Any]:
    every = asked.every or EVERY_MM
    return {"symbol-placement": "line", "symbol-spacing": max(1.0, round(every * PX_PER_MM, 1))}


def _part(kind: str, rules: list[int], **content: Any) -> StyleLayer:
    return {"type": kind, "rules": rules, **content}


def _px(millimetres: float) -> float:
    return round(millimetres * PX_PER_MM, 2)
