"""From the style's conditions and templates to MapLibre expressions.

Source: maplibre.org/maplibre-style-spec/expressions. An attribute that is NULL is absent from a vector tile.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layers.catalogue import Layer
from layers.style import PLACEHOLDER, Primitive, Range, Scalar, StyleRule, Words
from tiles.ranges import Shown

Expression = Any
GEOMETRIES: dict[Primitive, list[str]] = {
    "polygon": ["Polygon", "MultiPolygon"],
    "line": ["LineString", "MultiLineString"],
    "point": ["Point", "MultiPoint"],
}


def of_kind(primitive: Primitive) -> Expression:
    """Whether a feature is an area, a line or a point."""
    return ["in", ["geometry-type"], ["literal", GEOMETRIES[primitive]]]


def fit(shown: Shown, values: Mapping[int, Expression], otherwise: Expression) -> Expression:
    """The value of the rule that draws the feature; ``otherwise`` for rules without one and for no rule.

    Where all rules say the same it is said once: which features they draw is the filter's business, for which
    ``otherwise`` is False.
    """
    if otherwise is not False and len({repr(value) for value in values.values()}) == 1:
        return next(iter(values.values()))
    cases: list[Expression] = []
    for rule, number in shown.kinds:
        value = values.get(number, otherwise) if number is not None else otherwise
        asked = condition(rule)
        if asked is True:
            otherwise = value
            break
        cases += [asked, value]
    while cases and cases[-1] == otherwise:
        del cases[-2:]
    return ["case", *cases, otherwise] if cases else otherwise


def condition(rule: StyleRule) -> Expression:
    """The rule's ``where``; True where it takes every feature."""
    asked = [_column(name, allowed) for name, allowed in rule.where.items()]
    if not asked:
        return True
    return asked[0] if len(asked) == 1 else ["all", *asked]


def words(layer: Layer, asked: Words) -> Expression:
    """The first of the templates whose columns all hold something; an empty text where none does."""
    cases: list[Expression] = []
    for template in asked.text:
        pieces = PLACEHOLDER.split(template)
        held = [_held(name) for name in pieces[1::2]]
        shown = [_read(layer, piece) if place % 2 else piece for place, piece in enumerate(pieces) if piece]
        cases += [["all", *held], ["concat", *shown]]
    return ["case", *cases, ""]


def _column(name: str, allowed: tuple[Scalar, ...] | Range) -> Expression:
    value = ["get", name]
    if isinstance(allowed, Range):
        bounds: list[Expression] = [["has", name]]
        if allowed.min is not None:
            bounds.append([">=", ["to-number", value], allowed.min])
        if allowed.below is not None:
            bounds.append(["<", ["to-number", value], allowed.below])
        return ["all", *bounds]
    listed = [one for one in allowed if one is not None]
    inside: Expression = ["in", value, ["literal", listed]]
    if None not in allowed:
        return inside
    return ["any", ["!", ["has", name]], inside] if listed else ["!", ["has", name]]


def _held(name: str) -> Expression:
    return ["all", ["has", name], ["!=", ["to-string", ["get", name]], ""]]


def _read(layer: Layer, name: str) -> Expression:
    if layer.column(name).type == "number":
        # The decimal comma of Romanian.
        return ["number-format", ["get", name], {"locale": "ro", "max-fraction-digits": 3}]
    return ["to-string", ["get", name]]
