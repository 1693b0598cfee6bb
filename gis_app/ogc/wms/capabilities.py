"""What the WMS can do and show, told to those who may see it: GetCapabilities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import flask

from gis_app.metadata.record import SERVICE_URN, Installation, LayerRecord, record_path, records
from gis_app.ogc.parameters import Parameters
from gis_app.ogc.wms import vocabulary
from gis_app.ogc.wms.refusals import Refusal
from gis_app.ogc.wms.requests import looks_of
from layers import states
from layers.catalogue import Layer
from layers.days import today
from layers.extents import ROMANIA, Bounds, around, extent, transform
from layers.groups import grouped, groups
from layers.style import ALWAYS
from tiles.painting import legend_sizes
from tiles.picture import PIXEL_M
from tiles.references import REFERENCES, Reference

Language = Literal["ro", "en", "hu"]
# The codes of ISO 639-2/B, which INSPIRE asks for.
LANGUAGES: dict[str, Language] = {"rum": "ro", "eng": "en", "hun": "hu"}
WHOLE_TITLES = {"ro": "Hărțile județului", "en": "Maps of the county", "hu": "A megye térképei"}
# Metres of a pixel's diagonal on the ground are what WMS 1.1.1 calls a scale.
DIAGONAL_PER_DENOMINATOR = PIXEL_M * 2**0.5
DECIMALS = {True: 7, False: 2}
_kept: dict[str, bytes] = {}


@dataclass(frozen=True)
class Box:
    """A bounding box as a capabilities document has it, in the axis order of its version."""

    crs: str
    numbers: tuple[float, ...]


@dataclass(frozen=True)
class Look:
    """A style with its legend."""

    name: str
    title: str
    width: int
    height: int


@dataclass(frozen=True)
class Described:
    """A layer as a capabilities document tells it. ``degrees`` is west, south, east, north."""

    record: LayerRecord
    name: str
    title: str
    abstract: str
    degrees: Bounds
    boxes: tuple[Box, ...]
    days: tuple[str, ...]
    looks: tuple[Look, ...]
    scale_min: int | None
    scale_max: int | None


def language_of(parameters: Mapping[str, str]) -> Language:
    """The language asked for; Romanian where it is another or none."""
    return LANGUAGES.get(parameters.get("language", "").lower(), "ro")


def update_sequence(known: Iterable[str]) -> int:
    """Grows with every version that is published of one of the layers."""
    found = states.states(today())
    return max((found[layer].version_id for layer in known if layer in found), default=0)


def check_sequence(parameters: Parameters, sequence: int) -> None:
    """Refuse a client that has this state already, or says to have a later one."""
    asked = parameters.get("updatesequence", "").strip()
    if not asked:
        return
    if not (asked.isascii() and asked.isdigit()) or int(asked[:30]) > sequence:
        raise Refusal("InvalidUpdateSequence", f"the sequence stands at {sequence}", "updatesequence")
    if int(asked[:30]) == sequence:
        raise Refusal("CurrentUpdateSequence", "nothing has changed since", "updatesequence")


def document(parameters: Parameters, known: dict[str, Layer], etag: str) -> bytes:
    """The capabilities document; made once for each state, caller's circle, address and language."""
    if etag not in _kept:
        if len(_kept) > 30:
            _kept.clear()
        _kept[etag] = _render(vocabulary.version_of(parameters), language_of(parameters), known)
    return _kept[etag]


def _render(version: vocabulary.Version, language: Language, known: dict[str, Layer]) -> bytes:
    installation = Installation.at(flask.request.host_url)
    found = {record.layer.id: record for record in records(known.values(), installation)}
    described = {name: _describe(found[name], version, language) for name in known}
    groups_of = {
        getattr(groups()[group], language): [described[layer.id] for layer in members]
        for group, members in grouped(known).items()
    }
    degrees = around(layer.degrees for layer in described.values()) or ROMANIA
    return flask.render_template(
        f"wms/capabilities-{version}.xml",
        installation=installation,
        title=WHOLE_TITLES[language],
        groups=groups_of,
        degrees=degrees,
        boxes=_boxes(degrees, None, version),
        modified=max((record.modified for record in found.values()), default=today()),
        sequence=update_sequence(known),
        languages=LANGUAGES,
        response_language=next(code for code, name in LANGUAGES.items() if name == language),
        record_path=record_path,
        record_of_service=f"{SERVICE_URN}wms",
        words=vocabulary,
        diagonal=DIAGONAL_PER_DENOMINATOR,
        themes=sorted({record.theme.en for record in found.values() if record.layer.inspire_theme}),
    ).encode()


def _describe(record: LayerRecord, version: vocabulary.Version, language: Language) -> Described:
    layer = record.layer
    box = extent(layer, today())
    scales = layer.scale
    return Described(
        record=record,
        name=layer.id,
        title=getattr(layer.title, language),
        abstract=layer.abstract.ro if language == "ro" else layer.abstract.en,
        degrees=_widened(record.degrees),
        boxes=_boxes(_widened(record.degrees), box.stereo70 if box else None, version),
        days=tuple(day.isoformat() for day in states.days([layer.id])),
        looks=tuple(Look(look, look, *legend_sizes()[layer.id, look]) for look in looks_of(layer)),
        scale_min=scales.min if scales.min > ALWAYS.min else None,
        scale_max=scales.max if scales.max < ALWAYS.max else None,
    )


def _boxes(degrees: Bounds, stereo70: Bounds | None, version: vocabulary.Version) -> tuple[Box, ...]:
    return tuple(
        Box(crs.name, _in_order(crs, _within(crs, degrees, stereo70), version))
        for crs in REFERENCES.values()
        if version == "1.3.0" or crs.name.startswith("EPSG:")
    )


def _within(crs: Reference, degrees: Bounds, stereo70: Bounds | None) -> Bounds:
    if crs.degrees:
        return degrees
    if crs.column == "geom":
        return stereo70 or transform(degrees, "OGC:CRS84", "EPSG:3844")
    return transform(degrees, "OGC:CRS84", crs.name)


def _in_order(crs: Reference, box: Bounds, version: vocabulary.Version) -> tuple[float, ...]:
    west, south, east, north = (round(number, DECIMALS[crs.degrees]) for number in box)
    if crs.north_first and version == "1.3.0":
        return south, west, north, east
    return west, south, east, north


def _widened(degrees: Bounds) -> Bounds:
    """A box with an area: that of a single point has none."""
    west, south, east, north = degrees
    least = 1e-4
    return west - least, south - least, east + least, north + least
