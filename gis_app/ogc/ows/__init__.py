"""``/ows``: the one address of the classic OGC services; says which of them a request is for."""

from __future__ import annotations

from collections.abc import Mapping

import flask
from flask import Blueprint

from gis_app import access, errors
from gis_app.ogc.answers import open_to_all
from gis_app.ogc.ows.exceptions import report
from gis_app.ogc.parameters import ParameterError, Parameters

blueprint = Blueprint("ows", __name__, template_folder="../wms/templates")
blueprint.after_request(open_to_all)

FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
# Requests by whose name alone the service is known: WMS asks for SERVICE in GetCapabilities only.
WMS_REQUESTS = frozenset(
    {"getmap", "map", "getfeatureinfo", "feature_info", "getlegendgraphic", "getstyles", "describelayer"}
)
WFS_REQUESTS = frozenset(
    {"getfeature", "describefeaturetype", "getpropertyvalue", "liststoredqueries", "describestoredqueries"}
)


@blueprint.route("/ows", methods=["GET", "POST"])
@access.public
def ows() -> flask.Response:
    """WMS and WFS, by SERVICE or what the request's name says."""
    pairs, body = _pairs(), _body()
    flask.g.ows_service = _service(pairs, body)
    flask.g.ows_parameters = parameters = Parameters.of(pairs)
    # Imported here: a WMS request does not need the WFS, nor the other way round.
    if flask.g.ows_service == "WMS":
        from gis_app.ogc import wms

        return wms.answer(parameters)
    if flask.g.ows_service == "WFS":
        from gis_app.ogc import wfs

        return wfs.answer(parameters, body)
    if flask.g.ows_service is None:
        raise ParameterError("SERVICE is missing: WMS or WFS", "service")
    raise ParameterError(f"no service {flask.g.ows_service!r} here: WMS or WFS", "service")


@blueprint.errorhandler(Exception)
def failed(error: Exception) -> flask.Response:
    """Any error, in the dialect of the service that was asked."""
    problem = errors.noted(error)
    if "ows_service" not in flask.g:  # refused before the view was reached: a wrong token, a wrong method
        flask.g.ows_service = _service(list(flask.request.args.items(multi=True)), None)
    if flask.g.ows_service == "WMS":
        from gis_app.ogc import wms

        return wms.refuse(flask.g.get("ows_parameters", Parameters()), error, problem)
    if flask.g.ows_service == "WFS":
        from gis_app.ogc import wfs

        return wfs.refuse(flask.g.get("ows_parameters", Parameters()), error)
    locator = error.locator if isinstance(error, ParameterError) else None
    code = "InvalidParameterValue" if isinstance(error, ParameterError) else "NoApplicableCode"
    return errors.finished(report(code, problem.detail, locator), problem)


errors.speak("/ows", failed)


def service_of(parameters: Mapping[str, str], *, has_body: bool = False) -> str | None:
    """The service that is meant, in capitals; None where nothing tells."""
    named = parameters.get("service", "").strip().upper()
    if named:
        return named
    request = parameters.get("request", "").lower()
    if request in WMS_REQUESTS:
        return "WMS"
    if request in WFS_REQUESTS or has_body:
        return "WFS"
    return None


def _service(pairs: list[tuple[str, str]], body: bytes | None) -> str | None:
    """Told before the parameters are looked at closely, so that faults are told in the service's own words."""
    return service_of({name.lower(): value for name, value in pairs}, has_body=body is not None)


def _pairs() -> list[tuple[str, str]]:
    pairs = list(flask.request.args.items(multi=True))
    if flask.request.method == "POST" and flask.request.mimetype in FORMS:
        pairs += flask.request.form.items(multi=True)
    return pairs


def _body() -> bytes | None:
    """What was posted other than a form: an XML request."""
    if flask.request.method != "POST" or flask.request.mimetype in FORMS:
        return None
    return flask.request.get_data()
