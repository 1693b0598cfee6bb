"""Errors of the door: RFC 9457 problems that also carry the OGC's ``code`` and ``description``."""

from __future__ import annotations

import flask
import orjson
from werkzeug.exceptions import NotFound

from gis_app import access, errors
from gis_app.errors import Kind, Problem, register
from gis_app.ogc.ogcapi import answering
from gis_app.ogc.ogcapi.asking import HTML, BadParameter
from gis_app.ogc.ogcapi.blueprint import blueprint
from gis_app.ogc.ogcapi.jobs import NoSuchJob, TooManyJobs
from gis_app.ogc.ogcapi.jobs_routes import NotReady
from gis_app.ogc.ogcapi.processes import NoSuchProcess
from layers.cql2 import BadFilter
from layers.features import UnknownFeature
from layers.frames import BadBox, NoSuchFrame

for error, name, status, title, titlu in (
    (BadParameter, "bad-parameter", 400, "A parameter cannot be used", "Parametru nepotrivit"),
    (BadFilter, "bad-filter", 400, "The filter cannot be used", "Filtru nepotrivit"),
    (BadBox, "bad-bbox", 400, "This is no bounding box", "Dreptunghi nepotrivit"),
    (
        NoSuchFrame,
        "unknown-crs",
        400,
        "No such coordinate reference system here",
        "Sistem de coordonate necunoscut",
    ),
    (UnknownFeature, "unknown-feature", 404, "No such feature", "Obiectul nu există"),
    (NoSuchProcess, "no-such-process", 404, "No such process", "Procesul nu există"),
    (NoSuchJob, "no-such-job", 404, "No such job", "Lucrarea nu există"),
    (NotReady, "result-not-ready", 404, "The result is not ready", "Rezultatul nu este gata"),
    (TooManyJobs, "too-many-jobs", 503, "Too many jobs are waiting", "Prea multe lucrări în așteptare"),
):
    register(error, Kind(name, status, title, titlu))

# What OGC API Processes wants these problems to be called.
OGC_TYPES = {
    name: f"http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/{name}"
    for name in ("no-such-process", "no-such-job", "result-not-ready")
}
CODES = {
    400: "InvalidParameterValue",
    404: "NotFound",
    405: "MethodNotAllowed",
    406: "NotAcceptable",
    415: "UnsupportedMediaType",
    422: "InvalidParameterValue",
    503: "ServerBusy",
}


def install(target: flask.Blueprint) -> None:
    """Answer every exception, and finish every answer."""
    target.register_error_handler(Exception, answer)
    target.after_request(answering.compress)
    target.after_request(answering.open_to_others)


def answer(error: Exception) -> flask.Response:
    """The answer to an exception: a page for whoever asked for one by name, else JSON."""
    problem = errors.noted(error)
    if _wants_page():
        response = flask.make_response(flask.render_template("problem.html", problem=problem))
    else:
        response = flask.Response(orjson.dumps(as_json(problem)), mimetype=errors.PROBLEM_JSON)
    return errors.finished(response, problem)


def as_json(problem: Problem) -> dict[str, object]:
    """The problem with the members that OGC clients look for."""
    status = problem.kind.status
    code = CODES.get(status, "NoApplicableCode")
    told = {**problem.as_json(), "code": code, "description": problem.detail}
    told["type"] = OGC_TYPES.get(problem.kind.name, told["type"])
    return told


@blueprint.get("/<path:rest>")
@access.public
def nothing(rest: str) -> flask.Response:
    """Addresses that the door does not have, so that it says so in its own dialect."""
    raise NotFound(f"there is nothing at {rest[:80]!r}; the landing page links to all there is")


def _wants_page() -> bool:
    given = flask.request.args.get("f")
    if given is not None:
        return given == "html"
    return flask.request.accept_mimetypes.best_match(["application/json", HTML]) == HTML
