"""A person's session in a browser: opened with a token, carried by a signed cookie, ended with the token.

The cookie holds the token's number only, so a revoked token ends every session opened with it at once.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import flask

from gis_app.accounts import tokens
from layers.settings import StorageSettings

KEY = "token"
LASTS = timedelta(hours=10)
COOKIE = "vatra_session"


def install(app: flask.Flask, secret_key: str | None) -> None:
    """Sign cookies with that key or the installation's own; they are read by no script and sent to no other site."""
    app.secret_key = secret_key or _kept_key(StorageSettings().home / "session.key")
    app.config.update(
        SESSION_COOKIE_NAME=COOKIE,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        PERMANENT_SESSION_LIFETIME=LASTS,
        SESSION_REFRESH_EACH_REQUEST=False,
    )


def present() -> bool:
    """Whether the request carries a session's cookie at all."""
    return COOKIE in flask.request.cookies


def begin(secret: str) -> tokens.Token | None:
    """Open a session for the holder of that token; None, and no session, if there is no such token."""
    known = tokens.find(secret.strip())
    if known:
        flask.session.clear()
        flask.session[KEY] = known.id
        flask.session.permanent = True
    return known


def end() -> None:
    """Close the session."""
    flask.session.clear()


def holder() -> tokens.Token | None:
    """The token whose session this is; None without one, or when the token was revoked since."""
    if not present():
        return None
    identifier = flask.session.get(KEY)
    return tokens.in_use(int(identifier)) if identifier is not None else None


def _kept_key(path: Path) -> str:
    """The key in the file, made by whoever comes first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(48))
        with suppress(FileExistsError):
            os.link(draft, path)  # whole or not at all, and never over another's
        draft.unlink()
    return path.read_text(encoding="utf-8")
