"""Vector tiles under the addresses of OGC API Tiles: the same bytes as at ``/tiles``."""

from __future__ import annotations

from typing import Any

import flask
from pygeoapi.api import tiles as core_tiles
from werkzeug.exceptions import NotFound

from gis_app import access
from gis_app.asked_day import asked_day
from gis_app.ogc import tiles as tile_door
from gis_app.ogc.ogcapi import answering
from gis_app.ogc.ogcapi.asking import Asked, asked, parameters_known
from gis_app.ogc.ogcapi.blueprint import blueprint
from gis_app.ogc.ogcapi.columns import properties
from gis_app.ogc.ogcapi.core import ask
from gis_app.ogc.ogcapi.item_request import day_asked
from layers.catalogue import Layer
from layers.days import today
from layers.errors import UnknownLayer
from layers.extents import extent
from tiles import vector
from tiles.vector_grid import DEEPEST

MATRIX_SET = "WebMercatorQuad"
DIMENSIONS = {"Point": 0, "MultiPoint": 0, "MultiLineString": 1, "MultiLineStringM": 1, "MultiPolygon": 2}


@blueprint.get("/collections/<layer_id>/tiles")
@access.public
def tile_sets(layer_id: str) -> flask.Response:
    """The tile sets of a layer."""
    request, layer = asked(), _drawable(layer_id)
    if kept := answering.unchanged(request, [layer.id], today()):
        return kept
    content = ask(core_tiles.get_collection_tiles, request, layer_id)
    return answering.document(request, content, "tilesets", [layer.id], today(), layer=layer)


@blueprint.get(f"/collections/<layer_id>/tiles/{MATRIX_SET}")
@access.public
def tile_set(layer_id: str) -> flask.Response:
    """One tile set: its grid, its place, and what its tiles hold."""
    request, layer = asked(), _drawable(layer_id)
    if kept := answering.unchanged(request, [layer.id], today()):
        return kept
    sets = ask(core_tiles.get_collection_tiles, request, layer_id)["tilesets"]
    content = {**sets[0], "title": layer.title.ro, "layers": [_inside(layer, request)]}
    address = (
        f"{request.base}/collections/{layer.id}/tiles/{MATRIX_SET}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"
    )
    content["links"].append(
        {
            "rel": "item",
            "type": vector.MEDIA_TYPE,
            "title": layer.title.ro,
            "href": address,
            "templated": True,
        }
    )
    box = extent(layer, today())
    if box:
        west, south, east, north = box.degrees
        content["boundingBox"] = {"lowerLeft": [west, south], "upperRight": [east, north]}
    return answering.document(request, content, "document", [layer.id], today(), layer=layer)


@blueprint.get(f"/collections/<layer_id>/tiles/{MATRIX_SET}/<int:z>/<int:y>/<int:x>")
@access.public
def tile(layer_id: str, z: int, y: int, x: int) -> flask.Response:
    """A tile, as of the day in ``datetime`` (or ``as_of``, as at ``/tiles``)."""
    layer, given = _drawable(layer_id), parameters_known({"datetime", "as_of"})
    day = day_asked(given["datetime"]) if "datetime" in given else asked_day(given)
    return tile_door.tile(layer.id, (z, x, y), day)


@blueprint.get("/tileMatrixSets")
@access.public
def matrix_sets() -> flask.Response:
    """The grids of tiles."""
    request = asked()
    content = ask(core_tiles.tilematrixsets, request)
    content["tileMatrixSets"] = [one for one in content["tileMatrixSets"] if one["id"] == MATRIX_SET]
    return answering.document(request, content, "document", (), today(), layer=None)


@blueprint.get("/tileMatrixSets/<name>")
@access.public
def matrix_set(name: str) -> flask.Response:
    """One grid."""
    request = asked()
    if name != MATRIX_SET:
        raise NotFound(f"no grid {name[:40]!r}; there is {MATRIX_SET}")
    content = ask(core_tiles.tilematrixset, request, name)
    return answering.document(request, content, "document", (), today(), layer=None)


def _drawable(layer_id: str) -> Layer:
    layer = access.layer(layer_id)
    if not layer.geometry:
        raise UnknownLayer(layer_id, [])
    return layer


def _inside(layer: Layer, request: Asked) -> dict[str, Any]:
    shown = {name: value for name, value in properties(layer, request.language).items() if name != "geometry"}
    described: dict[str, Any] = {
        "id": layer.id,
        "dataType": "vector",
        "minTileMatrix": str(vector.zooms((layer,))[0]),
        "maxTileMatrix": str(DEEPEST),
        "propertiesSchema": {"type": "object", "properties": shown},
    }
    if layer.geometry in DIMENSIONS:
        described["geometryDimension"] = DIMENSIONS[layer.geometry]
    return described
