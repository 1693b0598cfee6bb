"""The small print at the end: when and on what data the document was made, and who is competent to issue it."""

from __future__ import annotations

from gis_app.certificates.compose.context import Context
from gis_app.certificates.document import Sentence, Source
from gis_app.certificates.romanian import day, moment
from layers.catalogue import catalogue


def colophon(context: Context) -> tuple[Sentence, ...]:
    """Time and rule set, competence, and the layer versions that were read."""
    report, texts = context.report, context.texts
    produced = texts.produced.format(
        moment=moment(context.produced_at), as_of=day(report.as_of), rule_set=report.rule_set
    )
    issuer = context.words.issuers[report.competence.issuer]
    competence = texts.competence.format(issuer=issuer, reason=report.competence.reason.rstrip("."))
    said = [context.by_form(produced)]
    if not context.road_act:
        if report.competence.issuer == "mayor" and context.authority.kind == "county_council":
            competence = f"{competence} {texts.by_convention.format(authority=context.authority.name)}"
        said.append(Sentence(text=competence, sources=(Source(rule="admin.uat"),)))
    if report.layers:
        said.append(_layers(context))
    return tuple(said)


def _layers(context: Context) -> Sentence:
    titles, texts = catalogue(), context.texts
    editions: dict[str, list[str]] = {}
    for used in context.report.layers:
        title = titles[used.id].title.ro if used.id in titles else used.id
        edition = texts.edition.format(version=used.version, valid_from=day(used.valid_from))
        editions.setdefault(edition, []).append(title)
    printed = (
        texts.layer.format(titles=", ".join(alike), edition=edition) for edition, alike in editions.items()
    )
    behind = tuple(Source(layer=used.id, layer_version=used.version) for used in context.report.layers)
    return Sentence(text=texts.layers.format(layers="; ".join(printed)), sources=behind)
