"""The conformance classes that the door keeps; each has its test."""

from __future__ import annotations

SPEC = "http://www.opengis.net/spec/"
_KEPT = {
    "ogcapi-common-1/1.0/conf": ("core", "landing-page", "json", "html", "oas30"),
    "ogcapi-common-2/1.0/conf": ("collections",),
    "ogcapi-features-1/1.0/conf": ("core", "oas30", "html", "geojson"),
    "ogcapi-features-2/1.0/conf": ("crs",),
    "ogcapi-features-3/1.0/conf": (
        "queryables",
        "queryables-query-parameters",
        "filter",
        "features-filter",
    ),
    "ogcapi-features-5/1.0/conf": ("schemas", "core-roles-features", "returnables-and-receivables"),
    "cql2/1.0/conf": (
        "cql2-text",
        "cql2-json",
        "basic-cql2",
        "advanced-comparison-operators",
        "case-insensitive-comparison",
        "accent-insensitive-comparison",
        "basic-spatial-functions",
        "basic-spatial-functions-plus",
        "spatial-functions",
        "temporal-functions",
        "property-property",
        "arithmetic",
    ),
    "ogcapi-tiles-1/1.0/conf": ("core", "mvt", "tileset", "tilesets-list", "geodata-tilesets"),
    # Sizes, boxes, days and backgrounds can be asked for; the classes of these names want more (centres, subsets…).
    "ogcapi-maps-1/1.0/conf": ("core", "collection-map", "crs", "png", "jpeg"),
    "ogcapi-processes-1/1.0/conf": ("core", "ogc-process-description", "json", "html", "oas30", "dismiss"),
    "ogcapi-records-1/1.0/conf": ("record-core", "json", "html"),
}
CLASSES = tuple(f"{SPEC}{part}/{name}" for part, names in _KEPT.items() for name in names)
