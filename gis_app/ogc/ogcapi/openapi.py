"""The door described by OpenAPI 3.0: whole in itself, and saying no more than what there is.

pygeoapi's description points at schema files of other sites and tells of operations that are not offered here.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from gis_app.certificates.settings import AuthoritySettings
from gis_app.ogc.ogcapi import openapi_parts as parts
from gis_app.ogc.ogcapi.asking import GEOJSON, HTML, JSON, OPENAPI, SCHEMA, Asked
from gis_app.ogc.ogcapi.columns import properties
from gis_app.ogc.ogcapi.core import DESCRIPTIONS, RECORDS, TITLES
from gis_app.ogc.ogcapi.process_description import DESCRIPTION, PROCESS
from layers.catalogue import Layer
from tiles.vector import MEDIA_TYPE

Node = dict[str, Any]
MATRIX = "/collections/{collectionId}/tiles/WebMercatorQuad"
ITEM_PARAMETERS = (
    "limit",
    "bbox",
    "datetime",
    "bbox-crs",
    "crs",
    "offset",
    "after",
    "sortby",
    "properties",
    "filter",
    "filter-lang",
    "filter-crs",
)


def document(request: Asked, layers: Mapping[str, Layer]) -> Node:
    """The description, for a caller who sees those layers."""
    language = request.language
    authority = AuthoritySettings()
    return {
        "openapi": "3.0.3",
        "info": {
            "title": TITLES[language],
            "description": DESCRIPTIONS[language],
            "version": version("vatra"),
            "contact": {"name": authority.name, "url": request.root},
            "license": {"name": "CC-BY-4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
        },
        "servers": [{"url": request.base}],
        "tags": [{"name": name} for name in ("server", "features", "tiles", "maps", "processes", "records")],
        "paths": {
            **_server(),
            **_items(layers, request),
            **_tiles(),
            **_maps(),
            **_processes(),
            **_records(),
        },
        "components": parts.components(list(layers)),
    }


def _server() -> Node:
    collection = ["collectionId"]
    return {
        "/": _get("server", "landingPage", "Landing page"),
        "/conformance": _get("server", "conformance", "Conformance classes"),
        "/openapi": _get("server", "openapi", "This document", media=OPENAPI),
        "/collections": _get("server", "collections", "Collections"),
        "/collections/{collectionId}": _get("server", "collection", "A collection", collection),
        "/collections/{collectionId}/schema": _get(
            "features", "schema", "What features hold", collection, media=SCHEMA
        ),
        "/collections/{collectionId}/queryables": _get(
            "features", "queryables", "What filters may ask", collection, media=SCHEMA
        ),
        "/collections/{collectionId}/items/{featureId}": _get(
            "features",
            "feature",
            "A feature",
            [*collection, "featureId", "crs"],
            media=GEOJSON,
            schema="feature",
        ),
    }


def _items(layers: Mapping[str, Layer], request: Asked) -> Node:
    found: Node = {}
    for layer in layers.values():
        title = getattr(layer.title, request.language)
        operation = _get(
            "features", f"items.{layer.id}", title, ITEM_PARAMETERS, media=GEOJSON, schema="featureCollection"
        )
        operation["get"]["parameters"] += [
            _property(name, schema)
            for name, schema in properties(layer, request.language).items()
            if "type" in schema
        ]
        found[f"/collections/{layer.id}/items"] = operation
    return found


def _property(name: str, schema: Node) -> Node:
    """A parameter that asks for features by the value of a property."""
    kept = {key: value for key, value in schema.items() if key in ("type", "format", "enum", "title")}
    return {"name": name, "in": "query", "required": False, "schema": kept}


def _tiles() -> Node:
    names = ["collectionId", "tileMatrix", "tileRow", "tileCol", "datetime"]
    tile = _get("tiles", "tile", "A vector tile", names, media=MEDIA_TYPE, forms=False)
    tile["get"]["parameters"].append(
        {"name": "as_of", "in": "query", "schema": {"type": "string", "format": "date"}}
    )
    tile["get"]["responses"]["200"]["content"] = {
        MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}
    }
    tile["get"]["responses"]["204"] = {"description": "There is nothing in this tile"}
    return {
        "/collections/{collectionId}/tiles": _get("tiles", "tileSets", "Tile sets", ["collectionId"]),
        MATRIX: _get("tiles", "tileSet", "A tile set", ["collectionId"]),
        f"{MATRIX}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}": tile,
        "/tileMatrixSets": _get("tiles", "tileMatrixSets", "Grids"),
        "/tileMatrixSets/WebMercatorQuad": _get("tiles", "tileMatrixSet", "A grid"),
    }


def _maps() -> Node:
    names = [
        "collectionId",
        "bbox",
        "bbox-crs",
        "crs",
        "datetime",
        "width",
        "height",
        "transparent",
        "bgcolor",
    ]
    operation = _get("maps", "map", "A map", names, forms=False)
    picture = {"schema": {"type": "string", "format": "binary"}}
    operation["get"]["responses"]["200"]["content"] = {"image/png": picture, "image/jpeg": picture}
    operation["get"]["parameters"].append(
        {"name": "f", "in": "query", "schema": {"type": "string", "enum": ["png", "jpeg"]}}
    )
    return {"/collections/{collectionId}/map": operation}


def _processes() -> Node:
    job = "/jobs/{jobId}"
    inputs = DESCRIPTION["example"]
    done = {"description": "The report", "content": {JSON: {"schema": {"type": "object"}}}}
    accepted = {
        "description": "The job was accepted",
        "headers": {"Location": {"schema": {"type": "string", "format": "uri"}}},
        "content": {JSON: {"schema": {"type": "object"}}},
    }
    execution = {
        "post": {
            "tags": ["processes"],
            "operationId": "execute",
            "summary": "Check a parcel",
            "parameters": [parts.reference("parameters", "prefer")],
            "requestBody": {
                "required": True,
                "content": {JSON: {"schema": parts.reference("schemas", "execute"), "example": inputs}},
            },
            "responses": {"200": done, "201": accepted, **parts.FAILURES},
        }
    }
    status = _get("processes", "jobStatus", "Status of a job", ["jobId"])
    status["delete"] = {
        **_get("processes", "dismiss", "Dismiss a job", ["jobId"])["get"],
        "operationId": "dismiss",
    }
    return {
        "/processes": _get("processes", "processes", "Processes"),
        f"/processes/{PROCESS}": _get("processes", "process", "The process"),
        f"/processes/{PROCESS}/execution": execution,
        "/jobs": _get("processes", "jobs", "The jobs of the caller's token", ["limit", "offset"]),
        job: status,
        f"{job}/results": _get("processes", "jobResults", "Results of a job", ["jobId"], forms=False),
    }


def _records() -> Node:
    names = ["limit", "bbox", "datetime", "offset", "sortby", "q"]
    here = f"/collections/{RECORDS}/items"
    return {
        here: _get("records", "records", "Records", names, media=GEOJSON, schema="featureCollection"),
        f"{here}/{{recordId}}": _get(
            "records", "record", "A record", ["recordId"], media=GEOJSON, schema="feature"
        ),
    }


def _get(
    tag: str,
    operation: str,
    summary: str,
    names: tuple[str, ...] | list[str] = (),
    *,
    media: str = JSON,
    schema: str | None = None,
    forms: bool = True,
) -> Node:
    shape: Node = parts.reference("schemas", schema) if schema else {"type": "object"}
    content: Node = {media: {"schema": shape}}
    if forms:
        content[HTML] = {"schema": {"type": "string"}}
        names = [*names, "f", "lang"]
    return {
        "get": {
            "tags": [tag],
            "operationId": operation,
            "summary": summary,
            "parameters": [parts.reference("parameters", name) for name in names],
            "responses": {"200": {"description": summary, "content": content}, **parts.FAILURES},
        }
    }
