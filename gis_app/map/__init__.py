"""The map page: find land, read what applies to it beside the map, and take it away.

The page is one template and one script (``frontend``, built by Vite); everything it shows comes from the same
doors that programs use.
"""

from __future__ import annotations

import flask

from gis_app.map import routes, signing_in
from gis_app.map.texts import LANGUAGES, texts


def install(app: flask.Flask) -> None:
    """Register the page, what its script asks for, and the sign-in page; give all templates the words."""
    app.jinja_env.globals.update(words=texts, languages=LANGUAGES)
    app.register_blueprint(routes.blueprint)
    app.register_blueprint(signing_in.blueprint)
