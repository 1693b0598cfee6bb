"""Who may call what: every route declares it, and a route that does not is refused.

A program shows a token as ``Authorization: Bearer vatra_…``; what it may do is the token's scopes.
A token that is unknown or revoked is refused even where anybody may call, so that a program never
mistakes a preview for a certificate.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import flask
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, Unauthorized

from gis_app.accounts import tokens

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC = "public"
ATTRIBUTE = "vatra_access"
CHALLENGE = WWWAuthenticate("bearer", {"realm": "vatra"})


def public(view: View) -> View:
    """Anybody may call this view."""
    setattr(view, ATTRIBUTE, PUBLIC)
    return view


def scope(name: tokens.Scope) -> Callable[[View], View]:
    """Only holders of a token with that scope may call this view."""

    def declare(view: View) -> View:
        setattr(view, ATTRIBUTE, name)
        return view

    return declare


def declared(app: flask.Flask, endpoint: str) -> str | None:
    """Who may call the view of that endpoint; None where nobody has said."""
    return getattr(app.view_functions[endpoint], ATTRIBUTE, None)


def install(app: flask.Flask) -> None:
    """Ask before every request."""
    if app.has_static_folder:
        public(app.view_functions["static"])
    app.before_request(_admit)


def caller() -> tokens.Token | None:
    """Whose token came with this request; None for anybody. Raises Unauthorized for a bad one."""
    if "caller" not in flask.g:
        flask.g.caller = _recognise(flask.request.headers.get("Authorization"))
    known: tokens.Token | None = flask.g.caller
    return known


def may(name: tokens.Scope) -> bool:
    """Whether the caller's token has that scope."""
    known = caller()
    return known is not None and name in known.scopes


def _admit() -> None:
    if flask.request.endpoint is None:
        return  # no such page: said later, in the usual way
    needed = declared(flask.current_app, flask.request.endpoint)
    known = caller() if "Authorization" in flask.request.headers else None
    if needed == PUBLIC:
        return
    if needed is None:
        raise Forbidden("this route does not say who may call it")
    if known is None:
        raise Unauthorized(f"a token of scope {needed} is needed", www_authenticate=CHALLENGE)
    if needed not in known.scopes:
        raise Forbidden(f"this token lacks the scope {needed}")


def _recognise(header: str | None) -> tokens.Token | None:
    if header is None:
        return None
    kind, _, secret = header.partition(" ")
    known = tokens.find(secret.strip()) if kind.lower() == "bearer" else None
    if known is None:
        raise Unauthorized(
            "the token is unknown or revoked (expected: Authorization: Bearer vatra_…)",
            www_authenticate=CHALLENGE,
        )
    return known
