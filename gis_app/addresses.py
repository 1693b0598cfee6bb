"""The address that a request says it was sent to: answers are full of links made from it, so it must be one."""

from __future__ import annotations

import flask
from werkzeug.exceptions import BadRequest

SCHEMES = frozenset({"http", "https"})


def install(app: flask.Flask) -> None:
    """Refuse requests whose ``Host``, or what a trusted proxy says of it, is no address."""
    app.before_request(_check)


def _check() -> None:
    """Raise BadRequest. Werkzeug leaves a host that is none empty, and takes any scheme from a proxy."""
    if not flask.request.host or flask.request.scheme not in SCHEMES:
        raise BadRequest(
            "the request does not name the address it is for (Host, X-Forwarded-Host, X-Forwarded-Proto)"
        )
