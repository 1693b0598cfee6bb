"""What values of a raster look like: shaded relief, slope and height of a terrain model, an orthophoto as it is."""

from __future__ import annotations

import math
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from rio_tiler.models import ImageData

from layers.catalogue import Layer
from layers.errors import VatraError
from tiles.raster.reading import TILE_PX
from tiles.vector_grid import WORLD_M

Look = Literal["hillshade", "slope", "elevation", "plain"]
Form = Literal["png", "webp", "jpg"]
FORMS: tuple[Form, ...] = get_args(Form)
MEDIA_TYPES: dict[Form, str] = {"png": "image/png", "webp": "image/webp", "jpg": "image/jpeg"}
# Compressing harder saves little and takes most of the time.
OPTIONS: dict[Form, dict[str, Any]] = {"png": {"ZLEVEL": 1}, "webp": {"QUALITY": 82}, "jpg": {"QUALITY": 82}}
DRIVERS: dict[Form, str] = {"png": "PNG", "webp": "WEBP", "jpg": "JPEG"}
TERRAIN: tuple[Look, ...] = ("hillshade", "slope", "elevation")
# Light from the north-west, half way up, as relief is shaded since maps are printed.
SUN_AZIMUTH, SUN_ALTITUDE = 315.0, 45.0
EXAGGERATION = 1.6
# Heights in metres and colours, from the plain to the alpine zone; between them linear.
HEIGHTS = ((0, (112, 164, 109)), (200, (168, 200, 136)), (500, (226, 220, 160)), (1000, (204, 164, 108)),
           (1600, (150, 108, 78)), (2000, (176, 164, 156)), (2545, (250, 250, 250)))  # fmt: skip
# Slopes in per cent: level, gentle, where building gets dear, where land slides, cliffs.
SLOPES = ((0, (255, 255, 255)), (5, (232, 240, 200)), (10, (247, 220, 120)), (15, (240, 160, 60)),
          (25, (210, 70, 40)), (45, (120, 20, 60)), (100, (50, 0, 60)))  # fmt: skip
Stops = tuple[tuple[int, tuple[int, int, int]], ...]
Bytes = NDArray[np.uint8]


class UnknownLook(VatraError):
    """The layer cannot be drawn like that."""


def looks(layer: Layer) -> tuple[Look, ...]:
    """The looks of a raster layer, the usual one first."""
    return TERRAIN if layer.schema_name == "terrain" else ("plain",)


def check_look(layer: Layer, asked: str | None) -> Look:
    """The look of that name, the usual one for None; UnknownLook if the layer has none of that name."""
    for look in looks(layer):
        if asked is None or asked == look:
            return look
    raise UnknownLook(f"{layer.id} is drawn as {', '.join(looks(layer))}; not as {str(asked)[:40]!r}")


def edge(look: Look) -> int:
    """Pixels that a look needs beyond the tile, so that neighbours fit together."""
    return 1 if look in ("hillshade", "slope") else 0


def paint(image: ImageData | None, look: Look, form: Form, z: int, y: int) -> bytes:
    """The picture of a tile: transparent where there is no value, white in JPEG, which knows no transparency."""
    colours, mask = (
        coloured(image, look, z, y) if image else (_blank(), np.zeros((TILE_PX, TILE_PX), np.uint8))
    )
    if form == "jpg":
        colours = np.where(mask > 0, colours, 255).astype(np.uint8)
    picture = ImageData(np.ma.MaskedArray(colours, mask=np.broadcast_to(mask == 0, colours.shape)))
    content: bytes = picture.render(img_format=DRIVERS[form], add_mask=form != "jpg", **OPTIONS[form])
    return content


def coloured(image: ImageData, look: Look, z: int, y: int) -> tuple[Bytes, Bytes]:
    """Red, green, blue (3 × 256 × 256) and where there are values."""
    if look == "plain":
        bands = image.data[:3] if image.count >= 3 else np.repeat(image.data[:1], 3, axis=0)
        return _to_bytes(bands), np.asarray(image.mask, np.uint8)
    values = image.array[0].astype(float).filled(np.nan)
    if look == "elevation":
        return _ramp(values, HEIGHTS), np.isfinite(values).astype(np.uint8)
    down, right = np.gradient(values, _cell_m(z, y))
    inner = slice(1, -1)
    down, right = down[inner, inner], right[inner, inner]
    mask = (np.isfinite(down) & np.isfinite(right)).astype(np.uint8)
    if look == "slope":
        return _ramp(np.hypot(down, right) * 100, SLOPES), mask
    return np.repeat(shade(down, right)[np.newaxis], 3, axis=0), mask


def shade(down: NDArray[np.float64], right: NDArray[np.float64]) -> Bytes:
    """Brightness of a matt surface under the sun; 0 to 255, level land 180."""
    east, north = -right * EXAGGERATION, down * EXAGGERATION
    azimuth, altitude = math.radians(SUN_AZIMUTH), math.radians(SUN_ALTITUDE)
    sun = math.sin(azimuth) * math.cos(altitude), math.cos(azimuth) * math.cos(altitude), math.sin(altitude)
    light = (east * sun[0] + north * sun[1] + sun[2]) / np.sqrt(east**2 + north**2 + 1)
    return _to_bytes(np.clip(np.nan_to_num(light), 0, 1) * 255)


def _ramp(values: NDArray[np.float64], stops: Stops) -> Bytes:
    places = [place for place, _ in stops]
    known = np.nan_to_num(values)
    return np.stack(
        [_to_bytes(np.interp(known, places, [colour[band] for _, colour in stops])) for band in range(3)]
    )


def _cell_m(z: int, y: int) -> float:
    """Metres on the ground of a pixel in the middle of the tile; Web Mercator stretches with the latitude."""
    north = math.pi * (1 - 2 * (y + 0.5) / 2**z)
    return WORLD_M / TILE_PX / (1 << z) / math.cosh(north)


def _blank() -> Bytes:
    return np.zeros((3, TILE_PX, TILE_PX), np.uint8)


def _to_bytes(values: NDArray[np.generic]) -> Bytes:
    return np.clip(np.round(np.asarray(values, float)), 0, 255).astype(np.uint8)
