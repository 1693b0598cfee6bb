"""Pages for people: find a parcel, read what applies to it, verify a document. They need no scripts."""

from __future__ import annotations

import flask

from gis_app.pages import filters, routes, verify
from gis_app.pages.report import EFFECTS, SIDES, THEMES


def install(app: flask.Flask) -> None:
    """Register the pages and what their templates use."""
    filters.install(app)
    app.jinja_env.globals.update(effects=EFFECTS, sides=SIDES, themes=THEMES)
    app.register_blueprint(routes.blueprint)
    app.register_blueprint(verify.blueprint)
