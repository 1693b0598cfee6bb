"""Romanian ways of writing figures and days, as filters of the page templates."""

from __future__ import annotations

import flask

from gis_app.certificates import romanian

FILTERS = {
    "area": romanian.area,
    "metres": romanian.metres,
    "per_cent": romanian.per_cent,
    "lei": romanian.lei,
    "day": romanian.day,
    "moment": romanian.moment,
    "number": romanian.number,
}


def install(app: flask.Flask) -> None:
    """Make the filters known to all templates."""
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
