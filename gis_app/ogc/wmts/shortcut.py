"""The shortest way to a tile that is there already: before Flask, for what everybody may see.

The same conditions as on the long way hold (who asks, is the layer whole, is the tile current) and the answer is
the same; whatever is in doubt goes the long way. A tile costs a fifth of what it costs there. It is measured but
leaves no line in the log: maps ask for tiles by the hundred.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from gis_app import caching, headers, metrics
from layers import health
from layers.days import today
from layers.errors import VatraError
from tiles.cache.engine import engine
from tiles.cache.grids import MATRIX_SETS
from tiles.cache.layers import tile_layers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ROUTE = "/wmts/1.0.0/<path:resource>"
ADDRESS = re.compile(
    r"/wmts/1\.0\.0/(?P<layer>[a-z0-9_.]{1,80})/default/(?:current/)?(?P<set>[A-Za-z0-9]{1,30})"
    r"/(?P<level>[0-9]{1,2})/(?P<row>[0-9]{1,8})/(?P<column>[0-9]{1,8})\.png"
)
OPEN_TO_ALL = ("Access-Control-Allow-Origin", "*")
FIXED = [*headers.HEADERS, OPEN_TO_ALL, ("Vary", ", ".join(caching.VARY))]


class Shortcut:
    """Wraps the application; ``max_age_s`` is how long a browser shows a tile before it asks again."""

    def __init__(self, application: WSGIApplication, max_age_s: int) -> None:
        self._application = application
        self._kept = ("Cache-Control", f"public, max-age={max_age_s}")

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer, or pass the request on."""
        found = self._find(environ)
        if found is None:
            return self._application(environ, start_response)
        begun, etag, content = found
        answer_headers = [*FIXED, self._kept, ("ETag", f'W/"{etag}"')]
        if environ["wsgi.url_scheme"] == "https":
            answer_headers.append(headers.ALWAYS_SECURE)
        if etag in environ.get("HTTP_IF_NONE_MATCH", ""):
            start_response("304 Not Modified", answer_headers)
            metrics.observe("GET", ROUTE, 304, time.perf_counter() - begun, {})
            return []
        answer_headers += [("Content-Type", "image/png"), ("Content-Length", str(len(content)))]
        start_response("200 OK", answer_headers)
        metrics.observe("GET", ROUTE, 200, time.perf_counter() - begun, {})
        return [content]

    def _find(self, environ: WSGIEnvironment) -> tuple[float, str, bytes] | None:
        """When we began, ETag and content of a current tile of a public layer; None for anything else."""
        asked = ADDRESS.fullmatch(environ["PATH_INFO"])
        if asked is None or environ["REQUEST_METHOD"] != "GET" or environ.get("QUERY_STRING"):
            return None
        if "HTTP_AUTHORIZATION" in environ or "HTTP_COOKIE" in environ:
            return None
        begun = time.perf_counter()
        layer, matrices = tile_layers("public").get(asked["layer"]), MATRIX_SETS.get(asked["set"])
        if layer is None or matrices is None or layer.foreign or layer.form != "png":
            return None
        place = (int(asked["level"]), int(asked["column"]), int(asked["row"]))
        try:
            if health.broken(today()):
                return None
            maker = engine(layer)
            maker.refresh()
            content = maker.store.path(matrices.id, *place).read_bytes()
        except (VatraError, OSError):
            return None
        return begun, caching.tag(layer.layer_ids, today(), layer.digest, matrices.id, *place), content
