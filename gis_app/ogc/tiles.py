"""Vector tiles, TileJSON and the MapLibre style with its symbols and letters: ``/tiles``.

A tile is answered from its ETag (304), from what this process has finished already, or by one statement.
"""

from __future__ import annotations

from datetime import date
from functools import partial
from urllib.parse import quote

import flask

from gis_app import access, caching, errors
from gis_app.asked_day import asked_day
from gis_app.certificates.settings import AuthoritySettings
from gis_app.ogc import tiles_shortcut
from gis_app.ogc.answers import as_json, open_to_all
from gis_app.ogc.shortcut import short_way
from gis_app.ogc.tiles_shortcut import TILE_AGE_S
from gis_app.settings import WebSettings
from layers import extents, health
from layers.catalogue import Layer, get_layer
from tiles import vector, vector_json
from tiles.maplibre import glyphs, sprite, style
from tiles.maplibre.glyphs import NoSuchGlyphs
from tiles.vector_cache import FinishedTiles
from tiles.vector_grid import NoSuchTile

EXTENSION = "vatra_tiles"
DOCUMENT_AGE_S = 60
blueprint = flask.Blueprint("tiles", __name__, url_prefix="/tiles")


errors.register(NoSuchGlyphs, errors.Kind("no-such-glyphs", 404, "No such letters", "Litere inexistente"))
errors.register(NoSuchTile, errors.Kind("no-such-tile", 404, "No such tile", "Dala nu există"))


def install(app: flask.Flask) -> None:
    """Open the door, with room for finished tiles."""
    kept = app.extensions[EXTENSION] = FinishedTiles(WebSettings().tile_cache_mb * 1_000_000)
    short_way(app).ways.append(partial(tiles_shortcut.find, kept))
    app.register_blueprint(blueprint)


@blueprint.get("/<names>/<int:z>/<int:x>/<int:y>.pbf")
@access.public
def show_tile(names: str, z: int, x: int, y: int) -> flask.Response:
    """A tile of one layer, of several, or of a group; 204 where it is empty."""
    return tile(names, (z, x, y), _day())


def tile(names: str, place: tuple[int, int, int], day: date) -> flask.Response:
    """The tile at zoom, column and row ``place`` as of a day. Raises UnknownLayer, NoSuchTile, BrokenLayer."""
    asked = vector.tile(_chosen(names), *place, day)
    etag = tiles_shortcut.tag(asked)
    unchanged = caching.unchanged(etag, asked.layers, TILE_AGE_S)
    if unchanged:
        return open_to_all(unchanged)
    health.require_all(asked.layers, asked.as_of)
    squeezed = flask.request.accept_encodings.quality("gzip") > 0
    kept: FinishedTiles = flask.current_app.extensions[EXTENSION]
    content = tiles_shortcut.finished(kept, asked, etag, squeezed=squeezed)
    response = flask.Response(content.gzipped or content.plain, content_type=vector.MEDIA_TYPE)
    if content.gzipped:
        response.headers["Content-Encoding"] = "gzip"
    if not content.plain:
        response.status_code = 204
    return open_to_all(caching.keep(response, etag, asked.layers, TILE_AGE_S))


@blueprint.get("/<names>.json")
@access.public
def show_tile_json(names: str) -> flask.Response:
    """TileJSON of a layer, of several, or of a group."""
    layers, day = _chosen(names), _day()
    ids = tuple(layer.id for layer in layers)
    address = f"{flask.request.url_root}tiles/{quote(names, safe=',')}/{{z}}/{{x}}/{{y}}.pbf{_day_given()}"
    etag = caching.tag(ids, day, "tilejson", address)
    unchanged = caching.unchanged(etag, ids, DOCUMENT_AGE_S)
    if unchanged:
        return open_to_all(unchanged)
    health.require_all(ids, day)
    content = vector_json.tile_json(names, layers, address, AuthoritySettings().name, day)
    return open_to_all(caching.keep(as_json(content), etag, ids, DOCUMENT_AGE_S))


@blueprint.get("/style.json")
@access.public
def show_style() -> flask.Response:
    """The MapLibre style of all layers that the caller sees."""
    layers, day = access.visible_layers(), _day()
    root = f"{flask.request.url_root}tiles/"
    etag = caching.tag(layers, day, "style", root, flask.request.args.get("as_of"))
    unchanged = caching.unchanged(etag, layers, DOCUMENT_AGE_S)
    if unchanged:
        return open_to_all(unchanged)
    place = extents.extent(get_layer("admin.uat"), day)
    west, south, east, north = place.degrees if place else extents.ROMANIA
    centre = round((west + east) / 2, 5), round((south + north) / 2, 5)
    content = style.document(layers.values(), root, AuthoritySettings().name, centre, _day_given())
    return open_to_all(caching.keep(as_json(content), etag, layers, DOCUMENT_AGE_S))


@blueprint.get("/sprite.<any(json, png):form>", defaults={"finer": ""})
@blueprint.get("/sprite<any('@2x'):finer>.<any(json, png):form>")
@access.public
def show_sprite(finer: str, form: str) -> flask.Response:
    """The style's symbols and hatches: the sheet, and where each lies in it; ``@2x`` for fine screens."""
    sheet = sprite.sheet(2 if finer else 1)
    if form == "json":
        return _lasting(as_json(sheet.index))
    return _lasting(flask.Response(sheet.png, content_type="image/png"))


@blueprint.get("/fonts/<stack>/<int:first>-<int:last>.pbf")
@access.public
def show_glyphs(stack: str, first: int, last: int) -> flask.Response:
    """The letters of the style's texts."""
    content = glyphs.glyphs(stack, first, last)
    return _lasting(flask.Response(content, content_type="application/x-protobuf"))


def _lasting(response: flask.Response) -> flask.Response:
    """Let caches keep for a day what changes with a new Vatra only."""
    response.headers["Cache-Control"] = "public, max-age=86400"
    response.add_etag()
    response.make_conditional(flask.request)
    return open_to_all(response)


def _chosen(names: str) -> tuple[Layer, ...]:
    return vector.chosen(names, access.visible_layers())


def _day() -> date:
    return asked_day(flask.request.args)


def _day_given() -> str:
    return f"?as_of={_day()}" if "as_of" in flask.request.args else ""
