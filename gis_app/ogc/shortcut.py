"""The shortest way to an answer that everybody may have: before Flask, which costs as much as a small tile.

A door says how it finds such an answer; it must be the very answer of the long way. Whatever is in doubt, and
whoever shows a token or a session, goes the long way. What went the short way is measured but leaves no line in
the log: maps ask for tiles by the hundred.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gis_app import caching, headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

OPEN_TO_ALL = ("Access-Control-Allow-Origin", "*")
FIXED = (*headers.HEADERS, OPEN_TO_ALL, ("Vary", ", ".join(caching.VARY)))


@dataclass(frozen=True)
class Ready:
    """An answer: a status line, headers, content."""

    status: str
    headers: list[tuple[str, str]]
    content: bytes


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
    """Wraps the application: answers what ``find`` finds, passes on everything else."""

    def __init__(self, application: WSGIApplication, find: Callable[[WSGIEnvironment], Ready | None]) -> None:
        self._application, self._find = application, find

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer, or pass the request on."""
        answer = None
        if environ["REQUEST_METHOD"] == "GET" and not environ.get("QUERY_STRING") and _nobody(environ):
            answer = self._find(environ)
        if answer is None:
            return self._application(environ, start_response)
        secured = [headers.ALWAYS_SECURE] if environ["wsgi.url_scheme"] == "https" else []
        start_response(answer.status, [*answer.headers, *secured])
        return [answer.content]


def _nobody(environ: WSGIEnvironment) -> bool:
    """Whether the request shows neither token nor session."""
    return "HTTP_AUTHORIZATION" not in environ and "HTTP_COOKIE" not in environ
