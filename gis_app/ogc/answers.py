"""What answers of the map services have in common: compressed for who takes them so, open to maps on other sites."""

from __future__ import annotations

import flask
import orjson
from isal import igzip

from gis_app.ogc.shortcut import OPEN_TO_ALL

# Below this an answer costs more to compress than to send.
WORTH_COMPRESSING = 1_000
# The fastest level of ISA-L: the higher ones take longer for a tenth less.
LEVEL = 1


def compressed(response: flask.Response) -> flask.Response:
    """The answer, its content compressed if that is taken and worth it. Its content must be at hand, not a stream."""
    content = response.get_data()
    if len(content) >= WORTH_COMPRESSING and flask.request.accept_encodings.quality("gzip") > 0:
        response.set_data(igzip.compress(content, compresslevel=LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    return response


def as_json(content: object) -> flask.Response:
    """A JSON answer, compressed as above."""
    return compressed(flask.Response(orjson.dumps(content), content_type="application/json"))


def open_to_all(response: flask.Response) -> flask.Response:
    """Let maps on other sites show what everybody may see; they cannot send our cookies along."""
    name, value = OPEN_TO_ALL
    response.headers[name] = value
    return response
