"""The exception report of OWS Common 1.1, for requests that name no service of ours."""

from __future__ import annotations

import flask
from lxml import etree

OWS = "http://www.opengis.net/ows/1.1"


def report(code: str, text: str, locator: str | None = None) -> flask.Response:
    """An ``ows:ExceptionReport`` with one exception; status and headers are the caller's."""
    root = etree.Element(f"{{{OWS}}}ExceptionReport", nsmap={"ows": OWS}, version="1.1.0")
    told = etree.SubElement(root, f"{{{OWS}}}Exception", exceptionCode=code)
    if locator:
        told.set("locator", locator)
    etree.SubElement(told, f"{{{OWS}}}ExceptionText").text = text
    content = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return flask.Response(content, mimetype="text/xml")
