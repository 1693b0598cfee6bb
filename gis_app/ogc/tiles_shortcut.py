"""The short way (:mod:`gis_app.ogc.shortcut`) to a vector tile of today, finished before or made now."""

from __future__ import annotations

import re
import time

import psycopg
from isal import igzip
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from gis_app import caching, metrics
from gis_app.ogc.shortcut import Asked, Ready, ready_answer
from layers import timing
from layers.days import today
from layers.errors import VatraError
from layers.visibility import visible
from tiles import vector
from tiles.vector_cache import Finished, FinishedTiles

ROUTE = "/tiles/<names>/<int:z>/<int:x>/<int:y>.pbf"
ADDRESS = re.compile(r"/tiles/([a-z0-9_.,]{1,600})/([0-9]{1,2})/([0-9]{1,7})/([0-9]{1,7})\.pbf")
# A browser asks again after this long whether a tile is still the same; a proxy may answer meanwhile.
TILE_AGE_S = 60
# Compressing less than this saves no packet.
WORTH_COMPRESSING = 600
KIND, PACKED = ("Content-Type", vector.MEDIA_TYPE), ("Content-Encoding", "gzip")


def find(kept: FinishedTiles, asked: Asked) -> Ready | None:
    """The tile that everybody may see under the requested address; None where the long way must be gone."""
    named = ADDRESS.fullmatch(asked.path)
    if named is None:
        return None
    begun, spans = time.perf_counter(), timing.start()
    try:
        layers = vector.chosen(named[1], visible("public"))
        tile = vector.tile(layers, int(named[2]), int(named[3]), int(named[4]), today())
        etag = tag(tile)
        held = etag in asked.if_none_match
        found = Finished(b"") if held else finished(kept, tile, etag, squeezed=_takes_gzip(asked))
    except (VatraError, psycopg.Error):
        return None
    described = (KIND, PACKED) if found.gzipped else (KIND,)
    answer = ready_answer(etag, TILE_AGE_S, found.gzipped or found.plain, *described, held=held)
    metrics.observe("GET", ROUTE, int(answer.status[:3]), time.perf_counter() - begun, spans)
    return answer


def _takes_gzip(asked: Asked) -> bool:
    taken = asked.accept_encoding
    return bool(taken) and parse_accept_header(taken, Accept).quality("gzip") > 0


def tag(asked: vector.Tile) -> str:
    """The ETag of a tile: the versions of its layers, the day, and which tile it is."""
    return caching.tag(asked.layers, asked.as_of, "tile", asked.z, asked.x, asked.y)


def finished(kept: FinishedTiles, asked: vector.Tile, etag: str, *, squeezed: bool) -> Finished:
    """The tile from those kept or made now, compressed if that is wanted and worth it."""
    found = kept.get(etag)
    if found is None:
        with timing.span("draw"):
            found = Finished(vector.draw(asked))
        kept.put(etag, found)
    if not squeezed or len(found.plain) < WORTH_COMPRESSING:
        return Finished(found.plain)
    if found.gzipped is None:
        found = Finished(found.plain, igzip.compress(found.plain, compresslevel=1, mtime=0))
        kept.put(etag, found)
    return found
