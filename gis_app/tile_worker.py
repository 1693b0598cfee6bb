"""gunicorn's threaded worker, which keeps a thread at a connection for a moment and answers for tiles itself.

A map asks for dozens of tiles over a connection, one as soon as it has the other. To hand each request to a
thread and the connection back, and to make a WSGI request and answer of it, costs more than a small tile: so a
thread waits a moment for the next request, and answers it at once if it is a plain one for a public tile
(:mod:`gis_app.ogc.shortcut`). Every other request goes the usual way, untouched.
"""

from __future__ import annotations

import re
import select
from email.utils import formatdate
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from gis_app.ogc.shortcut import Asked, Find, Ready, short_way

MOMENT_MS = 50
LARGEST_HEAD = 4096
# One whole request without a body, and nothing behind it; its path has no query and nothing to decode.
PLAIN = re.compile(rb"GET (/[a-zA-Z0-9_./,]+) HTTP/1\.1\r\n((?:[a-zA-Z0-9_-]+:[^\r\n]*\r\n)+)\r\n")
# Headers that a plain request may not have: who asks, what follows, how the connection goes on.
TELLING = re.compile(
    rb"^(?:authorization|cookie|connection: *close|content-length|transfer-encoding|expect|range|upgrade"
    rb"|if-match|if-range|x-request-id)\b",
    re.IGNORECASE | re.MULTILINE,
)
HELD = re.compile(rb"^if-none-match: *([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
TAKEN = re.compile(rb"^accept-encoding: *([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
HOST = re.compile(rb"^host:", re.IGNORECASE | re.MULTILINE)


class TileWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """As its parent, but a thread deals with the requests of a connection that follow each other at once."""

    def load_wsgi(self) -> None:
        """Load the application, and know its short way."""
        super().load_wsgi()
        self._find = short_way(self.wsgi).find

    def handle(self, conn: Any) -> Any:
        """Deal with a request, and with those that follow it; whether the connection can be kept."""
        kept = self._answered(conn) or super().handle(conn)
        while kept is True and self._stays_for(conn):
            kept = self._answered(conn) or super().handle(conn)
        return kept

    def _stays_for(self, conn: Any) -> bool:
        """Whether another request follows at once; nobody waits where there are not threads for all connections."""
        if not self.alive or self.nr_conns > self.cfg.threads or conn.parser.unreader.buf.getvalue():
            return False
        following = select.poll()
        following.register(conn.sock, select.POLLIN)
        return bool(following.poll(MOMENT_MS))

    def _answered(self, conn: Any) -> bool:
        """Whether the request was one for a tile and has been answered. Not the first: it may be of another kind."""
        if not (conn.initialized and self.alive) or conn.is_http2 or self.cfg.is_ssl:
            return False
        unreader = conn.parser.unreader
        if unreader.buf.getvalue():
            return False
        try:
            conn.sock.setblocking(True)
            head = conn.sock.recv(LARGEST_HEAD)
            answer = answer_to(head, self._find)
            if answer is None:
                unreader.unread(head)
                return False
            conn.sock.sendall(answer)
        except OSError:
            return False  # the usual way meets it again
        return True


def answer_to(head: bytes, find: Find) -> bytes | None:
    """The whole answer to a plain request for a tile; None for any other request."""
    plain = PLAIN.fullmatch(head)
    if plain is None or TELLING.search(plain[2]) or len(HOST.findall(plain[2])) != 1:
        return None
    found = find(Asked(plain[1].decode("ascii"), _given(HELD, plain[2]), _given(TAKEN, plain[2])))
    return None if found is None else _written(found)


def _given(header: re.Pattern[bytes], lines: bytes) -> str:
    return ",".join(value.decode("latin-1") for value in header.findall(lines))


def _written(found: Ready) -> bytes:
    lines = [f"HTTP/1.1 {found.status}", f"Date: {formatdate(usegmt=True)}", "Connection: keep-alive"]
    lines += [f"{name}: {value}" for name, value in found.headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + found.content
