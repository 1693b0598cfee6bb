"""Records of the layers, by pygeoapi's core: a page of them, and single ones."""

from __future__ import annotations

import flask
from pygeoapi.api import itemtypes

from gis_app import access
from gis_app.ogc.ogcapi import answering
from gis_app.ogc.ogcapi.asking import GEOJSON, SCHEMA, asked
from gis_app.ogc.ogcapi.blueprint import blueprint
from gis_app.ogc.ogcapi.catalogue_records import FIELDS
from gis_app.ogc.ogcapi.core import RECORDS, ask
from gis_app.ogc.ogcapi.item_request import box_of, day_asked
from layers.days import today
from layers.frames import CRS84

PARAMETERS = frozenset({"bbox", "datetime", "limit", "offset", "q", "sortby", *FIELDS})


@blueprint.get(f"/collections/{RECORDS}/items")
@access.public
def record_items() -> flask.Response:
    """A page of records."""
    request, layers = asked(PARAMETERS, GEOJSON), access.visible_layers()
    given = request.parameters
    if "bbox" in given:
        CRS84.box(box_of(given))
    if "datetime" in given:
        day_asked(given["datetime"])
    if kept := answering.unchanged(request, layers, today()):
        return kept
    chosen = {name: value for name, value in given.items() if name not in ("f", "lang")}
    content = ask(itemtypes.get_collection_items, request, RECORDS, **chosen)
    return answering.document(request, content, "records", layers, today(), layers=layers)


@blueprint.get(f"/collections/{RECORDS}/items/<record_id>")
@access.public
def record_item(record_id: str) -> flask.Response:
    """The record of one layer."""
    request, layer = asked(media=GEOJSON), access.layer(record_id)
    if kept := answering.unchanged(request, [layer.id], today()):
        return kept
    content = ask(itemtypes.get_collection_item, request, RECORDS, record_id)
    return answering.document(request, content, "record", [layer.id], today(), layer=layer)


@blueprint.get(f"/collections/{RECORDS}/queryables")
@blueprint.get(f"/collections/{RECORDS}/schema")
@access.public
def record_properties() -> flask.Response:
    """What records hold, and what may be asked of them."""
    request = asked(media=SCHEMA)
    content = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{request.base}{flask.request.path.removeprefix('/ogcapi')}",
        "type": "object",
        "title": "Catalogul straturilor" if request.language == "ro" else "The catalogue of layers",
        "properties": FIELDS,
        "additionalProperties": False,
    }
    return answering.document(request, content, "properties", (), today())
