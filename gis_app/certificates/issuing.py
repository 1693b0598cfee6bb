"""The one door to documents: from a report to an issued, numbered and sealed file, a draft, or a preview.

The command line and the HTTP API both come here, so that what one of them issues the other would too.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from psycopg import Connection

from analysis.findings import CheckReport
from analysis.reference import ApprovalKind, Purpose, approval_kinds, purposes
from analysis.rulebook import Rulebook
from analysis.settings import settings
from gis_app.accounts import audit
from gis_app.certificates import registry
from gis_app.certificates.address import addressed
from gis_app.certificates.completeness import Missing, missing, out_of_competence
from gis_app.certificates.compose import Context, Request, compose
from gis_app.certificates.document import Annex, Document, State
from gis_app.certificates.docx import render_docx
from gis_app.certificates.errors import SealMissing, UnknownPurpose
from gis_app.certificates.form import Form, form_for
from gis_app.certificates.pdf import render_pdf
from gis_app.certificates.qr import new_code, verification
from gis_app.certificates.registry import Made
from gis_app.certificates.romanian import day
from gis_app.certificates.seal import Seal
from gis_app.certificates.settings import AuthoritySettings
from gis_app.certificates.trace import trace
from gis_app.certificates.vocabulary import vocabulary
from layers.timing import span

# The annexes that art. 253(4)d and e ask for, by their themes.
THEMES = ("planning", "utilities")

Drawer = Callable[[CheckReport, str], Annex]
Connections = Callable[[], AbstractContextManager[Connection[Any]]]


@dataclass(frozen=True)
class Issuer:
    """Who issues, and with what: set once a process, read by everybody.

    ``draw`` gives the annex of a theme; ``connect`` lends a connection to the database of registers;
    ``actor`` is who is recorded as having issued, the user of the operating system where it is None.
    """

    authority: AuthoritySettings
    rules: Rulebook
    seal: Callable[[], Seal]
    connect: Connections
    draw: Drawer | None = None
    actor: str | None = None


@dataclass(frozen=True)
class Issued:
    """What came out. ``number`` is None unless it was issued; ``missing`` says why it was not."""

    document: Document
    pdf: bytes
    missing: tuple[Missing, ...]
    context: Context

    @property
    def number(self) -> str | None:
        """The registration number."""
        return self.document.letterhead.number

    @property
    def state(self) -> State:
        """issued, draft or preview."""
        return self.document.state

    def docx(self) -> bytes:
        """The editable copy."""
        return render_docx(self.document)

    def trace_pdf(self) -> bytes:
        """The officer's copy: each sentence with what it rests on."""
        return render_pdf(trace(self.document, self.context))


def issue(
    issuer: Issuer,
    report: CheckReport,
    kind: str,
    request: Request | None = None,
    *,
    preview: bool = False,
    draft: bool = False,
    now: datetime | None = None,
) -> Issued:
    """The document of a kind for a report.

    Numbered and sealed where the form lets the authority issue it automatically and nothing mandatory is
    missing; else a draft that lists what is. ``preview`` and ``draft`` are never numbered and never sealed.
    Raises UnknownPurpose, and SealMissing, SealLocked or SealExpired before any number is taken.
    """
    produced_at = (now or datetime.now(UTC)).replace(microsecond=0)
    form = form_for(kind, produced_at.date())
    works = _purposes(request or Request())
    with issuer.connect() as connection:
        asked = addressed(connection, report, request or Request())
    annexes = _annexes(issuer, report)
    gaps = _gaps(issuer, report, form, annexes)
    automatic = form.automatic and not gaps and not draft
    state: State = "preview" if preview else "issued" if automatic else "draft"
    context = Context(
        report=report,
        form=form,
        authority=issuer.authority,
        rules=issuer.rules,
        produced_at=produced_at,
        state=state,
        request=asked,
        purposes=works,
        purpose_approvals=_approvals(works),
        annexes=tuple(annexes),
    )
    drawings = tuple(annexes.values())
    if state == "issued":
        return _issued(issuer, context, drawings)
    document = compose(context, gaps, drawings)
    return Issued(document, _pdf(document), gaps, context)


def _issued(issuer: Issuer, context: Context, drawings: tuple[Annex, ...]) -> Issued:
    seal = issuer.seal()
    seal.check(context.produced_at)
    texts = context.texts
    lines = (
        texts.sealed_by.format(subject=seal.subject),
        texts.seal_issuer.format(issuer=seal.issuer, until=day(seal.valid_until)),
        texts.seal_check,
    )
    code = new_code()
    with (
        issuer.connect() as connection,
        registry.next_number(connection, context.form.register_code, context.produced_at) as number,
    ):
        numbered = context.numbered(str(number), lines)
        check = verification(issuer.authority.public_url, str(number), code)
        document = compose(numbered, (), drawings, check)
        reason = f"{context.form.title} {context.form.subtitle or ''} nr. {number}"
        plain = _pdf(document)
        with span("seal"):
            pdf = seal.sign(plain, reason=reason, at=context.produced_at)
        made = Made(document, context.report, context.request, pdf, issuer.actor)
        registry.store(connection, number, code, made)
        facts = {"form": document.form, "pdf_sha256": registry.sha256(pdf)}
        audit.record(connection, "certificate.issue", str(number), facts, issuer.actor)
    return Issued(document, pdf, (), numbered)


def _pdf(document: Document) -> bytes:
    with span("pdf"):
        return render_pdf(document)


def _purposes(request: Request) -> tuple[Purpose, ...]:
    known = purposes(settings().rules)
    for name in request.works:
        if name not in known:
            raise UnknownPurpose(name, known)
    return tuple(known[name] for name in dict.fromkeys(request.works))


def _approvals(works: tuple[Purpose, ...]) -> tuple[ApprovalKind, ...]:
    if not works:
        return ()
    kinds = approval_kinds(settings().rules)
    return tuple(kinds[code] for code in dict.fromkeys(code for one in works for code in one.approvals))


def _annexes(issuer: Issuer, report: CheckReport) -> dict[str, Annex]:
    if issuer.draw is None:
        return {}
    with span("draw"):
        return {theme: issuer.draw(report, theme) for theme in THEMES}


def _gaps(issuer: Issuer, report: CheckReport, form: Form, annexes: dict[str, Annex]) -> tuple[Missing, ...]:
    if form.certificate.startswith("road"):
        return ()
    needed = not issuer.authority.issue_unregistered
    found = missing(report, issuer.rules, land_book_needed=needed)
    names = vocabulary().missing_annexes
    foreign = out_of_competence(report, issuer.authority)
    return (*foreign, *found, *(Missing(element=names[theme]) for theme in THEMES if theme not in annexes))


def no_seal() -> Seal:
    """For processes that may only draft."""
    raise SealMissing("acest proces nu are voie să sigileze")
