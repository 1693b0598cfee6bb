"""What a request for features means: read once, checked against the catalogue, bounded, and frozen."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass

from gis_app.ogc.wfs import formats
from gis_app.ogc.wfs.formats import Format, WfsVersion
from gis_app.ogc.wfs.queries import Query, Terms, queries_of, query_of, types_locator
from gis_app.ogc.wfs.raw import QUERIES, Raw, RawQuery
from layers.catalogue import Layer
from layers.days import today
from tiles.wfs.refused import Refused, invalid, missing, shown
from tiles.wfs.where import feature_number

# Features in an answer that can name its next page, where the request does not say how many.
COUNT_DEFAULT = 10_000
COUNT_MOST = 10_000_000
GET_BY_ID = "urn:ogc:def:query:OGC-WFS::GetFeatureById"
GET_BY_ID_NAMES = frozenset({GET_BY_ID.lower(), "http://www.opengis.net/def/query/ogc-wfs/0/getfeaturebyid"})
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T[\d:.]+(?:Z|[+-]\d{2}:?\d{2})?)?")


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
    terms = Terms(version, form, day, value, raw.get("bbox"))
    queries = tuple(query for one in raw.queries for query in queries_of(one, terms, layers))
    if len(queries) > QUERIES:
        raise invalid(types_locator(version), f"more than {QUERIES} queries")
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
    query = query_of(one, Terms(version, form, day_of(raw)), layer)
    canonical = (("STOREDQUERY_ID", GET_BY_ID), ("ID", feature_id), ("SRSNAME", one.srs))
    return FeatureRequest(version, form, (query,), query.selection.day, 0, 1, False, canonical, one=True)


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
