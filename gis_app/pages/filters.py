"""Romanian ways of writing figures and days, as filters of the page templates."""

from __future__ import annotations

import flask

from gis_app.certificates import romanian
from layers.catalogue import catalogue


def layer_title(layer_id: str) -> str:
    """A layer's Romanian title; its id where the catalogue does not know it."""
    layer = catalogue().get(layer_id)
    return layer.title.ro if layer else layer_id


FILTERS = {
    "area": romanian.area,
    "metres": romanian.metres,
    "per_cent": romanian.per_cent,
    "lei": romanian.lei,
    "day": romanian.day,
    "moment": romanian.moment,
    "number": romanian.number,
    "layer_title": layer_title,
}


def install(app: flask.Flask) -> None:
    """Make the filters known to all templates."""
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
