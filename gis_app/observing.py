"""What a request leaves behind: an id, its times in ``Server-Timing``, a log line, a measurement.

None of it holds personal data: no addresses, no query strings, no bodies; a path is logged as its rule.
"""

from __future__ import annotations

import re
import time
import uuid

import flask
import structlog

from gis_app import metrics
from layers import timing

ACCEPTED_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
log = structlog.get_logger("vatra.request")


def install(app: flask.Flask) -> None:
    """Watch every request of the application."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    flask.g.begun = time.perf_counter()
    flask.g.spans = timing.start()
    given = flask.request.headers.get("X-Request-ID", "")
    # A proxy's id is kept, so that one id leads through all logs; anything odd is not let into ours.
    flask.g.request_id = given if ACCEPTED_ID.fullmatch(given) else uuid.uuid4().hex
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=flask.g.request_id)


def _end(response: flask.Response) -> flask.Response:
    if "begun" not in flask.g:  # refused before it began
        return response
    spans: dict[str, timing.Span] = flask.g.spans
    total = time.perf_counter() - flask.g.begun
    shown = [f"{name};dur={span.seconds * 1000:.2f}" for name, span in spans.items()]
    response.headers["X-Request-ID"] = flask.g.request_id
    response.headers["Server-Timing"] = ", ".join([*shown, f"total;dur={total * 1000:.2f}"])
    route = flask.request.url_rule.rule if flask.request.url_rule else "none"
    metrics.observe(flask.request.method, route, response.status_code, total, spans)
    log.info(
        "request",
        method=flask.request.method,
        route=route,
        status=response.status_code,
        ms=round(total * 1000, 2),
        **{f"{name}_ms": round(span.seconds * 1000, 2) for name, span in spans.items()},
    )
    return response
