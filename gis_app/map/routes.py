"""The map page and what its script asks for beside the API: suggestions, shapes to light, the built files."""

from __future__ import annotations

import gzip
from dataclasses import asdict

import flask
import orjson
from babel.numbers import format_decimal

from gis_app import access, errors
from gis_app.disclosure import suggestible
from gis_app.map import assets
from gis_app.map.requests import Typed, Wanted
from gis_app.map.texts import OTHER, Language, texts
from gis_app.map.view import view
from layers import database
from layers.outlines import outlines
from layers.suggesting import suggest

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self';"
    " font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
GEOJSON = "application/geo+json"
blueprint = flask.Blueprint("map", __name__, template_folder="templates")
errors.register(
    assets.MapNotBuilt,
    errors.Kind("map-not-built", 503, "The map page is not built", "Harta nu este pregătită", errors.LATER),
)


@blueprint.get("/map", defaults={"language": "ro"})
@blueprint.get(f"{OTHER}/map")
@access.public
def show(language: Language) -> flask.Response:
    """The map."""
    built = assets.assets()
    page = flask.render_template(
        "map/map.html",
        page=view(language),
        t=texts(language),
        assets=built,
        format_decimal=format_decimal,
    )
    response = flask.make_response(page)
    response.headers["Content-Security-Policy"] = POLICY
    if flask.request.accept_encodings["gzip"] > 0:
        response.set_data(gzip.compress(page.encode(), mtime=0))
        response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    return response


@blueprint.get("/map/suggestions")
@access.public
def suggestions() -> flask.Response:
    """What the text typed so far may mean."""
    typed = Typed.model_validate(flask.request.args.to_dict())
    found = suggestible(suggest(typed.q, typed.day), access.visible_layers())
    return flask.Response(orjson.dumps([asdict(one) for one in found]), mimetype="application/json")


@blueprint.get("/map/shapes")
@access.public
def shapes() -> flask.Response:
    """The features that a report names, to light them on the map."""
    given = flask.request.args
    wanted = Wanted.model_validate({"f": given.getlist("f"), "bbox": given.get("bbox")})
    return flask.Response(outlines(wanted.references(), wanted.box, database.map_url()), mimetype=GEOJSON)


@blueprint.get("/map/static/<path:name>")
@access.public
def built(name: str) -> flask.Response:
    """A file of the built page."""
    return assets.send(name)
