"""The catalogue service: found, read and filtered as a harvester does, closed to all else."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from layers.catalogue import catalogue
from tests.gis_app.conftest import bearer
from tests.gis_app.ogc.schemas import csw_202, faults, iso_19139

GMD = "http://www.isotc211.org/2005/gmd"
RECORDS = (
    "/csw?service=CSW&version=2.0.2&request=GetRecords&typenames=csw:Record&resulttype=results"
    "&elementsetname=full&maxrecords=100"
)
NAMES = {
    "csw": "http://www.opengis.net/cat/csw/2.0.2",
    "dc": "http://purl.org/dc/elements/1.1/",
    "gmd": GMD,
    "gco": "http://www.isotc211.org/2005/gco",
    "srv": "http://www.isotc211.org/2005/srv",
    "xlink": "http://www.w3.org/1999/xlink",
}


def identifiers(document: bytes) -> set[str]:
    return {
        str(text) for text in etree.fromstring(document).xpath("//dc:identifier/text()", namespaces=NAMES)
    }


def test_capabilities_of_both_versions(client: FlaskClient) -> None:
    old = client.get("/csw?service=CSW&version=2.0.2&request=GetCapabilities")
    document = etree.fromstring(old.data)
    # The schema of INSPIRE's part comes in no package; MapProxy has that of its common elements only.
    (inspire,) = document.iter("{http://inspire.ec.europa.eu/schemas/inspire_ds/1.0}ExtendedCapabilities")
    assert inspire.getparent() is not None
    inspire.getparent().remove(inspire)
    assert faults(csw_202(), etree.tostring(document)) == []
    assert b"http://localhost/csw" in old.data
    assert etree.fromstring(client.get("/csw").data).get("version") == "3.0.0"


def test_every_visible_layer_and_every_door_has_a_record(client: FlaskClient) -> None:
    found = client.get(RECORDS)
    seen = {layer.id for layer in catalogue().values() if layer.visibility == "public"}
    assert {name for name in identifiers(found.data) if ":layer:" in name} == {
        f"urn:vatra:layer:{layer}" for layer in seen
    }
    assert {name for name in identifiers(found.data) if ":service:" in name} >= {
        "urn:vatra:service:wms",
        "urn:vatra:service:csw",
    }
    assert faults(csw_202(), found.data) == []


def test_staff_find_what_others_do_not(client: FlaskClient, token: Callable[..., str]) -> None:
    scan = "urn:vatra:layer:planning.scan"
    by_id = f"/csw?service=CSW&version=2.0.2&request=GetRecordById&id={scan}"
    assert scan.encode() not in client.get(by_id).data
    staff = bearer(token("layers:staff"))
    assert scan.encode() in client.get(by_id, headers=staff).data
    answer = client.get(RECORDS, headers=staff)
    assert scan in identifiers(answer.data)
    assert answer.headers["Cache-Control"].startswith("private")


def test_metadata_of_layers_and_services_are_valid_iso_19139(client: FlaskClient) -> None:
    answer = client.get(f"{RECORDS}&outputSchema={quote(GMD)}")
    documents = etree.fromstring(answer.data).findall(f".//{{{GMD}}}MD_Metadata")
    assert len(documents) > 30
    for document in documents:
        assert faults(iso_19139(), etree.tostring(document)) == []


def test_metadata_say_what_inspire_asks_for(client: FlaskClient) -> None:
    answer = client.get(
        "/csw?service=CSW&version=2.0.2&request=GetRecordById&id=urn:vatra:layer:roads.road"
        f"&outputSchema={quote(GMD)}&elementSetName=full"
    )
    document = etree.fromstring(answer.data)

    def texts(path: str) -> list[str]:
        return [str(text) for text in document.xpath(path, namespaces=NAMES)]

    assert texts("//gmd:language/gmd:LanguageCode/@codeListValue") == ["rum", "rum"]
    assert texts("//gmd:topicCategory/*/text()") == ["transportation"]
    assert "http://inspire.ec.europa.eu/theme/tn" in texts("//gmd:descriptiveKeywords//@xlink:href")
    assert "http://www.opengis.net/def/crs/EPSG/0/3844" in texts("//gmd:referenceSystemInfo//@xlink:href")
    assert any("noLimitations" in text for text in texts("//gmd:resourceConstraints//@xlink:href"))
    assert any(
        "1089/2010" in text for text in texts("//gmd:DQ_ConformanceResult//gco:CharacterString/text()")
    )
    west, east, south, north = (
        float(texts(f"//gmd:{side}/gco:Decimal/text()")[0])
        for side in ("westBoundLongitude", "eastBoundLongitude", "southBoundLatitude", "northBoundLatitude")
    )
    assert 20 < west < east < 30
    assert 43 < south < north < 49
    addresses = texts("//gmd:CI_OnlineResource/gmd:linkage/gmd:URL/text()")
    assert "http://localhost/downloads/roads.road.gpkg" in addresses
    assert "http://localhost/ogcapi/collections/roads.road" in addresses


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        ("csw:AnyText like '%kilometrice%'", "urn:vatra:layer:derived.kilometre_post"),
        ("dc:title = 'Drumuri'", "urn:vatra:layer:roads.road"),
        ("dc:type = 'service'", "urn:vatra:service:wfs"),
    ],
)
def test_records_are_filtered(client: FlaskClient, constraint: str, expected: str) -> None:
    answer = client.get(
        f"{RECORDS}&constraintlanguage=CQL_TEXT&constraint_language_version=1.1.0&constraint={quote(constraint)}"
    )
    assert expected in identifiers(answer.data)
    assert "urn:vatra:layer:heritage.monument" not in identifiers(answer.data)


def test_records_are_filtered_by_place(client: FlaskClient) -> None:
    body = """<csw:GetRecords xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" xmlns:ogc="http://www.opengis.net/ogc"
      xmlns:gml="http://www.opengis.net/gml" xmlns:ows="http://www.opengis.net/ows" service="CSW" version="2.0.2"
      resultType="results" maxRecords="100"><csw:Query typeNames="csw:Record">
      <csw:ElementSetName>brief</csw:ElementSetName><csw:Constraint version="1.1.0">
      <ogc:Filter><ogc:BBOX><ogc:PropertyName>ows:BoundingBox</ogc:PropertyName>
      <gml:Envelope><gml:lowerCorner>{south} {west}</gml:lowerCorner><gml:upperCorner>{north} {east}</gml:upperCorner>
      </gml:Envelope></ogc:BBOX></ogc:Filter></csw:Constraint></csw:Query></csw:GetRecords>"""
    here = client.post(
        "/csw", data=body.format(west=20, south=43, east=30, north=49), content_type="text/xml"
    )
    elsewhere = client.post(
        "/csw", data=body.format(west=0, south=0, east=1, north=1), content_type="text/xml"
    )
    assert here.status_code == elsewhere.status_code == 200
    assert "urn:vatra:layer:cadastre.parcel" in identifiers(here.data)
    assert identifiers(elsewhere.data) == set()


def test_an_unchanged_answer_is_not_sent_twice(client: FlaskClient) -> None:
    first = client.get(RECORDS)
    again = client.get(RECORDS, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""


BOMB = """<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><csw:GetRecords
 xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" service="CSW" version="2.0.2">&b;</csw:GetRecords>"""
