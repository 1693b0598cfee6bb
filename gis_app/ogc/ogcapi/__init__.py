"""OGC API at ``/ogcapi``: Features, Tiles, Maps, Processes and Records.

pygeoapi's core describes what there is (landing page, collections, schemas, tile sets, processes, records) from a
configuration made of the catalogue and through providers of ours; its own application, which reads a file when it is
imported, stays unused. What is asked most or must be exact is answered here: items, tiles, maps, executions.
"""

from __future__ import annotations

import flask

from gis_app.ogc.ogcapi import failures, features, jobs_routes, maps, processes, records, service, tiles
from gis_app.ogc.ogcapi.blueprint import blueprint

__all__ = ["blueprint", "install"]

PARTS = (service, features, tiles, maps, records, processes, jobs_routes)
failures.install(blueprint)


def install(app: flask.Flask) -> None:
    """Open the door."""
    app.register_blueprint(blueprint)
