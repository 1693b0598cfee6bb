"""ISO 19139 metadata of a layer or a door, as INSPIRE asks for them.

Follows the technical guidance for metadata of INSPIRE data sets and services (TG 2.0: ISO 19115/19119, encoded by
ISO/TS 19139:2007), with the reference system, positional accuracy and lineage that the versions tell of.
"""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from gis_app.metadata.definitions import Service
from gis_app.metadata.iso_parts import (
    NO_LIMITATIONS,
    access_constraints,
    citation,
    constraints,
    distribution,
    extent,
    keywords,
    online,
    party,
    quality,
    reference_system,
    representation,
    resolution,
    theme_keyword,
    use_constraints,
)
from gis_app.metadata.record import SERVICE_URN, Installation, LayerRecord, Link, record_path
from gis_app.metadata.xml import NAMESPACES, Node, code, element, text, wrapped
from layers.extents import ROMANIA, around

# What a service of a kind is called in the INSPIRE registry of spatial data services.
CLASSIFICATIONS = {
    "view": "infoMapAccessService",
    "download": "infoFeatureAccessService",
    "discovery": "infoCatalogueService",
}


def layer_metadata(record: LayerRecord, installation: Installation) -> bytes:
    """The metadata of a layer as an XML document."""
    return _document(
        record.identifier,
        "dataset",
        record.modified.isoformat(),
        installation,
        reference=reference_system(),
        identification=_data_identification(record, installation),
        links=record.links,
        quality=quality("dataset", record.lineage, record.history.accuracy_m if record.history else None),
    )


def service_metadata(
    name: str, service: Service, records: list[LayerRecord], installation: Installation
) -> bytes:
    """The metadata of a door that serves those layers, as an XML document."""
    modified = max((record.modified for record in records), default=None)
    link = Link(installation.root + service.capabilities, service.title.ro, service.type, service.kind)
    return _document(
        SERVICE_URN + name,
        "service",
        modified.isoformat() if modified else "2026-01-01",
        installation,
        reference=None,
        identification=_service_identification(name, service, records, link, installation),
        links=(link,),
        quality=quality("service", None, None),
    )


def _document(
    identifier: str,
    level: str,
    stamp: str,
    installation: Installation,
    *,
    reference: Node | None,
    identification: Node,
    links: Iterable[Link],
    quality: Node,
) -> bytes:
    root = element(
        "gmd:MD_Metadata",
        text("gmd:fileIdentifier", identifier),
        code("gmd:language", "gmd:LanguageCode", "rum"),
        code("gmd:characterSet", "gmd:MD_CharacterSetCode", "utf8"),
        code("gmd:hierarchyLevel", "gmd:MD_ScopeCode", level),
        text("gmd:hierarchyLevelName", "serviciu") if level == "service" else None,
        wrapped("gmd:contact", party(installation, "pointOfContact")),
        element("gmd:dateStamp", element("gco:Date", stamp)),
        text("gmd:metadataStandardName", "ISO 19115"),
        text("gmd:metadataStandardVersion", "2003/Cor.1:2006"),
        wrapped("gmd:referenceSystemInfo", reference),
        wrapped("gmd:identificationInfo", identification),
        wrapped("gmd:distributionInfo", distribution(links)),
        wrapped("gmd:dataQualityInfo", quality),
    )
    etree.cleanup_namespaces(root, keep_ns_prefixes=list(NAMESPACES))
    return etree.tostring(root, encoding="utf-8")


def _data_identification(record: LayerRecord, installation: Installation) -> Node:
    layer, history = record.layer, record.history
    dates = [("publication", record.modified.isoformat())]
    if history:
        dates.append(("creation", history.begins.isoformat()))
    return element(
        "gmd:MD_DataIdentification",
        wrapped("gmd:citation", citation(layer.title.ro, dates, layer.title.en, record.identifier)),
        text("gmd:abstract", layer.abstract.ro),
        wrapped("gmd:pointOfContact", party(installation, "owner")),
        wrapped(
            "gmd:resourceMaintenance",
            element(
                "gmd:MD_MaintenanceInformation",
                code("gmd:maintenanceAndUpdateFrequency", "gmd:MD_MaintenanceFrequencyCode", "asNeeded"),
            ),
        ),
        theme_keyword(record),
        keywords(record.keywords),
        *constraints(record),
        code("gmd:spatialRepresentationType", "gmd:MD_SpatialRepresentationTypeCode", representation(record)),
        wrapped("gmd:spatialResolution", resolution(record)),
        code("gmd:language", "gmd:LanguageCode", "rum"),
        code("gmd:characterSet", "gmd:MD_CharacterSetCode", "utf8"),
        element("gmd:topicCategory", element("gmd:MD_TopicCategoryCode", record.theme.topic)),
        wrapped(
            "gmd:extent",
            extent("gmd:EX_Extent", record.degrees, history.begins.isoformat() if history else None),
        ),
    )


def _service_identification(
    name: str, service: Service, records: list[LayerRecord], link: Link, installation: Installation
) -> Node:
    box = around(record.degrees for record in records) or ROMANIA
    titled = f"{service.title.ro} – {installation.name}"
    modified = max(record.modified for record in records).isoformat()
    return element(
        "srv:SV_ServiceIdentification",
        wrapped(
            "gmd:citation",
            citation(titled, [("publication", modified)], service.title.en, SERVICE_URN + name),
        ),
        text("gmd:abstract", f"{service.title.ro} pentru straturile publice ale autorității."),
        wrapped("gmd:pointOfContact", party(installation, "owner")),
        keywords((CLASSIFICATIONS[service.kind],)),
        access_constraints(NO_LIMITATIONS, "fără limitări ale accesului public"),
        use_constraints("CC-BY-4.0"),
        element("srv:serviceType", element("gco:LocalName", service.kind)),
        text("srv:serviceTypeVersion", f"{service.type} {service.version}"),
        wrapped("srv:extent", extent("gmd:EX_Extent", box, None)),
        code("srv:couplingType", "srv:SV_CouplingType", "tight"),
        wrapped(
            "srv:containsOperations",
            element(
                "srv:SV_OperationMetadata",
                text("srv:operationName", "GetCapabilities"),
                code("srv:DCP", "srv:DCPList", "WebServices"),
                wrapped("srv:connectPoint", online(link)),
            ),
        ),
        *(
            element(
                "srv:operatesOn",
                attributes={
                    "uuidref": record.identifier,
                    "xlink:href": installation.root + record_path(record.identifier),
                },
            )
            for record in records
        ),
    )
