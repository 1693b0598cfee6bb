"""The tile layers in plain JSON, for maps in a page: what a legend, a credit line and a tile loader need."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gis_app.certificates.settings import AuthoritySettings
from gis_app.ogc.wmts.capabilities import tile_template
from gis_app.ogc.wmts.request import CURRENT, STYLE
from layers.extents import transform
from tiles.cache.grids import MATRIX_SETS, TILE_PX, MatrixSet
from tiles.cache.layers import TileLayer
from tiles.cache.limits import bounds


def described(layers: Iterable[TileLayer], host: str) -> dict[str, Any]:
    """Layers and matrix sets. ``tiles`` are address templates with {TileMatrixSet}, {TileMatrix}, {TileRow} and
    {TileCol}; coordinates are x = east first, resolutions metres a pixel."""
    return {
        "capabilities": f"{host}/wmts/1.0.0/WMTSCapabilities.xml",
        "layers": [_layer(layer, host) for layer in layers],
        "matrix_sets": [_matrix_set(matrices) for matrices in MATRIX_SETS.values()],
    }


def _layer(layer: TileLayer, host: str) -> dict[str, Any]:
    kind = "foreign" if layer.foreign else "theme" if layer.name.startswith("theme.") else "layer"
    template = tile_template(layer, host).replace("{Style}", STYLE).replace("{Time}", CURRENT)
    box = bounds(layer)
    attribution = layer.attribution
    return {
        "id": layer.name,
        "kind": kind,
        "title": layer.title.model_dump(),
        "attribution": {
            "text": attribution.text if attribution else AuthoritySettings().name,
            "url": attribution.url if attribution else None,
        },
        "licence": layer.licence,
        "transparent": layer.transparent,
        "format": layer.mime,
        "queryable": layer.queryable,
        "layers": list(layer.layer_ids),
        "bbox": [round(value, 3) for value in box],
        "bbox_degrees": [round(value, 6) for value in transform(box, "EPSG:3844", "OGC:CRS84")],
        "tiles": template,
    }


def _matrix_set(matrices: MatrixSet) -> dict[str, Any]:
    return {
        "id": matrices.id,
        "crs": matrices.crs,
        "origin": [matrices.bounds[0], matrices.bounds[3]],
        "extent": list(matrices.bounds),
        "resolutions": [matrix.resolution for matrix in matrices.matrices],
        "tile_size": TILE_PX,
    }
