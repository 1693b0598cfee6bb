"""What the WFS writes, against the published schemas that packages of ours carry.

Carried are OWS Common, Filter Encoding and GML (pycsw); the schemas of WFS itself are carried by none, so its own
elements are checked one level below: features, exceptions, and the parts of capabilities that are OWS or Filter.
"""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import etree

from layers.visibility import visible
from tests.gis_app.ogc.schemas import OGC, faults, schema
from tests.gis_app.ogc.wfs import NAMES, ask, found, tree

XSD = "http://www.w3.org/2001/XMLSchema"
GML = {
    "1.1.0": "http://schemas.opengis.net/gml/3.1.1/base/gml.xsd",
    "2.0.0": "http://schemas.opengis.net/gml/3.2.1/gml.xsd",
}
MEMBERS = {"1.1.0": "gml1:featureMember/*", "2.0.0": "wfs:member/*"}


@cache
def gml(version: str) -> Path:
    """A schema of GML at hand. That of 3.1.1 as a whole wants SMIL, so only its features and geometries are taken."""
    if version == "2.0.0":
        return OGC / "gml/3.2.1/gml.xsd"
    folder = OGC / "gml/3.1.1/base"
    parts = "".join(
        f'<include schemaLocation="{folder / name}.xsd"/>' for name in ("feature", "geometryAggregates")
    )
    made = Path(tempfile.mkdtemp(prefix="vatra-gml-")) / "gml.xsd"
    made.write_text(f'<schema xmlns="{XSD}" targetNamespace="{NAMES["gml1"]}">{parts}</schema>')
    return made


@cache
def described(document: bytes, version: str) -> etree.XMLSchema:
    """The schema that DescribeFeatureType gave, importing GML from the copy at hand."""
    address, local = GML[version], gml(version)
    return etree.XMLSchema(etree.fromstring(document.replace(address.encode(), str(local).encode())))


def alone(element: Any) -> bytes:
    """One element as a document of its own."""
    content: bytes = etree.tostring(element)
    return content


@pytest.mark.parametrize("version", ["1.1.0", "2.0.0"])
@pytest.mark.parametrize("layer", sorted(visible("public")))
def test_features_are_valid_against_the_schema_they_name(
    client: FlaskClient, layer: str, version: str
) -> None:
    name = "typenames" if version == "2.0.0" else "typename"
    told = ask(client, version=version, request="DescribeFeatureType", **{name: layer})
    assert told.status_code == 200
    checked = described(told.data, version)
    answer = ask(client, version=version, count=25, maxfeatures=25, **{name: layer})
    for feature in found(tree(answer), MEMBERS[version]):
        assert faults(checked, alone(feature)) == []


@pytest.mark.parametrize("version", ["1.1.0", "2.0.0"])
def test_the_schema_of_all_layers_can_be_imported(client: FlaskClient, version: str) -> None:
    told = ask(client, version=version, request="DescribeFeatureType")
    described(told.data, version)
    declared = etree.fromstring(told.data).xpath("//xsd:element/@substitutionGroup", namespaces={"xsd": XSD})
    assert len(declared) == len(visible("public"))


def test_a_feature_by_id_is_valid(client: FlaskClient) -> None:
    told = ask(client, request="DescribeFeatureType", typenames="cadastre.parcel")
    one = ask(client, storedquery_id="urn:ogc:def:query:OGC-WFS::GetFeatureById", id="cadastre.parcel.1")
    assert faults(described(told.data, "2.0.0"), one.data) == []


def test_the_checker_finds_faults(client: FlaskClient) -> None:
    told = ask(client, request="DescribeFeatureType", typenames="cadastre.parcel")
    one = ask(client, storedquery_id="urn:ogc:def:query:OGC-WFS::GetFeatureById", id="cadastre.parcel.1")
    wrong = one.data.replace(b"<vatra:siruta>", b"<vatra:siruta>x", 1)
    assert faults(described(told.data, "2.0.0"), wrong)


@pytest.mark.parametrize(
    ("version", "namespace", "path"),
    [
        ("2.0.0", NAMES["ows"], OGC / "ows/1.1.0/owsAll.xsd"),
        ("1.1.0", NAMES["ows1"], OGC / "ows/1.0.0/owsAll.xsd"),
    ],
)
def test_exceptions_and_the_ows_parts_are_valid(
    client: FlaskClient, version: str, namespace: str, path: Path
) -> None:
    checked = schema((namespace, path))
    assert faults(checked, ask(client, version=version, typename="nothing").data) == []
    told = tree(ask(client, version=version, request="GetCapabilities"))
    parts = [one for one in told if one.tag.startswith(f"{{{namespace}}}")]
    assert [etree.QName(one).localname for one in parts] == [
        "ServiceIdentification",
        "ServiceProvider",
        "OperationsMetadata",
    ]
    for part in parts:
        for extended in part.findall(f"{{{namespace}}}ExtendedCapabilities"):
            part.remove(extended)  # INSPIRE's schema of download services is carried by no package
        assert faults(checked, alone(part)) == []
    for box in told.iter(f"{{{namespace}}}WGS84BoundingBox", f"{{{namespace}}}Keywords"):
        assert faults(checked, alone(box)) == []


def test_filter_capabilities_are_valid(client: FlaskClient) -> None:
    newest = schema((NAMES["fes"], OGC / "filter/2.0/filterAll.xsd"))
    (part,) = found(tree(ask(client, request="GetCapabilities")), "fes:Filter_Capabilities")
    assert faults(newest, alone(part)) == []
    older = schema((NAMES["ogc"], OGC / "filter/1.1.0/filterCapabilities.xsd"))
    (part,) = found(tree(ask(client, version="1.1.0", request="GetCapabilities")), "ogc:Filter_Capabilities")
    assert faults(older, alone(part)) == []
