"""The open layers as DCAT-AP 3 in JSON-LD: what data.gov.ro and the European portal harvest.

Vocabulary: DCAT 3, DCAT-AP 3.0 (mandatory and recommended properties), the EU authority tables of file types,
languages, data themes and frequencies, and DCAT-AP for high-value datasets (EU 2023/138).
"""

from __future__ import annotations

from typing import Any

import shapely

from gis_app.metadata.definitions import Service, services
from gis_app.metadata.record import SERVICE_URN, History, Installation, LayerRecord, Link, served_by

Node = dict[str, Any]
AUTHORITY = "http://publications.europa.eu/resource/authority/"
FILE_TYPES = {
    "application/geopackage+sqlite3": "GPKG",
    "application/vnd.apache.parquet": "PARQUET",
    "text/csv": "CSV",
}
LICENCES = {"CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/"}
# What data of the high-value themes say of themselves: the regulation that names these, and the theme.
HIGH_VALUE_DATASET = {
    "dcatap:applicableLegislation": {"@id": "http://data.europa.eu/eli/reg_impl/2023/138/oj"},
    "dcatap:hvdCategory": {"@id": "http://data.europa.eu/bna/c_ac64a52d"},
}
STEREO70 = "http://www.opengis.net/def/crs/EPSG/0/3844"
CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "geosparql": "http://www.opengis.net/ont/geosparql#",
}


def catalog(records: list[LayerRecord], installation: Installation) -> Node:
    """The whole catalogue as one JSON-LD document, of the records that everybody may see."""
    open_ones = [record for record in records if record.visibility == "public"]
    root = installation.root
    newest = max((record.modified for record in open_ones), default=None)
    return {
        "@context": CONTEXT,
        "@id": f"{root}/catalog.jsonld",
        "@type": "dcat:Catalog",
        "dct:title": _texts(ro=f"Date deschise – {installation.name}", en=f"Open data – {installation.name}"),
        "dct:description": _texts(
            ro="Straturile de urbanism, cadastru, drumuri și rețele care se publică ca date deschise.",
            en="Layers of planning, cadastre, roads and networks that are published as open data.",
        ),
        "dct:publisher": _publisher(installation),
        "dct:language": [{"@id": f"{AUTHORITY}language/RON"}],
        "dct:license": {"@id": LICENCES["CC-BY-4.0"]},
        "dct:spatial": {"@id": f"{AUTHORITY}country/ROU"},
        "dcat:themeTaxonomy": {"@id": f"{AUTHORITY}data-theme"},
        **({"dct:modified": _day(newest.isoformat())} if newest else {}),
        "dcat:dataset": [dataset(record, installation) for record in open_ones],
        "dcat:service": [
            _service(name, service, open_ones, installation) for name, service in services().items()
        ],
    }


def dataset(record: LayerRecord, installation: Installation) -> Node:
    """One layer as a data set with its distributions."""
    layer = record.layer
    return {
        "@id": _dataset_id(record, installation),
        "@type": "dcat:Dataset",
        "dct:identifier": record.identifier,
        "dct:title": _texts(ro=layer.title.ro, hu=layer.title.hu, en=layer.title.en),
        "dct:description": _texts(ro=layer.abstract.ro, en=layer.abstract.en),
        "dcat:keyword": [{"@value": word, "@language": "ro"} for word in record.keywords],
        "dcat:theme": [{"@id": f"{AUTHORITY}data-theme/{record.theme.data_theme}"}],
        "dct:publisher": _publisher(installation),
        "dcat:contactPoint": {
            "@type": "vcard:Organization",
            "vcard:fn": installation.name,
            "vcard:hasEmail": {"@id": f"mailto:{installation.email}"},
        },
        "dct:accessRights": {"@id": f"{AUTHORITY}access-right/PUBLIC"},
        "dct:accrualPeriodicity": {"@id": f"{AUTHORITY}frequency/IRREG"},
        "dct:language": {"@id": f"{AUTHORITY}language/RON"},
        "dct:provenance": {
            "@type": "dct:ProvenanceStatement",
            "dct:description": _texts(ro=record.lineage),
        },
        "dct:spatial": _place(record),
        "dct:conformsTo": {"@id": STEREO70, "@type": "dct:Standard"},
        "dcat:landingPage": {"@id": f"{installation.root}/ogcapi/collections/{layer.id}"},
        "dct:modified": _day(record.modified.isoformat()),
        "dcat:distribution": [
            _distribution(record, link) for link in record.links if link.type in FILE_TYPES
        ],
        **(_history(record.history) if record.history else {}),
        **(HIGH_VALUE_DATASET if record.theme.high_value else {}),
    }


def _place(record: LayerRecord) -> Node:
    box = {"@value": shapely.box(*record.degrees).wkt, "@type": "geosparql:wktLiteral"}
    return {"@type": "dct:Location", "dcat:bbox": box}


def _history(history: History) -> Node:
    begins = {"@type": "dct:PeriodOfTime", "dcat:startDate": _day(history.begins.isoformat())}
    return {"dct:issued": _day(history.first_published_at.date().isoformat()), "dct:temporal": begins}


def _distribution(record: LayerRecord, link: Link) -> Node:
    return {
        "@id": link.url,
        "@type": "dcat:Distribution",
        "dct:title": _texts(ro=f"{record.layer.title.ro} ({link.title})"),
        "dcat:accessURL": {"@id": link.url},
        "dcat:downloadURL": {"@id": link.url},
        "dcat:mediaType": {"@id": f"https://www.iana.org/assignments/media-types/{link.type}"},
        "dct:format": {"@id": f"{AUTHORITY}file-type/{FILE_TYPES[link.type]}"},
        "dct:license": {"@id": LICENCES.get(record.layer.licence, record.layer.licence)},
        "dcatap:availability": {"@id": f"{AUTHORITY}planned-availability/STABLE"},
    }


def _service(name: str, service: Service, records: list[LayerRecord], installation: Installation) -> Node:
    served = served_by(service, records)
    return {
        "@id": SERVICE_URN + name,
        "@type": "dcat:DataService",
        "dct:title": _texts(ro=service.title.ro, hu=service.title.hu, en=service.title.en),
        "dcat:endpointURL": {"@id": installation.root + service.capabilities.split("?")[0]},
        "dcat:endpointDescription": {"@id": installation.root + service.capabilities},
        "dct:publisher": _publisher(installation),
        "dcat:servesDataset": [{"@id": _dataset_id(record, installation)} for record in served],
    }


def _dataset_id(record: LayerRecord, installation: Installation) -> str:
    return f"{installation.root}/ogcapi/collections/{record.layer.id}#dataset"


def _publisher(installation: Installation) -> Node:
    return {
        "@id": f"{installation.root}/#authority",
        "@type": "foaf:Agent",
        "foaf:name": installation.name,
        "dct:type": {"@id": "http://purl.org/adms/publishertype/LocalAuthority"},
    }


def _texts(**by_language: str) -> list[Node]:
    return [{"@value": text, "@language": language} for language, text in by_language.items()]


def _day(text: str) -> Node:
    return {"@value": text, "@type": "xsd:date"}
