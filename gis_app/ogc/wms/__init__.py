"""WMS 1.1.1 and 1.3.0: maps, what lies at a place of them, legends. Reached by ``/ows`` (:mod:`gis_app.ogc.ows`).

MapServer draws; requests are read and answers written here, so nothing that a stranger sends reaches it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache

import flask

from gis_app import access, caching
from gis_app.errors import Problem
from gis_app.ogc.answers import compressed
from gis_app.ogc.parameters import Parameters
from gis_app.ogc.wms import capabilities, dates, info, refusals, styles
from gis_app.ogc.wms.refusals import Refusal
from gis_app.ogc.wms.requests import (
    Layers,
    info_request,
    legend_request,
    listed_layers,
    looks_of,
    map_request,
)
from gis_app.ogc.wms.vocabulary import MIMETYPES, version_of
from layers import health
from layers.days import today
from layers.visibility import visible
from tiles.looks import fingerprint
from tiles.painting import paint, paint_legend
from tiles.themes import Entry


def answer(parameters: Parameters) -> flask.Response:
    """The answer to any request. Raises Refusal and what the database and the drawing raise."""
    name = parameters.get("request", "")
    operation = OPERATIONS.get(name.lower())
    if operation is None:
        raise Refusal("OperationNotSupported", f"no request {name[:40]!r} in this WMS", "request")
    if "sld" in parameters or "sld_body" in parameters:
        raise Refusal("OperationNotSupported", "styles of one's own are not drawn here", "sld")
    return operation(parameters, drawable_layers())


def refuse(parameters: Parameters, error: Exception, problem: Problem) -> flask.Response:
    """The answer to a request that failed."""
    return refusals.refusal(parameters, error, problem)


def drawable_layers() -> Layers:
    """The layers that the caller sees and that have a look."""
    return {name: layer for name, layer in access.visible_layers().items() if layer.geometry and layer.style}


def get_capabilities(parameters: Parameters, known: Layers) -> flask.Response:
    """The capabilities, of what the caller may see."""
    capabilities.check_sequence(parameters, capabilities.update_sequence(known))
    version, language = version_of(parameters), capabilities.language_of(parameters)
    etag = caching.tag(known, today(), looks(), version, language, flask.request.host_url)
    if kept := caching.unchanged(etag, known):
        return kept
    mimetype = "application/vnd.ogc.wms_xml" if version == "1.1.1" else "text/xml"
    response = _text(capabilities.document(parameters, dict(known), etag), mimetype)
    return caching.keep(response, etag, known)


def get_map(parameters: Parameters, known: Layers) -> flask.Response:
    """A map."""
    picture = map_request(parameters, known, today())
    names = [name for name, _ in picture.layers]
    # A map of a layer that cannot be read would look like one of an empty layer.
    health.require_all(names, picture.as_of)
    etag = caching.tag(names, picture.as_of, looks(), picture)
    if kept := caching.unchanged(etag, names):
        return kept
    drawn = paint(picture)
    if picture.form == "svg":
        response = _text(drawn, MIMETYPES["svg"])
    else:
        response = flask.Response(drawn, content_type=MIMETYPES[picture.form])
    dates.warn(response, parameters, names, picture.as_of)
    return caching.keep(response, etag, names)


def get_feature_info(parameters: Parameters, known: Layers) -> flask.Response:
    """What lies at a place of a map."""
    asked = info_request(parameters, known, today())
    names = [name for name, _ in asked.layers]
    health.require_all(names, asked.picture.as_of)
    etag = caching.tag(names, asked.picture.as_of, looks(), asked)
    if kept := caching.unchanged(etag, names):
        return kept
    response = compressed(info.answer(asked))
    dates.warn(response, parameters, names, asked.picture.as_of)
    return caching.keep(response, etag, names)


def get_legend_graphic(parameters: Parameters, known: Layers) -> flask.Response:
    """The legend of a layer."""
    asked = legend_request(parameters, known)
    etag = caching.tag([asked.layer], today(), looks(), asked)
    if kept := caching.unchanged(etag, [asked.layer]):
        return kept
    entry = Entry(layer=asked.layer, variant=asked.look)
    drawn = paint_legend(entry, asked.form, asked.scale, transparent=asked.transparent)
    return caching.keep(flask.Response(drawn, content_type=MIMETYPES[asked.form]), etag, [asked.layer])


def get_styles(parameters: Parameters, known: Layers) -> flask.Response:
    """The looks of layers as SLD."""
    names = listed_layers(parameters, known)
    return _text(styles.document(known[name] for name in names).encode(), "text/xml")


def describe_layer(parameters: Parameters, known: Layers) -> flask.Response:
    """Where the features of layers are had from: our WFS."""
    names = listed_layers(parameters, known)
    version, root = version_of(parameters), flask.request.host_url.rstrip("/")
    content = flask.render_template(f"wms/described-{version}.xml", layers=names, root=root)
    return _text(content.encode(), "text/xml")


OPERATIONS: dict[str, Callable[[Parameters, Layers], flask.Response]] = {
    "getcapabilities": get_capabilities,
    "capabilities": get_capabilities,
    "getmap": get_map,
    "map": get_map,
    "getfeatureinfo": get_feature_info,
    "feature_info": get_feature_info,
    "getlegendgraphic": get_legend_graphic,
    "getstyles": get_styles,
    "describelayer": describe_layer,
}


@cache
def looks() -> str:
    """Changes with the catalogue and the drawing: with another look the same data make another picture."""
    known = visible("staff").values()
    drawn = fingerprint((layer.id, look) for layer in known for look in looks_of(layer))
    described = "".join(layer.model_dump_json() for layer in known)
    return hashlib.sha256((described + drawn).encode()).hexdigest()[:12]


def _text(content: bytes, mimetype: str) -> flask.Response:
    return compressed(flask.Response(content, mimetype=mimetype))
