"""Which features of a picture lie at one of its pixels: what a click on a map asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
import pyproj
from psycopg import sql

from layers import database
from layers.catalogue import Layer, get_layer
from tiles.picture import Picture
from tiles.ranges import shown_at
from tiles.references import Reference, reference
from tiles.selection import SRIDS
from tiles.themes import Entry

# How far from the pixel a line or a point may lie to be meant.
REACH_PX = 4.0
METRES_PER_DEGREE = 111_319.490793
METRES_PER_INCH = 0.0254


@dataclass(frozen=True)
class Found:
    """A feature. ``geometry`` is GeoJSON in CRS84, ``gml`` GML 2 in the picture's CRS, x = east."""

    layer: Layer
    id: int
    attributes: dict[str, Any]
    geometry: dict[str, Any]
    gml: str


def identify(
    picture: Picture,
    layers: Sequence[tuple[str, str]],
    pixel: tuple[int, int],
    count: int,
    address: str | None = None,
) -> list[Found]:
    """At most ``count`` features of each layer (the topmost first) at the pixel's middle, nearest first.

    Layers that are not drawn at the picture's scale have none. Raises DatabaseUnavailable.
    """
    crs = reference(picture.crs)
    place, unit = _place(picture, pixel, crs)
    found: list[Found] = []
    with database.reading(address or database.map_url()) as connection:
        for layer_id, look in layers:
            entry = Entry(layer=layer_id, variant=look)
            if not shown_at(entry, scale(picture)).rules:
                continue
            layer = get_layer(layer_id)
            statement = _statement(layer, crs)
            asked = {
                "x": place[0],
                "y": place[1],
                "reach": unit * REACH_PX,
                "day": picture.as_of,
                "count": count,
            }
            rows = connection.execute(statement, asked).fetchall()
            found += [_feature(layer, row) for row in rows]
    return found


def scale(picture: Picture) -> float:
    """The scale denominator of the picture, as MapServer counts it: along its width."""
    west, _, east, _ = picture.bbox
    unit = METRES_PER_DEGREE if reference(picture.crs).degrees else 1.0
    return (east - west) * unit / picture.width * picture.ppi / METRES_PER_INCH


def _place(picture: Picture, pixel: tuple[int, int], crs: Reference) -> tuple[tuple[float, float], float]:
    """The pixel's middle in the coordinates of the stored column, and the size of a pixel there (m)."""
    west, south, east, north = picture.bbox
    size_x, size_y = (east - west) / picture.width, (north - south) / picture.height
    x, y = west + (pixel[0] + 0.5) * size_x, north - (pixel[1] + 0.5) * size_y
    unit = max(size_x, size_y)
    if crs.projection is None:
        return (x, y), unit
    name = "OGC:CRS84" if crs.degrees else crs.name
    away = pyproj.Transformer.from_crs(name, SRIDS[crs.column], always_xy=True)
    (left, right), (top, bottom) = away.transform([x, x + size_x], [y, y + size_y])
    return (left, top), max(abs(right - left), abs(bottom - top))


def _statement(layer: Layer, crs: Reference) -> sql.Composed:
    column = sql.Identifier(crs.column)
    target = 4326 if crs.degrees else int(crs.name.removeprefix("EPSG:"))
    shape = column if crs.projection is None else sql.SQL("ST_Transform({}, {})").format(column, target)
    # In degrees and metres alike; EPSG:31700 has the coordinates of EPSG:3844, only the name differs.
    gml = sql.SQL("ST_AsGML(2, ST_SetSRID({}, {}), 9)").format(shape, target)
    return sql.SQL(
        "SELECT id, ST_AsGeoJSON(ST_Transform(geom_3857, 4326), 7), {gml}, {columns}"
        " FROM (SELECT *, ST_SetSRID(ST_MakePoint(%(x)s, %(y)s), {srid}) AS here FROM {table}) t"
        " WHERE valid_from <= %(day)s AND valid_to > %(day)s"
        " AND {column} && ST_Expand(here, %(reach)s)"
        " AND ST_DWithin({column}, here, CASE WHEN ST_Dimension({column}) = 2 THEN 0 ELSE %(reach)s END)"
        " ORDER BY ST_Distance({column}, here), ST_Area({column}), id LIMIT %(count)s"
    ).format(
        gml=gml,
        columns=sql.SQL(", ").join(sql.Identifier(one.name) for one in layer.served_columns),
        srid=SRIDS[crs.column],
        table=sql.Identifier(layer.schema_name, layer.table_name),
        column=column,
    )


def _feature(layer: Layer, row: tuple[Any, ...]) -> Found:
    number, geometry, gml, *values = row
    names = [column.name for column in layer.served_columns]
    return Found(
        layer=layer,
        id=number,
        attributes={name: _plain(value) for name, value in zip(names, values, strict=True)},
        geometry=orjson.loads(geometry),
        gml=gml,
    )


def _plain(value: Any) -> Any:
    """A value as JSON and text have it."""
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool | None) else float(value)
