"""Items of a layer: pages of features and single ones, straight from the database's GeoJSON."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import flask
import orjson

from gis_app import access
from gis_app.ogc.ogcapi import answering
from gis_app.ogc.ogcapi.asking import GEOJSON, HTML, SCHEMA, Asked, asked
from gis_app.ogc.ogcapi.blueprint import blueprint
from gis_app.ogc.ogcapi.item_request import ItemsAsked, items_asked, known
from layers import features, health, states
from layers.catalogue import Layer
from layers.days import today
from layers.features import Page, UnknownFeature
from layers.frames import CRS84, frame

IDENTIFIER = re.compile(r"[0-9]{1,18}")


@blueprint.get("/collections/<layer_id>/items")
@access.public
def items(layer_id: str) -> flask.Response:
    """A page of features."""
    layer = access.layer(layer_id)
    request = asked(known(layer), GEOJSON)
    wanted = items_asked(request, layer)
    if kept := answering.unchanged(request, [layer.id], wanted.day):
        return _in_frame(kept, wanted.sheet.frame.uri)
    health.require(layer.id, wanted.day)
    page = features.page(wanted.question, wanted.sheet)
    matched = features.count(wanted.question, states.fingerprint([layer.id], wanted.day))
    content = _collection(request, layer, wanted, page, matched)
    if request.form == "html":
        shown = answering.page(
            request, orjson.loads(content), "items", layer=layer, columns=wanted.sheet.columns
        )
        response = flask.Response(shown, mimetype=HTML)
    else:
        response = flask.Response(content, content_type=GEOJSON)
    return answering.kept(request, _in_frame(response, wanted.sheet.frame.uri), [layer.id], wanted.day)


@blueprint.get("/collections/<layer_id>/items/<feature_id>")
@access.public
def item(layer_id: str, feature_id: str) -> flask.Response:
    """One feature, also one that is not in force any more."""
    layer = access.layer(layer_id)
    request = asked({"crs"}, GEOJSON)
    seen_in = frame(request.parameters["crs"]) if "crs" in request.parameters else CRS84
    if not IDENTIFIER.fullmatch(feature_id):
        raise UnknownFeature(f"{layer.id} has no feature {feature_id[:40]!r}; ids are whole numbers")
    if kept := answering.unchanged(request, [layer.id], today()):
        return _in_frame(kept, seen_in.uri)
    health.require(layer.id, today())
    found = orjson.loads(features.one(layer, int(feature_id), seen_in))
    here = f"{request.base}/collections/{layer.id}"
    found["links"] = [
        *_forms(request, f"{here}/items/{feature_id}", GEOJSON),
        {"rel": "collection", "type": "application/json", "title": layer.title.ro, "href": here},
    ]
    response = answering.document(request, found, "item", [layer.id], today(), layer=layer)
    return _in_frame(response, seen_in.uri)


def _collection(request: Asked, layer: Layer, wanted: ItemsAsked, page: Page, matched: int) -> bytes:
    """The FeatureCollection, put together as text: the database has made the features already."""
    rest = orjson.dumps(
        {
            "links": _links(request, layer, wanted, page),
            "timeStamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "numberMatched": matched,
            "numberReturned": page.returned,
        }
    )
    return b'{"type":"FeatureCollection","features":[' + page.features.encode() + b"]," + rest[1:]


def _links(request: Asked, layer: Layer, wanted: ItemsAsked, page: Page) -> list[dict[str, Any]]:
    here = f"{request.base}/collections/{layer.id}"
    links = _forms(request, f"{here}/items", GEOJSON)
    following = _following(wanted, page)
    if following:
        links.append(_page_link(request, here, "next", "Pagina următoare", "Next page", following))
    if wanted.sheet.offset and wanted.sheet.after is None:
        before = {"offset": str(max(0, wanted.sheet.offset - wanted.sheet.limit))}
        links.append(_page_link(request, here, "prev", "Pagina anterioară", "Previous page", before))
    links += [
        {"rel": "collection", "type": "application/json", "title": layer.title.ro, "href": here},
        {"rel": "describedby", "type": SCHEMA, "title": "Schema", "href": f"{here}/schema"},
    ]
    return links


def _following(wanted: ItemsAsked, page: Page) -> dict[str, str] | None:
    """Parameters of the next page: by the last id where that is the order (which no publication shifts)."""
    if not page.more:
        return None
    if wanted.sheet.sort:
        return {"offset": str(wanted.sheet.offset + page.returned)}
    return {"after": str(page.last_id)}


def _page_link(
    request: Asked, here: str, rel: str, romanian: str, english: str, changed: dict[str, str]
) -> dict[str, Any]:
    kept = {name: value for name, value in request.parameters.items() if name not in ("offset", "after")}
    return {
        "rel": rel,
        "type": HTML if request.form == "html" else GEOJSON,
        "title": romanian if request.language == "ro" else english,
        "href": f"{here}/items?{urlencode({**kept, **changed})}",
    }


def _forms(request: Asked, address: str, media: str) -> list[dict[str, Any]]:
    """Links to the document itself and to its other form."""
    return [
        {
            "rel": "self" if form == request.form else "alternate",
            "type": kind,
            "title": name,
            "href": f"{address}?{urlencode({**request.parameters, 'f': form})}",
        }
        for form, kind, name in (("json", media, "GeoJSON"), ("html", HTML, "HTML"))
    ]


def _in_frame(response: flask.Response, uri: str) -> flask.Response:
    response.headers["Content-Crs"] = f"<{uri}>"
    return response
