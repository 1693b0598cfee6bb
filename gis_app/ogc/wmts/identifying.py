"""GetFeatureInfo: what lies under a pixel, as GeoJSON, as a page or as XML."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask
import orjson
from lxml import etree
from markupsafe import Markup

from gis_app import caching
from gis_app.ogc.wmts.request import InfoRequest
from layers.catalogue import Layer, get_layer
from layers.days import today
from tiles.cache import identify

CRS = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3844"}}
_PAGE = Markup(
    '<!doctype html><html lang="ro"><head><meta charset="utf-8"><title>{title}</title></head>'
    "<body><h1>{title}</h1>{tables}</body></html>"
)


def answer(asked: InfoRequest) -> flask.Response:
    """The features under the pixel, in the format asked for."""
    tile = asked.tile
    layer, day = get_layer(tile.layer.name), tile.day or today()
    place, pixel = (tile.level, tile.column, tile.row), (asked.i, asked.j)
    etag = caching.tag([layer.id], day, tile.matrices.id, place, pixel, asked.mime)
    unchanged = caching.unchanged(etag, [layer.id])
    if unchanged:
        return unchanged
    found = identify.features(layer, tile.matrices, place, pixel, day)
    writers: dict[str, Callable[[Layer, list[dict[str, Any]]], bytes]]
    writers = {"application/json": _json, "text/html": _html, "text/xml": _xml}
    return caching.keep(
        flask.Response(writers[asked.mime](layer, found), mimetype=asked.mime), etag, [layer.id]
    )


def _json(_layer: Layer, found: list[dict[str, Any]]) -> bytes:
    return orjson.dumps({"type": "FeatureCollection", "crs": CRS, "features": found})


def _html(layer: Layer, found: list[dict[str, Any]]) -> bytes:
    meanings = {column.name: column.meaning.ro for column in layer.served_columns}
    tables = Markup("").join(_table(feature["properties"], meanings) for feature in found)
    return _PAGE.format(title=layer.title.ro, tables=tables or Markup("<p>Nimic în acest loc.</p>")).encode()


def _table(properties: dict[str, Any], meanings: dict[str, str]) -> Markup:
    rows = Markup("").join(
        Markup('<tr><th scope="row">{}</th><td>{}</td></tr>').format(meanings[name], value)
        for name, value in properties.items()
        if value is not None
    )
    return Markup("<table>{}</table>").format(rows)


def _xml(layer: Layer, found: list[dict[str, Any]]) -> bytes:
    root = etree.Element("FeatureInfo", layer=layer.id)
    for feature in found:
        part = etree.SubElement(root, "Feature", id=feature["id"])
        for name, value in feature["properties"].items():
            etree.SubElement(part, name).text = None if value is None else _printable(str(value))
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return content


def _printable(text: str) -> str:
    # XML has no way to write control characters at all.
    return "".join(character for character in text if character.isprintable() or character in "\n\t")
