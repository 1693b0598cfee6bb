"""What lies under a pixel of a tile: features of a layer near a point, with the columns that are served."""

from __future__ import annotations

from datetime import date
from typing import Any

from psycopg import sql

from layers import database
from layers.catalogue import Layer
from layers.timing import span
from tiles.cache.grids import MatrixSet, transformer

# As far as a finger or a mouse misses a line or a symbol, in pixels.
MISSED_PX = 4
MOST = 20
_NEAR = """
SELECT id, {columns}, ST_AsGeoJSON(ST_Force2D(geom), 3)::json AS geom
FROM {table}, (SELECT ST_SetSRID(ST_MakePoint(%(x)s, %(y)s), 3844) AS place) AS asked
WHERE valid_from <= %(day)s AND valid_to > %(day)s AND ST_DWithin(geom, place, %(reach)s)
ORDER BY ST_Distance(geom, place), id LIMIT {most}
"""


def features(
    layer: Layer, matrices: MatrixSet, place: tuple[int, int, int], pixel: tuple[int, int], day: date
) -> list[dict[str, Any]]:
    """GeoJSON features (geometry in EPSG:3844, x = east) under pixel ``i, j`` of tile level, column, row; the
    nearest first, 20 at most. Raises DatabaseUnavailable."""
    level, column, row = place
    west, _, _, north = matrices.tile(level, column, row)
    resolution = matrices.matrices[level].resolution
    x, y = west + (pixel[0] + 0.5) * resolution, north - (pixel[1] + 0.5) * resolution
    east, north_m = transformer(matrices.crs, "EPSG:3844").transform(x, y)
    names = [column.name for column in layer.served_columns]
    statement = sql.SQL(_NEAR).format(
        columns=sql.SQL(", ").join(map(sql.Identifier, names)) if names else sql.SQL("NULL"),
        table=sql.Identifier(layer.schema_name, layer.table_name),
        most=sql.Literal(MOST),
    )
    values = {"x": east, "y": north_m, "day": day, "reach": MISSED_PX * resolution}
    with span("identify"), database.reading(database.map_url()) as connection:
        rows = connection.execute(statement, values).fetchall()
    return [
        {
            "type": "Feature",
            "id": f"{layer.id}.{found[0]}",
            "geometry": found[-1],
            "properties": dict(zip(names, found[1:-1], strict=False)),
        }
        for found in rows
    ]
