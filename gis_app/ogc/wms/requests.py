"""Requests of the WMS, read once into value objects: names known, numbers finite, sizes bounded, east before north."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from gis_app.ogc.parameters import Parameters
from gis_app.ogc.wms.refusals import Refusal
from gis_app.ogc.wms.vocabulary import (
    BIGGEST,
    FORMATS,
    INFO_FORMATS,
    MOST_FEATURES,
    MOST_LAYERS,
    background_of,
    version_of,
)
from layers.catalogue import Layer
from tiles.picture import STANDARD_PPI, Form, Picture
from tiles.references import REFERENCES, Reference

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?", re.IGNORECASE)
PPI = (10.0, 1200.0)
Layers = Mapping[str, Layer]


@dataclass(frozen=True)
class InfoRequest:
    """What lies at a pixel (``column``, ``row``) of a picture: ``layers`` of it, the topmost first.

    ``media`` is one of INFO_FORMATS.
    """

    picture: Picture
    layers: tuple[tuple[str, str], ...]
    column: int
    row: int
    count: int
    media: str


@dataclass(frozen=True)
class LegendRequest:
    """The legend of one layer in one look; of what is drawn at 1:``scale`` where that is given."""

    layer: str
    look: str
    form: Form
    scale: float | None
    transparent: bool


def map_request(parameters: Parameters, known: Layers, today: date) -> Picture:
    """A GetMap. Raises Refusal."""
    width, height = (_whole(parameters, name, 1, BIGGEST) for name in ("width", "height"))
    crs = _crs(parameters)
    layers = _layers(_needed(parameters, "layers"), known, "layers")
    return Picture(
        layers=tuple(zip(layers, _looks(parameters.get("styles", ""), layers, known), strict=True)),
        crs=crs.name,
        bbox=_bbox(parameters, crs),
        width=width,
        height=height,
        as_of=_day(parameters.get("time", ""), today),
        form=_form(parameters),
        transparent=_flag(parameters, "transparent"),
        background=_background(parameters),
        ppi=_ppi(parameters),
        piece=parameters.get("tiled", "").strip().upper() == "TRUE",
    )


def info_request(parameters: Parameters, known: Layers, today: date) -> InfoRequest:
    """A GetFeatureInfo. Raises Refusal."""
    picture = map_request(parameters.with_defaults(format="image/png"), known, today)
    asked = _layers(_needed(parameters, "query_layers"), known, "query_layers")
    looks = dict(picture.layers)
    for name in asked:
        if name not in looks:
            raise Refusal("LayerNotDefined", f"{name} is in QUERY_LAYERS and not in LAYERS", "query_layers")
    older = version_of(parameters) == "1.1.1"
    column, row = (
        _whole(parameters, name, 0, size - 1, "InvalidPoint")
        for name, size in zip(
            ("x", "y") if older else ("i", "j"), (picture.width, picture.height), strict=True
        )
    )
    media = parameters.get("info_format", "text/html").split(";")[0].strip().lower()
    if media not in INFO_FORMATS:
        raise Refusal("InvalidFormat", "INFO_FORMAT: " + ", ".join(INFO_FORMATS), "info_format")
    count = _whole(parameters, "feature_count", 1, MOST_FEATURES) if parameters.get("feature_count") else 1
    layers = tuple((name, looks[name]) for name in dict.fromkeys(reversed(asked)))
    return InfoRequest(picture, layers, column, row, count, media)


def legend_request(parameters: Parameters, known: Layers) -> LegendRequest:
    """A GetLegendGraphic. Raises Refusal."""
    name = parameters.get("layer") or _needed(parameters, "layers")
    layers = _layers(name, known, "layer")
    if len(layers) != 1:
        raise Refusal("LayerNotDefined", "a legend is of one layer", "layer")
    (look,) = _looks(parameters.get("style", ""), layers, known)
    form = _form(parameters.with_defaults(format="image/png"))
    if form == "svg":
        raise Refusal("InvalidFormat", "a legend is image/png or image/jpeg", "format")
    scale = _number(parameters["scale"], "scale") if parameters.get("scale") else None
    if scale is not None and not 1 <= scale <= 1e10:
        raise Refusal(None, "SCALE is a denominator above 1", "scale")
    return LegendRequest(layers[0], look, form, scale, _flag(parameters, "transparent"))


def listed_layers(parameters: Parameters, known: Layers) -> tuple[str, ...]:
    """The LAYERS of GetStyles or DescribeLayer. Raises Refusal."""
    return _layers(_needed(parameters, "layers"), known, "layers")


def looks_of(layer: Layer) -> tuple[str, ...]:
    """The looks of a layer, the default one first: its styles, in the words of WMS."""
    return tuple(dict.fromkeys(rule.variant for rule in layer.style))


def _needed(parameters: Parameters, name: str) -> str:
    value = parameters.get(name, "").strip()
    if not value:
        raise Refusal("MissingParameterValue", f"{name.upper()} is missing", name)
    return value


def _layers(text: str, known: Layers, locator: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    if len(names) > MOST_LAYERS:
        raise Refusal(None, f"{len(names)} layers; at most {MOST_LAYERS} at once", locator)
    for name in names:
        if name not in known:
            raise Refusal("LayerNotDefined", f"no layer {name[:60]!r}", locator)
    return names


def _looks(text: str, layers: tuple[str, ...], known: Layers) -> tuple[str, ...]:
    asked = [look.strip() for look in text.split(",")] if text.strip(", ") else [""] * len(layers)
    if len(asked) != len(layers):
        raise Refusal("StyleNotDefined", f"{len(asked)} styles for {len(layers)} layers", "styles")
    for look, layer in zip(asked, layers, strict=True):
        if look and look not in looks_of(known[layer]):
            raise Refusal("StyleNotDefined", f"{layer} has no style {look[:60]!r}", "styles")
    return tuple(look or looks_of(known[layer])[0] for look, layer in zip(asked, layers, strict=True))


def _crs(parameters: Parameters) -> Reference:
    name = _needed(parameters, "srs" if version_of(parameters) == "1.1.1" else "crs").upper()
    if name not in REFERENCES:
        raise Refusal("InvalidCRS", f"no CRS {name[:40]!r}; known: {', '.join(REFERENCES)}", "crs")
    return REFERENCES[name]


def _bbox(parameters: Parameters, crs: Reference) -> tuple[float, float, float, float]:
    parts = _needed(parameters, "bbox").split(",")
    if len(parts) != 4:
        raise Refusal("InvalidBBox", "BBOX is four numbers", "bbox")
    lower_x, lower_y, upper_x, upper_y = (_number(part, "bbox") for part in parts)
    if lower_x >= upper_x or lower_y >= upper_y:
        raise Refusal("InvalidBBox", "BBOX gives the lower corner first, and has an area", "bbox")
    if crs.north_first and version_of(parameters) == "1.3.0":
        return lower_y, lower_x, upper_y, upper_x
    return lower_x, lower_y, upper_x, upper_y


def _number(text: str, locator: str) -> float:
    if len(text) > 60 or not NUMBER.fullmatch(text.strip()) or not math.isfinite(value := float(text)):
        raise Refusal(
            "InvalidBBox" if locator == "bbox" else None, f"{locator}: {text[:40]!r} is no number", locator
        )
    if abs(value) > 1e9 and locator == "bbox":
        raise Refusal("InvalidBBox", "BBOX reaches far beyond the earth", locator)
    return value


def _whole(parameters: Parameters, name: str, least: int, most: int, code: str | None = None) -> int:
    text = _needed(parameters, name)
    if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
        raise Refusal(code, f"{name.upper()} is a whole number from {least} to {most}", name)
    return int(text)


def _form(parameters: Parameters) -> Form:
    text = _needed(parameters, "format")
    form = FORMATS.get(text.lower().replace(" ", ""))
    if form is None:
        raise Refusal("InvalidFormat", f"no format {text[:40]!r}", "format")
    return form


def _flag(parameters: Parameters, name: str) -> bool:
    text = parameters.get(name, "").strip().upper()
    if text not in {"", "TRUE", "FALSE"}:
        raise Refusal(None, f"{name.upper()} is TRUE or FALSE", name)
    return text == "TRUE"


def _background(parameters: Parameters) -> tuple[int, int, int]:
    colour = background_of(parameters)
    if colour is None:
        raise Refusal(None, "BGCOLOR is written 0xRRGGBB", "bgcolor")
    return colour


def _ppi(parameters: Parameters) -> float:
    """Pixels an inch, in the words of QGIS, MapServer or GeoServer; the standard's where none is given."""
    options = dict(
        option.split(":", 1)
        for option in parameters.get("format_options", "").lower().split(";")
        if ":" in option
    )
    for name, text in (
        ("dpi", parameters.get("dpi")),
        ("map_resolution", parameters.get("map_resolution")),
        ("format_options", options.get("dpi")),
    ):
        if text:
            value = _number(text, name)
            if not PPI[0] <= value <= PPI[1]:
                raise Refusal(
                    None, f"a resolution lies between {PPI[0]:g} and {PPI[1]:g} pixels an inch", name
                )
            return value
    return STANDARD_PPI


def _day(text: str, today: date) -> date:
    text = text.strip()
    if text in {"", "current"}:
        return today
    try:
        return datetime.fromisoformat(text).date() if len(text) <= 40 else _not_a_day(text)
    except ValueError:
        return _not_a_day(text)


def _not_a_day(text: str) -> date:
    raise Refusal("InvalidDimensionValue", f"TIME is one day such as 2026-03-01, not {text[:40]!r}", "time")
