"""Errors at the door: one table maps each class to a status; the API gets RFC 9457, people get a page.

An error that is not in the table (a wrong rule file, a missing font) is nothing the caller can mend: it is
told as an internal error, and what happened is in the log under the request id. No error answer is cached.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import flask
import orjson
import psycopg
import structlog
from flask_openapi3.openapi import OpenAPI
from pydantic import ValidationError
from pyproj.exceptions import CRSError
from werkzeug.exceptions import HTTPException

from analysis.subject import SubjectError, UnknownParcel
from gis_app.body import NotJson
from gis_app.certificates.errors import NotIssuable, SealError, UnknownPurpose, UnreadableDocument
from gis_app.ogc.parameters import ParameterError
from layers.errors import DatabaseUnavailable, UnknownLayer
from layers.health import BrokenLayer
from layers.search import NoSuchPlace
from tiles.plans.scales import PlanError
from tiles.workers import Busy, TaskDied

PROBLEM_JSON = "application/problem+json"
log = structlog.get_logger("vatra.errors")


@dataclass(frozen=True)
class Kind:
    """A kind of problem: its URN, status, titles, and what a person may do next."""

    name: str
    status: int
    title: str
    titlu: str
    sfat: str = "Verificați datele introduse și încercați din nou."
    members: tuple[str, ...] = ()
    retry_after_s: int | None = None


# Under these paths programs ask, whatever they say they accept.
MACHINES = ("/api/", "/ogcapi/", "/tiles/", "/raster/", "/healthz", "/readyz", "/metrics")
LATER = "Încercați din nou peste câteva momente; datele dumneavoastră nu s-au pierdut."
KINDS: dict[type[Exception], Kind] = {
    NotJson: Kind("not-json", 400, "The body is not JSON", "Cerere necitibilă"),
    UnknownLayer: Kind("unknown-layer", 404, "No such layer", "Strat inexistent"),
    BrokenLayer: Kind(
        "broken-layer",
        503,
        "The data of a layer cannot be read",
        "Datele unui strat nu pot fi citite",
        LATER,
        retry_after_s=60,
    ),
    DatabaseUnavailable: Kind(
        "database-unavailable",
        503,
        "The database does not answer",
        "Baza de date nu răspunde",
        LATER,
        retry_after_s=5,
    ),
    psycopg.errors.QueryCanceled: Kind(
        "too-long", 503, "The answer takes too long", "Răspunsul durează prea mult", LATER, retry_after_s=10
    ),
    psycopg.errors.LockNotAvailable: Kind(
        "busy",
        503,
        "The data are being changed",
        "Datele sunt în curs de actualizare",
        LATER,
        retry_after_s=5,
    ),
    UnknownParcel: Kind(
        "unknown-parcel",
        404,
        "No such parcel",
        "Imobilul nu există",
        "Verificați localitatea și numărul cadastral de pe extrasul de carte funciară.",
        members=("near",),
    ),
    SubjectError: Kind(
        "unusable-subject", 422, "This land cannot be checked as given", "Terenul nu poate fi verificat"
    ),
    NotIssuable: Kind(
        "not-issuable",
        409,
        "The certificate cannot be issued by itself",
        "Certificatul nu se poate elibera automat",
        "Cereți certificatul la ghișeu: un funcționar îl completează.",
        members=("missing",),
    ),
    UnknownPurpose: Kind("unknown-works", 422, "No such works", "Lucrări necunoscute"),
    SealError: Kind(
        "no-seal",
        503,
        "The authority's seal cannot be used",
        "Sigiliul nu poate fi folosit",
        LATER,
        retry_after_s=600,
    ),
    ParameterError: Kind(
        "bad-parameter", 400, "A parameter cannot be used", "Parametru de neînțeles în cerere"
    ),
    Busy: Kind(
        "too-many", 503, "Too many requests at once", "Prea multe cereri deodată", LATER, retry_after_s=2
    ),
    TaskDied: Kind(
        "gave-up", 503, "This took too much", "Cererea a durat prea mult", LATER, retry_after_s=10
    ),
    PlanError: Kind(
        "undrawable",
        422,
        "This plan cannot be drawn as asked",
        "Planul nu poate fi desenat",
        "Alegeți o scară mai mică sau o hârtie mai mare.",
    ),
    CRSError: Kind(
        "unknown-crs", 422, "No such coordinate reference system", "Sistem de coordonate necunoscut"
    ),
    NoSuchPlace: Kind("no-such-place", 422, "These coordinates have no place here", "Coordonate nepotrivite"),
    UnreadableDocument: Kind(
        "unreadable-document",
        422,
        "The file is no readable PDF",
        "Fișierul nu este un PDF care se poate citi",
        "Alegeți fișierul PDF așa cum l-ați primit, nu o fotografie sau o copie scanată.",
    ),
}
INVALID = Kind("invalid-request", 422, "The request is not as described", "Cerere incompletă sau greșită")
INTERNAL = Kind("internal", 500, "Internal error", "Eroare internă", LATER)
HTTP_TITLES = {
    401: "Este nevoie de autentificare",
    403: "Acces interzis",
    404: "Pagina nu există",
    405: "Metodă nepermisă",
    406: "Format indisponibil",
    413: "Cererea este prea mare",
    415: "Format necunoscut",
    429: "Prea multe cereri",
}
HTTP_ADVICE = {
    401: "Autentificați-vă cu jetonul primit de la administrator.",
    403: "Autentificați-vă cu un jeton care are acest drept.",
    404: "Adresa este greșită sau pagina s-a mutat. Porniți de la căutarea imobilului.",
    405: "Întoarceți-vă la pagina de unde ați venit și încercați din nou.",
    413: "Trimiteți un fișier mai mic.",
    429: "Așteptați un minut, apoi încercați din nou.",
}
# What the database says about itself (addresses, roles, statements) is for the log, not for strangers.
WITHHELD: dict[type[Exception], str] = {
    DatabaseUnavailable: "the database does not answer at the moment; try again shortly",
    SealError: "the authority's electronic seal cannot be used at the moment; nothing was issued",
    psycopg.Error: "the database could not finish in the time allowed; try again shortly",
}

# First part of a path → what tells errors there.
_DIALECTS: dict[str, Callable[[Exception], flask.Response]] = {}


@dataclass(frozen=True)
class Problem:
    """One problem, ready to be told."""

    kind: Kind
    detail: str
    extra: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """RFC 9457 members; ``request_id`` is what to quote to the authority."""
        return {
            "type": f"urn:vatra:problem:{self.kind.name}",
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            "instance": flask.request.path,
            "request_id": flask.g.get("request_id"),
            **self.extra,
        }


def install(app: OpenAPI) -> None:
    """Answer every exception of the application."""
    app.register_error_handler(Exception, answer)


def register(error: type[Exception], kind: Kind) -> None:
    """Add a class of errors to the table; refuses to replace one."""
    if error in KINDS:
        raise ValueError(f"{error.__name__} is already in the table of problems")
    KINDS[error] = kind


def speak(path: str, handler: Callable[[Exception], flask.Response]) -> None:
    """Have a door's own handler tell, too, why no view of it was reached: a wrong method, address or token."""
    _DIALECTS[path] = handler


