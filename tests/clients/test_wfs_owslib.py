"""OWSLib reads our capabilities, schemas and features in every version of WFS."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lxml import etree
from owslib.fes2 import Filter, PropertyIsEqualTo
from owslib.util import Authentication, ServiceException
from owslib.wfs import WebFeatureService

from layers.catalogue import catalogue
from layers.visibility import visible
from tests.gis_app.conftest import Served

PARCEL = "vatra:cadastre.parcel"


@pytest.fixture(params=["1.1.0", "2.0.0"])
def service(request: pytest.FixtureRequest, full_server: Served) -> Any:
    """The service as OWSLib sees it."""
    return WebFeatureService(f"{full_server.url}/ows", version=request.param)


def test_capabilities(service: Any) -> None:
    assert service.identification.type == "WFS"
    assert service.provider.name
    assert set(service.contents) == {f"vatra:{layer}" for layer in visible("public")}
    parcel = service.contents[PARCEL]
    assert parcel.title == catalogue()["cadastre.parcel"].title.ro
    assert parcel.crsOptions[0].getcodeurn() == "urn:ogc:def:crs:EPSG::3844"
    west, south, east, north = parcel.boundingBoxWGS84
    assert 20 < west < east < 30
    assert 43 < south < north < 49
    assert service.getOperationByName("GetFeature").methods


def test_the_box_of_wfs_1_0_is_in_the_system_of_the_features(full_server: Served) -> None:
    """LatLongBoundingBox, by the schema of 1.0.0 and to QGIS and OWSLib; other versions give degrees as well."""
    old = WebFeatureService(f"{full_server.url}/ows", version="1.0.0").contents[PARCEL]
    new = WebFeatureService(f"{full_server.url}/ows", version="2.0.0").contents[PARCEL]
    assert old.boundingBox[:4] != old.boundingBoxWGS84
    assert old.boundingBoxWGS84 == pytest.approx(new.boundingBoxWGS84, abs=0.05)


def test_schemas(service: Any) -> None:
    told = service.get_schema(PARCEL)
    assert told["geometry_column"] == "geom"
    assert told["properties"]["area_legal_m2"] == "double"
    assert set(told["properties"]) == {
        column.name for column in catalogue()["cadastre.parcel"].served_columns
    }


def test_features_in_a_box(service: Any) -> None:
    everything = service.getfeature(typename=[PARCEL], maxfeatures=1)
    (corner,) = etree.fromstring(everything.read()).xpath("//*[local-name()='posList']")
    north, east = map(float, corner.text.split()[:2])
    # OWSLib takes x = east first and swaps by itself where the system says so.
    box = (east - 50, north - 50, east + 50, north + 50, "urn:ogc:def:crs:EPSG::3844")
    found = etree.fromstring(service.getfeature(typename=[PARCEL], bbox=box).read())
    assert 1 <= len(found.xpath("//*[local-name()='cadastre.parcel']")) < 200


def test_geojson(service: Any) -> None:
    answer = service.getfeature(typename=[PARCEL], maxfeatures=3, outputFormat="application/geo+json")
    assert len(json.loads(answer.read())["features"]) == 3


def test_errors_are_recognised(service: Any) -> None:
    with pytest.raises(ServiceException, match="nothing"):
        service.getfeature(typename=["vatra:nothing"])


def test_filters_pages_and_stored_queries(full_server: Served) -> None:
    service = WebFeatureService(f"{full_server.url}/ows", version="2.0.0")
    condition = Filter(PropertyIsEqualTo("use_category", "CC"))
    text = etree.tostring(condition.toXML()).decode()
    pages = [
        etree.fromstring(
            service.getfeature(typename=[PARCEL], filter=text, maxfeatures=4, startindex=at).read()
        )
        for at in (0, 4)
    ]
    ids = [page.xpath("//@*[local-name()='id'][parent::*[local-name()='cadastre.parcel']]") for page in pages]
    assert [len(page) for page in ids] == [4, 4]
    assert not set(ids[0]) & set(ids[1])
    (stored,) = service.storedqueries
    assert stored.id == "urn:ogc:def:query:OGC-WFS::GetFeatureById"
    one = service.getfeature(storedQueryID=stored.id, storedQueryParams={"ID": ids[0][0]})
    assert etree.fromstring(one.read()).xpath("string(@*[local-name()='id'])") == ids[0][0]


def test_staff_see_more(full_server: Served, staff_token: str) -> None:
    service = WebFeatureService(
        f"{full_server.url}/ows", version="2.0.0", auth=Authentication(username="gis", password=staff_token)
    )
    assert set(service.contents) == {f"vatra:{layer}" for layer in catalogue()}
    assert b"planning.scan.1" in service.getfeature(typename=["vatra:planning.scan"]).read()
