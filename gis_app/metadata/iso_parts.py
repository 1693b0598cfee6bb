"""The parts that ISO 19139 documents are put together from: citations, parties, constraints, extents, quality."""

from __future__ import annotations

from collections.abc import Iterable

from gis_app.metadata.record import Installation, LayerRecord, Link
from gis_app.metadata.xml import (
    Node,
    anchor,
    boolean,
    code,
    date_of,
    decimal,
    element,
    text,
    unknown,
    wrapped,
)
from layers.extents import Bounds

REGISTRY = "http://inspire.ec.europa.eu/metadata-codelist/"
NO_LIMITATIONS = f"{REGISTRY}LimitationsOnPublicAccess/noLimitations"
RESTRICTED = f"{REGISTRY}LimitationsOnPublicAccess/INSPIRE_Directive_Article13_1b"
STEREO70 = "http://www.opengis.net/def/crs/EPSG/0/3844"
LICENCES = {"CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/"}
REGULATIONS = {
    "dataset": (
        "Regulamentul (UE) nr. 1089/2010 al Comisiei în ceea ce privește interoperabilitatea seturilor și"
        " serviciilor de date spațiale",
        "2010-12-08",
    ),
    "service": (
        "Regulamentul (CE) nr. 976/2009 al Comisiei în ceea ce privește serviciile de rețea",
        "2009-10-20",
    ),
}


def citation(
    title: str, dates: Iterable[tuple[str, str]], alternate: str | None = None, identifier: str | None = None
) -> Node:
    """A title with its dates and identifier."""
    return element(
        "gmd:CI_Citation",
        text("gmd:title", title),
        text("gmd:alternateTitle", alternate) if alternate else None,
        *(wrapped("gmd:date", date_of(day, kind)) for kind, day in dates),
        wrapped("gmd:identifier", element("gmd:MD_Identifier", text("gmd:code", identifier)))
        if identifier
        else None,
    )


def party(installation: Installation, role: str) -> Node:
    """The authority in a role."""
    return element(
        "gmd:CI_ResponsibleParty",
        text("gmd:organisationName", installation.name),
        wrapped(
            "gmd:contactInfo",
            element(
                "gmd:CI_Contact",
                wrapped("gmd:phone", element("gmd:CI_Telephone", text("gmd:voice", installation.phone)))
                if installation.phone
                else None,
                wrapped(
                    "gmd:address",
                    element(
                        "gmd:CI_Address",
                        text("gmd:deliveryPoint", installation.address) if installation.address else None,
                        text("gmd:electronicMailAddress", installation.email),
                    ),
                ),
            ),
        ),
        code("gmd:role", "gmd:CI_RoleCode", role),
    )


def theme_keyword(record: LayerRecord) -> Node | None:
    """The INSPIRE theme of a layer, of its thesaurus."""
    theme = record.layer.inspire_theme
    if theme is None:
        return None
    thesaurus = element(
        "gmd:CI_Citation",
        anchor(
            "gmd:title",
            "GEMET - INSPIRE themes, version 1.0",
            "http://www.eionet.europa.eu/gemet/inspire_themes",
        ),
        wrapped("gmd:date", date_of("2008-06-01", "publication")),
    )
    return wrapped(
        "gmd:descriptiveKeywords",
        element(
            "gmd:MD_Keywords",
            anchor("gmd:keyword", record.theme.ro, f"http://inspire.ec.europa.eu/theme/{theme}"),
            code("gmd:type", "gmd:MD_KeywordTypeCode", "theme"),
            wrapped("gmd:thesaurusName", thesaurus),
        ),
    )


def keywords(words: Iterable[str]) -> Node:
    """Free words."""
    return element(
        "gmd:descriptiveKeywords", element("gmd:MD_Keywords", *(text("gmd:keyword", word) for word in words))
    )


def constraints(record: LayerRecord) -> tuple[Node, Node]:
    """Who may see and use a layer."""
    if record.visibility == "public":
        return access_constraints(NO_LIMITATIONS, "fără limitări ale accesului public"), use_constraints(
            record.layer.licence
        )
    limited = "acces rezervat autorității și operatorilor de rețele"
    return access_constraints(RESTRICTED, limited), use_constraints(record.layer.licence)


def access_constraints(address: str, words: str) -> Node:
    """The limits of public access, as a value of the INSPIRE code list."""
    return _legal("gmd:accessConstraints", anchor("gmd:otherConstraints", words, address))


def use_constraints(licence: str) -> Node:
    """The licence."""
    address = LICENCES.get(licence)
    told = (
        anchor("gmd:otherConstraints", licence, address) if address else text("gmd:otherConstraints", licence)
    )
    return _legal("gmd:useConstraints", told)


