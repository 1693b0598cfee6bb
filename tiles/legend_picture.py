"""Legends as pictures: samples drawn by MapServer with the very classes that draw the map, each with its title."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import mapscript

from layers.style import ALWAYS, Primitive, Stroke, StyleRule
from tiles import mapfile, selection
from tiles.classes import POINTS_PER_PIXEL, Block
from tiles.fonts import FONTSET, files, width
from tiles.picture import STANDARD_PPI, Form
from tiles.png import pack
from tiles.ranges import shown_at, typical
from tiles.service_map import entries, output_format
from tiles.themes import Entry

# Pixels, as drawn at the standard resolution.
SAMPLE = (36, 15)
ROW, MARGIN, TEXT = 22, 5, 12
PIXELS_PER_MM = STANDARD_PPI / 25.4
# What a line of true width on the ground looks like where there is no ground, and how often a symbol repeats (mm).
GROUND_MM = 1.2
EVERY_MM = 7.0


class Line(NamedTuple):
    """One line of a legend."""

    title: str
    rule: StyleRule
    primitive: Primitive


def legend(entry: Entry, form: Form, scale: float | None = None, *, transparent: bool = False) -> bytes:
    """The legend of a look; of what is drawn at 1:scale where that is given. Raises MapServerError."""
    drawn: bytes = _draw(list(_lines(entry, scale)), form, transparent).getBytes()
    return pack(drawn) if form == "png" else drawn


@lru_cache(maxsize=1)
def sizes() -> dict[tuple[str, str], tuple[int, int]]:
    """Width and height in pixels of the legend of every layer and look."""
    return {(entry.layer, entry.variant): _size(list(_lines(entry, None))) for entry in entries()}


def _size(lines: list[Line]) -> tuple[int, int]:
    widest = max((width(line.title, TEXT) for line in lines), default=0)
    return round(3 * MARGIN + SAMPLE[0] + widest + 1), max(1, len(lines)) * ROW


def _draw(lines: list[Line], form: Form, transparent: bool) -> mapscript.imageObj:
    files()  # says what to install; MapServer would not
    blocks = [mapfile.overlay_layer(f"line-{n}", line.rule, line.primitive) for n, line in enumerate(lines)]
    for block in blocks:
        block["classes"][0].pop("labels", None)
    drawing = mapscript.fromstring(mapfile.document("legend", [*blocks, _titles()]))
    drawing.setFontSet(str(FONTSET))
    drawing.resolution = STANDARD_PPI
    across, down = _size(lines)
    drawing.setSize(across, down)
    # A unit of the ground is a pixel, north is up.
    drawing.setExtent(0.5, 0.5, across - 0.5, down - 0.5)
    output_format(drawing, form, transparent)
    for number, line in enumerate(lines):
        middle = down - (number + 0.5) * ROW
        sample = mapscript.shapeObj.fromWKT(_shape(line.primitive, middle))
        drawing.getLayerByName(f"line-{number}:{line.primitive}").addFeature(sample)
        title = mapscript.shapeObj.fromWKT(f"POINT({2 * MARGIN + SAMPLE[0]} {middle})")
        title.text = line.title
        drawing.getLayerByName("titles").addFeature(title)
    return drawing.draw()


def _shape(primitive: Primitive, middle: float) -> str:
    left, right, low, high = MARGIN, MARGIN + SAMPLE[0], middle - SAMPLE[1] / 2, middle + SAMPLE[1] / 2
    if primitive == "polygon":
        return f"POLYGON(({left} {low},{right} {low},{right} {high},{left} {high},{left} {low}))"
    if primitive == "line":
        return f"LINESTRING({left} {middle},{right} {middle})"
    return f"POINT({(left + right) / 2} {middle})"


def _titles() -> Block:
    """The layer of the titles. Sizes shrink with the map's resolution like all others."""
    grown = selection.PIXELS_PER_MM / PIXELS_PER_MM
    label = {
        "__type__": "label",
        "type": "TRUETYPE",
        "font": "regular",
        "encoding": "UTF-8",
        "size": round(TEXT * POINTS_PER_PIXEL * grown, 2),
        "color": [30, 30, 30],
        "position": "CR",
        "force": True,
    }
    classes = [{"__type__": "class", "labels": [label]}]
    return {"__type__": "layer", "name": "titles", "type": "POINT", "status": "ON", "classes": classes}


def _lines(entry: Entry, scale: float | None) -> Iterator[Line]:
    """What the legend shows, each title once."""
    rules = map(typical, entry.rules.values()) if scale is None else shown_at(entry, scale).rules.values()
    told: set[str] = set()
    for rule in rules:
        for primitive in selection.primitives(entry.definition):
            title = rule.title or entry.definition.title.ro
            if rule.pictures(primitive) and title not in told:
                told.add(title)
                yield Line(title, _sample(rule), primitive)


def _sample(rule: StyleRule) -> StyleRule:
    """The rule as it looks in a small sample, whatever the scale of the map."""
    rule = typical(rule)
    strokes = tuple(_sample_stroke(stroke) for stroke in rule.strokes)
    marker = rule.marker and rule.marker.model_copy(
        update={"scale": ALWAYS, "every": min(rule.marker.every, EVERY_MM) if rule.marker.every else None}
    )
    return rule.model_copy(update={"scale": ALWAYS, "strokes": strokes, "marker": marker})


def _sample_stroke(stroke: Stroke) -> Stroke:
    if stroke.ground:
        return Stroke(colour=stroke.colour, dash=stroke.dash, width=GROUND_MM + 2 * stroke.ground.casing)
    return stroke.model_copy(update={"scale": ALWAYS})
