"""What could not be checked, and how to read the cautions: "no data" never reads as "no restriction"."""

from __future__ import annotations

from collections.abc import Iterator

from gis_app.certificates.compose.context import Context
from gis_app.certificates.document import Paragraph, Row, Sentence, Source


def not_checked(context: Context) -> tuple[Sentence, ...]:
    """One sentence a reason, naming the rules that could not be checked for it."""
    report, texts = context.report, context.texts
    by_reason: dict[str, list[Source]] = {}
    titles: dict[str, dict[str, None]] = {}
    for entry in report.not_checked:
        by_reason.setdefault(entry.reason, []).append(Source(rule=entry.rule, layer=entry.layer))
        titles.setdefault(entry.reason, {})[context.rule_title(entry.rule)] = None
    sentences = []
    for reason, sources in by_reason.items():
        said = context.words.reasons[reason]
        text = texts.not_checked.format(reason=said[0].upper() + said[1:], rules="; ".join(titles[reason]))
        sentences.append(Sentence(text=f"{text}.", sources=tuple(sources), cautions=("not_checked",)))
    return tuple(sentences)


def legend(context: Context, rows: tuple[Row, ...]) -> Iterator[Paragraph]:
    """How to read the cautions that stand in these rows; nothing when there are none."""
    seen = {caution for row in rows for cell in row.cells for caution in cell.cautions}
    texts = context.texts
    said = []
    if "borderline" in seen:
        said.append(context.by_form(texts.legend_borderline))
    if "to_confirm" in seen:
        said.append(context.by_form(texts.legend_to_confirm))
    if said:
        yield Paragraph(sentences=tuple(said), tone="small")
