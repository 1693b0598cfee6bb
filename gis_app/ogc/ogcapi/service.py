"""What the door has: landing page, conformance, API description, collections and what their features hold."""

from __future__ import annotations

from typing import Any

import flask
from pygeoapi import api as core_api
from pygeoapi.api import itemtypes

from gis_app import access
from gis_app.ogc.ogcapi import answering, openapi
from gis_app.ogc.ogcapi.asking import OPENAPI, SCHEMA, Asked, asked
from gis_app.ogc.ogcapi.blueprint import blueprint
from gis_app.ogc.ogcapi.columns import properties
from gis_app.ogc.ogcapi.conformance import CLASSES
from gis_app.ogc.ogcapi.core import RECORDS, ask
from layers import states
from layers.catalogue import Layer
from layers.days import today
from layers.extents import extent
from layers.frames import CRS84, FRAMES, STEREO70

OGC = "http://www.opengis.net/def/rel/ogc/1.0"
GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"


@blueprint.get("/", strict_slashes=False)
@access.public
def landing_page() -> flask.Response:
    """The landing page."""
    request, layers = asked(), access.visible_layers()
    if kept := answering.unchanged(request, layers, today()):
        return kept
    content = ask(core_api.landing_page, request)
    content["links"] += [
        _link(
            request,
            f"/collections/{RECORDS}",
            f"{OGC}/ogc-catalog",
            "Catalogul straturilor",
            "The catalogue of layers",
        ),
        {
            "rel": "license",
            "type": "text/html",
            "title": "CC BY 4.0",
            "href": "https://creativecommons.org/licenses/by/4.0/",
        },
    ]
    return answering.document(request, content, "landing", layers, today())


@blueprint.get("/conformance")
@access.public
def conformance() -> flask.Response:
    """The conformance classes that the door keeps."""
    request = asked()
    return answering.document(request, {"conformsTo": list(CLASSES)}, "conformance", (), today())


@blueprint.get("/openapi")
@blueprint.get("/api")
@access.public
def api_description() -> flask.Response:
    """The API, described by OpenAPI 3.0."""
    request, layers = asked(media=OPENAPI), access.visible_layers()
    if kept := answering.unchanged(request, layers, today()):
        return kept
    content = openapi.document(request, layers)
    return answering.document(request, content, "openapi", layers, today())


@blueprint.get("/collections")
@access.public
def collections() -> flask.Response:
    """Every collection that the caller sees."""
    request, layers = asked(), access.visible_layers()
    if kept := answering.unchanged(request, layers, today()):
        return kept
    content = ask(core_api.describe_collections, request)
    for collection in content["collections"]:
        _complete(request, collection, layers)
    return answering.document(request, content, "collections", layers, today(), layers=layers)


@blueprint.get("/collections/<collection_id>")
@access.public
def collection(collection_id: str) -> flask.Response:
    """One collection: where and since when it has features, in which CRS, and where to read them."""
    request, layers = asked(), access.visible_layers()
    if collection_id != RECORDS:
        layers = {collection_id: access.layer(collection_id)}
    if kept := answering.unchanged(request, layers, today()):
        return kept
    content = ask(core_api.describe_collections, request, collection_id)
    _complete(request, content, layers)
    return answering.document(
        request, content, "collection", layers, today(), layer=layers.get(collection_id)
    )


@blueprint.get("/collections/<layer_id>/schema")
@access.public
def schema(layer_id: str) -> flask.Response:
    """What the features of a layer hold, as JSON Schema."""
    request, layer = asked(media=SCHEMA), access.layer(layer_id)
    content = ask(core_api.get_collection_schema, request, layer_id)
    return _described(request, content, layer)


@blueprint.get("/collections/<layer_id>/queryables")
@access.public
def queryables(layer_id: str) -> flask.Response:
    """What filters may ask of the features of a layer, as JSON Schema."""
    request, layer = asked(media=SCHEMA), access.layer(layer_id)
    content = ask(itemtypes.get_collection_queryables, request, layer_id)
    content["additionalProperties"] = False
    return _described(request, content, layer)


def _described(request: Asked, content: dict[str, Any], layer: Layer) -> flask.Response:
    content["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    content["$id"] = f"{request.base}{flask.request.path.removeprefix('/ogcapi')}"
    content["properties"] = properties(layer, request.language)
    return answering.document(request, content, "properties", [layer.id], today(), layer=layer)


def _complete(request: Asked, collection: dict[str, Any], layers: dict[str, Layer]) -> None:
    """Tell what the data say: extents, systems of coordinates, links to schema, map and licence."""
    layer = layers.get(collection["id"])
    if layer is None:
        collection["itemType"] = "record"
        return
    collection["extent"] = _extent(layer)
    collection["crs"], collection["storageCrs"] = list(FRAMES), STEREO70.uri
    collection["license"] = layer.licence
    here = f"/collections/{layer.id}"
    links = collection["links"]
    links.append(_link(request, f"{here}/schema", "describedby", "Schema", "Schema", SCHEMA))
    if layer.geometry:
        links.append(_link(request, f"{here}/map", f"{OGC}/map", "Hartă", "Map", "image/png"))


def _extent(layer: Layer) -> dict[str, Any]:
    found: dict[str, Any] = {}
    box = extent(layer, today())
    if box:
        found["spatial"] = {"bbox": [list(box.degrees)], "crs": CRS84.uri}
    days = states.days([layer.id])
    if days:
        found["temporal"] = {"interval": [[f"{days[0].isoformat()}T00:00:00Z", None]], "trs": GREGORIAN}
    return found


def _link(
    request: Asked, path: str, rel: str, romanian: str, english: str, media: str = "application/json"
) -> dict[str, Any]:
    title = romanian if request.language == "ro" else english
    return {"rel": rel, "type": media, "title": title, "href": request.base + path}
