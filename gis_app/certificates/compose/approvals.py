"""Which boxes of the approvals lists are ticked, and which approvals the form prints no box for."""

from __future__ import annotations

from analysis.findings import Approval
from gis_app.certificates.compose.context import Context, source
from gis_app.certificates.document import Sentence, Source
from gis_app.certificates.form import BoxesPart


def other(context: Context, route: str) -> tuple[Sentence, ...]:
    """Approvals of that route that no box of the form stands for, by their titles."""
    boxed = boxed_codes(context)
    return tuple(
        Sentence(text=approval.title, sources=sources(context, approval))
        for approval in context.report.approvals
        if approval.route == route and approval.code not in boxed
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


def sources(context: Context, approval: Approval) -> tuple[Source, ...]:
    """The findings because of which an approval is asked."""
    behind = tuple(source(finding) for finding in context.report.findings if finding.id in approval.because)
    return behind or (Source(author="listă pe scop", act=approval.title),)
