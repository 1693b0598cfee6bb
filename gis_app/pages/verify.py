"""What a QR on a document opens: is it ours, is it whole, is it in force."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import flask
import orjson
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import BadRequest, Forbidden

from gis_app import access, limits
from gis_app.certificates import registry, verify
from gis_app.certificates.errors import SealError
from gis_app.certificates.office import own_seal
from gis_app.certificates.registry import Entry
from gis_app.certificates.seal import Seal
from gis_app.negotiation import HTML, JSON, PDF, choose
from layers import database

blueprint = flask.Blueprint("verification", __name__)


@dataclass(frozen=True)
class Answer:
    """What may be said of a number. The particulars are for those who hold the document, hence its code."""

    number: str
    entry: Entry | None
    holder: bool
    whole: bool | None = None

    def as_json(self) -> dict[str, object]:
        """For programs."""
        known = self.entry
        if known is None:
            return {"number": self.number, "ours": False, "whole": None, "in_force": False}
        return {
            "number": known.number,
            "ours": True,
            "whole": self.whole,
            "in_force": known.in_force,
            "form": known.form,
            "issued_at": known.issued_at,
            "withdrawn_at": known.withdrawn_at,
            "pdf_sha256": known.pdf_sha256,
            **({"uat": known.uat, "cadastral_numbers": known.cadastral_numbers} if self.holder else {}),
        }


@blueprint.get("/verify/<number>")
@access.public
def show(number: str) -> tuple[flask.Response | str, int]:
    """The register's word on a number, and whether the file we keep under it is whole."""
    answer = look_up(number, flask.request.args.get("code", ""))
    status = 200 if answer.entry else 404
    if choose(HTML, JSON) == JSON:
        return flask.Response(orjson.dumps(answer.as_json()), mimetype=JSON), status
    code = flask.request.args.get("code", "")
    return flask.render_template("verify.html", answer=answer, verdict=None, code=code), status


@blueprint.post("/verify/<number>")
@access.public
def compare(number: str) -> str:
    """Whether an uploaded file is that document, to the last byte."""
    sent: FileStorage | None = flask.request.files.get("fisier")
    if sent is None or not sent.filename:
        raise BadRequest("Alegeți fișierul PDF al documentului.")
    with limits.current().drawing():
        verdict = verify.verify(sent.read(), _by_digest, _seal())
    answer = look_up(number, flask.request.form.get("code", ""))
    return flask.render_template("verify.html", answer=answer, verdict=verdict, code="")


@blueprint.get("/verify/<number>/document")
@access.public
def original(number: str) -> flask.Response:
    """The file as it was issued, for those who hold its code."""
    answer = look_up(number, flask.request.args.get("code", ""))
    if not answer.holder:
        raise Forbidden("Codul nu este al acestui document.")
    with database.reading() as connection:
        content = registry.stored_pdf(connection, number)
    response = flask.Response(content, mimetype=PDF)
    response.headers["Content-Disposition"] = f'inline; filename="{number}.pdf"'
    return response


def look_up(number: str, code: str) -> Answer:
    """What the register says of a number to somebody who shows that code."""
    if not number.isprintable():
        return Answer(number, None, holder=False)
    with database.reading() as connection:
        entry = registry.find(connection, number=number)
        if entry is None:
            return Answer(number, None, holder=False)
        stored = registry.stored_pdf(connection, number)
    with limits.current().drawing():
        verdict = verify.verify(stored or b"", _by_digest, _seal())
    return Answer(
        number,
        entry,
        secrets.compare_digest(code.encode(), entry.code.encode()),
        verdict.whole and verdict.entry is not None,
    )


def _by_digest(digest: str) -> Entry | None:
    with database.reading() as connection:
        return registry.find(connection, digest=digest)


def _seal() -> Seal | None:
    try:
        return own_seal()
    except SealError:
        return None  # a document can be verified where none can be issued
