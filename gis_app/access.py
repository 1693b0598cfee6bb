"""Who may call what, and who sees which layer: the one access policy in front of every door.

Every route declares who may call it, and a route that does not is refused. A program shows a token as
``Authorization: Bearer vatra_…``, a GIS client that knows names and passwords only as the password of HTTP
Basic, a person by a session opened with a token (:mod:`gis_app.accounts.sessions`); what they may do is the
token's scopes. A token that is unknown or revoked is refused even where anybody may call, so that a program
never mistakes a preview for a certificate.

A layer that the caller may not see does not exist for them: same answer, same lists, at every door.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import flask
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, Unauthorized

from gis_app.accounts import sessions, tokens
from layers import visibility
from layers.catalogue import Layer, Visibility
from layers.errors import UnknownLayer

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC = "public"
ATTRIBUTE = "vatra_access"
CHALLENGE = WWWAuthenticate("bearer", {"realm": "vatra"})
# What a browser sends along by itself must not be enough to change anything from another site.
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


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
    """Whose token or session came with this request; None for anybody. Raises Unauthorized for a bad token."""
    if "caller" not in flask.g:
        flask.g.caller = _recognise(flask.request.headers.get("Authorization"))
    known: tokens.Token | None = flask.g.caller
    return known


def may(name: tokens.Scope) -> bool:
    """Whether the caller's token has that scope."""
    known = caller()
    return known is not None and name in known.scopes


def circle() -> Visibility:
    """The circle of people the caller belongs to."""
    return circle_of(caller())


def circle_of(holder: tokens.Token | None) -> Visibility:
    """The circle of people that the holder of that token belongs to."""
    scopes = holder.scopes if holder else ()
    if "layers:staff" in scopes:
        return "staff"
    return "operator" if "layers:operator" in scopes else "public"


def visible_layers() -> dict[str, Layer]:
    """The layers that the caller sees, by id."""
    return visibility.visible(circle())


def layer(layer_id: str) -> Layer:
    """The layer of that id if the caller sees it; UnknownLayer otherwise, as if there were none."""
    seen = visible_layers()
    if layer_id not in seen:
        raise UnknownLayer(layer_id, list(seen))
    return seen[layer_id]


def for_everybody(layer_ids: Iterable[str]) -> bool:
    """Whether an answer made from these layers may be kept by a cache that many share."""
    seen = visibility.visible("public")
    return all(layer_id in seen for layer_id in layer_ids)


def own_page() -> bool:
    """Whether a request that may change something comes from a page of ours (browsers tell)."""
    if flask.request.method in SAFE:
        return True
    site = flask.request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return flask.request.headers.get("Origin") == flask.request.host_url.rstrip("/")


def _admit() -> None:
    if flask.request.endpoint is None:
        return  # no such page: said later, in the usual way
    needed = declared(flask.current_app, flask.request.endpoint)
    known = caller() if "Authorization" in flask.request.headers or sessions.present() else None
    if known and "Authorization" not in flask.request.headers and not own_page():
        raise Forbidden("this request came from another site's page")
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
        return sessions.holder()
    known = None
    kind, _, secret = header.partition(" ")
    if kind.lower() == "bearer":
        known = tokens.find(secret.strip())
    elif flask.request.authorization and flask.request.authorization.type == "basic":
        known = tokens.find(flask.request.authorization.password or "")
    if known is None:
        raise Unauthorized(
            "the token is unknown or revoked (expected: Authorization: Bearer vatra_…)",
            www_authenticate=CHALLENGE,
        )
    return known
