"""A real WMS server of somebody else's (MapServer), and a line to it that can be made slow, wrong or dead."""

from __future__ import annotations

import http.server
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from typing import Any

# A red square of 2 km with its south-west corner at N 396000, E 354000; white round it.
SQUARE = (354_000.0, 396_000.0, 356_000.0, 398_000.0)
MAP = f"""
MAP
  SIZE 256 256
  EXTENT 300000 300000 500000 500000
  IMAGECOLOR 255 255 255
  PROJECTION "init=epsg:3844" END
  WEB METADATA
    "ows_title" "Foreign" "ows_onlineresource" "http://127.0.0.1/?" "ows_enable_request" "*"
    "ows_srs" "EPSG:3844 EPSG:3857 EPSG:4326"
  END END
  LAYER
    NAME "square" TYPE POLYGON STATUS ON
    PROJECTION "init=epsg:3844" END
    METADATA "ows_title" "Square" END
    FEATURE POINTS {SQUARE[0]} {SQUARE[1]} {SQUARE[0]} {SQUARE[3]} {SQUARE[2]} {SQUARE[3]}
      {SQUARE[2]} {SQUARE[1]} {SQUARE[0]} {SQUARE[1]} END END
    CLASS STYLE COLOR 220 20 30 END END
  END
END
"""


def serve_map(port: int) -> None:
    """Answer WMS requests by MapServer for ever."""
    from wsgiref.simple_server import WSGIRequestHandler, make_server

    import mapscript

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_arguments: Any) -> None:
            pass

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        request = mapscript.OWSRequest()
        request.loadParamsFromURL(environ["QUERY_STRING"])
        mapscript.msIO_installStdoutToBuffer()
        mapscript.msLoadMapFromString(MAP, "/").OWSDispatch(request)
        kind = mapscript.msIO_stripStdoutBufferContentType()
        mapscript.msIO_stripStdoutBufferContentHeaders()
        content = bytes(mapscript.msIO_getStdoutBufferBytes())
        mapscript.msIO_resetHandlers()
        start_response(
            "200 OK", [("Content-Type", kind or "text/xml"), ("Content-Length", str(len(content)))]
        )
        return [content]

    make_server("127.0.0.1", port, application, handler_class=Quiet).serve_forever()


@dataclass
class Line:
    """A line to the foreign server. ``mood`` says how it behaves; ``asked`` are the addresses asked for."""

    upstream: str
    port: int
    mood: str = "well"
    asked: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """What the configuration names."""
        return f"http://127.0.0.1:{self.port}/wms?map=cadastru"


EXCEPTION = b"<ServiceExceptionReport><ServiceException>no</ServiceException></ServiceExceptionReport>"


def handler(line: Line) -> type[http.server.BaseHTTPRequestHandler]:
    """Passes requests on as the line's mood is."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_arguments: Any) -> None:
            pass

        def do_GET(self) -> None:
            line.asked.append(self.path)
            query = urllib.parse.urlsplit(self.path).query
            with urllib.request.urlopen(f"{line.upstream}/?{query}") as answer:
                kind, content = answer.headers["Content-Type"], answer.read()
            getattr(self, line.mood)(kind, content)

        def well(self, kind: str, content: bytes, status: int = 200) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def slow(self, kind: str, content: bytes) -> None:
            time.sleep(3)
            self.well(kind, content)

        def dripping(self, kind: str, content: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            for byte in content[:40]:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(0.1)

        def dripping_head(self, _kind: str, _content: bytes) -> None:
            for byte in b"HTTP/1.0 200 OK\r\nX: " + b"x" * 60:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(0.1)

        def failing(self, kind: str, content: bytes) -> None:
            self.well(kind, content, status=500)

        def page(self, _kind: str, _content: bytes) -> None:
            self.well("text/html", b"<html>Sesiune expirata</html>")

        def page_called_png(self, _kind: str, _content: bytes) -> None:
            self.well("image/png", b"<html>Sesiune expirata</html>")

        def exception(self, _kind: str, _content: bytes) -> None:
            self.well("application/vnd.ogc.se_xml", EXCEPTION)

        def truncated(self, kind: str, content: bytes) -> None:
            self.well(kind, content[: len(content) // 2])

        def cut_off(self, kind: str, content: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) // 2])

        def elsewhere(self, _kind: str, _content: bytes) -> None:
            self.send_response(302)
            self.send_header("Location", f"{line.upstream}/?{urllib.parse.urlsplit(self.path).query}")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def dead(self, _kind: str, _content: bytes) -> None:
            self.connection.shutdown(socket.SHUT_RDWR)

    return Handler


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def start_map_server() -> tuple[subprocess.Popen[bytes], str]:
    """The foreign server in a process of its own, and its address once it answers."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.gis_app.ogc.foreign_wms", str(port)])
    for _ in range(200):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return process, f"http://127.0.0.1:{port}"
        except OSError:
            time.sleep(0.05)
    process.kill()
    raise AssertionError("the foreign map server did not start")


def start_line(upstream: str) -> tuple[Line, http.server.ThreadingHTTPServer]:
    """A line to it that behaves well for now."""
    line = Line(upstream, free_port())
    server = http.server.ThreadingHTTPServer(("127.0.0.1", line.port), handler(line))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return line, server


if __name__ == "__main__":
    serve_map(int(sys.argv[1]))
