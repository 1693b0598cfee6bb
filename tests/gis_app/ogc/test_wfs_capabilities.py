"""What the WFS says of itself, in its three versions, to everybody and to those who see more."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from lxml import etree

from layers.catalogue import catalogue
from layers.visibility import visible
from tests.gis_app.conftest import bearer
from tests.gis_app.ogc.wfs import NAMES, STEREO70, ask, found, post, refused, tree


def capabilities(client: FlaskClient, version: str | None = "2.0.0", **parameters: object) -> etree._Element:
    return tree(ask(client, request="GetCapabilities", version=version, **parameters))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "2.0.0"),
        ({"acceptversions": "1.1.0,2.0.0"}, "1.1.0"),
        ({"acceptversions": "9.9.9,1.0.0"}, "1.0.0"),
        ({"version": "2.0.2"}, "2.0.0"),
        ({"version": "3.0.0"}, "2.0.0"),
        ({"version": "1.5.0"}, "1.1.0"),
        ({"version": "0.9.0"}, "1.0.0"),
    ],
)
def test_versions_are_negotiated(client: FlaskClient, given: dict[str, str], expected: str) -> None:
    assert capabilities(client, **{"version": None, **given}).get("version") == expected


def test_no_version_in_common(client: FlaskClient) -> None:
    answer = ask(client, request="GetCapabilities", version=None, acceptversions="3.0.0")
    refused(answer, "VersionNegotiationFailed", "acceptVersions")


def test_parameter_names_have_no_case(client: FlaskClient) -> None:
    answer = client.get("/ows?sErViCe=WFS&ReQuEsT=GetCapabilities&AcceptVersions=2.0.0&whatever=1")
    assert tree(answer).get("version") == "2.0.0"


def test_sections(client: FlaskClient) -> None:
    only = capabilities(client, sections="FeatureTypeList,Filter_Capabilities")
    assert [etree.QName(one).localname for one in only] == ["FeatureTypeList", "Filter_Capabilities"]
    assert len(capabilities(client, sections="All")) == 5
    refused(ask(client, request="GetCapabilities", sections="Nonsense"), "InvalidParameterValue", "sections")


def test_the_current_update_sequence_needs_no_content(client: FlaskClient) -> None:
    sequence = capabilities(client).get("updateSequence")
    assert len(capabilities(client, updatesequence=sequence)) == 0
    assert len(capabilities(client, updatesequence="older")) == 5


def test_capabilities_can_be_posted(client: FlaskClient) -> None:
    body = (
        f'<GetCapabilities service="WFS" xmlns="{NAMES["wfs"]}" xmlns:ows="{NAMES["ows"]}"><ows:AcceptVersions>'
        "<ows:Version>2.0.0</ows:Version></ows:AcceptVersions></GetCapabilities>"
    )
    assert tree(post(client, body)).get("version") == "2.0.0"


def test_what_clients_look_for(client: FlaskClient) -> None:
    told = capabilities(client)
    operations = found(told, "//ows:Operation/@name")
    assert {"GetFeature", "GetPropertyValue", "DescribeStoredQueries"} <= set(operations)
    for operation in found(told, "//ows:Operation"):
        assert found(operation, ".//ows:Get/@xlink:href") == ["http://localhost/ows?"]
        assert found(operation, ".//ows:Post/@xlink:href") == ["http://localhost/ows"]
    constraints = {
        one.get("name"): one.findtext(f"{{{NAMES['ows']}}}DefaultValue")
        for one in found(told, "//ows:Constraint")
    }
    assert constraints["ImplementsBasicWFS"] == constraints["ImplementsResultPaging"] == "TRUE"
    assert constraints["KVPEncoding"] == constraints["XMLEncoding"] == "TRUE"
    assert constraints["ImplementsStandardJoins"] == constraints["ImplementsTransactionalWFS"] == "FALSE"
    assert int(constraints["CountDefault"] or 0) == 10_000
    assert found(told, "//ows:ServiceTypeVersion/text()") == ["2.0.0", "1.1.0", "1.0.0"]
    assert found(told, "//fes:Filter_Capabilities/fes:Conformance")


def test_every_feature_type_is_described_for_clients(client: FlaskClient) -> None:
    told = capabilities(client)
    types = {name.text: name.getparent() for name in found(told, "//wfs:FeatureType/wfs:Name")}
    assert set(types) == {f"vatra:{layer}" for layer in visible("public")}
    for name, one in types.items():
        layer = catalogue()[name.removeprefix("vatra:")]
        assert found(one, "wfs:Title/text()") == [layer.title.ro]
        assert found(one, "ows:Keywords/ows:Keyword")
        assert found(one, "wfs:OutputFormats/wfs:Format")
        systems = found(one, "wfs:DefaultCRS/text() | wfs:OtherCRS/text()")
        assert systems[:1] == ([STEREO70] if layer.geometry else [])
        assert len(systems) == (6 if layer.geometry else 0)
        for box in found(one, "ows:WGS84BoundingBox"):
            (west, south), (east, north) = (map(float, corner.text.split()) for corner in box)
            assert 20 < west < east < 30
            assert 43 < south < north < 49


def test_titles_in_the_language_asked_for(client: FlaskClient) -> None:
    parcel = catalogue()["cadastre.parcel"]
    for code, title in (("rum", parcel.title.ro), ("hun", parcel.title.hu), ("eng", parcel.title.en)):
        told = capabilities(client, language=code)
        assert title in found(told, "//wfs:Title/text()")
        assert found(told, "//inspire_common:ResponseLanguage/*/text()") == [code]


@pytest.mark.parametrize("version", ["1.1.0", "2.0.0"])
def test_inspire_finds_its_data_sets(client: FlaskClient, version: str) -> None:
    told = capabilities(client, version)
    codes = found(told, "//inspire_dls:SpatialDataSetIdentifier/inspire_common:Code/text()")
    assert set(codes) == set(visible("public"))
    assert "/csw?" in found(told, "//inspire_common:URL/text()")[0]


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0", "2.0.0"])
def test_what_one_may_not_see_is_not_there(
    client: FlaskClient, token: Callable[..., str], version: str
) -> None:
    names = "//*[local-name()='FeatureType']/*[local-name()='Name']/text()"
    public = set(found(capabilities(client, version), names))
    staff = tree(ask(client, bearer(token("layers:staff")), request="GetCapabilities", version=version))
    assert "vatra:planning.scan" not in public
    assert set(found(staff, names)) == {f"vatra:{layer}" for layer in catalogue()}


def test_unchanged_capabilities_are_not_sent_again(client: FlaskClient, token: Callable[..., str]) -> None:
    first = ask(client, request="GetCapabilities")
    etag = first.headers["ETag"]
    assert ask(client, {"If-None-Match": etag}, request="GetCapabilities").status_code == 304
    staff = ask(client, {"If-None-Match": etag, **bearer(token("layers:staff"))}, request="GetCapabilities")
    assert staff.status_code == 200
    assert "private" in staff.headers["Cache-Control"]
    assert {"Authorization", "Accept-Encoding"} <= set(first.vary.as_set(preserve_casing=True))
