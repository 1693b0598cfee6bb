"""The blueprint that every part of the door adds its routes to."""

from __future__ import annotations

import flask

blueprint = flask.Blueprint("ogcapi", __name__, url_prefix="/ogcapi")
