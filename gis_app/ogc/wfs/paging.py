"""The addresses of the next and the previous page: the same request, canonically written, from another feature on."""

from __future__ import annotations

from urllib.parse import urlencode

from gis_app.ogc.wfs.requests import FeatureRequest

# Longer addresses than this are not accepted by every server on the way.
LONGEST = 4_000


def links(request: FeatureRequest, url: str, matched: int) -> dict[str, str]:
    """``next`` and ``previous``, each where there is one and its address is not too long."""
    if request.count is None or request.count == 0 or request.hits:
        return {}
    found = {}
    after = request.start + request.count
    if after < matched:
        found["next"] = _address(request, url, after)
    if request.start:
        found["previous"] = _address(request, url, max(request.start - request.count, 0))
    return {name: address for name, address in found.items() if len(address) <= LONGEST}


def _address(request: FeatureRequest, url: str, start: int) -> str:
    operation = "GetPropertyValue" if request.value else "GetFeature"
    pairs = [("SERVICE", "WFS"), ("VERSION", request.version), ("REQUEST", operation), *request.canonical]
    count = "COUNT" if request.version == "2.0.0" else "MAXFEATURES"
    return f"{url}?{urlencode([*pairs, (count, request.count), ('STARTINDEX', start)])}"
