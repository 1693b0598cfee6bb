"""The description of the API, for machines and for people: a page without scripts, made from the same document."""

from __future__ import annotations

import flask
import orjson
from flask_openapi3.openapi import OpenAPI

from gis_app import access

blueprint = flask.Blueprint("docs", __name__, url_prefix="/api/v1")


@blueprint.get("/openapi.json")
@access.public
def openapi() -> flask.Response:
    """The OpenAPI 3.1 document."""
    return flask.Response(orjson.dumps(_document()), mimetype="application/json")


@blueprint.get("/docs")
@access.public
def reference() -> str:
    """The same for people."""
    return flask.render_template("reference.html", document=_document())


def _document() -> dict[str, object]:
    app = flask.current_app
    if not isinstance(app, OpenAPI):
        raise TypeError("the application is not described")
    document: dict[str, object] = app.api_doc
    return document
