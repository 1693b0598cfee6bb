"""Exceptions of the catalogue service, in the form its version prescribes."""

from __future__ import annotations

import flask
from lxml import etree

# CSW 2.0.2 takes over OWS 1.0, CSW 3.0 OWS 2.0.
NAMESPACES = {
    "2.0.2": ("http://www.opengis.net/ows", "1.2.0"),
    "3.0.0": ("http://www.opengis.net/ows/2.0", "3.0.0"),
}


def report(version: str, code: str, locator: str, text: str, status: int = 400) -> flask.Response:
    """An ``ows:ExceptionReport`` with one exception."""
    namespace, form = NAMESPACES[version]
    root = etree.Element(f"{{{namespace}}}ExceptionReport", nsmap={"ows": namespace}, version=form)
    exception = etree.SubElement(root, f"{{{namespace}}}Exception", exceptionCode=code)
    if locator:
        exception.set("locator", locator)
    etree.SubElement(exception, f"{{{namespace}}}ExceptionText").text = text
    content = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    response = flask.Response(content, status=status, content_type="application/xml; charset=UTF-8")
    response.headers["Cache-Control"] = "no-store"
    return response
