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
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin

from gis_app.accounts import tokens
from layers.settings import StorageSettings

KEY = "token"
LASTS = timedelta(hours=10)
COOKIE = "vatra_session"


def install(app: flask.Flask, secret_key: str | None) -> None:
    """Sign cookies with that key or the installation's own; they are read by no script and sent to no other site."""
    app.session_interface = _Sessions()
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


class _Sessions(SecureCookieSessionInterface):
    """Flask's own, at no cost to those who have no session: programs, and maps that ask for tiles."""

    def open_session(self, app: flask.Flask, request: flask.Request) -> SecureCookieSession | None:
        """The session that the cookie tells of; a new one without."""
        if COOKIE not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)

    def get_cookie_secure(self, app: flask.Flask) -> bool:
        """A session opened over https never leaves in clear; a server tried out over http has sessions, too."""
        return flask.request.is_secure

    def save_session(self, app: flask.Flask, session: SessionMixin, response: flask.Response) -> None:
        """Set or remove the cookie where a view had to do with the session."""
        if session or session.accessed or session.modified:
            super().save_session(app, session, response)


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
