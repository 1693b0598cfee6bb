"""The shortest way to an answer that everybody may have: before Flask, which costs as much as a small tile.

A door says how it finds such an answer; it must be the very answer of the long way. Whatever is in doubt, and
whoever shows a token or a session, goes the long way. What went the short way is measured but leaves no line in
the log: maps ask for tiles by the hundred. The server's worker (:mod:`gis_app.tile_worker`) goes it before it
makes anything of the request but its path and three headers; under any other server WSGI does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gis_app import caching, headers
from layers import health, states
from layers.days import today

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from flask import Flask

EXTENSION = "vatra_short_ways"
OPEN_TO_ALL = ("Access-Control-Allow-Origin", "*")
FIXED = (*headers.HEADERS, OPEN_TO_ALL, ("Vary", ", ".join(caching.VARY)))


@dataclass(frozen=True, slots=True)
class Asked:
    """A GET without a query by somebody who shows neither token nor session; headers are empty where not sent."""

    path: str
    if_none_match: str
    accept_encoding: str


@dataclass(frozen=True, slots=True)
class Ready:
    """An answer: a status line, headers, content."""

    status: str
    headers: list[tuple[str, str]]
    content: bytes


Find = Callable[[Asked], Ready | None]


def ready_answer(
    etag: str, age_s: int, content: bytes, *described: tuple[str, str], held: bool = False
) -> Ready:
    """The answer with that tag, kept by anybody for ``age_s`` seconds; 304 where it is ``held`` already.

    ``described`` are the headers that say what the content is.
    """
    found = [*FIXED, ("Cache-Control", f"public, max-age={age_s}"), ("ETag", f'W/"{etag}"')]
    if held:
        return Ready("304 Not Modified", found, b"")
    if not content:
        return Ready("204 No Content", [*found, *described], b"")
    return Ready("200 OK", [*found, *described, ("Content-Length", str(len(content)))], content)


class Shortcut:
    """Wraps the application: answers what one of ``ways`` finds, passes on everything else."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self.ways: list[Find] = []

    def find(self, asked: Asked) -> Ready | None:
        """The answer; None where the long way must be gone, as while layers' versions and wholeness are not known.

        The long way looks after them once in a moment, and says what is wrong where something is.
        """
        day = today()
        if not states.at_hand(day) or health.at_hand(day) != {}:
            return None
        for way in self.ways:
            if found := way(asked):
                return found
        return None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer, or pass the request on."""
        answer = None
        if environ["REQUEST_METHOD"] == "GET" and not environ.get("QUERY_STRING") and _nobody(environ):
            headers_given = (environ.get(f"HTTP_{name}", "") for name in ("IF_NONE_MATCH", "ACCEPT_ENCODING"))
            answer = self.find(Asked(environ["PATH_INFO"], *headers_given))
        if answer is None:
            return self._application(environ, start_response)
        secured = [headers.ALWAYS_SECURE] if environ["wsgi.url_scheme"] == "https" else []
        start_response(answer.status, [*answer.headers, *secured])
        return [answer.content]


def install(app: Flask) -> None:
    """Open the short way; doors add theirs by `add`."""
    app.extensions[EXTENSION] = app.wsgi_app = Shortcut(app.wsgi_app)  # type: ignore[method-assign]  # how WSGI wrapping is done


def short_way(app: Flask) -> Shortcut:
    """The application's short way."""
    found: Shortcut = app.extensions[EXTENSION]
    return found


def _nobody(environ: WSGIEnvironment) -> bool:
    """Whether the request shows neither token nor session."""
    return "HTTP_AUTHORIZATION" not in environ and "HTTP_COOKIE" not in environ
