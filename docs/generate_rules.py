"""Reference pages of rules, approvals and acts, from ``analysis/``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from markdown_text import cited, code, escaped, page, table

from analysis.reference import acts, approval_kinds, purposes
from analysis.rulebook import RULES, Case, Edition, Rule


def rules_index(rules: Iterable[Rule]) -> str:
    """All rules with the mark of what a certificate may not go without."""
    rows = [
        [
            f"[`{rule.id}`]({rule.id}.md)",
            rule.title.ro,
            rule.effect,
            rule.section,
            "yes" if rule.mandatory else "",
            rule.editions[-1].status.replace("_", " "),
        ]
        for rule in rules
    ]
    return page(
        "Rules",
        "*Mandatory* rules are elements without which a certificate is null (Code art. 253(4), (9)): if one was "
        "not checked, nothing is issued automatically. *To confirm* rules rest on figures that a county's lawyer "
        "has not seen in the act; a draft that uses one says so.",
        table(["Id", "Title", "Effect", "Section", "Mandatory", "Status"], rows),
    )


def rule_page(rule: Rule) -> str:
    """One rule with its editions, and the file it is."""
    how = f"computed by `{rule.compute}`" if rule.compute else f"`{rule.relation}`"
    facts = [
        ["Layer", " ".join(f"[`{name}`](../layers/{name}.md)" for name in rule.layers)],
        ["How", how],
        ["Effect", rule.effect],
        ["Section of the certificate", rule.section],
        ["Mandatory element", "yes" if rule.mandatory else "no"],
        ["Approvals", code(rule.approvals) or "–"],
        ["Zone on the map", f"{rule.zone.kind}, of `{rule.zone.of}`" if rule.zone else "no"],
    ]
    source = (RULES / f"{rule.id}.yaml").read_text(encoding="utf-8")
    return page(
        rule.id,
        " · ".join(filter(None, (f"**{rule.title.ro}**", rule.title.hu, rule.title.en))),
        table(["", ""], facts),
        *(part for edition in rule.editions for part in edition_parts(edition)),
        "## The file",
        f"```yaml\n{source}```",
    )


def edition_parts(edition: Edition) -> Iterator[str]:
    """An edition: days, legal basis, figures, sentences."""
    until = f" until {edition.valid_to}" if edition.valid_to else ""
    yield f"## From {edition.valid_from}{until}"
    yield f"{cited(edition.legal_basis)} · {edition.status.replace('_', ' ')}"
    if edition.cases:
        rows = [case_row(case) for case in edition.cases]
        yield table(["Distance", "Features", "Place"], rows)
    elif edition.distance_m is not None:
        yield f"Distance: {edition.distance_m:g} m"
    yield f"> {escaped(edition.text)}"
    for name, text in edition.texts.items():
        yield f"> *{name}*: {escaped(text)}"
    if edition.absent:
        yield f"> *where it does not apply*: {escaped(edition.absent)}"


def case_row(case: Case) -> list[str]:
    """A case's line in the table of its edition."""
    condition = case.model_dump(mode="json", exclude_none=True)["where"]
    return [
        f"{case.distance_m:g} m",
        f"`{condition}`" if condition else "all others",
        "" if case.place == "any" else case.place,
    ]


def approvals_page(rules: Iterable[Rule]) -> str:
    """Approvals with the rules that call for them, and what each purpose asks for anyway."""
    callers = {
        kind: [f"[`{rule.id}`](rules/{rule.id}.md)" for rule in rules if kind in rule.approvals]
        for kind in approval_kinds()
    }
    rows = [
        [
            f"`{kind.code}`",
            kind.title,
            kind.body,
            kind.route.replace("_", " "),
            kind.box or "other approvals",
            cited(kind.legal_basis),
            " ".join(callers[kind.code]) or "–",
        ]
        for kind in approval_kinds().values()
    ]
    asked = [
        [f"`{one.purpose}`", one.title, code(one.approvals), cited(one.legal_basis)]
        for one in purposes().values()
    ]
    return page(
        "Approvals and purposes",
        table(["Code", "Title", "Body", "Route", "Box of F_CU_07_0", "Legal basis", "Called for by"], rows),
        "## By purpose, wherever the land is",
        table(["Purpose", "Title", "Approvals", "Legal basis"], asked),
    )


def acts_page() -> str:
    """Acts with their days; an edition may cite one only while it is in force."""
    rows = [
        [
            act.act,
            act.title,
            act.in_force_from,
            act.until or "",
            act.replaced_by or "",
            act.status.replace("_", " "),
        ]
        for act in acts().values()
    ]
    return page(
        "Acts",
        "Legal bases cite these. `vatra rules validate` names every edition that goes on after its act has ended.",
        table(["Act", "Title", "In force from", "Until", "Replaced by", "Status of these days"], rows),
    )
