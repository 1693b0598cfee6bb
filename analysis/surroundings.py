"""What lies round a piece of land, layer by layer, as GeoDataFrames with the colours of the maps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from psycopg import sql
from psycopg.rows import dict_row

from analysis.frames import CRS
from layers import database
from layers.catalogue import Layer, get_layer
from layers.style import Range, StyleRule

REACH_M = 300.0
GREY = "#808080"


def surroundings(
    land: shapely.Geometry,
    layers: Iterable[str],
    as_of: date,
    reach_m: float = REACH_M,
    address: str | None = None,
) -> dict[str, gpd.GeoDataFrame]:
    """The features in force on a day within ``reach_m`` metres of the land, by layer; EPSG:3844, x = east.

    Each frame has the layer's served columns, ``kind`` (the title of the style rule that draws the feature) and
    ``colour``. Layers without features there are left out. Raises UnknownLayer, DatabaseUnavailable.
    """
    window = shapely.box(*shapely.buffer(land, reach_m).bounds)
    frames = {name: _frame(get_layer(name), window, as_of, address) for name in layers}
    return {name: frame for name, frame in frames.items() if len(frame)}


def _frame(layer: Layer, window: shapely.Geometry, as_of: date, address: str | None) -> gpd.GeoDataFrame:
    names = [column.name for column in layer.served_columns]
    query = sql.SQL(
        "SELECT id, {columns}, ST_AsBinary(ST_Force2D(geom)) AS geometry FROM {table}"
        " WHERE valid_from <= %(day)s AND valid_to > %(day)s AND geom && ST_GeomFromWKB(%(window)s, 3844) ORDER BY id"
    ).format(
        columns=sql.SQL(", ").join(map(sql.Identifier, names)),
        table=sql.Identifier(layer.schema_name, layer.table_name),
    )
    with database.reading(address) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        rows = cursor.execute(query, {"day": as_of, "window": shapely.to_wkb(window)}).fetchall()
    shapes = shapely.from_wkb([row.pop("geometry") for row in rows])
    frame = gpd.GeoDataFrame(pd.DataFrame(rows, columns=["id", *names]), geometry=list(shapes), crs=CRS)
    rules = [_rule(layer, row) for row in rows]
    frame["kind"] = [rule.title or layer.title.ro if rule else layer.title.ro for rule in rules]
    frame["colour"] = [_colour(rule) for rule in rules]
    return frame.set_index("id")


def _rule(layer: Layer, row: dict[str, Any]) -> StyleRule | None:
    """The first rule of the usual look that fits the feature, as on every map."""
    fitting = (rule for rule in layer.style if rule.variant == "default" and all(_fits(rule, row)))
    return next(fitting, None)


def _fits(rule: StyleRule, row: dict[str, Any]) -> Iterator[bool]:
    for name, allowed in rule.where.items():
        value = row.get(name)
        if isinstance(allowed, Range):
            above = allowed.min is None or (value is not None and value >= allowed.min)
            yield value is not None and above and (allowed.below is None or value < allowed.below)
        else:
            yield value in allowed


def _colour(rule: StyleRule | None) -> str:
    if rule is None:
        return GREY
    strokes = [stroke.colour for stroke in rule.strokes[-1:]]
    marked = [rule.marker.colour] if rule.marker else []
    hatched = [rule.hatch.colour] if rule.hatch else []
    colour = next(iter([*([rule.fill] if rule.fill else []), *hatched, *strokes, *marked]), None)
    return "#{:02x}{:02x}{:02x}".format(*colour) if colour else GREY
