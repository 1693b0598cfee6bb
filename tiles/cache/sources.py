"""Where tiles come from: our own drawing, or a foreign service asked with care."""

from __future__ import annotations

import urllib.parse
from datetime import date
from io import BytesIO

from mapproxy.client.http import HTTPClientError
from mapproxy.extent import MapExtent
from mapproxy.image import ImageResult
from mapproxy.image.opts import ImageOptions
from mapproxy.layer.map_layer import MapLayer
from mapproxy.query import MapQuery
from mapproxy.source.wms import WMSLikeSource
from mapproxy.srs import SRS, SupportedSRS
from PIL import Image
from pyproj import CRS

from tiles.cache.cascade import Foreign
from tiles.cache.fetching import fetch
from tiles.cache.layers import TileLayer
from tiles.painting import paint
from tiles.picture import Picture


def image_options(layer: TileLayer) -> ImageOptions:
    """How MapProxy reads and writes the pictures of that layer; ``colors`` 0 keeps it from making palettes."""
    return ImageOptions(transparent=layer.transparent, format=layer.mime, colors=0, resampling="bicubic")


class OwnSource(MapLayer):  # type: ignore[misc]  # MapProxy has no types
    """Layers of ours, drawn by our own drawing; the query's dimension ``day`` says as of when."""

    supports_meta_tiles = True

    def __init__(self, layer: TileLayer, address: str) -> None:
        super().__init__(image_options(layer))
        self._layer, self._address = layer, address

    def get_map(self, query: MapQuery) -> ImageResult:
        """The picture of a metatile. Raises what `tiles.painting.paint` raises."""
        picture = Picture(
            layers=self._layer.entries,
            crs=query.srs.srs_code,
            bbox=tuple(query.bbox),
            width=query.size[0],
            height=query.size[1],
            as_of=date.fromisoformat(query.dimensions["day"]),
            transparent=self._layer.transparent,
            piece=True,
        )
        return ImageResult(
            BytesIO(paint(picture, self._address)), size=query.size, image_opts=self.image_opts
        )


class ForeignSource(WMSLikeSource):  # type: ignore[misc]  # MapProxy has no types
    """A foreign service. MapProxy warps between CRSs; the address is the configuration's and nothing else."""

    supports_meta_tiles = True

    def __init__(self, layer: TileLayer, foreign: Foreign) -> None:
        super().__init__(
            image_opts=image_options(layer),
            supported_srs=SupportedSRS([SRS(crs) for crs in foreign.crs]),
            supported_formats=[foreign.format.removeprefix("image/")],
        )
        self.extent = MapExtent(foreign.bounds, SRS("EPSG:3844"))
        self._foreign = foreign

    def _retrieve(self, query: MapQuery, _format: str) -> BytesIO:
        """The picture asked for, whole and of the right size. Raises HTTPClientError, which MapProxy expects."""
        address = map_address(self._foreign, query.srs.srs_code, query.bbox, query.size)
        content = fetch(address, self._foreign)
        try:
            with Image.open(BytesIO(content)) as picture:
                picture.load()
                size = picture.size
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise HTTPClientError(f"{self._foreign.name}: not a whole picture ({error})") from error
        if size != tuple(query.size):
            raise HTTPClientError(
                f"{self._foreign.name}: a picture of {size} where {query.size} was asked for"
            )
        return BytesIO(content)


def map_address(foreign: Foreign, crs: str, bbox: tuple[float, ...], size: tuple[int, int]) -> str:
    """The GetMap request for ``bbox`` (x = east first), in the axis order that the version wants."""
    west, south, east, north = bbox
    modern = foreign.version == "1.3.0"
    ordered = (south, west, north, east) if modern and _north_first(crs) else bbox
    asked = {
        "SERVICE": "WMS",
        "VERSION": foreign.version,
        "REQUEST": "GetMap",
        "LAYERS": ",".join(foreign.layers),
        "STYLES": ",".join(foreign.styles),
        "CRS" if modern else "SRS": crs,
        "BBOX": ",".join(f"{value:.12g}" for value in ordered),
        "WIDTH": size[0],
        "HEIGHT": size[1],
        "FORMAT": foreign.format,
        "TRANSPARENT": "TRUE" if foreign.transparent else "FALSE",
    }
    separator = "" if foreign.url.endswith(("?", "&")) else "&" if "?" in foreign.url else "?"
    return f"{foreign.url}{separator}{urllib.parse.urlencode(asked, safe=',:/')}"


def _north_first(crs: str) -> bool:
    return CRS(crs).axis_info[0].direction == "north"
