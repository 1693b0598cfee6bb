"""GetFeatureInfo: what lies under a pixel of a tile, found and written as WMS does."""

from __future__ import annotations

import flask

from gis_app import caching
from gis_app.ogc.wms.info import written
from gis_app.ogc.wmts.request import InfoRequest
from layers.days import today
from tiles.cache.grids import TILE_PX
from tiles.identify import identify
from tiles.picture import Picture

# Features of each layer, at most.
MOST = 20


def answer(asked: InfoRequest) -> flask.Response:
    """The features under the pixel, the topmost layer's first, in the form asked for."""
    tile, layer = asked.tile, asked.tile.layer
    day = tile.day or today()
    place = (tile.matrices.id, tile.level, tile.column, tile.row, asked.i, asked.j)
    etag = caching.tag(layer.layer_ids, day, layer.digest, place, asked.mime)
    unchanged = caching.unchanged(etag, layer.layer_ids)
    if unchanged:
        return unchanged
    picture = Picture(
        layers=layer.entries,
        crs=tile.matrices.crs,
        bbox=tile.matrices.tile(tile.level, tile.column, tile.row),
        width=TILE_PX,
        height=TILE_PX,
        as_of=day,
    )
    # A layer that a theme draws twice, as bed and edge, is found once.
    looks = {name: (name, look) for name, look in layer.entries}
    found = identify(picture, list(reversed(looks.values())), (asked.i, asked.j), MOST)
    return caching.keep(written(found, asked.mime), etag, layer.layer_ids)
