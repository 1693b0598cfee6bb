"""What a request for features means: read once, checked against the catalogue, bounded, and frozen."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass

import shapely

from gis_app.ogc.wfs import formats
from gis_app.ogc.wfs.formats import Format, WfsVersion
from gis_app.ogc.wfs.raw import QUERIES, Raw, RawQuery
from layers.catalogue import Column, Layer
from layers.days import today
from tiles.wfs import shapes, xml
from tiles.wfs.crs import Reference, reference
from tiles.wfs.fes import GEOMETRY_COLUMN, read_filter
from tiles.wfs.filters import And, Filter, Ids, Not, Null, Property, Spatial
from tiles.wfs.reading import Selection
from tiles.wfs.refused import Refused, invalid, missing, shown
from tiles.wfs.where import feature_number, property_name

# Features in an answer that can name its next page, where the request does not say how many.
COUNT_DEFAULT = 10_000
COUNT_MOST = 10_000_000
IDS = 1_000
GET_BY_ID = "urn:ogc:def:query:OGC-WFS::GetFeatureById"
GET_BY_ID_NAMES = frozenset({GET_BY_ID.lower(), "http://www.opengis.net/def/query/ogc-wfs/0/getfeaturebyid"})
DEFAULT_SRS: dict[WfsVersion, str] = {
    "2.0.0": "urn:ogc:def:crs:EPSG::3844",
    "1.1.0": "urn:ogc:def:crs:EPSG::3844",
    "1.0.0": "EPSG:3844",
}
_DIRECTIONS = {"": False, "asc": False, "a": False, "desc": True, "d": True}
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T[\d:.]+(?:Z|[+-]\d{2}:?\d{2})?)?")


@dataclass(frozen=True)
class Query:
    """One query of one layer, and the system its coordinates are written in."""

    selection: Selection
    system: Reference


@dataclass(frozen=True)
class FeatureRequest:
    """GetFeature or GetPropertyValue, understood.

    ``count`` None: all features. ``one``: the feature itself is the answer (GetFeatureById). ``nested``: each
    query has a collection of its own. ``value``: the property whose values are asked for. ``canonical``:
    parameters that ask for the same again, in fixed order.
    """

    version: WfsVersion
    form: Format
    queries: tuple[Query, ...]
    day: datetime.date
    start: int
    count: int | None
    hits: bool
    canonical: tuple[tuple[str, str], ...]
    one: bool = False
    nested: bool = False
    value: str = ""

    @property
    def layer_ids(self) -> tuple[str, ...]:
        """The layers asked."""
        return tuple(dict.fromkeys(query.selection.layer.id for query in self.queries))


def day_of(raw: Raw) -> datetime.date:
    """The day that ``as_of`` (or ``time``) asks for; today for none. Raises Refused."""
    given = raw.get("as_of", "time")
    if not given:
        return today()
    matched = _DAY.fullmatch(given)
    try:
        if matched is None:
            raise ValueError
        return datetime.date.fromisoformat(matched[1])
    except ValueError as error:
        raise invalid("as_of", f"a day is YYYY-MM-DD, found {shown(given)}") from error


def find_layer(name: str, layers: Mapping[str, Layer], locator: str) -> Layer:
    """The layer of that type name, with or without a prefix. Raises Refused for one the caller does not see."""
    layer = layers.get(name.rpartition(":")[2])
    if layer is None:
        raise invalid(locator, f"there is no feature type {shown(name)}")
    return layer


def understand(raw: Raw, version: WfsVersion, layers: Mapping[str, Layer]) -> FeatureRequest:
    """The request's meaning for a caller who sees these layers. Raises Refused."""
    if raw.get("storedquery_id"):
        return _by_id(raw, version, layers)
    form = formats.choose(raw.get("outputformat"), version)
    day = day_of(raw)
    hits = _result_type(raw)
    value = ""
    if raw.request.lower() == "getpropertyvalue":
        value = raw.get("valuereference")
        if not value:
            raise missing("valueReference")
        form = formats.GML32
    queries = tuple(
        query for one in raw.queries for query in _queries(raw, one, version, form, layers, day, value)
    )
    if len(queries) > QUERIES:
        raise invalid(_locator(version), f"more than {QUERIES} queries")
    return FeatureRequest(
        version=version,
        form=form,
        queries=queries,
        day=day,
        start=_whole_number(raw, "startindex") or 0,
        count=_count(raw, version, form),
        hits=hits,
        canonical=_canonical(raw, version, form),
        nested=version == "2.0.0"
        and form is formats.GML32
        and len(queries) > 1
        and bool(raw.queries[0].types),
        value=value,
    )


