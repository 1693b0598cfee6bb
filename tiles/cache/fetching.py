"""Asking a foreign service: within a time that holds for the whole answer, and never led elsewhere."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import urllib.error
import urllib.request
from contextlib import suppress
from typing import Any

from mapproxy.client.http import HTTPClientError

from tiles.cache.cascade import Foreign

LARGEST_ANSWER = 30_000_000
CHUNK = 65_536


def fetch(address: str, foreign: Foreign) -> bytes:
    """The answer's body, within the service's time and our size. Raises HTTPClientError, which MapProxy expects."""
    request = urllib.request.Request(address, headers={"User-Agent": "Vatra", "Accept": foreign.format})  # noqa: S310  # http(s) of the configuration
    deadline = _Deadline(foreign.timeout_s)
    opener = urllib.request.build_opener(_NoRedirect, _Http(deadline), _Https(deadline))
    try:
        with opener.open(request, timeout=foreign.timeout_s) as answer:
            kind = answer.headers.get_content_type()
            if kind != foreign.format:
                raise HTTPClientError(f"{foreign.name}: answered {kind}, not {foreign.format}")
            return _read(answer, foreign)
    except urllib.error.HTTPError as error:
        raise HTTPClientError(f"{foreign.name}: status {error.code}", response_code=error.code) from error
    except (OSError, http.client.HTTPException) as error:
        cause = f"no whole answer in {foreign.timeout_s:g} s" if deadline.passed else str(error)
        raise HTTPClientError(f"{foreign.name}: {cause}") from error
    finally:
        deadline.cancel()


def _read(answer: Any, foreign: Foreign) -> bytes:
    content = bytearray()
    while chunk := answer.read1(CHUNK):
        content += chunk
        if len(content) > LARGEST_ANSWER:
            raise HTTPClientError(f"{foreign.name}: more than {LARGEST_ANSWER} bytes")
    expected = answer.headers.get("Content-Length")
    if expected and int(expected) != len(content):
        raise HTTPClientError(f"{foreign.name}: {len(content)} of {expected} bytes came")
    return bytes(content)


class _Deadline:
    """Shuts the connection when the time is over: a socket's own timeout begins anew with every byte that drips in."""

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._sock: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._pass)
        self._timer.daemon = True
        self._timer.start()

    def watch(self, sock: socket.socket) -> None:
        """The connection that is to end in time."""
        self._sock = sock

    def cancel(self) -> None:
        """The answer is here."""
        self._timer.cancel()

    def _pass(self) -> None:
        self.passed = True
        if self._sock is not None:
            with suppress(OSError):
                self._sock.shutdown(socket.SHUT_RDWR)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A service that sends us elsewhere (to a machine inside the house, say) is not followed."""

    def redirect_request(self, *_arguments: Any) -> None:
        """Follow nothing: the answer 3xx becomes an error."""


class _Http(urllib.request.HTTPHandler):
    """http, watched."""

    def __init__(self, deadline: _Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """As its parent."""
        deadline = self._deadline

        class Watched(http.client.HTTPConnection):
            def connect(self) -> None:
                super().connect()
                deadline.watch(self.sock)

        return self.do_open(Watched, req)


class _Https(urllib.request.HTTPSHandler):
    """https, watched."""

    def __init__(self, deadline: _Deadline) -> None:
        self._checked = ssl.create_default_context()
        super().__init__(context=self._checked)
        self._deadline = deadline

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """As its parent."""
        deadline = self._deadline

        class Watched(http.client.HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                deadline.watch(self.sock)

        return self.do_open(Watched, req, context=self._checked)