def answer(error: Exception) -> flask.Response:
    """The answer to an exception, in the form the caller understands."""
    door = "/".join(flask.request.path.split("/", 2)[:2])
    if door in _DIALECTS:
        return _DIALECTS[door](error)
    problem = noted(error)
    wants_page = not flask.request.path.startswith(MACHINES)
    if wants_page and flask.request.accept_mimetypes.accept_html:
        response = flask.make_response(flask.render_template("problem.html", problem=problem))
    else:
        response = flask.Response(orjson.dumps(problem.as_json()), mimetype=PROBLEM_JSON)
    return finished(response, problem)


def noted(error: Exception) -> Problem:
    """The problem that an exception is, written into the log where it is ours."""
    problem = describe(error)
    if problem.kind is INTERNAL:
        log.error("request failed", problem=problem.kind.name, exc_info=error)
    elif problem.kind.status >= 500:
        log.warning("request failed", problem=problem.kind.name, reason=str(error))
    return problem


def finished(response: flask.Response, problem: Problem) -> flask.Response:
    """An answer in any form, with the problem's status and headers, kept by nobody."""
    response.status_code = problem.kind.status
    response.headers.extend(problem.headers)
    response.headers["Cache-Control"] = "no-store"
    if problem.kind.retry_after_s:
        response.headers["Retry-After"] = str(problem.kind.retry_after_s)
    return response


def describe(error: Exception) -> Problem:
    """The problem that an exception is."""
    if isinstance(error, HTTPException):
        return _of_http(error)
    if isinstance(error, ValidationError):
        return of_validation(error)
    for ancestor in type(error).__mro__:
        if kind := KINDS.get(ancestor):
            extra = {name: getattr(error, name) for name in kind.members if getattr(error, name, None)}
            return Problem(kind, _detail(error), extra)
    return Problem(INTERNAL, "something went wrong on our side; quote the request id when you ask about it")


def of_validation(error: ValidationError) -> Problem:
    """Every field at fault: JSON pointer (or parameter), what was expected."""
    faults = [
        {
            "pointer": "/" + "/".join(map(str, fault["loc"])),
            "detail": fault["msg"].removeprefix("Value error, "),
        }
        for fault in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    first = faults[0]
    place = f"{first['pointer']}: " if first["pointer"] != "/" else ""
    return Problem(INVALID, f"{place}{first['detail']}", {"errors": faults})


def refuse_invalid(error: ValidationError) -> flask.Response:
    """What flask-openapi3 calls when a request does not fit its model."""
    return answer(error)


def _of_http(error: HTTPException) -> Problem:
    status = error.code or 500
    name = (error.name or "error").lower().replace(" ", "-")
    titlu, sfat = HTTP_TITLES.get(status, "Cererea nu a reușit"), HTTP_ADVICE.get(status, Kind.sfat)
    kind = Kind(name, status, error.name, titlu, sfat)
    headers = {
        key: value
        for key, value in error.get_headers()
        if key.lower() not in {"content-type", "content-length"}
    }
    return Problem(kind, error.description or error.name, headers=headers)


def _detail(error: Exception) -> str:
    for withheld, text in WITHHELD.items():
        if isinstance(error, withheld):
            return text
    return str(error)
