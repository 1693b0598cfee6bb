"""Maps of a layer, under the addresses of OGC API Maps; drawn like those of every other door."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

import flask
from werkzeug.exceptions import NotAcceptable

from gis_app import access, caching
from gis_app.ogc.ogcapi.asking import BadParameter, parameters_known
from gis_app.ogc.ogcapi.blueprint import blueprint
from gis_app.ogc.ogcapi.item_request import box_of, day_asked
from layers import features, health
from layers.catalogue import Layer
from layers.days import today
from layers.errors import UnknownLayer
from layers.extents import ROMANIA, Bounds, extent, transform
from layers.features import Question
from layers.frames import CRS84, STEREO70, Frame, frame
from tiles.looks import fingerprint
from tiles.painting import paint
from tiles.picture import PIXEL_M, Picture

PARAMETERS = frozenset({"bbox", "bbox-crs", "bgcolor", "crs", "datetime", "height", "transparent", "width"})
USUAL_PX, LARGEST_PX = 800, 4_096
COLOUR = re.compile(r"(?:0x|#)?([0-9a-fA-F]{6})")
WHITE = (255, 255, 255)
FORMS: dict[str, tuple[Literal["png", "jpeg"], str]] = {
    "png": ("png", "image/png"),
    "jpeg": ("jpeg", "image/jpeg"),
}


@dataclass(frozen=True)
class MapAsked:
    """A map as asked for: ``picture`` says all but the bytes' media type; ``seen_in`` is the CRS it is in."""

    picture: Picture
    seen_in: Frame
    media: str


@blueprint.get("/collections/<layer_id>/map")
@access.public
def collection_map(layer_id: str) -> flask.Response:
    """A map of a layer, all of it unless a box is given."""
    layer = access.layer(layer_id)
    if not layer.geometry or not layer.style:
        raise UnknownLayer(layer_id, [])
    wanted = map_asked(layer)
    day = wanted.picture.as_of
    etag = caching.tag([layer.id], day, "ogcapi-map", fingerprint(wanted.picture.layers), wanted)
    if kept := caching.unchanged(etag, [layer.id]):
        return kept
    response = flask.Response(paint(wanted.picture), mimetype=wanted.media)
    response.headers["Content-Crs"] = f"<{wanted.seen_in.uri}>"
    west, south, east, north = wanted.picture.bbox
    corners = (south, west, north, east) if wanted.seen_in.north_first else wanted.picture.bbox
    response.headers["Content-Bbox"] = ",".join(map(repr, corners))
    response = caching.keep(response, etag, [layer.id])
    response.vary.update(("Accept",))
    return response


def map_asked(layer: Layer) -> MapAsked:
    """The map that the request's parameters ask for. Raises BadParameter, NoSuchFrame, BadBox, BrokenLayer."""
    given = parameters_known(PARAMETERS)
    form, media = _form(given.get("f"))
    seen_in = frame(given["crs"]) if "crs" in given else STEREO70
    day = day_asked(given["datetime"]) if "datetime" in given else today()
    health.require(layer.id, day)
    box = _box(given, seen_in, layer, day)
    width, height = _size(given, box)
    if "bbox" not in given:
        box = _shaped(box, width / height)
    picture = Picture(
        layers=((layer.id, layer.style[0].variant),),
        crs=f"EPSG:{seen_in.epsg}",
        bbox=box,
        width=width,
        height=height,
        as_of=day,
        form=form,
        transparent=form == "png" and _truth(given.get("transparent", "true")),
        background=_colour(given.get("bgcolor")),
    )
    return MapAsked(picture, seen_in, media)


def _form(given: str | None) -> tuple[Literal["png", "jpeg"], str]:
    if given is not None:
        if given not in FORMS:
            raise BadParameter(f"f is {' or '.join(FORMS)}, not {given[:40]!r}")
        return FORMS[given]
    accepted = flask.request.accept_mimetypes
    medias = [media for _, media in FORMS.values()]
    best = accepted.best_match(medias) if accepted else medias[0]
    for form, media in FORMS.values():
        if media == best:
            return form, media
    raise NotAcceptable(f"offered are {', '.join(medias)}")


