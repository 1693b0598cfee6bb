"""Vector tiles: one statement a tile, straight from the geometry stored in EPSG:3857, encoded by PostGIS.

A tile holds one layer, or several as layers of its own: those named with commas between, or all of a group.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from psycopg import RawCursor

from layers import database
from layers.catalogue import Layer
from layers.errors import UnknownLayer
from layers.groups import groups
from layers.timing import span
from tiles import vector_grid
from tiles.vector_bands import first_zoom
from tiles.vector_grid import NoSuchTile
from tiles.vector_sql import statement

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
# What a mobile connection carries in a second; larger tiles stall a map.
LARGEST = 500_000
MOST_LAYERS = 40
# Sixteen steps would ask for areas four thousand million times as large: there is nothing left then.
COARSEST = 16
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Tile:
    """A tile as asked for, checked: ``layers`` are seen, on the map and drawn at zoom ``z``; ``box`` is its edges.

    ``box`` is west, south, east, north in EPSG:3857; ``as_of`` the day whose features it holds.
    """

    layers: tuple[str, ...]
    z: int
    x: int
    y: int
    box: Box
    as_of: date


def chosen(names: str, seen: dict[str, Layer]) -> tuple[Layer, ...]:
    """The layers meant by a group's name, or by ids with commas between; in the catalogue's order, each once.

    ``seen`` are the layers there are for the caller. Raises UnknownLayer, also for a layer without geometry.
    """
    drawable = {name: layer for name, layer in seen.items() if layer.geometry}
    members = tuple(layer for layer in drawable.values() if layer.schema_name == names)
    if names in groups() and members:
        return members
    wanted = set(names.split(",", MOST_LAYERS))
    for name in sorted(wanted - set(drawable)):
        raise UnknownLayer(name[:80], list(drawable))
    return tuple(layer for name, layer in drawable.items() if name in wanted)


def zooms(layers: tuple[Layer, ...]) -> tuple[int, int]:
    """First and last zoom of tiles that hold one of the layers."""
    return min(map(first_zoom, layers)), vector_grid.DEEPEST


def tile(layers: tuple[Layer, ...], z: int, x: int, y: int, as_of: date) -> Tile:
    """The tile of that place, with those of the layers that are drawn at its zoom.

    Raises NoSuchTile outside the grid and where none of the layers is drawn.
    """
    box = vector_grid.box(z, x, y)
    drawn = tuple(layer.id for layer in layers if first_zoom(layer) <= z)
    if not drawn:
        names = ", ".join(layer.id for layer in layers)
        raise NoSuchTile(f"{names or 'nothing'} is not drawn at zoom {z}")
    return Tile(drawn, z, x, y, box, as_of)


def draw(asked: Tile, address: str | None = None) -> bytes:
    """The tile as Mapbox Vector Tile 2, not compressed; empty where there is nothing.

    Of a tile that would be larger than ``LARGEST`` bytes the smallest features are left out, as many as needed.
    Reads as the map services do. Raises DatabaseUnavailable.
    """
    text = statement(asked.layers, asked.z)
    with database.reading(address or database.map_url()) as connection, RawCursor(connection) as cursor:
        for step in range(COARSEST):
            with span("db"):
                row = cursor.execute(text, [*asked.box, asked.as_of, step], binary=True).fetchone()
            content: bytes = row[0] if row else b""
            if len(content) <= LARGEST:
                return content
    raise NoSuchTile(f"tile {asked.z}/{asked.x}/{asked.y} cannot be made small enough")
