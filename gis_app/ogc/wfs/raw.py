"""A request as it came, by address (KVP) or as XML, in one form: still texts, but each in its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, tostring

from tiles.wfs import xml
from tiles.wfs.refused import Refused, invalid

QUERIES = 40


@dataclass(frozen=True)
class RawQuery:
    """One query: the types it names, which features, which properties, in which order and system."""

    types: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    filter_text: str = ""
    ids: tuple[str, ...] = ()
    sort: str = ""
    srs: str = ""


@dataclass(frozen=True)
class Raw:
    """A request. ``parameters`` are those that concern it as a whole, by lower-case name."""

    request: str
    parameters: Mapping[str, str]
    queries: tuple[RawQuery, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)

    def get(self, *names: str) -> str:
        """The first of these parameters that is given and not empty; else an empty text."""
        return next((value for name in names if (value := self.parameters.get(name, "").strip())), "")


def from_parameters(parameters: Mapping[str, str]) -> Raw:
    """A request by address. Raises Refused for lists that do not match, and for a filter that would not be heeded."""
    given = {name.lower(): value for name, value in parameters.items()}
    request = given.get("request", "").strip()
    if not request:
        raise Refused("MissingParameterValue", "REQUEST is missing", "request")
    if given.get("cql_filter"):  # what GeoServer takes: passed over, the answer would be everything
        raise Refused("OptionNotSupported", "filters are in FILTER, in Filter Encoding", "cql_filter")
    types = [
        _listed(part) for part in _groups(given.get("typenames") or given.get("typename") or "", "typeNames")
    ]
    if given.get("version", "").startswith("1."):
        types = [[one] for group in types for one in group]
    ids = _listed(given.get("resourceid") or given.get("featureid") or "")
    count = max(len(types), 1)
    lists = {
        name: _parallel(given.get(name, ""), name, count) for name in ("propertyname", "filter", "sortby")
    }
    queries = [
        RawQuery(
            types=tuple(types[at]) if types else (),
            properties=tuple(_listed(lists["propertyname"][at])),
            filter_text=lists["filter"][at],
            ids=tuple(dict.fromkeys(ids)),
            sort=lists["sortby"][at],
            srs=given.get("srsname", ""),
        )
        for at in range(count)
    ]
    return Raw(request, given, tuple(queries))


def from_xml(body: bytes, parameters: Mapping[str, str]) -> Raw:
    """A request posted as XML; of the address only ``as_of`` and ``time`` count. Raises Refused."""
    root = xml.read(body, "request")
    given = {name.lower(): value for name, value in root.attrib.items() if "}" not in name}
    given |= {name: parameters[name] for name in ("as_of", "time", "language") if name in parameters}
    given["acceptversions"] = ",".join(xml.text(one) for one in root.iter() if xml.name(one) == "Version")
    given["sections"] = ",".join(xml.text(one) for one in root.iter() if xml.name(one) == "Section")
    described = [xml.text(one) for one in root if xml.name(one) in {"TypeName", "StoredQueryId"}]
    queries = tuple(_posted_query(one) for one in root if xml.name(one) == "Query")
    if len(queries) > QUERIES:
        raise invalid("query", f"more than {QUERIES} queries")
    values: dict[str, str] = {}
    stored = xml.child(root, "StoredQuery")
    if stored is not None:
        given["storedquery_id"] = stored.get("id", "")
        values = {
            one.get("name", "").lower(): xml.text(one) for one in stored if xml.name(one) == "Parameter"
        }
    if described:
        given["storedquery_id"] = ",".join(described)
        queries = (RawQuery(types=tuple(described)),)
    return Raw(xml.name(root), given | values, queries or (RawQuery(),))


def _posted_query(element: Element) -> RawQuery:
    names = element.get("typeNames") or element.get("typeName") or ""
    condition = xml.child(element, "Filter")
    order = xml.child(element, "SortBy")
    return RawQuery(
        types=tuple(names.replace(",", " ").split()),
        properties=tuple(xml.text(one) for one in element if xml.name(one) == "PropertyName"),
        filter_text="" if condition is None else tostring(condition, encoding="unicode"),
        sort="" if order is None else ",".join(map(_sort_key, order)),
        srs=element.get("srsName", ""),
    )


def _sort_key(element: Element) -> str:
    named = xml.child(element, "ValueReference", "PropertyName")
    direction = xml.child(element, "SortOrder")
    if named is None:
        raise invalid("sortBy", "SortProperty names no property")
    return f"{xml.text(named)} {xml.text(direction) if direction is not None else 'ASC'}"


def _listed(text: str) -> list[str]:
    return [part for part in (part.strip() for part in text.split(",")) if part]


def _groups(text: str, locator: str) -> list[str]:
    """``(a)(b)`` → a, b; a text without brackets is one group, an empty one none."""
    text = text.strip()
    if not text.startswith("("):
        return [text] if text else []
    if not text.endswith(")"):
        raise invalid(locator, "brackets do not match")
    groups = text[1:-1].split(")(")
    if len(groups) > QUERIES:
        raise invalid(locator, f"more than {QUERIES} queries")
    return groups


def _parallel(text: str, locator: str, count: int) -> list[str]:
    """A value for each query: one for all, or as many as there are queries."""
    groups = _groups(text, locator) or [""]
    if len(groups) == 1:
        return groups * count
    if len(groups) != count:
        raise invalid(locator, f"{len(groups)} values for {count} queries")
    return groups