def _box(given: dict[str, str], seen_in: Frame, layer: Layer, day: date) -> Bounds:
    """The box, x = east first, in the map's CRS."""
    if "bbox" not in given:
        if "bbox-crs" in given:
            raise BadParameter("bbox-crs goes with bbox")
        return transform(_usual_box(layer, day, _shorter_px(given)), "EPSG:3844", f"EPSG:{seen_in.epsg}")
    read_in = frame(given["bbox-crs"]) if "bbox-crs" in given else CRS84
    numbers = box_of(given)
    west, south, east, north = (numbers[i] for i in (1, 0, 3, 2)) if read_in.north_first else numbers
    if not all(map(math.isfinite, numbers)) or west >= east or south >= north:
        raise BadParameter("bbox: the lower corner comes first, and a map has a width and a height")
    box = (west, south, east, north)
    if read_in.epsg != seen_in.epsg:
        box = transform(box, f"EPSG:{read_in.epsg}", f"EPSG:{seen_in.epsg}")
    if not all(map(math.isfinite, box)):
        raise BadParameter("bbox: this place is not in the map's CRS")
    return box


def _shorter_px(given: dict[str, str]) -> int:
    """Pixels of the shorter side, over which a square box is spread: it sets the scale."""
    return min(_pixels(given, name) or USUAL_PX for name in ("width", "height"))


def _usual_box(layer: Layer, day: date, pixels: int) -> Bounds:
    """All of the layer and a margin, in EPSG:3844; where ``pixels`` are too few for it to be drawn, its first
    feature's surroundings."""
    whole = extent(layer, day)
    if whole is None:
        return transform(ROMANIA, "OGC:CRS84", "EPSG:3844")
    west, south, east, north = whole.stereo70
    x, y, across = (west + east) / 2, (south + north) / 2, max(east - west, north - south) * 1.1
    drawn = pixels * PIXEL_M * layer.scale.max
    if across > drawn:
        x, y = features.first_place(Question(layer, day, day)) or (x, y)
    half = min(max(across, drawn / 1_000), drawn * 0.9) / 2
    return x - half, y - half, x + half, y + half


def _shaped(box: Bounds, shape: float) -> Bounds:
    """The box, widened to that proportion of width to height: nothing is to look squeezed."""
    west, south, east, north = box
    across, up = (east - west) / 2, (north - south) / 2
    x, y, across, up = west + across, south + up, max(across, up * shape), max(up, across / shape)
    return x - across, y - up, x + across, y + up


def _size(given: dict[str, str], box: Bounds) -> tuple[int, int]:
    """Pixels; where only one side is given the other keeps the shape of the box."""
    shape = (box[3] - box[1]) / (box[2] - box[0])
    width, height = (_pixels(given, name) for name in ("width", "height"))
    if width is None:
        usual = USUAL_PX if shape <= 1 else USUAL_PX / shape
        width = round(usual if height is None else height / shape)
    if height is None:
        height = round(width * shape)
    return min(max(width, 1), LARGEST_PX), min(max(height, 1), LARGEST_PX)


def _pixels(given: dict[str, str], name: str) -> int | None:
    text = given.get(name)
    if text is None:
        return None
    if not text.isdecimal() or len(text) > 9 or not 1 <= int(text) <= LARGEST_PX:
        raise BadParameter(f"{name}: pixels from 1 to {LARGEST_PX}, not {text[:40]!r}")
    return int(text)


def _colour(text: str | None) -> tuple[int, int, int]:
    if text is None:
        return WHITE
    found = COLOUR.fullmatch(text)
    if not found:
        raise BadParameter(f"bgcolor: a colour such as 0xF0F0F0, not {text[:40]!r}")
    red, green, blue = bytes.fromhex(found[1])
    return red, green, blue


def _truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise BadParameter(f"transparent is true or false, not {text[:40]!r}")
    return text == "true"
