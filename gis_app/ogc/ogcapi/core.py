"""pygeoapi's core with a configuration of ours: it describes collections, tile sets, processes and records.

Its answers are taken as JSON and tidied: forms that we do not have are dropped, extents and CRS come from the data.
The configuration holds the layers that the caller may see, so what one may not see is nowhere in them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import orjson
from pygeoapi.api import API, APIRequest
from werkzeug.exceptions import InternalServerError, NotFound, ServiceUnavailable

from gis_app import access
from gis_app.certificates.settings import AuthoritySettings
from gis_app.ogc.ogcapi.asking import Asked, BadParameter
from gis_app.ogc.ogcapi.limits import DEFAULT_LIMIT, MAX_LIMIT
from gis_app.ogc.ogcapi.process_description import PROCESS
from layers.catalogue import Layer, catalogue
from layers.frames import FRAMES, STEREO70
from tiles.vector import zooms

PLUGINS = "gis_app.ogc.ogcapi.plugins"
RECORDS = "records"
LOCALES = {"ro": "ro-RO", "en": "en-US"}
UNSERVED = ("application/ld+json",)
TITLES = {
    "ro": "Straturi de urbanism, cadastru, drumuri și rețele",
    "en": "Planning, cadastre, roads and networks",
}
DESCRIPTIONS = {
    "ro": "Straturile catalogului ca obiecte, dale și hărți; verificarea unui imobil ca proces; fișele straturilor.",
    "en": "The catalogue's layers as features, tiles and maps; the check of a parcel as a process; records.",
}
Handler = Callable[..., tuple[dict[str, str], int, str]]

# pygeoapi tells of every request that it refuses; ours are logged once, under their request id.
logging.getLogger("pygeoapi").setLevel(logging.CRITICAL)


class _Question:
    """What pygeoapi reads of a web request."""

    path_info, data = "", b""

    def __init__(self, arguments: dict[str, str]) -> None:
        self.args, self.headers = arguments, {"accept": "application/json"}


def ask(handler: Handler, asked: Asked, *names: str, **parameters: str) -> dict[str, Any]:
    """What pygeoapi answers, tidied. Raises NotFound, BadParameter, ServiceUnavailable."""
    api = _api(asked.base, tuple(access.visible_layers()))
    given = {**parameters, "f": "json", "lang": LOCALES[asked.language]}
    _, status, content = handler(api, APIRequest(_Question(given), api.locales), *names)
    if status >= 400:
        _refuse(int(status), content)
    found: dict[str, Any] = orjson.loads(content)
    tidy(found, asked)
    return found


def tidy(node: Any, asked: Asked) -> None:
    """Take out links to forms that are not served, and say which link is the document itself."""
    if isinstance(node, list):
        for member in node:
            tidy(member, asked)
    if not isinstance(node, dict):
        return
    links = node.get("links")
    if isinstance(links, list):
        node["links"] = [link for link in links if link.get("type") not in UNSERVED]
        for link in node["links"]:
            _tidy_link(link, asked)
    for member in node.values():
        if isinstance(member, dict | list):
            tidy(member, asked)


def _tidy_link(link: dict[str, Any], asked: Asked) -> None:
    link["href"] = link["href"].replace("/TileMatrixSets", "/tileMatrixSets")
    link.pop("hreflang", None)
    if link.get("rel") in ("self", "alternate"):
        is_html = link.get("type") == "text/html"
        link["rel"] = "self" if is_html == (asked.form == "html") else "alternate"


def _refuse(status: int, content: str) -> None:
    said = orjson.loads(content).get("description", "")
    if status == 404:
        raise NotFound(said)
    if status < 500:
        raise BadParameter(said)
    if status == 503:
        raise ServiceUnavailable(said)
    raise InternalServerError(f"pygeoapi: {said}")


@lru_cache(maxsize=64)
def _api(base: str, layer_ids: tuple[str, ...]) -> API:
    return API(configuration(base, [catalogue()[name] for name in layer_ids]), None)


def configuration(base: str, layers: list[Layer]) -> dict[str, Any]:
    """pygeoapi's configuration for a catalogue of those layers at that address."""
    authority = AuthoritySettings()
    return {
        "server": {
            "url": base,
            "languages": list(LOCALES.values()),
            "limits": {"default_items": DEFAULT_LIMIT, "max_items": MAX_LIMIT},
            "manager": {"name": f"{PLUGINS}.Manager"},
        },
        "logging": {"level": "CRITICAL"},
        "metadata": {
            "identification": {
                "title": {name: f"{authority.name}: {title}" for name, title in TITLES.items()},
                "description": DESCRIPTIONS,
                "keywords": {"ro": ["urbanism", "cadastru"], "en": ["planning", "cadastre"]},
                "url": base.removesuffix("/ogcapi"),
            },
        },
        "resources": {
            **{layer.id: _collection(layer) for layer in layers},
            RECORDS: _records(),
            PROCESS: {"type": "process", "processor": {"name": f"{PLUGINS}.ParcelCheck"}},
        },
    }


def _collection(layer: Layer) -> dict[str, Any]:
    providers: list[dict[str, Any]] = [
        {
            "type": "feature",
            "name": f"{PLUGINS}.Features",
            "data": layer.id,
            "id_field": "id",
            "crs": list(FRAMES),
            "storage_crs": STEREO70.uri,
        }
    ]
    if layer.geometry:
        first, last = zooms((layer,))
        providers.append(
            {
                "type": "tile",
                "name": f"{PLUGINS}.Tiles",
                "data": layer.id,
                "options": {"schemes": ["WebMercatorQuad"], "zoom": {"min": first, "max": last}},
                "format": {"name": "mvt", "mimetype": "application/vnd.mapbox-vector-tile"},
            }
        )
    words = {"ro": list(layer.synonyms), "en": [layer.inspire_theme] if layer.inspire_theme else []}
    return _resource(
        {"ro": layer.title.ro, "en": layer.title.en}, layer.abstract.model_dump(), words, providers
    )


def _records() -> dict[str, Any]:
    return _resource(
        {"ro": "Catalogul straturilor", "en": "The catalogue of layers"},
        {"ro": "Câte o fișă pentru fiecare strat.", "en": "A record for each layer."},
        {"ro": ["metadate"], "en": ["metadata"]},
        [{"type": "record", "name": f"{PLUGINS}.Records", "data": RECORDS, "id_field": "id"}],
    )


def _resource(
    title: dict[str, str], description: dict[str, str], keywords: dict[str, list[str]], providers: list[Any]
) -> dict[str, Any]:
    return {
        "type": "collection",
        "title": title,
        "description": description,
        "keywords": keywords,
        "links": [],
        # Replaced by what the data say; pygeoapi wants a box here.
        "extents": {"spatial": {"bbox": [20.26, 43.62, 29.76, 48.27]}},
        "providers": providers,
    }
