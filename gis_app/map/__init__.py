"""The map page: find land, read what applies to it beside the map, and take it away.

The page is one template and one script (``frontend``, built by Vite); everything it shows comes from the same
doors that programs use.
"""

from __future__ import annotations

import flask

from gis_app.map import routes, signing_in


def install(app: flask.Flask) -> None:
    """Register the page, what its script asks for, and the sign-in page."""
    app.register_blueprint(routes.blueprint)
    app.register_blueprint(signing_in.blueprint)
