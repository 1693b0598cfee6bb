"""Parameters, schemas and failures that the API description refers to."""

from __future__ import annotations

from typing import Any

from gis_app.errors import PROBLEM_JSON
from gis_app.ogc.ogcapi.limits import DEFAULT_LIMIT, MAX_LIMIT
from gis_app.ogc.ogcapi.maps import LARGEST_PX
from layers.frames import CRS84, FRAMES

Node = dict[str, Any]
NUMBERS: Node = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
CRS: Node = {"type": "string", "format": "uri", "enum": list(FRAMES), "default": CRS84.uri}
TEXT: Node = {"type": "string"}


def reference(kind: str, name: str) -> Node:
    """A reference to one of the components."""
    return {"$ref": f"#/components/{kind}/{name}"}


FAILURES: Node = {
    "400": reference("responses", "Invalid"),
    "404": reference("responses", "NotFound"),
    "default": reference("responses", "Problem"),
}
PIXELS: Node = {"type": "integer", "minimum": 1, "maximum": LARGEST_PX}
LIMIT: Node = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
QUERIES: dict[str, tuple[str, Node]] = {
    "f": (
        "Form of the answer; overrides the Accept header",
        {"type": "string", "enum": ["json", "html"]},
    ),
    "lang": ("Language of titles", {"type": "string", "enum": ["ro", "en"], "default": "ro"}),
    "limit": ("How many features a page holds", LIMIT),
    "offset": ("How many features to skip", {"type": "integer", "minimum": 0, "default": 0}),
    "after": (
        "Only features of higher id: how pages follow each other",
        {"type": "integer", "minimum": 0},
    ),
    "bbox": ("Only features that meet this box: lower corner, then upper corner", NUMBERS),
    "bbox-crs": ("CRS of bbox", CRS),
    "crs": ("CRS of the answer", CRS),
    "datetime": ("A day, a moment, or two with a slash between: features in force then (today)", TEXT),
    "sortby": ("Properties with commas between, each after - for descending", TEXT),
    "properties": ("Only these properties, with commas between", TEXT),
    "filter": ("A filter in CQL2", TEXT),
    "filter-lang": ("How the filter is written", {"type": "string", "enum": ["cql2-text", "cql2-json"]}),
    "filter-crs": ("CRS of shapes in the filter", CRS),
    "q": ("Words to find records by", TEXT),
    "width": ("Pixels from west to east", PIXELS),
    "height": ("Pixels from north to south", PIXELS),
    "transparent": ("Whether nothing shows what is below", {"type": "boolean", "default": True}),
    "bgcolor": ("Colour where there is nothing, as 0xRRGGBB", TEXT),
}
LINK: Node = {
    "type": "object",
    "required": ["href", "rel"],
    "properties": dict.fromkeys(("href", "rel", "type", "title"), TEXT),
}
LINKS: Node = {"type": "array", "items": reference("schemas", "link")}
FEATURE: Node = {
    "type": "object",
    "required": ["type", "geometry", "properties"],
    "properties": {
        "type": {"type": "string", "enum": ["Feature"]},
        "id": {},
        "geometry": {"type": "object", "nullable": True},
        "properties": {"type": "object"},
        "links": LINKS,
    },
}
FEATURES: Node = {
    "type": "object",
    "required": ["type", "features"],
    "properties": {
        "type": {"type": "string", "enum": ["FeatureCollection"]},
        "features": {"type": "array", "items": reference("schemas", "feature")},
        "links": LINKS,
        "timeStamp": {"type": "string", "format": "date-time"},
        "numberMatched": {"type": "integer", "minimum": 0},
        "numberReturned": {"type": "integer", "minimum": 0},
    },
}
EXECUTE: Node = {
    "type": "object",
    "required": ["inputs"],
    "properties": {
        "inputs": {"type": "object"},
        "outputs": {"type": "object"},
        "response": {"type": "string", "enum": ["raw", "document"], "default": "raw"},
    },
}
PROBLEM: Node = {
    "type": "object",
    "required": ["type", "title", "status", "code", "description"],
    "properties": {
        "type": TEXT,
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT,
        "code": TEXT,
        "description": TEXT,
        "request_id": TEXT,
    },
}
SCHEMAS: Node = {
    "link": LINK,
    "feature": FEATURE,
    "featureCollection": FEATURES,
    "execute": EXECUTE,
    "problem": PROBLEM,
}


def components(layer_ids: list[str]) -> Node:
    """The components, for a caller who sees those layers."""
    problem = {PROBLEM_JSON: {"schema": reference("schemas", "problem")}}
    described = {
        "Invalid": "A parameter is unknown or its value cannot be used",
        "NotFound": "There is no such thing",
        "Problem": "Something else went wrong",
    }
    return {
        "parameters": {**_queries(), **_headers_and_paths(layer_ids)},
        "responses": {name: {"description": text, "content": problem} for name, text in described.items()},
        "schemas": SCHEMAS,
    }


def _queries() -> Node:
    lists = {"style": "form", "explode": False}
    return {
        name: {
            "name": name,
            "in": "query",
            "required": False,
            "description": text,
            "schema": schema,
            **(lists if name == "bbox" else {}),
        }
        for name, (text, schema) in QUERIES.items()
    }


def _headers_and_paths(layer_ids: list[str]) -> Node:
    whole: Node = {"type": "integer", "minimum": 0}
    paths: dict[str, Node] = {
        "collectionId": {"type": "string", "enum": layer_ids},
        "featureId": whole,
        "recordId": TEXT,
        "jobId": {"type": "string", "format": "uuid"},
        "tileMatrix": whole,
        "tileRow": whole,
        "tileCol": whole,
    }
    return {
        "prefer": {
            "name": "Prefer",
            "in": "header",
            "required": False,
            "schema": {"type": "string", "enum": ["respond-async", "wait"]},
        },
        **{
            name: {"name": name, "in": "path", "required": True, "schema": schema}
            for name, schema in paths.items()
        },
    }