CALL_BACK = """<csw:GetRecords xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" service="CSW" version="2.0.2">
 <csw:ResponseHandler>http://elsewhere.example/</csw:ResponseHandler><csw:Query typeNames="csw:Record"/>
</csw:GetRecords>"""


@pytest.mark.parametrize("body", ["", "no xml", "<a>", BOMB, CALL_BACK, "<a>" * 50_000])
def test_bodies_that_are_refused(client: FlaskClient, body: str) -> None:
    answer = client.post("/csw", data=body, content_type="text/xml")
    assert answer.status_code == 400
    assert b"ExceptionReport" in answer.data
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "query",
    [
        "service=CSW&version=2.0.2&request=Transaction",
        "service=CSW&version=2.0.2&request=Harvest&source=http://elsewhere.example&resourcetype=x",
        "service=WMS&version=2.0.2&request=GetRecords",
        "service=CSW&version=9.9.9&request=GetRecords",
        "service=CSW&version=2.0.2&request=GetRecords&typenames=nothing",
        "service=CSW&service=WMS&request=GetCapabilities",
        "service=CSW&version=2.0.2&request=GetRecords&typenames=csw:Record&constraintlanguage=CQL_TEXT"
        "&constraint_language_version=1.1.0&constraint=secret%20like%20%27a%27",
        "service=CSW&version=2.0.2&request=GetRecordById&id=" + "x" * 5_000,
        "service=CSW&version=2.0.2&request=GetRecords&typenames=csw:Record&startposition=0",
        "service=CSW&version=3.0.0&request=GetRecords&typenames=csw30:Record&maxrecords=-1",
    ],
)
def test_requests_that_are_refused(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/csw?{query}")
    assert answer.status_code == 400
    assert b"ExceptionReport" in answer.data
    assert b"Traceback" not in answer.data


def test_a_bad_token_is_told_in_its_own_words(client: FlaskClient) -> None:
    header = {"Authorization": "Bearer vatra_wrong", "Accept": "text/html"}
    answer = client.get("/csw?service=CSW&request=GetCapabilities", headers=header)
    assert answer.status_code == 401
    assert answer.headers["Cache-Control"] == "no-store"
    assert etree.QName(etree.fromstring(answer.data)).localname == "ExceptionReport"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    constraint=st.text(max_size=60),
    name=st.sampled_from(
        ["constraint", "bbox", "q", "recordids", "sortby", "startposition", "maxrecords", "typenames"]
    ),
)
def test_no_request_breaks_it(client: FlaskClient, constraint: str, name: str) -> None:
    answer = client.get(
        f"/csw?service=CSW&version=3.0.0&request=GetRecords&typenames=Record&constraintlanguage=CQL_TEXT"
        f"&constraint_language_version=1.1.0&{name}={quote(constraint)}"
    )
    assert answer.status_code in {200, 400, 404}
    assert b"OperationalError" not in answer.data
