"""The statement that makes a vector tile: one round trip, PostGIS encodes it whole.

Parameters: ``$1`` … ``$4`` west, south, east, north of the tile in EPSG:3857, ``$5`` the day, ``$6`` how coarsely
(0: all that belongs to the zoom; each step asks for features four times as large, and for every second point of
the step before). Names come from the catalogue only.
"""

from __future__ import annotations

from functools import lru_cache

from psycopg import sql

from layers.catalogue import Layer, get_layer
from tiles import selection
from tiles.vector_bands import bands_in
from tiles.vector_grid import BUFFER, EXTENT, TILE_PX, WHOLE_FROM, scale_of_zoom, width_m

# What two neighbours may differ by at their common edge is a quarter of a pixel, which nobody sees.
SIMPLIFIED_TO_PX = 0.25
# Where shapes are generalised, areas below this many square pixels and lines below this many pixels are left out.
SMALLEST_AREA_PX, SMALLEST_LINE_PX = 1.5, 1.5


@lru_cache(maxsize=2048)
def statement(layer_ids: tuple[str, ...], z: int) -> bytes:
    """SELECT of a tile of these layers as one bytea, with ``$n`` parameters."""
    box = "ST_MakeEnvelope($1, $2, $3, $4, 3857)"
    reach = f"ST_Expand({box}, {width_m(z) * BUFFER / EXTENT!r})"
    head = (
        f"WITH w AS MATERIALIZED (SELECT {box} AS box, {reach} AS reach, $5::date AS day, $6::int AS step) "
    )
    parts = [_layer(get_layer(layer_id), z).as_string(None) for layer_id in layer_ids]
    return (head + "SELECT " + " || ".join(parts)).encode()


@lru_cache(maxsize=1024)
def columns(layer_id: str, z: int) -> tuple[str, ...]:
    """Attributes in a tile of that zoom: all that are served, or on generalised maps those that the style reads."""
    served = tuple(column.name for column in get_layer(layer_id).served_columns)
    if z >= WHOLE_FROM:
        return served
    shown = [band.shown for band in bands_in(layer_id, z)]
    read = {name for one in shown for rule in one.rules.values() for name in rule.columns}
    read |= {name for one in shown for kind, _ in one.kinds for name in kind.where}
    return tuple(name for name in served if name in read)


def _layer(layer: Layer, z: int) -> sql.Composable:
    named = [sql.SQL("f.{}").format(sql.Identifier(name)) for name in columns(layer.id, z)]
    conditions = [_large(layer, z), *([_drawn(layer, z)] if z < WHOLE_FROM else [])]
    return sql.SQL(
        "(SELECT ST_AsMVT(t, {name}, {extent}, 'shape', 'id') FROM"
        " (SELECT {columns}, ST_AsMVTGeom({shape}, w.box, {extent}, {buffer}, true) AS shape FROM {table} f, w"
        " WHERE f.geom_3857 && w.reach AND f.valid_from <= w.day AND f.valid_to > w.day AND {conditions}"
        # Without an order equal requests would give unequal bytes.
        " ORDER BY f.id) t)"
    ).format(
        name=sql.Literal(layer.id),
        extent=sql.Literal(EXTENT),
        buffer=sql.Literal(BUFFER),
        columns=sql.SQL(", ").join([sql.SQL("f.id"), *named]),
        table=sql.Identifier(layer.schema_name, layer.table_name),
        shape=sql.SQL(_shape(z)),
        conditions=sql.SQL(" AND ".join(conditions)),
    )


def _shape(z: int) -> str:
    if z >= WHOLE_FROM:
        return "f.geom_3857"
    return f"ST_Simplify(f.geom_3857, {width_m(z) / TILE_PX * SIMPLIFIED_TO_PX!r}, true)"


def _drawn(layer: Layer, z: int) -> str:
    """Condition that a rule of the style draws the feature somewhere between this zoom and the next."""
    largest = str(round(scale_of_zoom(z + 1)))
    cases = [
        selection.rule_case(band.shown).replace(selection.SCALE, largest) for band in bands_in(layer.id, z)
    ]
    return f"({' OR '.join(f'({case}) IS NOT NULL' for case in dict.fromkeys(cases)) or 'true'})"


def _large(layer: Layer, z: int) -> str:
    """Condition that a feature is large enough for the zoom and step."""
    pixel = width_m(z) / TILE_PX
    area = f"ST_Area(f.geom_3857) >= {SMALLEST_AREA_PX * pixel**2!r} * 4 ^ w.step"
    length = f"ST_Length(f.geom_3857) >= {SMALLEST_LINE_PX * pixel!r} * 2 ^ w.step"
    few = "f.id % (1 << w.step) = 0"
    kind = layer.geometry or ""
    if kind == "Geometry":
        condition = f"CASE ST_Dimension(f.geom_3857) WHEN 2 THEN {area} WHEN 1 THEN {length} ELSE {few} END"
    else:
        condition = area if kind.endswith("Polygon") else length if "LineString" in kind else few
    return f"({condition})" if z < WHOLE_FROM else f"(w.step = 0 OR {condition})"
