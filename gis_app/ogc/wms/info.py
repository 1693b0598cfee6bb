"""What lies at a place of the map, as page, JSON, GML or plain text: the answer to GetFeatureInfo."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import flask
import orjson
from lxml import etree

from analysis import sentences
from gis_app.ogc.wms.requests import InfoRequest
from gis_app.ogc.wms.vocabulary import INFO_FORMATS, InfoForm
from layers.catalogue import Column
from tiles.identify import Found, identify

GML = "http://www.opengis.net/gml"
OURS = "urn:vatra:gml"


UNITS = str.maketrans("23", "²³")
# The page carries its looks itself: GIS programs show it without an address to fetch others from.
STYLE = (Path(__file__).parent / "templates" / "wms" / "info.css").read_text(encoding="utf-8")
_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; frame-ancestors 'none'"


def answer(asked: InfoRequest) -> flask.Response:
    """The features found, in the form asked for. Raises DatabaseUnavailable."""
    found = identify(asked.picture, asked.layers, (asked.column, asked.row), asked.count)
    return written(found, asked.media)


def written(found: list[Found], media: str) -> flask.Response:
    """Those features, as the type of INFO_FORMATS that was asked for."""
    form = INFO_FORMATS[media]
    response = flask.Response(WRITERS[form](found), mimetype=media)
    if form == "html":
        response.headers["Content-Security-Policy"] = POLICY
    return response


def _html(found: list[Found]) -> str | bytes:
    return flask.render_template("wms/info.html", found=found, lines=_lines, looks=STYLE)


def _lines(found: Found) -> Iterator[tuple[str, str]]:
    """What is known of a feature, as people call and write it."""
    for column in found.layer.served_columns:
        value = found.attributes[column.name]
        if value is not None:
            yield column.meaning.ro, _written(column, value)


def _written(column: Column, value: Any) -> str:
    if column.type == "choice":
        return column.words.get(value, value)
    if column.type == "date":
        return sentences.day(date.fromisoformat(value))
    if column.type == "number" or column.unit:
        unit = f"\u00a0{column.unit.translate(UNITS)}" if column.unit else ""
        return sentences.trimmed(value) + unit
    return _shown(value)


def _json(found: list[Found]) -> str | bytes:
    features = [
        {
            "type": "Feature",
            "id": f"{one.layer.id}.{one.id}",
            "layer": one.layer.id,
            "geometry": one.geometry,
            "properties": one.attributes,
        }
        for one in found
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": features})


def _text(found: list[Found]) -> str | bytes:
    parts = []
    for one in found:
        lines = [f"{one.layer.title.ro} ({one.layer.id}.{one.id})"]
        lines += [f"  {name} = {_shown(value)}" for name, value in one.attributes.items()]
        parts.append("\n".join(lines))
    return "\n\n".join(parts or ["Nimic aici."]) + "\n"


def _gml(found: list[Found]) -> str | bytes:
    root = etree.Element(f"{{{OURS}}}FeatureCollection", nsmap={"vatra": OURS, "gml": GML})
    for one in found:
        member = etree.SubElement(root, f"{{{GML}}}featureMember")
        feature = etree.SubElement(member, f"{{{OURS}}}{one.layer.id}", fid=f"{one.layer.id}.{one.id}")
        shape = etree.SubElement(feature, f"{{{OURS}}}geom")
        # PostGIS writes the prefix and leaves its declaration to us.
        shape.append(etree.fromstring(f'<g xmlns:gml="{GML}">{one.gml}</g>')[0])
        for name, value in one.attributes.items():
            if value is not None:
                etree.SubElement(feature, f"{{{OURS}}}{name}").text = _shown(value)
    etree.cleanup_namespaces(root)
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return content


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "da" if value else "nu"
    return "" if value is None else str(value)


WRITERS: dict[InfoForm, Callable[[list[Found]], str | bytes]] = {
    "html": _html,
    "json": _json,
    "gml": _gml,
    "text": _text,
}
