"""Features as GML 2, 3.1.1 and 3.2.

A geometry's coordinates are written by GEOS as well-known text (shortest digits that read back the same) and only
the brackets are turned into elements here: a thousand parcels in some ten milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.catalogue import Column, Layer
from tiles.wfs.crs import Reference, outward, swapped
from tiles.wfs.reading import Batch

NAMESPACE = "urn:vatra:layers"
PREFIX = "vatra"
Version = Literal["2", "3.1.1", "3.2"]
# XML 1.0 has no way of writing these.
_UNWRITABLE = dict.fromkeys([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0xFFFE, 0xFFFF])


@dataclass(frozen=True)
class Style:
    """What the versions of GML call things."""

    version: Version
    namespace: str
    schema: str
    id_attribute: str
    lines: str
    line_member: str
    areas: str
    area_member: str


STYLES: dict[Version, Style] = {
    "2": Style(
        "2",
        "http://www.opengis.net/gml",
        "http://schemas.opengis.net/gml/2.1.2/feature.xsd",
        "fid",
        "MultiLineString",
        "lineStringMember",
        "MultiPolygon",
        "polygonMember",
    ),
    "3.1.1": Style(
        "3.1.1",
        "http://www.opengis.net/gml",
        "http://schemas.opengis.net/gml/3.1.1/base/gml.xsd",
        "gml:id",
        "MultiCurve",
        "curveMember",
        "MultiSurface",
        "surfaceMember",
    ),
    "3.2": Style(
        "3.2",
        "http://www.opengis.net/gml/3.2",
        "http://schemas.opengis.net/gml/3.2.1/gml.xsd",
        "gml:id",
        "MultiCurve",
        "curveMember",
        "MultiSurface",
        "surfaceMember",
    ),
}


def text(value: str) -> str:
    """A text for use inside an element."""
    return escape(value.translate(_UNWRITABLE))


def qualified(layer: Layer) -> str:
    """The feature type's name with our prefix."""
    return f"{PREFIX}:{layer.id}"


def value_writer(column: Column) -> Callable[[Any], str]:
    """How a value of that column is written as text of an element."""
    match column.type:
        case "text" | "choice":
            return text
        case "boolean":
            return lambda value: "true" if value else "false"
        case "number":
            return _number
        case "date":
            return lambda value: str(value.isoformat())
        case _:
            return str


def members(
    batch: Batch, layer: Layer, columns: tuple[Column, ...], system: Reference, style: Style
) -> list[str]:
    """One element a feature, without the member around it."""
    parts = [properties(values, column) for values, column in zip(batch.values, columns, strict=True)]
    names = [f"{layer.id}.{number}" for number in batch.ids]
    if batch.geometries is not None:
        shapes = geometries(batch.geometries, names, system, style)
        parts.append([f"<{PREFIX}:geom>{shape}</{PREFIX}:geom>" if shape else "" for shape in shapes])
    element = qualified(layer)
    contents = map("".join, zip(*parts, strict=True)) if parts else [""] * len(batch)
    return [
        f'<{element} {style.id_attribute}="{name}">{content}</{element}>'
        for name, content in zip(names, contents, strict=True)
    ]


def properties(values: list[Any], column: Column) -> list[str]:
    """The elements of one column; an empty text where there is no value."""
    write = value_writer(column)
    begin, end = f"<{PREFIX}:{column.name}>", f"</{PREFIX}:{column.name}>"
    return ["" if value is None else f"{begin}{write(value)}{end}" for value in values]


def geometries(shapes: NDArray[Any], names: list[str], system: Reference, style: Style) -> list[str]:
    """GML of geometries stored in EPSG:3844; an empty text for an empty or missing one."""
    moved = outward(shapes, system)
    flat = swapped(moved) if system.north_first else shapely.force_2d(moved)
    present = ~(shapely.is_missing(flat) | shapely.is_empty(flat))
    writer = _Writer(style, f" srsName={quoteattr(system.name)}")
    written = shapely.to_wkt(flat, rounding_precision=-1)
    return [
        writer.write(wkt, f"{name}.geom", outermost=True) if there else ""
        for wkt, name, there in zip(written, names, present, strict=True)
    ]


def _number(value: float) -> str:
    if np.isfinite(value):
        return repr(value)
    return "NaN" if np.isnan(value) else ("INF" if value > 0 else "-INF")


class _Writer:
    def __init__(self, style: Style, srs: str) -> None:
        self._style = style
        self._srs = srs
        self._old = style.version == "2"
        self._rings = ("outerBoundaryIs", "innerBoundaryIs") if self._old else ("exterior", "interior")

    def write(self, wkt: str, name: str, outermost: bool = False) -> str:
        """The element of one geometry."""
        kind, _, body = wkt.partition(" ")
        attributes = self._srs if outermost else ""
        if self._style.version == "3.2":
            attributes += f' gml:id="{name}"'
        match kind:
            case "POINT":
                return f"<gml:Point{attributes}>{self._positions(body[1:-1], 'pos')}</gml:Point>"
            case "LINESTRING":
                return f"<gml:LineString{attributes}>{self._positions(body[1:-1])}</gml:LineString>"
            case "POLYGON":
                return f"<gml:Polygon{attributes}>{self._polygon(body[2:-2])}</gml:Polygon>"
            case "MULTIPOINT":
                parts = (f"POINT ({part})" for part in body[2:-2].split("), ("))
                return self._several("MultiPoint", "pointMember", parts, name, attributes)
            case "MULTILINESTRING":
                parts = (f"LINESTRING ({part})" for part in body[2:-2].split("), ("))
                return self._several(self._style.lines, self._style.line_member, parts, name, attributes)
            case "MULTIPOLYGON":
                parts = (f"POLYGON (({part}))" for part in body[3:-3].split(")), (("))
                return self._several(self._style.areas, self._style.area_member, parts, name, attributes)
        collected = (
            shapely.to_wkt(part, rounding_precision=-1) for part in shapely.get_parts(shapely.from_wkt(wkt))
        )
        return self._several("MultiGeometry", "geometryMember", collected, name, attributes)

    def _several(self, kind: str, member: str, parts: Iterator[str], name: str, attributes: str) -> str:
        inside = "".join(
            f"<gml:{member}>{self.write(part, f'{name}.{number}')}</gml:{member}>"
            for number, part in enumerate(parts, 1)
        )
        return f"<gml:{kind}{attributes}>{inside}</gml:{kind}>"

    def _polygon(self, body: str) -> str:
        outer, *inner = body.split("), (")
        made = self._ring(self._rings[0], outer)
        return made + "".join(self._ring(self._rings[1], ring) for ring in inner) if inner else made

    def _ring(self, side: str, body: str) -> str:
        return f"<gml:{side}><gml:LinearRing>{self._positions(body)}</gml:LinearRing></gml:{side}>"

    def _positions(self, body: str, element: str = "posList") -> str:
        if self._old:
            pairs = body.replace(", ", ";").replace(" ", ",").replace(";", " ")
            return f"<gml:coordinates>{pairs}</gml:coordinates>"
        return f"<gml:{element}>{body.replace(',', '')}</gml:{element}>"
