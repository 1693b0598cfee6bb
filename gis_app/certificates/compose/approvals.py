"""Which boxes of the approvals lists are ticked, and which approvals the form prints no box for."""

from __future__ import annotations

from gis_app.certificates.compose.context import Context, act, source
from gis_app.certificates.document import Sentence, Source
from gis_app.certificates.form import BoxesPart


def reasons(context: Context) -> dict[str, tuple[Source, ...]]:
    """Codes of the approvals to ask for, each with its reasons.

    They are called for by findings, or by what is to be built wherever the land is.
    """
    found: dict[str, list[Source]] = {}
    for approval in context.report.approvals:
        behind = [source(finding) for finding in context.report.findings if finding.id in approval.because]
        found[approval.code] = behind
    for purpose in context.purposes:
        listed = Source(author=f"listă pe scop: {purpose.title}", act=act(purpose))
        for code in purpose.approvals:
            found.setdefault(code, []).append(listed)
    return {code: tuple(sources) for code, sources in found.items()}


def other(context: Context, route: str) -> tuple[Sentence, ...]:
    """Approvals of that route that no box of the form stands for, by their titles."""
    boxed, why = boxed_codes(context), reasons(context)
    titles = {one.code: one.title for one in context.purpose_approvals if one.route == route}
    titles |= {one.code: one.title for one in context.report.approvals if one.route == route}
    return tuple(
        Sentence(text=title, sources=why.get(code, ())) for code, title in titles.items() if code not in boxed
    )


def boxed_codes(context: Context) -> frozenset[str]:
    """Codes of all approvals that some box of the form ticks."""
    return frozenset(
        code
        for section in context.form.sections
        for part in section.parts
        if isinstance(part, BoxesPart)
        for box in part.boxes
        if box.tick
        for code in box.tick.approvals
    )
