"""Features as one text document: what stands before, between and after them, in GML, GeoJSON and CSV."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from xml.sax.saxutils import quoteattr

from gis_app.ogc.wfs.queries import Query
from gis_app.ogc.wfs.requests import FeatureRequest
from tiles.wfs import files, geojson, gml
from tiles.wfs.fes import GEOMETRY_COLUMN
from tiles.wfs.reading import Batch
from tiles.wfs.where import property_name

WFS2, WFS1 = "http://www.opengis.net/wfs/2.0", "http://www.opengis.net/wfs"
WFS_SCHEMAS = {
    "3.2": f"{WFS2} http://schemas.opengis.net/wfs/2.0/wfs.xsd",
    "3.1.1": f"{WFS1} http://schemas.opengis.net/wfs/1.1.0/wfs.xsd",
    "2": f"{WFS1} http://schemas.opengis.net/wfs/1.0.0/WFS-basic.xsd",
}
Part = tuple[Query, int, Iterator[Batch]]


@dataclass(frozen=True)
class Page:
    """What an answer says of itself: how many features there are and are here, where to read on, our address."""

    matched: int
    returned: int
    links: dict[str, str]
    url: str


def write(request: FeatureRequest, page: Page, parts: Iterator[Part]) -> Iterator[str]:
    """The document, piece by piece. A part is a query, how many features of it follow, and they."""
    match request.form.kind:
        case "geojson":
            return _geojson(request, page, parts)
        case "csv":
            return _csv(parts)
    return _value_collection(request, page, parts) if request.value else _gml(request, page, parts)


def _gml(request: FeatureRequest, page: Page, parts: Iterator[Part]) -> Iterator[str]:
    style = gml.STYLES[request.form.gml]
    if request.one:
        yield from _single(request, page, parts, style)
        return
    new = style.version == "3.2"
    member = "wfs:member" if new else "gml:featureMember"
    begin, end = f"<{member}>", f"</{member}>\n"
    yield _declaration() + _head(request, page, style)
    for query, returned, batches in parts:
        inner = replace(page, returned=returned, links={})
        if request.nested:
            yield f"<wfs:member><wfs:FeatureCollection{_counts(inner, style, unknown=True)}>\n"
        for batch in batches:
            selection = query.selection
            made = gml.members(batch, selection.layer, selection.columns, query.system, style)
            yield begin + f"{end}{begin}".join(made) + end
        if request.nested:
            yield "</wfs:FeatureCollection></wfs:member>\n"
    yield "</wfs:FeatureCollection>\n"


def _single(request: FeatureRequest, page: Page, parts: Iterator[Part], style: gml.Style) -> Iterator[str]:
    """The feature as the root, as GetFeatureById wants it."""
    for query, _, batches in parts:
        for batch in batches:
            selection = query.selection
            (made,) = gml.members(batch, selection.layer, selection.columns, query.system, style)
            name, _, rest = made.partition(" ")
            yield f"{_declaration()}{name}{_namespaces(request, page, style, wfs='')} {rest}\n"


def _value_collection(request: FeatureRequest, page: Page, parts: Iterator[Part]) -> Iterator[str]:
    style = gml.STYLES["3.2"]
    yield f"{_declaration()}<wfs:ValueCollection{_namespaces(request, page, style)}{_counts(page, style)}>\n"
    for query, _, batches in parts:
        for batch in batches:
            yield "".join(
                f"<wfs:member>{value}</wfs:member>\n" for value in _values(request, query, batch) if value
            )
    yield "</wfs:ValueCollection>\n"


def _values(request: FeatureRequest, query: Query, batch: Batch) -> list[str]:
    selection, style = query.selection, gml.STYLES["3.2"]
    names = [f"{selection.layer.id}.{number}" for number in batch.ids]
    if "@" in request.value:
        return names
    if property_name(request.value, selection.layer, "valueReference") != GEOMETRY_COLUMN:
        return gml.properties(batch.values[0], selection.columns[0])
    if batch.geometries is None:
        return []
    shapes = gml.geometries(batch.geometries, names, query.system, style)
    return [f"<{gml.PREFIX}:geom>{shape}</{gml.PREFIX}:geom>" if shape else "" for shape in shapes]


def _head(request: FeatureRequest, page: Page, style: gml.Style) -> str:
    head = f"<wfs:FeatureCollection{_namespaces(request, page, style)}{_counts(page, style)}>\n"
    if style.version == "2":  # where the schema insists on it
        head += "<gml:boundedBy><gml:null>unknown</gml:null></gml:boundedBy>\n"
    return head


def _counts(page: Page, style: gml.Style, unknown: bool = False) -> str:
    stamp = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    match style.version:
        case "3.2":
            matched = "unknown" if unknown else str(page.matched)
            links = "".join(f" {name}={quoteattr(address)}" for name, address in page.links.items())
            return f' timeStamp="{stamp}" numberMatched="{matched}" numberReturned="{page.returned}"{links}'
        case "3.1.1":
            return f' timeStamp="{stamp}" numberOfFeatures="{page.returned}"'
    return ""


def _namespaces(request: FeatureRequest, page: Page, style: gml.Style, wfs: str | None = None) -> str:
    described = f"{page.url}?SERVICE=WFS&VERSION={request.version}&REQUEST=DescribeFeatureType"
    names = ",".join(f"{gml.PREFIX}:{layer}" for layer in request.layer_ids)
    described += f"&TYPENAME{'S' if request.version == '2.0.0' else ''}={names}"
    if style is not gml.STYLES["3.2"] or request.version != "2.0.0":
        described += f"&OUTPUTFORMAT={'text/xml; subtype=gml/' + style.version}".replace(" ", "%20")
    namespace = WFS2 if style.version == "3.2" else WFS1
    declared = f' xmlns:wfs="{namespace}"' if wfs is None else wfs
    locations = f"{WFS_SCHEMAS[style.version]} {gml.NAMESPACE} {described}"
    return (
        f'{declared} xmlns:gml="{style.namespace}" xmlns:{gml.PREFIX}="{gml.NAMESPACE}"'
        f' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation={quoteattr(locations)}'
    )


def _declaration() -> str:
    return '<?xml version="1.0" encoding="UTF-8"?>\n'


def hits(request: FeatureRequest, page: Page) -> str:
    """How many there are, and none of them."""
    style = gml.STYLES[request.form.gml if request.form.kind == "gml" else "3.2"]
    if request.form.kind == "geojson":
        return (
            f'{{"type":"FeatureCollection","numberMatched":{page.matched},"numberReturned":0,"features":[]}}'
        )
    name = "wfs:ValueCollection" if request.value else "wfs:FeatureCollection"
    told = replace(page, returned=page.matched if style.version == "3.1.1" else 0, links={})
    if style.version != "2":
        return f"{_declaration()}<{name}{_namespaces(request, told, style)}{_counts(told, style)}/>\n"
    return f"{_declaration()}{_head(request, told, style)}</wfs:FeatureCollection>\n"


def _geojson(request: FeatureRequest, page: Page, parts: Iterator[Part]) -> Iterator[str]:
    if request.one:
        for query, _, batches in parts:
            for batch in batches:
                yield from _json_members(query, batch)
        return
    system = request.queries[0].system
    links = ",".join(
        f'{{"rel":"{"prev" if name == "previous" else name}","type":"application/geo+json","href":"{address}"}}'
        for name, address in page.links.items()
    )
    counts = f'"numberMatched":{page.matched},"numberReturned":{page.returned}'
    yield f'{{"type":"FeatureCollection"{geojson.crs_member(system)},{counts},"links":[{links}],"features":[\n'
    comma = ""
    for query, _, batches in parts:
        for batch in batches:
            yield comma + ",\n".join(_json_members(query, batch))
            comma = ",\n"
    yield "\n]}\n"


def _json_members(query: Query, batch: Batch) -> list[str]:
    return geojson.members(batch, query.selection.layer, query.selection.columns, query.system)


def _csv(parts: Iterator[Part]) -> Iterator[str]:
    for query, _, batches in parts:
        yield files.csv_head(query.selection.columns, query.selection.geometry)
        for batch in batches:
            yield files.csv_rows(batch, query.system)
