"""Certificates: issued under the authority's seal for holders of an issuing token, previewed for others."""

from __future__ import annotations

from collections.abc import Callable

import flask
import orjson
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from flask_openapi3.types import ResponseDict

import analysis
from gis_app import access, documents
from gis_app.api.checks import subject
from gis_app.api.models import CertificateRequest, problems
from gis_app.certificates.compose import Request
from gis_app.certificates.issuing import Issued
from gis_app.negotiation import DOCX, JSON, PDF, choose

blueprint = APIBlueprint(
    "certificates",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="certificates", description="Urbanism certificates")],
)
UNNUMBERED = {"draft": "proiect", "preview": "previzualizare"}
BINARY = {"schema": {"type": "string", "format": "binary"}}
ANSWERS: ResponseDict = {
    "200": {
        "description": (
            "With a token of scope certificates:issue the numbered, sealed document, or the draft where draft is"
            " asked for; without one the same content marked on every page as a preview without legal value,"
            " never numbered, never sealed"
        ),
        "content": {PDF: BINARY, DOCX: BINARY, JSON: {"schema": {"type": "object"}}},
    },
    **problems(400, 401, 404, 406, 409, 413, 415, 429),
}


@blueprint.post("/certificates", responses=ANSWERS, security=[{}, {"token": []}])
@access.public
def create_certificate(body: CertificateRequest) -> flask.Response:
    """Issue a certificate, or preview it: PDF, editable DOCX or JSON, by the Accept header."""
    form = choose(PDF, DOCX, JSON)
    report = analysis.check(subject(body), body.as_of)
    asked = Request(purpose=body.purpose, works=body.works)
    if not access.may("certificates:issue"):
        issued = documents.preview(report, body.kind, asked)
    elif body.draft:
        issued = documents.draft(report, body.kind, asked)
    else:
        issued = documents.issue(report, body.kind, asked, access.caller())
    return respond(issued, form)


def respond(issued: Issued, form: str) -> flask.Response:
    """The document in that form. A number, where it has one, is in the file's name and the Link header."""
    name = f"{issued.document.form}-{issued.number or UNNUMBERED[issued.state]}"
    ending, render = RENDERERS[form]
    content = render(issued)
    response = flask.Response(content, mimetype=form)
    response.headers["Content-Disposition"] = f'inline; filename="{name}.{ending}"'
    if issued.number:
        response.headers["Link"] = f'</verify/{issued.number}>; rel="describedby"'
    return response


def _as_json(issued: Issued) -> bytes:
    return orjson.dumps(
        {
            "schema": "vatra.certificate/1",
            "number": issued.number,
            "state": issued.state,
            "missing": [one.model_dump(mode="json") for one in issued.missing],
            # The drawings are in the PDF; here their descriptions stand for them.
            "document": issued.document.model_dump(mode="json", exclude={"annexes": {"__all__": {"sheets"}}}),
        }
    )


RENDERERS: dict[str, tuple[str, Callable[[Issued], bytes]]] = {
    PDF: ("pdf", lambda issued: issued.pdf),
    DOCX: ("docx", Issued.docx),
    JSON: ("json", _as_json),
}
