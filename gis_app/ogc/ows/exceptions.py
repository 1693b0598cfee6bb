"""Exception reports of OWS Common: for requests that name no service of ours, and for services that are built on it."""

from __future__ import annotations

import flask
from lxml import etree

OWS = "http://www.opengis.net/ows/1.1"


def report(code: str, text: str, locator: str | None = None) -> flask.Response:
    """The report of OWS Common 1.1; status and headers are the caller's."""
    return flask.Response(exception_report(OWS, "1.1.0", code, text, locator), mimetype="text/xml")


def exception_report(namespace: str, version: str, code: str, text: str, locator: str | None = None) -> bytes:
    """An ``ows:ExceptionReport`` with one exception: OWS Common's versions differ in namespace only."""
    root = etree.Element(f"{{{namespace}}}ExceptionReport", nsmap={"ows": namespace}, version=version)
    told = etree.SubElement(root, f"{{{namespace}}}Exception", exceptionCode=code)
    if locator:
        told.set("locator", writable(locator))
    etree.SubElement(told, f"{{{namespace}}}ExceptionText").text = writable(text)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def writable(text: str) -> str:
    """Without what XML cannot hold: requests are repeated in messages."""
    return "".join(c if c.isprintable() and c not in "\ufffe\uffff" else " " for c in text)
