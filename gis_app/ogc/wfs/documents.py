"""The service about itself: capabilities, schemas, stored queries."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal, get_args

from jinja2 import Environment, PackageLoader, StrictUndefined

from gis_app.metadata.record import SERVICE_URN, URN, Installation, record_path
from gis_app.ogc.wfs import formats
from gis_app.ogc.wfs.formats import WfsVersion
from gis_app.ogc.wfs.requests import COUNT_DEFAULT, GET_BY_ID
from layers.catalogue import Layer
from layers.extents import ROMANIA, Bounds, extent, transform
from tiles.wfs import gml
from tiles.wfs.crs import OFFERED
from tiles.wfs.filters import Relation, TemporalRelation

Language = Literal["rum", "hun", "eng"]
SECTIONS = (
    "ServiceIdentification",
    "ServiceProvider",
    "OperationsMetadata",
    "FeatureTypeList",
    "Filter_Capabilities",
)
_TRUE = ("ImplementsBasicWFS", "KVPEncoding", "XMLEncoding", "ImplementsResultPaging")
_FALSE = (
    "ImplementsTransactionalWFS",
    "ImplementsLockingWFS",
    "SOAPEncoding",
    "ImplementsInheritance",
    "ImplementsRemoteResolve",
    "ImplementsStandardJoins",
    "ImplementsSpatialJoins",
    "ImplementsTemporalJoins",
    "ImplementsFeatureVersioning",
    "ManageStoredQueries",
    "PagingIsTransactionSafe",
)
CONSTRAINTS = {
    **dict.fromkeys(_TRUE, "TRUE"),
    **dict.fromkeys(_FALSE, "FALSE"),
    "CountDefault": str(COUNT_DEFAULT),
}
_FILTER_TRUE = (
    "ImplementsQuery",
    "ImplementsAdHocQuery",
    "ImplementsResourceId",
    "ImplementsMinStandardFilter",
    "ImplementsStandardFilter",
    "ImplementsMinSpatialFilter",
    "ImplementsSpatialFilter",
    "ImplementsMinTemporalFilter",
    "ImplementsSorting",
    "ImplementsMinimumXPath",
)
_FILTER_FALSE = (
    "ImplementsFunctions",
    "ImplementsTemporalFilter",
    "ImplementsVersionNav",
    "ImplementsExtendedOperators",
    "ImplementsSchemaElementFunc",
)
FILTER_CONSTRAINTS = {**dict.fromkeys(_FILTER_TRUE, "TRUE"), **dict.fromkeys(_FILTER_FALSE, "FALSE")}
XSD_TYPES = {
    "text": "xsd:string",
    "choice": "xsd:string",
    "integer": "xsd:int",
    "number": "xsd:double",
    "boolean": "xsd:boolean",
    "date": "xsd:date",
}
_SAME = {"Point": "Point", "MultiPoint": "MultiPoint", "Geometry": "Geometry"}
GEOMETRIES = {
    style.version: {
        **_SAME,
        "MultiLineString": style.lines,
        "MultiLineStringM": style.lines,
        "MultiPolygon": style.areas,
    }
    for style in gml.STYLES.values()
}
SERVICE: dict[Language, dict[str, str]] = {
    "rum": {
        "title": "Serviciu de descărcare WFS",
        "abstract": "Obiectele straturilor de urbanism, cadastru, drumuri, rețele, mediu și patrimoniu.",
        "constraints": "Fără restricții pentru straturile publice; licența fiecărui strat este în metadatele lui.",
    },
    "hun": {
        "title": "WFS letöltő szolgáltatás",
        "abstract": "A településrendezési, kataszteri, út-, közmű-, környezeti és műemléki rétegek elemei.",
        "constraints": "A nyilvános rétegekre nincs korlátozás; a licenc az egyes rétegek metaadataiban áll.",
    },
    "eng": {
        "title": "WFS download service",
        "abstract": "The features of the layers of planning, cadastre, roads, networks, environment and heritage.",
        "constraints": "None for public layers; the licence of each layer is in its metadata.",
    },
}


@dataclass(frozen=True)
class FeatureType:
    """A layer as capabilities tell it; ``bounds`` west, south, east, north in degrees, ``stereo70`` in EPSG:3844."""

    id: str
    title: str
    abstract: str
    keywords: tuple[str, ...]
    geometry: bool
    bounds: tuple[str, ...] | None
    stereo70: tuple[str, ...]
    metadata_url: str


def capabilities(
    version: WfsVersion,
    layers: Collection[Layer],
    provider: Installation,
    day: date,
    language: Language,
    sections: Collection[str],
    sequence: str,
) -> str:
    """The capabilities of that version for somebody who sees these layers."""
    return (
        _templates()
        .get_template(f"capabilities-{version}.xml")
        .render(
            version=version,
            sequence=sequence,
            sections=sections,
            all_sections=SECTIONS,
            url=f"{provider.root}/ows",
            provider_=provider,
            service=SERVICE[language],
            language=language,
            types=[_feature_type(layer, provider, day, language) for layer in layers],
            formats=[one.name for one in formats.offered(version)],
            systems=OFFERED,
            country=_degrees(ROMANIA),
            constraints=CONSTRAINTS,
            filter_constraints=FILTER_CONSTRAINTS,
            spatial_operators=[*get_args(Relation), "DWithin", "Beyond"],
            # The published schema has forgotten that AnyInteracts is an operator.
            temporal_operators=[one for one in get_args(TemporalRelation) if one != "AnyInteracts"],
            metadata_url=provider.root + record_path(f"{SERVICE_URN}wfs"),
            dataset_namespace=URN.removesuffix(":"),
        )
    )


def schema(layers: Collection[Layer], version: gml.Version) -> str:
    """The XML Schema of the features of these layers in that version of GML."""
    return (
        _templates()
        .get_template("schema.xml")
        .render(
            layers=layers,
            style=gml.STYLES[version],
            feature="AbstractFeature" if version == "3.2" else "_Feature",
            types=XSD_TYPES,
            geometries=GEOMETRIES[version],
        )
    )


def stored_queries(layers: Collection[Layer], described: bool) -> str:
    """The one stored query there is, listed or described."""
    return (
        _templates()
        .get_template("stored-queries.xml")
        .render(layers=layers, id=GET_BY_ID, described=described)
    )


def _feature_type(layer: Layer, provider: Installation, day: date, language: Language) -> FeatureType:
    box = extent(layer, day)
    titles: Mapping[Language, str] = {"rum": layer.title.ro, "hun": layer.title.hu, "eng": layer.title.en}
    return FeatureType(
        id=layer.id,
        title=titles[language],
        abstract=layer.abstract.en if language == "eng" else layer.abstract.ro,
        keywords=tuple(filter(None, (layer.schema_name, layer.inspire_theme))),
        geometry=layer.geometry is not None,
        bounds=_degrees(box.degrees) if box else None,
        stereo70=_metres(box.stereo70 if box else transform(ROMANIA, "OGC:CRS84", "EPSG:3844")),
        metadata_url=provider.root + record_path(URN + layer.id),
    )


def _degrees(bounds: Bounds) -> tuple[str, ...]:
    return tuple(f"{degree:.6f}" for degree in bounds)


def _metres(bounds: Bounds) -> tuple[str, ...]:
    return tuple(f"{metre:.2f}" for metre in bounds)


@cache
def _templates() -> Environment:
    made = Environment(loader=PackageLoader("gis_app.ogc.wfs"), autoescape=True, undefined=StrictUndefined)
    made.globals |= {"prefix": gml.PREFIX, "namespace": gml.NAMESPACE}
    return made
