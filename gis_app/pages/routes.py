"""The pages: find a parcel, read what applies to it, see its certificate, verify a document."""

from __future__ import annotations

from dataclasses import dataclass

import flask
from werkzeug.exceptions import NotFound

import analysis
from analysis.findings import CheckReport
from analysis.subject import UnknownParcel
from gis_app import access, documents, limits
from gis_app.api.certificates import respond
from gis_app.api.models import ParcelReference
from gis_app.certificates.compose import Request
from gis_app.disclosure import can_seek
from gis_app.negotiation import PDF, PNG
from gis_app.pages import fonts
from gis_app.pages.maps import map_png
from gis_app.pages.report import present
from layers import search
from layers.addresses import Uat, find_uats, uats
from layers.timing import span

YEAR_S = 31_536_000
blueprint = flask.Blueprint("pages", __name__)


@dataclass(frozen=True)
class Typed:
    """What somebody typed into the search form."""

    uat: str = ""
    number: str = ""
    address: str = ""

    @classmethod
    def from_request(cls) -> Typed:
        """Read once from the query string."""
        given = (flask.request.args.get(name, "") for name in ("uat", "numar", "adresa"))
        return cls(*("".join(filter(str.isprintable, text)).strip()[:200] for text in given))


@blueprint.get("/")
@access.public
def locator() -> str:
    """The search form."""
    return _form(Typed(), uats())


@blueprint.get("/imobil")
@access.public
def parcel() -> flask.Response | str | tuple[str, int]:
    """What applies to the parcel that was typed; the form again, with help, where it is not clear which."""
    typed, known = Typed.from_request(), uats()
    meant = find_uats(typed.uat, known)
    if not typed.uat or not typed.number:
        return _form(typed, known, "Completați localitatea și numărul cadastral."), 422
    if len(meant) != 1:
        text = "Care localitate?" if meant else f"Nu cunoaștem nicio localitate „{typed.uat}” în acest județ."
        return _form(typed, known, text, choices=meant), 404
    try:
        report = analysis.check(analysis.parcel(meant[0].siruta, typed.number))
    except UnknownParcel as error:
        text = f"În {meant[0].name} nu există niciun imobil cu numărul cadastral „{typed.number}”."
        return _form(typed, known, text, near=[(meant[0], number) for number in error.near]), 404
    presented = present(report, access.visible_layers())
    return flask.render_template("parcel.html", uat=meant[0], number=typed.number, report=presented)


@blueprint.get("/imobil/certificat.pdf")
@access.public
def preview() -> flask.Response:
    """The information certificate of a parcel as a preview, to read in the browser."""
    return respond(documents.preview(_check_chosen(), "information", Request()), PDF)


@blueprint.get("/imobil/harta.png")
@access.public
def map_image() -> flask.Response:
    """The map of a parcel in the planning documentation, without the sheet round it."""
    report = _check_chosen()
    with limits.current().drawing(), span("draw"):
        content = map_png(report, access.visible_layers())
    return flask.Response(content, mimetype=PNG)


@blueprint.get("/adresa")
@access.public
def address() -> str | tuple[str, int]:
    """Parcels at the address that was typed."""
    typed, known = Typed.from_request(), uats()
    sought = len(typed.address) > 1 and can_seek(access.visible_layers(), by_address=True)
    found = search.find_addresses(typed.address) if sought else []
    if not found:
        return _form(typed, known, "Nu am găsit adresa. Scrieți strada, numărul și localitatea."), 404
    return flask.render_template("addresses.html", typed=typed, found=found)


@blueprint.get("/fonturi/<name>.woff")
@access.public
def font(name: str) -> flask.Response:
    """A web font."""
    try:
        content = fonts.woff(name)
    except KeyError:
        raise NotFound from None
    response = flask.Response(content, mimetype="font/woff")
    response.headers["Cache-Control"] = f"public, max-age={YEAR_S}, immutable"
    return response


def _check_chosen() -> CheckReport:
    """The check of the parcel that a link of ours names."""
    arguments = flask.request.args
    chosen = ParcelReference.model_validate(
        {"siruta": arguments.get("uat"), "cadastral_number": arguments.get("numar")}
    )
    return analysis.check(analysis.parcel(chosen.siruta, chosen.cadastral_number))


def _form(
    typed: Typed,
    known: list[Uat],
    problem: str = "",
    choices: list[Uat] | None = None,
    near: list[tuple[Uat, str]] | None = None,
) -> str:
    return flask.render_template(
        "locator.html", typed=typed, uats=known, problem=problem, choices=choices or [], near=near or []
    )
