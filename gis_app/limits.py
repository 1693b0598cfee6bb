"""Bounds on what is dear or risky: documents and plans drawn at once, previews and sign-ins of one address."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import flask
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests

from gis_app.settings import WebSettings

WINDOW_S = 60.0
EXTENSION = "vatra_limits"


class PerMinute:
    """How often each address did something in this minute; ``allowed`` 0 lets everybody."""

    def __init__(self, allowed: int) -> None:
        self.allowed = allowed
        self._lock = threading.Lock()
        self._window = 0
        self._seen: dict[str, int] = {}

    def count(self, address: str, message: str) -> None:
        """Count once; TooManyRequests with that message above the limit of this minute."""
        if not self.allowed:
            return
        window, elapsed = divmod(time.monotonic(), WINDOW_S)
        with self._lock:
            if int(window) != self._window:  # a new minute forgets everybody, so the table stays small
                self._window, self._seen = int(window), {}
            seen = self._seen[address] = self._seen.get(address, 0) + 1
        if seen > self.allowed:
            raise TooManyRequests(message, retry_after=int(WINDOW_S - elapsed) + 1)


class Limits:
    """The bounds of one worker process."""

    def __init__(self, settings: WebSettings) -> None:
        self._settings = settings
        self._drawings = threading.BoundedSemaphore(settings.drawings_at_once)
        self._previews = PerMinute(settings.previews_per_minute)
        self._sign_ins = PerMinute(settings.sign_ins_per_minute)

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """A turn at drawing; ServiceUnavailable when none comes in time."""
        if not self._drawings.acquire(timeout=self._settings.drawing_wait_s):
            raise ServiceUnavailable("too many documents are being drawn; try again shortly", retry_after=5)
        try:
            yield
        finally:
            self._drawings.release()

    def count_preview(self, address: str) -> None:
        """Count a preview for that address; TooManyRequests above the limit of this minute."""
        self._previews.count(
            address,
            f"{self._previews.allowed} previews a minute and address; a token of scope certificates:issue"
            " has no limit",
        )

    def count_sign_in(self, address: str) -> None:
        """Count an attempt to sign in from that address; TooManyRequests above the limit of this minute."""
        self._sign_ins.count(address, "too many attempts to sign in; wait a minute")


def install(app: flask.Flask, settings: WebSettings) -> None:
    """Give the application its bounds."""
    app.extensions[EXTENSION] = Limits(settings)


def current() -> Limits:
    """The bounds of the application that is answering."""
    limits: Limits = flask.current_app.extensions[EXTENSION]
    return limits
