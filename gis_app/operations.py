"""For those who run it: is the process alive, can it do its work, what does it measure."""

from __future__ import annotations

import dataclasses

import flask

from gis_app import access, metrics, readiness

blueprint = flask.Blueprint("operations", __name__)


@blueprint.get("/healthz")
@access.public
def healthz() -> flask.Response:
    """The process answers. Asks nobody else, so that a restart of the database does not restart us."""
    return flask.jsonify(status="alive")


@blueprint.get("/readyz")
@access.public
def readyz() -> flask.Response:
    """Every check that work depends on; 503 while one fails."""
    found = readiness.results()
    ready = all(result.ok for result in found)
    response = flask.jsonify(
        status="ready" if ready else "not ready", checks=[dataclasses.asdict(result) for result in found]
    )
    response.status_code = 200 if ready else 503
    return response


@blueprint.get("/metrics")
@access.scope("metrics:read")
def measurements() -> flask.Response:
    """Measurements in Prometheus' format, for a token of scope metrics:read."""
    content, kind = metrics.exposition()
    return flask.Response(content, content_type=kind)
