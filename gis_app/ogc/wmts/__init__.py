"""WMTS 1.0.0, by parameters and by addresses: ``/wmts``.

MapProxy makes and keeps the tiles (:mod:`tiles.cache`). The words round them are ours: MapProxy's own face
knows one encoding, no limits, no locators, and answers a missing parameter with an internal error.
"""

from __future__ import annotations

from collections.abc import Iterable

import flask
import orjson

from gis_app import access, caching, errors
from gis_app.ogc.answers import compressed, open_to_all
from gis_app.ogc.ows.exceptions import report
from gis_app.ogc.parameters import ParameterError, Parameters
from gis_app.ogc.shortcut import short_way
from gis_app.ogc.wmts import identifying
from gis_app.ogc.wmts.basemaps import described
from gis_app.ogc.wmts.capabilities import capabilities
from gis_app.ogc.wmts.request import (
    CapabilitiesRequest,
    InfoRequest,
    Refused,
    Request,
    TileRequest,
    from_address,
    from_parameters,
)
from gis_app.ogc.wmts.shortcut import TILE_AGE_S, find
from layers import health, states
from layers.days import today
from tiles.cache.cascade import foreign
from tiles.cache.engine import NoAnswer, engine
from tiles.cache.layers import TileLayer, tile_layers
from tiles.cache.limits import limits_at

blueprint = flask.Blueprint("wmts", __name__, url_prefix="/wmts")
blueprint.after_request(open_to_all)
DOCUMENT_AGE_S = 0
errors.register(
    NoAnswer,
    errors.Kind(
        "no-answer",
        502,
        "The foreign map service does not answer",
        "Serviciul de hărți extern nu răspunde",
        errors.LATER,
        retry_after_s=20,
    ),
)


def install(app: flask.Flask) -> None:
    """Open the door. Raises DefinitionError where the file of foreign services is wrong."""
    foreign()
    app.register_blueprint(blueprint)
    short_way(app).ways.append(find)


@blueprint.get("", strict_slashes=False)
@access.public
def by_parameters() -> flask.Response:
    """GetCapabilities, GetTile and GetFeatureInfo as key and value pairs."""
    given = Parameters.of(flask.request.args.items(multi=True))
    return _answer(from_parameters(given, _layers()))


@blueprint.get("/1.0.0/WMTSCapabilities.xml")
@access.public
def show_capabilities() -> flask.Response:
    """The description, at its fixed address."""
    return _answer(CapabilitiesRequest())


@blueprint.get("/1.0.0/<path:resource>")
@access.public
def by_address(resource: str) -> flask.Response:
    """A tile, or what lies under one of its pixels, by its own address."""
    return _answer(from_address(resource, _layers()))


@blueprint.get("/layers.json")
@access.public
def show_layers() -> flask.Response:
    """What can be had as tiles, for maps in a page: names, attribution, extent, address templates."""
    layers = _layers()
    etag = _tag(layers.values(), "layers.json", flask.request.host_url)
    unchanged = caching.unchanged(etag, _ids(layers.values()), DOCUMENT_AGE_S)
    if unchanged:
        return unchanged
    content = orjson.dumps(described(layers.values(), flask.request.host_url.rstrip("/")))
    response = compressed(flask.Response(content, mimetype="application/json"))
    return caching.keep(response, etag, _ids(layers.values()), DOCUMENT_AGE_S)


@blueprint.errorhandler(Exception)
def failed(error: Exception) -> flask.Response:
    """Any error as an exception report; never cached."""
    if isinstance(error, Refused):
        # An address that leads nowhere is not found; parameters that make no request are a bad one.
        by_parameters = flask.request.endpoint == "wmts.by_parameters"
        answer = report(error.code, str(error), error.locator)
        answer.status_code = 501 if error.code == "OperationNotSupported" else 400 if by_parameters else 404
        answer.headers["Cache-Control"] = "no-store"
        return answer
    problem = errors.noted(error)
    wrong = isinstance(error, ParameterError)
    code = "InvalidParameterValue" if wrong else "NoApplicableCode"
    locator = error.locator if isinstance(error, ParameterError) else None
    return errors.finished(report(code, problem.detail, locator), problem)


errors.speak("/wmts", failed)


def _layers() -> dict[str, TileLayer]:
    return tile_layers(access.circle())


def _answer(asked: Request) -> flask.Response:
    if isinstance(asked, CapabilitiesRequest):
        return _capabilities(asked)
    if isinstance(asked, InfoRequest):
        return identifying.answer(asked)
    return _tile(asked)


def _capabilities(asked: CapabilitiesRequest) -> flask.Response:
    layers = _layers()
    etag = _tag(layers.values(), "capabilities", asked.sections, flask.request.host_url)
    ids = _ids(layers.values())
    unchanged = caching.unchanged(etag, ids, DOCUMENT_AGE_S)
    if unchanged:
        return unchanged
    content = capabilities(list(layers.values()), asked.sections, flask.request.host_url.rstrip("/"))
    response = compressed(flask.Response(content, mimetype="text/xml"))
    return caching.keep(response, etag, ids, DOCUMENT_AGE_S)


def _tile(asked: TileRequest) -> flask.Response:
    layer = asked.layer
    within = limits_at(layer, asked.matrices, asked.level)
    # What lay elsewhere on another day is not outside.
    if asked.day is None and not within.holds(asked.column, asked.row):
        axis = "TileRow" if within.columns[0] <= asked.column <= within.columns[1] else "TileCol"
        raise Refused("TileOutOfRange", axis, f"the layer's tiles at this level are {within}")
    if layer.foreign:
        return _foreign_tile(asked)
    health.require_all(layer.layer_ids, asked.day or today())
    etag = tile_tag(asked)
    unchanged = caching.unchanged(etag, layer.layer_ids, TILE_AGE_S)
    if unchanged:
        return unchanged
    tile = engine(layer).tile(asked.matrices, asked.level, asked.column, asked.row, asked.day)
    return caching.keep(flask.Response(tile.content, mimetype=layer.mime), etag, layer.layer_ids, TILE_AGE_S)


def tile_tag(asked: TileRequest) -> str:
    """The ETag of a tile of ours: the versions of its layers, how it is drawn, and which tile it is."""
    place = (asked.matrices.id, asked.level, asked.column, asked.row)
    return caching.tag(asked.layer.layer_ids, asked.day or today(), asked.layer.digest, *place)


def _foreign_tile(asked: TileRequest) -> flask.Response:
    layer = asked.layer
    tile = engine(layer).tile(asked.matrices, asked.level, asked.column, asked.row)
    answer = flask.Response(tile.content, mimetype=layer.mime)
    shared = layer.circle == "public" and access.caller() is None
    if tile.stale:
        # RFC 9111 took the header Warning out; this one tells a person who looks, the log tells the operator.
        answer.headers["X-Vatra-Stale"] = "the foreign service failed; this is its last good tile"
        answer.headers["Cache-Control"] = "no-store"
        return answer
    answer.headers["Cache-Control"] = f"{'public' if shared else 'private'}, max-age={TILE_AGE_S}"
    answer.vary.update(caching.VARY)
    answer.add_etag(weak=True)
    answer.make_conditional(flask.request)
    return answer


def _ids(layers: Iterable[TileLayer]) -> list[str]:
    return [layer_id for layer in layers for layer_id in layer.layer_ids]


def _tag(layers: Iterable[TileLayer], *parts: object) -> str:
    layers = list(layers)
    digests = [layer.digest for layer in layers]
    return states.fingerprint(sorted(set(_ids(layers))), today(), *digests, *parts)
