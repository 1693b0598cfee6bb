"""``/catalog.jsonld``: the open layers as DCAT-AP, for harvesters of open-data portals."""

from __future__ import annotations

import flask
import orjson

from gis_app import access, caching
from gis_app.metadata import dcat
from gis_app.metadata.record import Installation, records
from gis_app.ogc.answers import open_to_all
from layers.days import today
from layers.visibility import visible

JSON_LD = "application/ld+json"
blueprint = flask.Blueprint("catalogue", __name__)
blueprint.after_request(open_to_all)


@blueprint.get("/catalog.jsonld")
@access.public
def catalog() -> flask.Response:
    """The catalogue of what everybody may see, whoever asks: open data is open to all alike."""
    layers = visible("public")
    etag = caching.tag(layers, today(), "dcat", flask.request.host_url)
    if kept := caching.unchanged(etag, layers):
        return kept
    installation = Installation.at(flask.request.host_url)
    content = orjson.dumps(dcat.catalog(records(layers.values(), installation), installation))
    return caching.keep(flask.Response(content, mimetype=JSON_LD), etag, layers)
