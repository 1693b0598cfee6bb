"""Signing in: a form takes a token and opens a session; another ends it."""

from __future__ import annotations

import flask
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response

from gis_app import access, limits
from gis_app.accounts import sessions
from gis_app.map.texts import OTHER, Language, texts

# Longer than any token; the rest is not read.
LONGEST = 200
blueprint = flask.Blueprint("signing_in", __name__, template_folder="templates")


@blueprint.get("/autentificare", defaults={"language": "ro"})
@blueprint.get(f"{OTHER}/autentificare")
@access.public
def form(language: Language) -> str:
    """The form."""
    return _page(language)


@blueprint.post("/autentificare", defaults={"language": "ro"})
@blueprint.post(f"{OTHER}/autentificare")
@access.public
def sign_in(language: Language) -> Response | tuple[str, int]:
    """Open a session with the token that was typed, and go to the map; the form again for a wrong one."""
    _from_our_page()
    limits.current().count_sign_in(flask.request.remote_addr or "")
    if sessions.begin(flask.request.form.get("token", "")[:LONGEST]) is None:
        return _page(language, texts(language)["signin.wrong"]), 403
    return flask.redirect(flask.url_for("map.show", language=language), 303)


@blueprint.post("/iesire", defaults={"language": "ro"})
@blueprint.post(f"{OTHER}/iesire")
@access.public
def sign_out(language: Language) -> Response:
    """End the session."""
    _from_our_page()
    sessions.end()
    return flask.redirect(flask.url_for("map.show", language=language), 303)


def _from_our_page() -> None:
    """Nobody is signed in or out by another site's page. Raises Forbidden."""
    if not access.own_page():
        raise Forbidden("this request came from another site's page")


def _page(language: Language, problem: str = "") -> str:
    return flask.render_template("map/sign_in.html", t=texts(language), language=language, problem=problem)
