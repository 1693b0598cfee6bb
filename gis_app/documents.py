"""Documents over the web: issued for those who may, previewed for anybody, in bounded numbers at a time."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import flask

from analysis.findings import CheckReport
from gis_app import access, limits
from gis_app.accounts.tokens import Token
from gis_app.certificates import annexes
from gis_app.certificates.compose import Request
from gis_app.certificates.errors import NotIssuable
from gis_app.certificates.issuing import Issued
from gis_app.certificates.issuing import issue as produce
from gis_app.certificates.office import office
from layers.timing import span


class MissingElements(NotIssuable):
    """Mandatory elements were not determined, or the form is one that people sign."""

    def __init__(self, document: Issued) -> None:
        self.missing = [one.model_dump(mode="json") for one in document.missing]
        listed = "; ".join(one.printed for one in document.missing)
        super().__init__(
            f"nu se poate elibera automat, lipsesc: {listed}"
            if listed
            else f"formularul {document.document.form} se semnează de persoane, nu se eliberează automat"
        )


def issue(report: CheckReport, kind: str, asked: Request, token: Token | None) -> Issued:
    """The numbered, sealed document. Raises MissingElements, SealMissing, SealLocked, SealExpired."""
    issuer = replace(office(), actor=token.name if token else None)
    with limits.current().drawing(), span("document"):
        document = produce(issuer, report, kind, asked)
    if document.number is None:
        raise MissingElements(document)
    return document


def draft(report: CheckReport, kind: str, asked: Request) -> Issued:
    """What an officer completes and signs; no number, no seal, what is missing listed in it."""
    with limits.current().drawing(), span("document"):
        return produce(office(), report, kind, asked, draft=True)


def preview(report: CheckReport, kind: str, asked: Request) -> Issued:
    """The same content marked as a preview; no number, no seal. Counts against the caller's address.

    Its plans show the layers that the caller sees.
    """
    limits.current().count_preview(flask.request.remote_addr or "")
    issuer = office()
    if issuer.draw:
        issuer = replace(issuer, draw=partial(annexes.draw, visible=access.visible_layers()))
    with limits.current().drawing(), span("document"):
        return produce(issuer, report, kind, asked, preview=True)
