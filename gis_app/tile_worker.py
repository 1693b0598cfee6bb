"""gunicorn's threaded worker, which answers for a cached tile itself: without a thread, without reading on.

On a connection that is kept open, the next request is looked at where it lies in the socket. If it is a plain one
for a public tile that is there and known to be current (:mod:`gis_app.ogc.wmts.shortcut`), it is answered at
once; every other request goes the usual way, untouched. A map asks for dozens of tiles over such a connection,
and handing each to a thread costs more than the tile.
"""

from __future__ import annotations

import re
import socket
from contextlib import suppress
from email.utils import formatdate
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from gis_app.ogc.wmts.shortcut import ready

LARGEST_HEAD = 4096
# One whole request without a body, and nothing behind it; its path has no query and nothing to decode.
PLAIN = re.compile(rb"GET (/wmts/1\.0\.0/[a-zA-Z0-9_./]+) HTTP/1\.1\r\n((?:[^\r\n:]+:[^\r\n]*\r\n)+)\r\n")
# Headers that a plain request may not have: who asks, what follows, how the connection goes on.
TELLING = re.compile(
    rb"^(?:authorization|cookie|connection: *close|content-length|transfer-encoding|expect|range|upgrade"
    rb"|if-match|if-range|x-request-id)\b",
    re.IGNORECASE | re.MULTILINE,
)
HELD = re.compile(rb"^if-none-match: *([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
HOST = re.compile(rb"^host:", re.IGNORECASE | re.MULTILINE)


class TileWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """As its parent, but for requests for tiles that are there."""

    def on_client_socket_readable(self, conn: Any, client: socket.socket) -> None:
        """A connection that was kept open has something to read."""
        if not (self.alive and self._answered(conn)):
            super().on_client_socket_readable(conn, client)

    def _answered(self, conn: Any) -> bool:
        """Whether the request was one for a tile and has been dealt with."""
        if self.cfg.is_ssl:
            return False
        with suppress(OSError):
            head = conn.sock.recv(LARGEST_HEAD, socket.MSG_PEEK)
            answer = answer_to(head)
            if answer is not None:
                conn.sock.recv(len(head))
                self._send(conn, answer)
                return True
        return False

    def _send(self, conn: Any, answer: bytes) -> None:
        # The socket does not block; what it does not take at once, a thread sends.
        try:
            sent = conn.sock.send(answer)
        except BlockingIOError:
            sent = 0
        self.keepalived_conns.remove(conn)
        if sent == len(answer):
            conn.set_timeout()
            self.keepalived_conns.append(conn)  # the soonest to end comes first
            return
        self.poller.unregister(conn.sock)
        rest = self.tpool.submit(_send_rest, conn.sock, answer[sent:], self.cfg.timeout)
        rest.add_done_callback(lambda done: self.method_queue.defer(self.finish_request, conn, done))


def answer_to(head: bytes) -> bytes | None:
    """The whole answer to a plain request for a tile that is there; None for any other request."""
    plain = PLAIN.fullmatch(head)
    if plain is None or TELLING.search(plain[2]) or len(HOST.findall(plain[2])) != 1:
        return None
    held = HELD.search(plain[2])
    found = ready(plain[1].decode("ascii"), held[1].decode("latin-1") if held else "", wait=False)
    if found is None:
        return None
    lines = [f"HTTP/1.1 {found.status}", f"Date: {formatdate(usegmt=True)}", "Connection: keep-alive"]
    lines += [f"{name}: {value}" for name, value in found.headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + found.content


def _send_rest(sock: socket.socket, rest: bytes, patience_s: float) -> bool:
    """Send what is left; whether the connection can be kept."""
    sock.settimeout(patience_s)
    try:
        sock.sendall(rest)
    except OSError:
        return False
    return True
