"""A layer's columns as JSON Schema: what schema, queryables and the API description say of them."""

from __future__ import annotations

from typing import Any

from gis_app.ogc.ogcapi.asking import Language
from layers.catalogue import Column, Layer

TYPES: dict[str, dict[str, str]] = {
    "text": {"type": "string"},
    "choice": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
}
SHAPES = {
    "Point": "point",
    "MultiPoint": "multipoint",
    "MultiLineString": "multilinestring",
    "MultiLineStringM": "multilinestring",
    "MultiPolygon": "multipolygon",
    "Geometry": "any",
}
VALID = {
    "valid_from": {"ro": "În vigoare din", "en": "In force from"},
    "valid_to": {"ro": "În vigoare până la (exclusiv)", "en": "In force until (exclusive)"},
}


def properties(layer: Layer, language: Language) -> dict[str, dict[str, Any]]:
    """JSON Schema of every property by name, the geometry first where there is one."""
    found: dict[str, dict[str, Any]] = {}
    if layer.geometry:
        found["geometry"] = {
            "format": f"geometry-{SHAPES[layer.geometry]}",
            "x-ogc-role": "primary-geometry",
        }
    found["id"] = {"type": "integer", "title": "id", "x-ogc-role": "id", "readOnly": True}
    found.update({column.name: _column(column, language) for column in layer.served_columns})
    for (name, title), role in zip(VALID.items(), ("start", "end"), strict=True):
        found[name] = {
            "type": "string",
            "format": "date",
            "title": title[language],
            "x-ogc-role": f"primary-interval-{role}",
        }
    return found


def _column(column: Column, language: Language) -> dict[str, Any]:
    described: dict[str, Any] = {**TYPES[column.type], "title": getattr(column.meaning, language)}
    if column.unit:
        described["x-ogc-unit"] = column.unit
    if column.values:
        described["enum"] = list(column.values)
    return described
