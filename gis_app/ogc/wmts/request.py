"""What a WMTS request asks for: parsed once, from parameters (KVP) or from an address (RESTful), into values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from layers.errors import VatraError
from tiles.cache.grids import MATRIX_SETS, TILE_PX, MatrixSet
from tiles.cache.layers import TileLayer

VERSION = "1.0.0"
STYLE = "default"
CURRENT = "current"
SECTIONS = ("ServiceIdentification", "ServiceProvider", "OperationsMetadata", "Contents", "Themes")
INFO_FORMATS = {
    "html": "text/html",
    "json": "application/json",
    "gml": "application/vnd.ogc.gml",
    "txt": "text/plain",
}
Code = Literal[
    "MissingParameterValue",
    "InvalidParameterValue",
    "OperationNotSupported",
    "VersionNegotiationFailed",
    "TileOutOfRange",
    "PointIJOutOfRange",
    "NoApplicableCode",
]


class Refused(VatraError):
    """A request that cannot be answered; ``code`` and ``locator`` as OWS Common and WMTS name them."""

    def __init__(self, code: Code, locator: str | None, text: str) -> None:
        super().__init__(text)
        self.code, self.locator = code, locator


@dataclass(frozen=True)
class TileRequest:
    """A tile inside its matrix. ``day`` is None for now."""

    layer: TileLayer
    matrices: MatrixSet
    level: int
    column: int
    row: int
    day: date | None


@dataclass(frozen=True)
class InfoRequest:
    """What lies under pixel ``i``, ``j`` (from the north-west corner) of a tile, as ``mime``."""

    tile: TileRequest
    i: int
    j: int
    mime: str


@dataclass(frozen=True)
class CapabilitiesRequest:
    """Which parts of the description are wanted."""

    sections: tuple[str, ...] = SECTIONS


Request = CapabilitiesRequest | TileRequest | InfoRequest


def from_parameters(parameters: Mapping[str, str], layers: Mapping[str, TileLayer]) -> Request:
    """The request that these parameters make, of the layers that the caller sees. Raises Refused."""
    service = _needed(parameters, "service")
    if service.upper() != "WMTS":
        raise Refused("InvalidParameterValue", "service", f"no service {service!r} here: WMTS")
    name = _needed(parameters, "request").lower()
    if name == "getcapabilities":
        return _capabilities(parameters)
    if name not in {"gettile", "getfeatureinfo"}:
        known = "GetCapabilities, GetTile, GetFeatureInfo"
        raise Refused("OperationNotSupported", "request", f"no such request; known: {known}")
    version = _needed(parameters, "version")
    if version != VERSION:
        raise Refused("InvalidParameterValue", "version", f"version {version!r} is not spoken: {VERSION}")
    tile = _tile(parameters, layers)
    return tile if name == "gettile" else _info(parameters, tile)


def from_address(resource: str, layers: Mapping[str, TileLayer]) -> Request:
    """The request that the rest of an address makes: ``layer/style[/time]/set/matrix/row/column[/j/i].form``.

    Raises Refused.
    """
    *parts, last = resource.split("/")
    place, _, suffix = last.rpartition(".")
    names = ["layer", "style", "time", "tilematrixset", "tilematrix", "tilerow", "tilecol", "j", "i"]
    parts.append(place)
    if len(parts) in {6, 8}:
        names.remove("time")
    if len(parts) not in {6, 7, 8, 9}:
        raise Refused("InvalidParameterValue", None, "no such resource; the capabilities give the templates")
    values = dict(zip(names, parts, strict=False))
    if "j" not in values:
        return _tile({**values, "format": f"image/{'jpeg' if suffix == 'jpg' else suffix}"}, layers)
    tile = _tile({**values, "format": _layer(values, layers).mime}, layers)
    return _info({**values, "infoformat": INFO_FORMATS.get(suffix, suffix)}, tile)


def _capabilities(parameters: Mapping[str, str]) -> CapabilitiesRequest:
    accepted = [one.strip() for one in parameters.get("acceptversions", "").split(",") if one.strip()]
    if accepted and VERSION not in accepted:
        raise Refused("VersionNegotiationFailed", "AcceptVersions", f"only version {VERSION} is spoken")
    asked = [one.strip() for one in parameters.get("sections", "").split(",") if one.strip()]
    if not asked or "All" in asked:
        return CapabilitiesRequest()
    for section in asked:
        if section not in SECTIONS:
            raise Refused("InvalidParameterValue", "sections", f"no section {section!r}")
    return CapabilitiesRequest(tuple(section for section in SECTIONS if section in asked))


def _tile(parameters: Mapping[str, str], layers: Mapping[str, TileLayer]) -> TileRequest:
    layer = _layer(parameters, layers)
    style = parameters.get("style")
    if style is None:
        raise Refused("MissingParameterValue", "style", "STYLE is missing")
    if style not in {STYLE, ""}:
        raise Refused("InvalidParameterValue", "style", f"{layer.name} has no style {style!r}: {STYLE}")
    form = _needed(parameters, "format")
    if form != layer.mime:
        raise Refused("InvalidParameterValue", "format", f"{layer.name} comes as {layer.mime}, not {form!r}")
    name = _needed(parameters, "tilematrixset")
    if name not in MATRIX_SETS:
        known = ", ".join(MATRIX_SETS)
        raise Refused("InvalidParameterValue", "TileMatrixSet", f"no set {name!r}; known: {known}")
    matrices = MATRIX_SETS[name]
    level = _level(_needed(parameters, "tilematrix"), matrices)
    day = _day(parameters.get("time", CURRENT), layer)
    row = _within(parameters, "TileRow", matrices.matrices[level].rows)
    column = _within(parameters, "TileCol", matrices.matrices[level].columns)
    return TileRequest(layer, matrices, level, column, row, day)


def _info(parameters: Mapping[str, str], tile: TileRequest) -> InfoRequest:
    if not tile.layer.queryable:
        raise Refused("OperationNotSupported", "layer", f"{tile.layer.name} cannot be asked what is where")
    mime = _needed(parameters, "infoformat")
    if mime not in INFO_FORMATS.values():
        known = ", ".join(INFO_FORMATS.values())
        raise Refused("InvalidParameterValue", "InfoFormat", f"no format {mime!r}; known: {known}")
    i, j = (_within(parameters, name, TILE_PX, "PointIJOutOfRange") for name in ("I", "J"))
    return InfoRequest(tile, i, j, mime)


def _layer(parameters: Mapping[str, str], layers: Mapping[str, TileLayer]) -> TileLayer:
    name = _needed(parameters, "layer")
    if name not in layers:
        raise Refused("InvalidParameterValue", "layer", f"no layer {name[:100]!r}")
    return layers[name]


def _level(name: str, matrices: MatrixSet) -> int:
    for level, matrix in enumerate(matrices.matrices):
        if name in {matrix.id, f"{matrices.id}:{matrix.id}"}:
            return level
    raise Refused("InvalidParameterValue", "TileMatrix", f"{matrices.id} has no matrix {name[:50]!r}")


def _day(given: str, layer: TileLayer) -> date | None:
    if given in {CURRENT, "", STYLE}:
        return None
    if layer.foreign:
        raise Refused("InvalidParameterValue", "time", f"{layer.name} has no past")
    try:
        return date.fromisoformat(given[:10] if given[10:] == "T00:00:00Z" else given)
    except ValueError:
        raise Refused(
            "InvalidParameterValue", "time", "expected a day such as 2026-03-01, or current"
        ) from None


def _within(parameters: Mapping[str, str], name: str, count: int, outside: Code = "TileOutOfRange") -> int:
    given = _needed(parameters, name.lower())
    if not given.removeprefix("-").isdecimal() or len(given) > 12 or not given.isascii():
        raise Refused("InvalidParameterValue", name, f"{name}: expected a whole number")
    if not 0 <= int(given) < count:
        raise Refused(outside, name, f"{name} {given} is outside 0 to {count - 1}")
    return int(given)


def _needed(parameters: Mapping[str, str], name: str) -> str:
    value = parameters.get(name)
    if not value:
        raise Refused("MissingParameterValue", name, f"{name.upper()} is missing")
    return value
