"""Where the features of a layer lie, as capabilities and metadata tell it.

Extents are of what is in force on a day; they are worked out once for each state of the layer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import psycopg
import shapely
from psycopg import sql
from pyproj import Transformer

from layers import database, states
from layers.catalogue import Layer, get_layer

Bounds = tuple[float, float, float, float]
# Points on each side of the box when it is turned into another system, whose straight lines bend.
DENSITY = 21
# What is known of empty layers: the box of Romania, west, south, east, north in degrees.
ROMANIA: Bounds = (20.26, 43.62, 29.76, 48.27)


@dataclass(frozen=True)
class Extent:
    """``stereo70`` is west, south, east, north in metres (EPSG:3844, x = east), ``degrees`` the same in CRS84."""

    stereo70: Bounds
    degrees: Bounds


def extent(layer: Layer, day: date, address: str | None = None) -> Extent | None:
    """The box round the layer's features on that day; None for a layer without any, or whose table is gone.

    Raises DatabaseUnavailable.
    """
    state = states.states(day, address).get(layer.id)
    if state is None or layer.geometry is None:
        return None
    return _extent(layer.id, state.version_id, day, address or database.url())


def around(boxes: Iterable[Bounds]) -> Bounds | None:
    """The box round these boxes (all in one CRS); None where there is none."""
    corners = list(zip(*boxes, strict=True))
    return (min(corners[0]), min(corners[1]), max(corners[2]), max(corners[3])) if corners else None


@lru_cache(maxsize=512)
def transform(bounds: Bounds, source: str, target: str) -> Bounds:
    """A box in another coordinate system, x = east first in both."""
    west, south, east, north = transformer(source, target).transform_bounds(*bounds, densify_pts=DENSITY)
    return (west, south, east, north)


@lru_cache(maxsize=512)
def _extent(layer_id: str, _version: int, day: date, address: str) -> Extent | None:
    layer = get_layer(layer_id)
    query = sql.SQL(
        "SELECT ST_AsBinary(ST_Extent(geom)::geometry) FROM {} WHERE valid_from <= %s AND valid_to > %s"
    ).format(sql.Identifier(layer.schema_name, layer.table_name))
    with database.reading(database.map_url(address)) as connection:
        try:
            row = connection.execute(query, [day, day]).fetchone()
        except psycopg.ProgrammingError:
            return None  # the table is gone: layers.health tells; lists of layers go on naming it
    if row is None or row[0] is None:
        return None
    west, south, east, north = shapely.from_wkb(row[0]).bounds
    box = (west, south, east, north)
    return Extent(box, transform(box, "EPSG:3844", "OGC:CRS84"))


@lru_cache(maxsize=64)
def transformer(source: str, target: str) -> Transformer:
    """From one CRS to another, x = east first on both sides; made once, for that takes milliseconds."""
    return Transformer.from_crs(source, target, always_xy=True)
