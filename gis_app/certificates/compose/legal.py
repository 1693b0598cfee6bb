"""The legal regime: ownership as the land book has it, built-up area, protected zones, bans.

Also what was checked and found not to apply: "not here" is said in words, so that silence never means it.
"""

from __future__ import annotations

from collections.abc import Iterator

from gis_app.certificates.compose.context import Context, merged, statement
from gis_app.certificates.document import Sentence, Source


def legal(context: Context) -> tuple[Sentence, ...]:
    """The sentences of the legal regime that apply, ownership first."""
    found = [
        statement(context, finding, with_basis=True)
        for finding in context.report.findings
        if finding.section == "legal"
    ]
    return (*_ownership(context), *merged(found))


def absent(context: Context, section: str) -> tuple[Sentence, ...]:
    """What the rules of a section say when they do not apply."""
    report = context.report
    sentences = []
    for rule_id in report.not_applicable:
        rule = context.rules.rules.get(rule_id)
        edition = rule.edition(report.as_of) if rule else None
        if rule and edition and edition.absent and rule.section == section:
            bases = (
                f"{basis.act}, {basis.article}" if basis.article else basis.act
                for basis in edition.legal_basis
            )
            said = "; ".join(bases)
            version = context.version(rule.layer)
            sentences.append(
                Sentence(
                    text=edition.negative or "",
                    basis=said,
                    sources=(Source(rule=rule_id, act=said, layer=rule.layer, layer_version=version),),
                )
            )
    return tuple(sentences)


def _ownership(context: Context) -> Iterator[Sentence]:
    subject, texts = context.report.subject, context.texts
    if subject.land_book_number:
        book = f"{subject.land_book_number} {subject.uat}" if subject.uat else subject.land_book_number
        yield context.from_subject(texts.ownership.format(land_book=book))
    else:
        yield context.from_subject(texts.ownership_unknown)
    if subject.ownership == "public":
        yield context.from_subject(texts.ownership_public)
    elif subject.ownership == "private":
        yield context.from_subject(texts.ownership_private)
