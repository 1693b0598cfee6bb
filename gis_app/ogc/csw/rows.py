"""The rows of the catalogue service: a record for each layer the caller sees and for each door."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import flask
import shapely
from lxml import etree
from pycsw.core.config import StaticContext

from gis_app import access, caching
from gis_app.metadata.definitions import Service, services
from gis_app.metadata.iso import layer_metadata, service_metadata
from gis_app.metadata.record import (
    SERVICE_URN,
    Installation,
    LayerRecord,
    Link,
    records,
    served_by,
)
from gis_app.metadata.xml import NAMESPACES
from layers.days import today
from layers.visibility import visible

Row = dict[str, str | None]
# The columns of pycsw's core model.
COLUMNS: tuple[str, ...] = tuple(dict.fromkeys(StaticContext().md_core_model["mappings"].values()))


def current_rows() -> tuple[Row, ...]:
    """What the caller of this request may find."""
    seen = access.circle()
    root = flask.request.host_url.rstrip("/")
    return _rows(seen, root, caching.tag(visible(seen), today()))


@lru_cache(maxsize=16)
def _rows(circle: str, root: str, _state: str) -> tuple[Row, ...]:
    installation = Installation.at(root)
    found = records(visible(circle).values(), installation)  # type: ignore[arg-type]  # hashable for the cache
    return tuple(
        [_layer_row(record, installation) for record in found]
        + [_service_row(name, service, found, installation) for name, service in services().items()]
    )


def _layer_row(record: LayerRecord, installation: Installation) -> Row:
    xml = layer_metadata(record, installation)
    begins = record.history.begins.isoformat() if record.history else None
    return _row(
        xml,
        identifier=record.identifier,
        type="dataset",
        title=record.layer.title.ro,
        title_alternate=record.layer.title.en,
        abstract=record.layer.abstract.ro,
        keywords=",".join(record.keywords),
        keywordstype="theme",
        topicategory=record.theme.topic,
        time_begin=begins,
        date_creation=begins,
        date=record.modified.isoformat(),
        date_publication=record.modified.isoformat(),
        date_modified=record.modified.isoformat(),
        insert_date=record.modified.isoformat(),
        wkt_geometry=shapely.box(*record.degrees).wkt,
        crs="urn:ogc:def:crs:EPSG::3844",
        accessconstraints="otherRestrictions",
        otherconstraints=record.layer.licence,
        lineage=record.lineage,
        publisher=installation.name,
        organization=installation.name,
        links="^".join(map(_link, record.links)),
    )


def _service_row(name: str, service: Service, found: list[LayerRecord], installation: Installation) -> Row:
    served = served_by(service, found)
    xml = service_metadata(name, service, served, installation)
    modified = max(record.modified for record in served).isoformat()
    boxes = shapely.union_all([shapely.box(*record.degrees) for record in served])
    return _row(
        xml,
        identifier=SERVICE_URN + name,
        type="service",
        title=f"{service.title.ro} – {installation.name}",
        title_alternate=service.title.en,
        abstract=service.title.ro,
        servicetype=service.kind,
        servicetypeversion=service.version,
        couplingtype="tight",
        operateson=",".join(record.identifier for record in served),
        date=modified,
        date_modified=modified,
        insert_date=modified,
        wkt_geometry=shapely.box(*boxes.bounds).wkt,
        publisher=installation.name,
        organization=installation.name,
        links=_link(
            Link(installation.root + service.capabilities, service.title.ro, service.type, service.kind)
        ),
    )


def _row(xml: bytes, **values: str | None) -> Row:
    return {
        **dict.fromkeys(COLUMNS),
        "typename": "gmd:MD_Metadata",
        "schema": NAMESPACES["gmd"],
        "mdsource": "local",
        "language": "rum",
        "resourcelanguage": "rum",
        "xml": xml.decode("utf-8"),
        "anytext": " ".join(_words(xml)),
        **values,
    }


def _words(xml: bytes) -> Iterator[str]:
    return (str(text).strip() for text in etree.fromstring(xml).itertext() if text.strip())


def _link(link: Link) -> str:
    """pycsw's way of writing a link: name, description, protocol, address."""
    return ",".join((link.title, link.title, link.type, link.url))
