"""Features as GeoJSON: x = east (longitude) first whatever the system, degrees of CRS84 unless asked otherwise."""

from __future__ import annotations

import orjson
import shapely

from layers.catalogue import Column, Layer
from tiles.wfs.crs import Reference, outward
from tiles.wfs.reading import Batch


def members(batch: Batch, layer: Layer, columns: tuple[Column, ...], system: Reference) -> list[str]:
    """One feature each."""
    shapes = ["null"] * len(batch)
    if batch.geometries is not None:
        flat = shapely.force_2d(outward(batch.geometries, system))
        shapes = [shape or "null" for shape in shapely.to_geojson(flat).tolist()]
    names = [column.name for column in columns]
    rows = zip(*batch.values, strict=True) if batch.values else [()] * len(batch)
    return [
        f'{{"type":"Feature","id":"{layer.id}.{number}","geometry":{shape},"properties":{_properties(names, row)}}}'
        for number, shape, row in zip(batch.ids, shapes, rows, strict=True)
    ]


def crs_member(system: Reference) -> str:
    """The member ``crs`` of the older GeoJSON, where coordinates are not those of CRS84; begins with a comma."""
    if system.srid == 4326:
        return ""
    return f',"crs":{{"type":"name","properties":{{"name":"urn:ogc:def:crs:EPSG::{system.srid}"}}}}'


def _properties(names: list[str], row: tuple[object, ...]) -> str:
    return orjson.dumps(dict(zip(names, row, strict=True))).decode()
