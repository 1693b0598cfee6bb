"""Choosing the form of an answer by the Accept header."""

from __future__ import annotations

import flask
from werkzeug.exceptions import NotAcceptable

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
JSON = "application/json"
HTML = "text/html"
PNG = "image/png"
SVG = "image/svg+xml"


def choose(*offered: str) -> str:
    """The form that the caller likes best, the first where it does not care; NotAcceptable for none."""
    accepted = flask.request.accept_mimetypes
    best = accepted.best_match(offered) if accepted else offered[0]
    if best is None:
        raise NotAcceptable(f"offered are {', '.join(offered)}")
    return best
