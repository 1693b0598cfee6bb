"""What could not be checked, and how to read the cautions: "no data" never reads as "no restriction"."""

from __future__ import annotations

from gis_app.certificates.compose.context import Context, cautions
from gis_app.certificates.document import Sentence, Source


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


def legend(context: Context) -> tuple[Sentence, ...]:
    """How to read the notes of findings; only those that stand in this document."""
    seen = {caution for finding in context.report.findings for caution in cautions(finding)}
    texts = context.texts
    said = {"borderline": texts.legend_borderline, "to_confirm": texts.legend_to_confirm}
    return tuple(context.by_form(text) for caution, text in said.items() if caution in seen)
