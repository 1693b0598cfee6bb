"""Exceptions of the catalogue service, in the form its version prescribes."""

from __future__ import annotations

from typing import Literal

import flask

from gis_app.ogc.ows.exceptions import exception_report
from gis_app.ogc.parameters import ParameterError

Version = Literal["2.0.2", "3.0.0"]
# CSW 2.0.2 takes over OWS 1.0, CSW 3.0 OWS 2.0.
NAMESPACES: dict[Version, tuple[str, str]] = {
    "2.0.2": ("http://www.opengis.net/ows", "1.2.0"),
    "3.0.0": ("http://www.opengis.net/ows/2.0", "3.0.0"),
}


class Refusal(ParameterError):
    """A request that the catalogue service does not answer; ``code`` as OWS Common names it."""

    def __init__(self, code: str, message: str, locator: str | None = None) -> None:
        super().__init__(message, locator)
        self.code = code


def refused(error: ParameterError, version: Version) -> flask.Response:
    """The report of a request that was refused."""
    usual = "InvalidParameterValue" if error.locator else "NoApplicableCode"
    code = error.code if isinstance(error, Refusal) else usual
    return report(version, code, str(error), error.locator)


def report(version: Version, code: str, text: str, locator: str | None = None) -> flask.Response:
    """An ``ows:ExceptionReport`` with one exception, status 400; never kept."""
    namespace, form = NAMESPACES[version]
    content = exception_report(namespace, form, code, text, locator)
    response = flask.Response(content, status=400, content_type="application/xml; charset=UTF-8")
    response.headers["Cache-Control"] = "no-store"
    return response
