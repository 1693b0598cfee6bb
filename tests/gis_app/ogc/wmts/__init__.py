"""Asking the WMTS, by parameters and by addresses, and reading what it says."""

from __future__ import annotations

from urllib.parse import urlencode

from flask.testing import FlaskClient
from lxml import etree
from werkzeug.test import TestResponse

NS = {
    "wmts": "http://www.opengis.net/wmts/1.0",
    "ows": "http://www.opengis.net/ows/1.1",
    "xlink": "http://www.w3.org/1999/xlink",
}


CAPABILITIES = "/wmts/1.0.0/WMTSCapabilities.xml"


def by_key(parameters: dict[str, str]) -> str:
    """The request as parameters."""
    return f"/wmts?{urlencode(parameters)}"


def by_address(parameters: dict[str, str], time: str = "current") -> str:
    """The request as an address."""
    names = ("tilematrixset", "tilematrix", "tilerow", "tilecol")
    parts = [parameters["layer"], parameters["style"], time, *(parameters[name] for name in names)]
    return f"/wmts/1.0.0/{'/'.join(parts)}.{parameters['format'].rpartition('/')[2]}"


def refusal(answer: TestResponse) -> tuple[int, str, str | None]:
    """Status, code and locator of an exception report; it must be kept by nobody."""
    report = etree.fromstring(answer.data)
    assert report.tag == f"{{{NS['ows']}}}ExceptionReport"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.mimetype == "text/xml"
    told = report.find("ows:Exception", NS)
    return answer.status_code, told.get("exceptionCode"), told.get("locator")


def described(client: FlaskClient, address: str = CAPABILITIES, **headers: str) -> etree._Element:
    """The capabilities, read."""
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200
    return etree.fromstring(answer.data)
