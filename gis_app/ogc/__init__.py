"""The map services: one module a door, each a thin face over ``layers``, ``tiles`` and ``analysis``.

Every door asks ``gis_app.access`` which layers the caller sees, and ``gis_app.caching`` how its answers are kept.
"""

from __future__ import annotations

import flask


def install(app: flask.Flask) -> None:
    """Open every door."""
    # Imported here, because a door may use what the application is made of.
    from gis_app.ogc import catalogue, csw, downloads, ogcapi, ows, raster, shortcut, tiles, wmts

    shortcut.install(app)
    tiles.install(app)
    app.register_blueprint(raster.blueprint)
    ogcapi.install(app)
    wmts.install(app)
    app.register_blueprint(ows.blueprint)
    for door in (csw, catalogue, downloads):
        app.register_blueprint(door.blueprint)
