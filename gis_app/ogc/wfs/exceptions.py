"""Errors of the WFS, in the words and the XML of the version that was asked."""

from __future__ import annotations

import flask
import psycopg
import structlog
from lxml import etree
from werkzeug.exceptions import ServiceUnavailable

from gis_app import errors
from gis_app.ogc.ows.exceptions import exception_report, writable
from gis_app.ogc.parameters import ParameterError
from gis_app.ogc.wfs.formats import WfsVersion
from layers.errors import DatabaseUnavailable, VatraError
from tiles.wfs.refused import Code, Refused

STATUS: dict[Code, int] = {
    "NotFound": 404,
    "NoApplicableCode": 500,
    "OptionNotSupported": 400,
}
OWS: dict[str, str] = {"2.0.0": "http://www.opengis.net/ows/1.1", "1.1.0": "http://www.opengis.net/ows"}
OGC = "http://www.opengis.net/ogc"
UNREADABLE = (psycopg.ProgrammingError, psycopg.InternalError, psycopg.DataError)
BUSY = (psycopg.errors.QueryCanceled, psycopg.errors.LockNotAvailable, DatabaseUnavailable)
HANDLED: tuple[type[Exception], ...] = (VatraError, psycopg.Error, ServiceUnavailable)
log = structlog.get_logger("vatra.wfs")


def answer(error: Exception, version: WfsVersion) -> flask.Response:
    """The answer to an error: its report, its status, never cached; causes of our own go to the log."""
    if isinstance(error, Refused):
        return report(version, STATUS.get(error.code, 400), error.code, str(error), error.locator)
    if isinstance(error, UNREADABLE):
        log.error("layer unreadable", exc_info=error)
        return report(
            version, 500, "NoApplicableCode", "the data of a layer asked for cannot be read at present"
        )
    if isinstance(error, BUSY):
        log.warning("not answered", reason=str(error))
        detail = "the answer takes too long or the database is busy; ask for less, or again shortly"
        refused = report(version, 503, "NoApplicableCode", detail)
        refused.headers["Retry-After"] = "10"
        return refused
    if isinstance(error, ParameterError):
        return report(version, 400, "InvalidParameterValue", str(error), error.locator or "")
    problem = errors.noted(error)
    return errors.finished(report(version, problem.kind.status, "NoApplicableCode", problem.detail), problem)


def report(version: WfsVersion, status: int, code: Code, text: str, locator: str = "") -> flask.Response:
    """An exception report of that version."""
    if version == "1.0.0":
        content = _service_exception(code, text, locator)
    else:
        content = exception_report(OWS[version], version, code, text, locator)
    response = flask.Response(content, status=status, content_type="text/xml; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response


def _service_exception(code: Code, text: str, locator: str) -> bytes:
    """The report of WFS 1.0, which is older than OWS Common."""
    root = etree.Element(f"{{{OGC}}}ServiceExceptionReport", nsmap={"ogc": OGC}, version="1.2.0")
    one = etree.SubElement(root, f"{{{OGC}}}ServiceException", code=code)
    if locator:
        one.set("locator", writable(locator))
    one.text = writable(text)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
