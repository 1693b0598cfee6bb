"""From a report and a form to a document: each part of the form asks its provider for what it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gis_app.certificates.completeness import Missing
from gis_app.certificates.compose import approvals, legal, regimes, roads, utilities
from gis_app.certificates.compose.colophon import colophon
from gis_app.certificates.compose.context import Context, Request
from gis_app.certificates.compose.unchecked import legend, not_checked
from gis_app.certificates.compose.values import facts, values
from gis_app.certificates.document import (
    Annex,
    Block,
    Box,
    Boxes,
    Document,
    Fields,
    FormField,
    Letterhead,
    Listing,
    Paragraph,
    Place,
    Row,
    SealPlace,
    Section,
    Sentence,
    Signature,
    Signatures,
    Source,
    Table,
    Verification,
)
from gis_app.certificates.form import (
    BoxesPart,
    BoxSpec,
    FieldsPart,
    NotePart,
    Part,
    PlacePart,
    SignaturesPart,
    TablePart,
    TextPart,
)
from gis_app.certificates.romanian import long_day
from layers.days import ROMANIA

__all__ = ["Context", "Request", "compose"]

TEXTS: dict[str, Callable[[Context], tuple[Sentence, ...]]] = {
    "legal": legal.legal,
    "legal_absent": lambda context: legal.absent(context, "legal"),
    "utility_notes": utilities.remarks,
    "not_checked": not_checked,
    "other_approvals_direct": lambda context: approvals.other(context, "direct"),
    "other_approvals_single": lambda context: approvals.other(context, "single_agreement"),
    "road": roads.remarks,
}
TABLES: dict[str, Callable[[Context], tuple[Row, ...]]] = {
    "economic": regimes.economic,
    "technical": regimes.technical,
    "utilities": utilities.networks,
    "road_distances": roads.distances,
}


def compose(
    context: Context,
    missing: tuple[Missing, ...] = (),
    annexes: tuple[Annex, ...] = (),
    verification: Verification | None = None,
) -> Document:
    """The document of a context, with the missing elements listed in it when it is a draft."""
    form, texts = context.form, context.texts
    filled = Filling(context)
    sections = [filled.section(spec.number, spec.title, spec.parts) for spec in form.sections]
    if missing:
        sections.insert(0, _missing(context, missing))
    banners = {"preview": texts.banner_preview, "draft": texts.banner_draft}
    return Document(
        state=context.state,
        kind=form.certificate,
        form=form.code,
        form_version=form.version,
        title=form.title,
        subtitle=form.subtitle,
        letterhead=_letterhead(context),
        produced_at=context.produced_at,
        banner=banners.get(context.state),
        opening=context.by_form(form.opening),
        sections=tuple(sections),
        colophon=(*legend(context), *colophon(context)),
        annexes=tuple(annex.numbered(context.number) for annex in annexes),
        verification=verification,
    )


class Filling:
    """Turns the parts of a form into blocks of the document."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.values = values(context)
        self.facts = facts(context)
        self.approvals = approvals.reasons(context)

    def section(self, number: str | None, title: str, parts: tuple[Part, ...]) -> Section:
        """A section with the blocks of its parts; parts with nothing to say leave no trace."""
        blocks = [block for part in parts for block in self.blocks(part)]
        return Section(number=number, title=title, blocks=tuple(blocks))

    def blocks(self, part: Part) -> Iterator[Block]:
        """The blocks of one part."""
        match part:
            case FieldsPart():
                yield Fields(
                    fields=tuple(
                        FormField(**spec.model_dump(), value=self.values.get(spec.id)) for spec in part.fields
                    )
                )
            case BoxesPart():
                boxes = tuple(self.box(spec) for spec in part.boxes)
                yield Boxes(title=part.title, boxes=boxes, columns=part.columns)
            case TextPart():
                items = TEXTS[part.content](self.context)
                if items:
                    yield Listing(title=part.title, items=items, compact=part.compact)
            case TablePart():
                rows = TABLES[part.content](self.context)
                if rows:
                    yield Table(columns=part.columns, widths=part.widths, rows=rows)
            case PlacePart():
                yield Place(what=part.what, who=part.who, lines=part.lines)
            case NotePart():
                yield Paragraph(sentences=(self.context.by_form(part.text),), tone=part.tone)
            case SignaturesPart():
                yield _closing(self.context)

    def box(self, spec: BoxSpec) -> Box:
        """A box, ticked where what it stands for is the case; one without a rule waits for a person."""
        if spec.tick is None:
            return Box(label=spec.label, undecided=True)
        tick = spec.tick
        asked = [code for code in tick.approvals if code in self.approvals]
        behind = tuple(source for code in asked for source in self.approvals[code])
        ticked = bool(asked or self.facts & set(tick.facts) or set(self.context.annexes) & set(tick.annexes))
        return Box(label=spec.label, ticked=ticked, undecided=spec.ask and not ticked, sources=behind)


def _closing(context: Context) -> SealPlace | Signatures:
    if context.form.automatic and context.state == "issued":
        return SealPlace(lines=(context.texts.automatic, *context.seal_lines), sealed=True)
    heads = {
        "head": (context.words.heads[context.acting_head], context.authority.head),
        "secretary": (None, context.authority.secretary),
        "chief_architect": (None, context.authority.chief_architect),
        "road_manager": (None, context.authority.road_manager),
    }
    return Signatures(
        places=tuple(
            Signature(role=heads[signatory.id][0] or signatory.role, name=heads[signatory.id][1])
            for signatory in context.form.signatories
        )
    )


def _missing(context: Context, missing: tuple[Missing, ...]) -> Section:
    lead = context.by_form(context.texts.missing_lead)
    items = tuple(
        Sentence(
            text=gap.printed,
            sources=(Source(rule=gap.rule, layer=gap.layer),),
            cautions=("not_checked",),
        )
        for gap in missing
    )
    return Section(
        number=None,
        title=context.texts.missing_heading,
        blocks=(Paragraph(sentences=(lead,)), Listing(items=items)),
    )


def _letterhead(context: Context) -> Letterhead:
    authority = context.authority
    return Letterhead(
        county=context.county,
        authority=authority.name,
        tax_code=authority.tax_code,
        address=authority.address,
        contact=authority.contact,
        arms_svg=authority.arms.read_text(encoding="utf-8") if authority.arms else None,
        number=context.number,
        dated=long_day(context.produced_at.astimezone(ROMANIA).date()) if context.number else None,
    )
