"""OWSLib reads our catalogue service: records, INSPIRE metadata, and the addresses in them."""

from __future__ import annotations

import pytest
import requests
from owslib.csw import CatalogueServiceWeb
from owslib.fes import BBox, PropertyIsEqualTo, PropertyIsLike
from owslib.iso import MD_Metadata

from layers.catalogue import catalogue
from tests.gis_app.conftest import Served

GMD = "http://www.isotc211.org/2005/gmd"
OPEN = {layer.id for layer in catalogue().values() if layer.visibility == "public"}


@pytest.fixture(scope="module")
def csw(full_server: Served) -> CatalogueServiceWeb:
    return CatalogueServiceWeb(f"{full_server.url}/csw")


def test_it_says_who_serves_it(csw: CatalogueServiceWeb) -> None:
    assert csw.version == "2.0.2"
    assert {operation.name for operation in csw.operations} >= {"GetRecords", "GetRecordById", "GetDomain"}
    assert "Transaction" not in {operation.name for operation in csw.operations}
    assert csw.provider.name


def test_pages_together_hold_every_open_layer_once(csw: CatalogueServiceWeb) -> None:
    found: list[str] = []
    while True:
        csw.getrecords2(startposition=len(found) + 1, maxrecords=10, esn="brief")
        found += list(csw.records)
        if csw.results["nextrecord"] == 0:
            break
    assert len(found) == len(set(found)) == csw.results["matches"]
    assert {name.removeprefix("urn:vatra:layer:") for name in found if ":layer:" in name} == OPEN


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        (PropertyIsLike("csw:AnyText", "%intravilan%"), "urn:vatra:layer:admin.built_up_area"),
        (PropertyIsEqualTo("dc:title", "Drumuri"), "urn:vatra:layer:roads.road"),
        (BBox([44, 22, 46, 24], crs="urn:ogc:def:crs:EPSG::4326"), "urn:vatra:layer:cadastre.parcel"),
    ],
)
def test_filters_find(csw: CatalogueServiceWeb, constraint: object, expected: str) -> None:
    csw.getrecords2(constraints=[constraint], maxrecords=100)
    assert expected in csw.records


def test_metadata_are_read_and_lead_to_the_data(csw: CatalogueServiceWeb) -> None:
    csw.getrecordbyid(id=["urn:vatra:layer:roads.road"], outputschema=GMD)
    metadata = csw.records["urn:vatra:layer:roads.road"]
    assert isinstance(metadata, MD_Metadata)
    identification = metadata.identification
    assert identification.title == "Drumuri"
    assert identification.topiccategory == ["transportation"]
    assert 20 < float(identification.bbox.minx) < float(identification.bbox.maxx) < 30
    links = {link.name: link.url for link in metadata.distribution.online}
    table = requests.get(links["CSV"], timeout=30)
    assert table.status_code == 200
    assert table.text.startswith('"feature_id"')


def test_the_newer_version_answers_too(full_server: Served) -> None:
    csw = CatalogueServiceWeb(f"{full_server.url}/csw", version="3.0.0")
    csw.getrecords(maxrecords=5)
    assert csw.results["returned"] == 5