def _legal(kind: str, other: Node) -> Node:
    return element(
        "gmd:resourceConstraints",
        element("gmd:MD_LegalConstraints", code(kind, "gmd:MD_RestrictionCode", "otherRestrictions"), other),
    )


def representation(record: LayerRecord) -> str:
    """Vector, grid or table."""
    if record.layer.geometry is None:
        return "textTable"
    return "grid" if any(column.internal for column in record.layer.columns) else "vector"


def resolution(record: LayerRecord) -> Node:
    """The scale the data are good for: that at which their accuracy is half a millimetre on paper."""
    denominator = max(100, round((record.history.accuracy_m if record.history else 0.5) * 2000 / 100) * 100)
    return element(
        "gmd:MD_Resolution",
        wrapped(
            "gmd:equivalentScale",
            element(
                "gmd:MD_RepresentativeFraction",
                element("gmd:denominator", element("gco:Integer", str(denominator))),
            ),
        ),
    )


def extent(tag: str, box: Bounds, begins: str | None) -> Node:
    """The box in degrees, and since when the data are valid."""
    west, south, east, north = box
    temporal = None
    if begins:
        period = element(
            "gml:TimePeriod",
            element("gml:beginPosition", begins),
            element("gml:endPosition", attributes={"indeterminatePosition": "now"}),
            attributes={"gml:id": "valid"},
        )
        temporal = wrapped(
            "gmd:temporalElement", element("gmd:EX_TemporalExtent", element("gmd:extent", period))
        )
    return element(
        tag,
        wrapped(
            "gmd:geographicElement",
            element(
                "gmd:EX_GeographicBoundingBox",
                decimal("gmd:westBoundLongitude", west),
                decimal("gmd:eastBoundLongitude", east),
                decimal("gmd:southBoundLatitude", south),
                decimal("gmd:northBoundLatitude", north),
            ),
        ),
        temporal,
    )


def reference_system() -> Node:
    """Stereo70."""
    return element(
        "gmd:MD_ReferenceSystem",
        wrapped(
            "gmd:referenceSystemIdentifier",
            element("gmd:RS_Identifier", anchor("gmd:code", "EPSG:3844", STEREO70)),
        ),
    )


def distribution(links: Iterable[Link]) -> Node:
    """The forms of a resource and the addresses it is found at."""
    formats = [
        element("gmd:MD_Format", text("gmd:name", link.title), unknown("gmd:version"))
        for link in links
        if "/" in link.type
    ] or [element("gmd:MD_Format", text("gmd:name", "GML"), text("gmd:version", "3.2.1"))]
    return element(
        "gmd:MD_Distribution",
        *(wrapped("gmd:distributionFormat", form) for form in formats),
        wrapped(
            "gmd:transferOptions",
            element(
                "gmd:MD_DigitalTransferOptions", *(wrapped("gmd:onLine", online(link)) for link in links)
            ),
        ),
    )


def online(link: Link) -> Node:
    """One address."""
    return element(
        "gmd:CI_OnlineResource",
        element("gmd:linkage", element("gmd:URL", link.url)),
        text("gmd:protocol", link.type if "/" not in link.type else "WWW:DOWNLOAD-1.0-http--download"),
        text("gmd:name", link.title),
        code(
            "gmd:function",
            "gmd:CI_OnLineFunctionCode",
            "download" if link.kind == "download" else "information",
        ),
    )


def quality(level: str, lineage: str | None, accuracy_m: float | None) -> Node:
    """Conformity, positional accuracy (metres) and where the data come from."""
    title, day = REGULATIONS[level]
    conformance = element(
        "gmd:DQ_DomainConsistency",
        wrapped(
            "gmd:result",
            element(
                "gmd:DQ_ConformanceResult",
                wrapped("gmd:specification", citation(title, [("publication", day)])),
                text("gmd:explanation", "Conformitatea nu a fost evaluată."),
                boolean("gmd:pass", None),
            ),
        ),
    )
    return element(
        "gmd:DQ_DataQuality",
        wrapped("gmd:scope", element("gmd:DQ_Scope", code("gmd:level", "gmd:MD_ScopeCode", level))),
        wrapped("gmd:report", _accuracy(accuracy_m)),
        wrapped("gmd:report", conformance),
        wrapped("gmd:lineage", element("gmd:LI_Lineage", text("gmd:statement", lineage)))
        if lineage
        else None,
    )


def _accuracy(accuracy_m: float | None) -> Node | None:
    if accuracy_m is None:
        return None
    return element(
        "gmd:DQ_AbsoluteExternalPositionalAccuracy",
        wrapped(
            "gmd:result",
            element(
                "gmd:DQ_QuantitativeResult",
                element(
                    "gmd:valueUnit", attributes={"xlink:href": "http://www.opengis.net/def/uom/UCUM/0/m"}
                ),
                element("gmd:value", element("gco:Record", f"{accuracy_m:g}")),
            ),
        ),
    )
