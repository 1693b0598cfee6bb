"""What one query of a request asks of one layer: which features, which columns, in which order and coordinates."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

import shapely

from gis_app.ogc.wfs import formats
from gis_app.ogc.wfs.formats import Format, WfsVersion
from gis_app.ogc.wfs.raw import RawQuery
from layers.catalogue import Column, Layer
from tiles.wfs import shapes, xml
from tiles.wfs.crs import CRS84, Reference, reference
from tiles.wfs.fes import GEOMETRY_COLUMN, read_filter
from tiles.wfs.filters import And, Filter, Ids, Not, Null, Property, Spatial
from tiles.wfs.reading import Selection
from tiles.wfs.refused import Refused, invalid, missing, shown
from tiles.wfs.where import property_name

IDS = 1_000
DEFAULT_SRS: dict[WfsVersion, str] = {
    "2.0.0": "urn:ogc:def:crs:EPSG::3844",
    "1.1.0": "urn:ogc:def:crs:EPSG::3844",
    "1.0.0": "EPSG:3844",
}
_DIRECTIONS = {"": False, "asc": False, "a": False, "desc": True, "d": True}


@dataclass(frozen=True)
class Terms:
    """What all queries of a request have in common.

    ``value`` is the property whose values are asked for, ``box`` the text of BBOX; empty where there is none.
    """

    version: WfsVersion
    form: Format
    day: datetime.date
    value: str = ""
    box: str = ""


@dataclass(frozen=True)
class Query:
    """One query of one layer, and the system its coordinates are written in."""

    selection: Selection
    system: Reference


def find_layer(name: str, layers: Mapping[str, Layer], locator: str) -> Layer:
    """The layer of that type name, with or without a prefix. Raises Refused for one the caller does not see."""
    layer = layers.get(name.rpartition(":")[2])
    if layer is None:
        raise invalid(locator, f"there is no feature type {shown(name)}")
    return layer


def queries_of(one: RawQuery, terms: Terms, layers: Mapping[str, Layer]) -> list[Query]:
    """The queries of one written query: one a type. ``layers`` are those the caller sees. Raises Refused."""
    names = one.types or _types_of_ids(one.ids)
    where = types_locator(terms.version)
    if not names:
        raise missing(where)
    if len(names) > 1 and one.types and terms.version == "2.0.0":
        raise Refused(
            "OptionNotSupported", "joins are not offered; several queries are written (a)(b)", where
        )
    found = [find_layer(name, layers, where) for name in names]
    return [query_of(one, terms, layer) for layer in found]


def query_of(one: RawQuery, terms: Terms, layer: Layer) -> Query:
    """What a written query asks of one layer. Raises Refused."""
    value, default = terms.value, reference(DEFAULT_SRS[terms.version])
    names = [property_name(value, layer, "valueReference")] if value and "@" not in value else []
    if value and not names and value.rpartition(":")[2].lstrip("@") != "id":
        raise invalid("valueReference", f"{layer.id} has no property {shown(value)}")
    columns, geometry = _shown(names or one.properties, layer, only=bool(names))
    if value and not names:
        columns, geometry = (), False
    order = _order(one.sort, layer)
    asked = _asked(one, terms.box, layer, default)
    if names:  # a value that is not there is none of the values
        there = Not(Null(Property(names[0])))
        asked = there if asked is None else And((asked, there))
    return Query(Selection(layer, terms.day, columns, geometry, asked, order), _system(one, terms, default))


def _system(one: RawQuery, terms: Terms, default: Reference) -> Reference:
    """The system of the answer's coordinates: the one asked for, else the form's own, else the version's."""
    if one.srs:
        return reference(one.srs)
    if terms.form is formats.GEOJSON:
        return reference(CRS84)
    return reference("EPSG:3844") if terms.form.gml == "2" else default


def _asked(one: RawQuery, box: str, layer: Layer, default: Reference) -> Filter | None:
    """The one condition that a query may have: a filter, a box, or ids."""
    given = [
        name for name, there in (("filter", one.filter_text), ("bbox", box), ("resourceId", one.ids)) if there
    ]
    if len(given) > 1:
        raise invalid(given[1], f"{' and '.join(given)} exclude each other")
    if one.filter_text:
        return read_filter(xml.read(one.filter_text, "filter"), default)
    if box:
        if not layer.geometry:
            raise invalid("bbox", f"{layer.id} has no geometry")
        return Spatial("BBOX", Property(GEOMETRY_COLUMN), _box(box, default))
    if one.ids:
        if len(one.ids) > IDS:
            raise invalid("resourceId", f"more than {IDS} ids")
        return Ids(one.ids)
    return None


def _box(text: str, default: Reference) -> shapely.Geometry:
    parts = [part.strip() for part in text.split(",")]
    system = reference(parts.pop(), "bbox") if len(parts) == 5 else default
    try:
        numbers = [float(part) for part in parts]
    except ValueError as error:
        raise invalid("bbox", f"a box is four numbers and perhaps a system, found {shown(text)}") from error
    return shapes.box(numbers, system)


def _shown(names: tuple[str, ...] | list[str], layer: Layer, only: bool) -> tuple[tuple[Column, ...], bool]:
    if not names or "*" in names:
        return layer.served_columns, bool(layer.geometry)
    locator = "valueReference" if only else "propertyName"
    wanted = {property_name(name, layer, locator) for name in names}
    columns = tuple(column for column in layer.served_columns if column.name in wanted)
    return columns, GEOMETRY_COLUMN in wanted


def _order(text: str, layer: Layer) -> tuple[tuple[str, bool], ...]:
    order: dict[str, bool] = {}
    for key in filter(None, (part.strip() for part in text.split(","))):
        name, _, direction = key.partition(" ")
        if direction.strip().lower() not in _DIRECTIONS:
            raise invalid("sortBy", f"an order is ASC or DESC, found {shown(direction)}")
        column = property_name(name, layer, "sortBy")
        if column == GEOMETRY_COLUMN:
            raise invalid("sortBy", "geometries have no order")
        order.setdefault(column, _DIRECTIONS[direction.strip().lower()])
    return tuple(order.items())


def _types_of_ids(ids: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.rpartition(".")[0] for one in ids))


def types_locator(version: WfsVersion) -> str:
    """The parameter that names types, in that version."""
    return "typeNames" if version == "2.0.0" else "typeName"
