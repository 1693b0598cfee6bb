"""A wrong method, or an address that a service has not: told in the service's own words, kept by nobody."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from lxml import etree

from gis_app.errors import PROBLEM_JSON

BROWSER = {"Accept": "text/html,*/*;q=0.8"}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE"])
@pytest.mark.parametrize("path", ["/ows", "/wmts", "/wmts/1.0.0/WMTSCapabilities.xml", "/csw"])
def test_xml_services(client: FlaskClient, path: str, method: str) -> None:
    answer = client.open(path, method=method, headers=BROWSER)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.mimetype in {"text/xml", "application/xml"}
    assert etree.QName(etree.fromstring(answer.data)).localname == "ExceptionReport"


def test_an_address_below_wmts_that_is_none(client: FlaskClient) -> None:
    answer = client.get("/wmts/2.0.0/anything", headers=BROWSER)
    assert (answer.status_code, answer.mimetype) == (404, "text/xml")
    assert etree.QName(etree.fromstring(answer.data)).localname == "ExceptionReport"


@pytest.mark.parametrize("path", ["/tiles/style.json", "/raster/terrain.dem.json", "/ogcapi/collections"])
def test_json_services(client: FlaskClient, path: str) -> None:
    answer = client.delete(path)
    assert (answer.status_code, answer.mimetype) == (405, PROBLEM_JSON)
    assert answer.headers["Cache-Control"] == "no-store"
