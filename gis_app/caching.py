"""How answers made from layers are kept by browsers and proxies: an ETag from the layers' versions, 304, privacy.

The tag is known before the answer is made, so an unchanged answer costs one look at the versions.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import flask

from gis_app import access
from layers import states

VARY = ("Authorization", "Cookie", "Accept-Encoding")


def tag(layer_ids: Collection[str], day: date, *parts: object) -> str:
    """The ETag of an answer made from these layers as of a day, and from ``parts`` of the request."""
    return states.fingerprint(sorted(layer_ids), day, *parts)


def unchanged(etag: str, layer_ids: Collection[str], max_age_s: int = 0) -> flask.Response | None:
    """The answer 304 where the caller holds this very state already; None where it must be made."""
    if not flask.request.if_none_match.contains_weak(etag):
        return None
    return keep(flask.Response(status=304), etag, layer_ids, max_age_s)


def keep(
    response: flask.Response, etag: str, layer_ids: Collection[str], max_age_s: int = 0
) -> flask.Response:
    """Let the answer be kept for ``max_age_s`` seconds and then asked about; shared caches for public layers only."""
    response.set_etag(etag, weak=True)
    # Whoever shows a token may be shown more than others under the same address.
    shared = access.caller() is None and access.for_everybody(layer_ids)
    lasting = f"max-age={max_age_s}" if max_age_s else "no-cache"
    response.headers["Cache-Control"] = f"{'public' if shared else 'private'}, {lasting}"
    response.vary.update(VARY)
    return response
