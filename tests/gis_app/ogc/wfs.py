"""Asking our WFS, and reading what it says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask.testing import FlaskClient
from lxml import etree
from werkzeug.test import TestResponse

NAMES = {
    "wfs": "http://www.opengis.net/wfs/2.0",
    "wfs1": "http://www.opengis.net/wfs",
    "ows": "http://www.opengis.net/ows/1.1",
    "ows1": "http://www.opengis.net/ows",
    "ogc": "http://www.opengis.net/ogc",
    "fes": "http://www.opengis.net/fes/2.0",
    "gml": "http://www.opengis.net/gml/3.2",
    "gml1": "http://www.opengis.net/gml",
    "vatra": "urn:vatra:layers",
    "xlink": "http://www.w3.org/1999/xlink",
    "inspire_dls": "http://inspire.ec.europa.eu/schemas/inspire_dls/1.0",
    "inspire_common": "http://inspire.ec.europa.eu/schemas/common/1.0",
}
STEREO70 = "urn:ogc:def:crs:EPSG::3844"
FILTER = f'<fes:Filter xmlns:fes="{NAMES["fes"]}" xmlns:gml="{NAMES["gml"]}">%s</fes:Filter>'


def ask(
    client: FlaskClient, headers: Mapping[str, str] | None = None, /, **parameters: object
) -> TestResponse:
    """A request by address; WFS 2.0.0 GetFeature unless said otherwise."""
    asked = {"SERVICE": "WFS", "version": "2.0.0", "request": "GetFeature"} | parameters
    return client.get("/ows", query_string={k: v for k, v in asked.items() if v is not None}, headers=headers)


def post(client: FlaskClient, body: str, headers: Mapping[str, str] | None = None) -> TestResponse:
    """A request as XML."""
    return client.post("/ows", data=body.encode(), content_type="text/xml", headers=headers)


def tree(answer: TestResponse) -> Any:
    """The XML of an answer that must be one."""
    assert answer.status_code == 200, answer.text
    return etree.fromstring(answer.data)


def found(element: Any, path: str) -> list[Any]:
    """What XPath finds, with our prefixes."""
    selected: list[Any] = element.xpath(path, namespaces=NAMES)
    return selected


def ids(answer: TestResponse) -> list[str]:
    """The ids of the features of a GML 3 answer, in their order."""
    return [str(one) for one in found(tree(answer), "//vatra:*/@gml:id | //vatra:*/@gml1:id")]


def matched(client: FlaskClient, layer: str, condition: str = "", **parameters: object) -> int:
    """How many features of a layer a filter meets."""
    given = {"filter": FILTER % condition} if condition else {}
    answer = ask(client, typenames=layer, resulttype="hits", **given, **parameters)
    counted = tree(answer)
    assert counted.get("numberReturned") == "0"
    return int(counted.get("numberMatched"))


def refused(answer: TestResponse, code: str, locator: str | None = None, status: int = 400) -> str:
    """The text of an exception report of WFS 2.0.0 that must have that code, locator and status."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "text/xml; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    report = etree.fromstring(answer.data)
    assert report.tag == f"{{{NAMES['ows']}}}ExceptionReport"
    assert report.get("version") == "2.0.0"
    (one,) = found(report, "ows:Exception")
    assert one.get("exceptionCode") == code
    if locator is not None:
        assert one.get("locator") == locator
    return "".join(one.itertext()).strip()


def compare(operator: str, column: str, literal: str, attributes: str = "") -> str:
    """A comparison of Filter Encoding 2.0."""
    return (
        f"<fes:{operator} {attributes}><fes:ValueReference>{column}</fes:ValueReference>"
        f"<fes:Literal>{literal}</fes:Literal></fes:{operator}>"
    )
