"""The looks of layers in the words of others (SLD 1.0): GetStyles. Hatches and widths on the ground have none there."""

from __future__ import annotations

from collections.abc import Iterable

import flask

from gis_app.ogc.wms.requests import looks_of
from layers.catalogue import Layer
from layers.style import ALWAYS, Colour, Scalar
from tiles.picture import PIXEL_M
from tiles.selection import primitives

MARKS = {
    "circle": "circle",
    "square": "square",
    "triangle": "triangle",
    "cross": "cross",
    "diamond": "square",
}


def document(layers: Iterable[Layer]) -> str:
    """The styled layer descriptor of those layers, all looks of each."""
    return flask.render_template(
        "wms/styles.xml",
        layers=list(layers),
        looks_of=looks_of,
        primitives=primitives,
        always=ALWAYS,
        marks=MARKS,
        hex=_hex,
        px=_pixels,
        literal=_literal,
    )


def _hex(colour: Colour) -> str:
    return "#" + bytes(colour).hex()


def _pixels(millimetres: float) -> str:
    return f"{millimetres / 1000 / PIXEL_M:.2f}"


def _literal(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
