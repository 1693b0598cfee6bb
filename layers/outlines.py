"""Shapes of single features, cut to the neighbourhood that is looked at: what a map lights up.

Coordinates are EPSG:3844, x = east, y = north, metres.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import orjson
from psycopg import sql

from layers import database
from layers.catalogue import Layer

DECIMALS = 2


@dataclass(frozen=True)
class Reference:
    """A feature, by its layer and the number that reports give it (``CheckReport.findings[].feature``)."""

    layer: Layer
    id: int


def outlines(
    wanted: Iterable[Reference], inside: tuple[float, float, float, float], address: str | None = None
) -> bytes:
    """A GeoJSON FeatureCollection of the features as far as they lie ``inside`` (min x, min y, max x, max y).

    A feature's ``id`` is ``layer:id``. Layers without geometry give nothing.
    """
    by_layer: dict[str, list[Reference]] = {}
    for one in wanted:
        if one.layer.geometry:
            by_layer.setdefault(one.layer.id, []).append(one)
    features: list[dict[str, object]] = []
    with database.reading(address) as connection:
        for layer_id, references in by_layer.items():
            layer = references[0].layer
            statement = sql.SQL(
                "SELECT id, ST_AsGeoJSON(cut, {}) FROM {}.{},"
                " LATERAL (SELECT ST_ClipByBox2D(geom, ST_MakeEnvelope(%s, %s, %s, %s, 3844)) AS cut) AS c"
                " WHERE id = ANY(%s) AND NOT ST_IsEmpty(cut)"
            ).format(
                sql.Literal(DECIMALS), sql.Identifier(layer.schema_name), sql.Identifier(layer.table_name)
            )
            rows = connection.execute(statement, [*inside, [one.id for one in references]]).fetchall()
            features += [
                {
                    "type": "Feature",
                    "id": f"{layer_id}:{number}",
                    "properties": {},
                    "geometry": orjson.loads(shape),
                }
                for number, shape in rows
            ]
    return orjson.dumps({"type": "FeatureCollection", "features": features})