def _queries(
    raw: Raw,
    one: RawQuery,
    version: WfsVersion,
    form: Format,
    layers: Mapping[str, Layer],
    day: datetime.date,
    value: str,
) -> list[Query]:
    names = one.types or _types_of_ids(one.ids)
    if not names:
        raise missing(_locator(version))
    if len(names) > 1 and one.types and version == "2.0.0":
        raise Refused(
            "OptionNotSupported",
            "joins are not offered; several queries are written (a)(b)",
            _locator(version),
        )
    found = [find_layer(name, layers, _locator(version)) for name in names]
    return [_query(raw, one, version, form, layer, day, value) for layer in found]


def _query(
    raw: Raw,
    one: RawQuery,
    version: WfsVersion,
    form: Format,
    layer: Layer,
    day: datetime.date,
    value: str,
) -> Query:
    default = reference(DEFAULT_SRS[version])
    names = [property_name(value, layer, "valueReference")] if value and "@" not in value else []
    if value and not names and value.rpartition(":")[2].lstrip("@") != "id":
        raise invalid("valueReference", f"{layer.id} has no property {shown(value)}")
    columns, geometry = _shown(names or one.properties, layer, only=bool(names))
    if value and not names:
        columns, geometry = (), False
    order = _order(one.sort, layer)
    asked = _asked(raw, one, layer, default)
    if names:  # a value that is not there is none of the values
        there = Not(Null(Property(names[0])))
        asked = there if asked is None else And((asked, there))
    if one.srs:
        system = reference(one.srs)
    elif form is formats.GEOJSON:
        system = reference("urn:ogc:def:crs:OGC:1.3:CRS84")
    else:
        system = reference("EPSG:3844") if form.gml == "2" else default
    return Query(Selection(layer, day, columns, geometry, asked, order), system)


def _asked(raw: Raw, one: RawQuery, layer: Layer, default: Reference) -> Filter | None:
    box = raw.get("bbox")
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


def _by_id(raw: Raw, version: WfsVersion, layers: Mapping[str, Layer]) -> FeatureRequest:
    if raw.get("storedquery_id").lower() not in GET_BY_ID_NAMES:
        raise invalid("storedQuery_Id", f"there is no stored query {shown(raw.get('storedquery_id'))}")
    feature_id = raw.get("id")
    if not feature_id:
        raise missing("id")
    layer = layers.get(feature_id.rpartition(".")[0])
    if layer is None or feature_number(layer, feature_id) is None:
        raise Refused("NotFound", f"there is no feature {shown(feature_id)}", "id")
    form = formats.choose(raw.get("outputformat"), version)
    one = RawQuery((layer.id,), ids=(feature_id,), srs=raw.get("srsname"))
    query = _query(Raw(raw.request, {}), one, version, form, layer, day_of(raw), "")
    canonical = (("STOREDQUERY_ID", GET_BY_ID), ("ID", feature_id), ("SRSNAME", one.srs))
    return FeatureRequest(version, form, (query,), query.selection.day, 0, 1, False, canonical, one=True)


def _types_of_ids(ids: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.rpartition(".")[0] for one in ids))


def _result_type(raw: Raw) -> bool:
    given = raw.get("resulttype").lower() or "results"
    if given not in {"results", "hits"}:
        raise invalid("resultType", f"resultType is results or hits, found {shown(given)}")
    return given == "hits"


def _count(raw: Raw, version: WfsVersion, form: Format) -> int | None:
    given = _whole_number(raw, "count", "maxfeatures")
    if given is None:
        return COUNT_DEFAULT if version == "2.0.0" and form.kind in {"gml", "geojson"} else None
    return min(given, COUNT_MOST)


def _whole_number(raw: Raw, *names: str) -> int | None:
    text = raw.get(*names)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise invalid(names[0], f"a whole number from 0 on is expected, found {shown(text)}")
    return int(text)


def _locator(version: WfsVersion) -> str:
    return "typeNames" if version == "2.0.0" else "typeName"


def _canonical(raw: Raw, version: WfsVersion, form: Format) -> tuple[tuple[str, str], ...]:
    def grouped(values: list[str]) -> str:
        if not any(values):
            return ""
        return values[0] if len(values) == 1 else "".join(f"({value})" for value in values)

    queries = raw.queries
    pairs = [
        (
            "TYPENAMES" if version == "2.0.0" else "TYPENAME",
            grouped([",".join(one.types) for one in queries]),
        ),
        ("PROPERTYNAME", grouped([",".join(one.properties) for one in queries])),
        ("FILTER", grouped([one.filter_text for one in queries])),
        ("RESOURCEID", ",".join(queries[0].ids)),
        ("BBOX", raw.get("bbox")),
        ("SORTBY", grouped([one.sort for one in queries])),
        ("SRSNAME", queries[0].srs),
        ("VALUEREFERENCE", raw.get("valuereference")),
        ("OUTPUTFORMAT", form.name),
        ("AS_OF", raw.get("as_of", "time")),
    ]
    return tuple((name, value) for name, value in pairs if value)
