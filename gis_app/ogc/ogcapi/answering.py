"""Answers of the door: one document, as JSON or as a page, with ETag, language, compression and openness to others."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import flask
import orjson

from gis_app import caching
from gis_app.ogc.answers import compressed, open_to_all
from gis_app.ogc.ogcapi.asking import HTML, Asked

TEXTS = ("application/", "text/")
VARY = ("Accept", "Accept-Language")


def unchanged(asked: Asked, layer_ids: Collection[str], day: date) -> flask.Response | None:
    """The answer 304 where the caller holds this very state already; None where it must be made."""
    found = caching.unchanged(tag(asked, layer_ids, day), layer_ids)
    return _varied(found) if found else None


def tag(asked: Asked, layer_ids: Collection[str], day: date) -> str:
    """The ETag of the answer to this request."""
    parts = (asked.form, asked.language, asked.base, flask.request.path, sorted(asked.parameters.items()))
    return caching.tag(layer_ids, day, *parts)


def document(
    asked: Asked,
    content: dict[str, Any],
    template: str,
    layer_ids: Collection[str],
    day: date,
    **context: Any,
) -> flask.Response:
    """A document as JSON or, by that template, as a page; kept as long as the layers stay."""
    if asked.form == "html":
        response = flask.Response(page(asked, content, template, **context), mimetype=HTML)
    else:
        response = flask.Response(orjson.dumps(content), content_type=asked.media)
    return kept(asked, response, layer_ids, day)


def kept(asked: Asked, response: flask.Response, layer_ids: Collection[str], day: date) -> flask.Response:
    """An answer with its ETag and language; 304 where the caller holds it already."""
    if not_sent := unchanged(asked, layer_ids, day):
        return not_sent
    response.headers["Content-Language"] = asked.language
    return _varied(caching.keep(response, tag(asked, layer_ids, day), layer_ids))


def page(asked: Asked, content: dict[str, Any], template: str, **context: Any) -> str:
    """The page that shows a document."""

    def say(romanian: str, english: str) -> str:
        return romanian if asked.language == "ro" else english

    return flask.render_template(
        f"ogcapi/{template}.html", document=content, asked=asked, say=say, base=asked.base, **context
    )


def compress(response: flask.Response) -> flask.Response:
    """The answer compressed, where it is a text that is not yet; tiles come compressed or as pictures."""
    if (
        response.status_code != 200
        or response.direct_passthrough
        or "Content-Encoding" in response.headers
        or not (response.mimetype or "").startswith(TEXTS)
    ):
        return response
    return compressed(response)


def open_to_others(response: flask.Response) -> flask.Response:
    """Let scripts of other sites read the answer, and those of its headers that say something."""
    response.headers["Access-Control-Expose-Headers"] = "Content-Crs, Link, Location, Preference-Applied"
    return open_to_all(response)


def _varied(response: flask.Response) -> flask.Response:
    response.vary.update(VARY)
    return response
