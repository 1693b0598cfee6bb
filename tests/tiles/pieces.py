"""Pieces of maps as the tile cache has them drawn, glued together as a map page shows them."""

from __future__ import annotations

import io
from dataclasses import replace

import mapscript
import numpy as np
from PIL import Image, ImageFilter
from rasterio.features import rasterize, shapes

from tests.tiles.world import DAY
from tiles.cache.grids import STEREO70
from tiles.mapserver import conninfo, insistently
from tiles.picture import Picture
from tiles.pieces import cut_out
from tiles.references import reference
from tiles.service_map import ServiceMap
from tiles.themes import get_theme

SIDE = 1024
PIXEL_M = 0.00028
Place = tuple[float, float]


class Texts(ServiceMap):
    """The map without anything but texts, and the symbols that they keep away from."""

    def __init__(self, *, pieces: bool = True) -> None:
        super().__init__(reference("EPSG:3844"), pieces=pieces)
        for layer in self._layers.values():
            if layer.type != mapscript.MS_LAYER_POINT:
                for number in range(layer.numclasses):
                    bare = layer.getClass(number)
                    while bare.numstyles:
                        bare.removeStyle(0)


class Sheet:
    """Pieces of one scale, whose pixels lie on the grid of the tile cache."""

    def __init__(
        self, drawing: ServiceMap, address: str, layers: tuple[tuple[str, str], ...], scale: int
    ) -> None:
        self._drawing, self._address = drawing, address
        self.pixel = scale * PIXEL_M
        self._asked = Picture(layers, "EPSG:3844", (0, 0, 1, 1), 1, 1, DAY, piece=True)

    def corner(self, near: Place) -> Place:
        """The corner (west, north) of metatiles that is nearest to a place."""
        side = self.pixel * SIDE
        west, north = STEREO70.bounds[0], STEREO70.bounds[3]
        return (
            west + round((near[0] - west) / side) * side,
            north - round((north - near[1]) / side) * side,
        )

    def piece(self, west_north: Place, width: int = SIDE, height: int = SIDE) -> np.ndarray:
        """Pixels of the piece with that corner."""
        west, north = west_north
        bbox = (west, north - height * self.pixel, west + width * self.pixel, north)
        asked = replace(self._asked, bbox=bbox, width=width, height=height)
        connection = conninfo(self._address)
        drawn = cut_out(asked, lambda grown: insistently(lambda: self._drawing.draw(grown, connection)))
        return np.asarray(Image.open(io.BytesIO(drawn)).convert("RGB")).astype(int)

    def block(self, middle: Place) -> np.ndarray:
        """The four metatiles that meet at a corner of them, glued."""
        side = self.pixel * SIDE
        x, y = middle
        rows = [[self.piece((x + i * side, y + j * side)) for i in (-1, 0)] for j in (1, 0)]
        return np.vstack([np.hstack(row) for row in rows])

    def whole(self, middle: Place) -> np.ndarray:
        """The same ground drawn at once."""
        side = self.pixel * SIDE
        return self.piece((middle[0] - side, middle[1] + side), 2 * SIDE, 2 * SIDE)


def theme(name: str) -> tuple[tuple[str, str], ...]:
    """The layers and looks of a theme."""
    return tuple((entry.layer, entry.variant) for entry in get_theme(name).layers)


def inked(pixels: np.ndarray) -> np.ndarray:
    """Where anything is drawn on white."""
    return np.asarray((pixels < 200).any(axis=2))


def texts(marked: np.ndarray, gap: int = 6) -> np.ndarray:
    """Each pixel's text by number, 0 where there is none; letters closer than ``gap`` pixels are one text."""
    spread = Image.fromarray(marked.astype(np.uint8)).filter(ImageFilter.MaxFilter(gap + 1))
    found = [shape for shape, value in shapes(np.asarray(spread), connectivity=8) if value]
    if not found:
        return np.zeros(marked.shape, dtype=np.int32)
    numbers: np.ndarray = rasterize(
        zip(found, range(1, len(found) + 1), strict=True), marked.shape, dtype="int32"
    )
    return numbers
