"""``vatra rules``: what the rules are, what a county changed in them, and whether its files are right."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from analysis.rulebook import RULES, Edition, Rule, read_rulebook, survey
from analysis.settings import settings
from layers.days import today

MISTAKES_FOUND = 1

format_option = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
day_option = click.option(
    "--as-of",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    default=lambda: f"{today():%Y-%m-%d}",
    help="Day whose rules are meant (today by default).",
)


@click.group()
def rules() -> None:
    """Rules: list, show, validate."""


@rules.command("list", epilog="Example: vatra rules list --as-of 2025-01-01")
@day_option
@format_option
def list_(as_of: datetime, form: str) -> None:
    """The rules in force on a day, a county's own and overridden ones marked."""
    book = read_rulebook(RULES, settings().rules)
    rows = [_row(rule, edition) for rule, edition in book.in_force(as_of.date())]
    if form == "json":
        click.echo(json.dumps({"rule_set": book.version(as_of.date()), "rules": rows}, ensure_ascii=False))
        return
    width = max((len(row["id"]) for row in rows), default=0)
    for row in rows:
        marks = [mark for mark in ("mandatory", "county") if row[mark]]
        click.echo(
            f"{row['id']:<{width}}  {row['effect']:<11}  {row['valid_from']}  {row['status']:<10}  "
            f"{row['title']}{' [' + ', '.join(marks) + ']' if marks else ''}"
        )
    click.echo(f"{len(rows)} rules in force on {as_of:%Y-%m-%d}, rule set {book.version(as_of.date())}")


@rules.command(epilog="Example: vatra rules show roads.protection-zone")
@click.argument("rule_id", metavar="ID")
@day_option
@format_option
def show(rule_id: str, as_of: datetime, form: str) -> None:
    """One rule with all its editions; what the county changed is shown beside ours."""
    county = settings().rules
    rule = read_rulebook(RULES, county).get(rule_id)
    changes = list(_changes(rule, read_rulebook(RULES).rules.get(rule_id)))
    if form == "json":
        content = rule.model_dump(mode="json", exclude={"overrides"})
        click.echo(json.dumps({"rule": content, "overrides": changes}, ensure_ascii=False))
        return
    click.echo("\n".join(_lines(rule, as_of.date())))
    for change in changes:
        click.echo(
            f"county override of {change['what']}\n"
            f"  ours:   {_compact(change['ours'])}\n  county: {_compact(change['county'])}"
        )


@rules.command(epilog="Example: vatra rules validate --folder /etc/vatra/rules")
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A county's folder, laid over our rules (VATRA_RULES by default).",
)
@format_option
def validate(folder: Path | None, form: str) -> None:
    """Check all rules and tables; names file, line and cause of every mistake, and exits with 1 if there are any."""
    found, mistakes = survey(RULES, folder or settings().rules)
    if form == "json":
        listed = [
            {"file": str(mistake.path), "line": mistake.line, "cause": mistake.cause} for mistake in mistakes
        ]
        click.echo(json.dumps({"rules": len(found), "mistakes": listed}, ensure_ascii=False))
    else:
        for mistake in mistakes:
            click.echo(str(mistake))
        ending = "" if len(mistakes) == 1 else "s"
        click.echo(f"{len(found)} rules are right, {len(mistakes)} mistake{ending}")
    if mistakes:
        sys.exit(MISTAKES_FOUND)


def _row(rule: Rule, edition: Edition) -> dict[str, Any]:
    return {
        "id": rule.id,
        "title": rule.title.ro,
        "layer": rule.layer,
        "effect": rule.effect,
        "section": rule.section,
        "mandatory": rule.mandatory,
        "status": edition.status,
        "valid_from": edition.valid_from.isoformat(),
        "county": bool(rule.overrides),
    }


def _lines(rule: Rule, day: date) -> Iterator[str]:
    yield f"{rule.id}: {rule.title.ro} ({rule.title.en})"
    how = f"compute {rule.compute}" if rule.compute else rule.relation
    yield f"  {how} {rule.layer}, effect {rule.effect}, section {rule.section}"
    if rule.where:
        yield f"  where {_compact(rule.model_dump(mode='json', exclude_none=True)['where'])}"
    if rule.mandatory:
        yield "  a mandatory element of a certificate"
    if rule.approvals:
        yield f"  approvals: {', '.join(rule.approvals)}"
    if rule.overrides:
        yield f"  changed by the county: {', '.join(rule.overrides)}"
    for edition in rule.editions:
        yield from _edition_lines(edition, edition.in_force(day))


def _edition_lines(edition: Edition, current: bool) -> Iterator[str]:
    until = f" until {edition.valid_to}" if edition.valid_to else ""
    yield f"{'*' if current else ' '} from {edition.valid_from}{until}, {edition.status}"
    yield f"    {'; '.join(', '.join(filter(None, (basis.act, basis.article))) for basis in edition.legal_basis)}"
    if edition.distance_m is not None:
        yield f"    {edition.distance_m:g} m"
    for case in edition.cases:
        where = _compact(case.model_dump(mode="json", exclude_none=True)["where"])
        place = "" if case.place == "any" else f" {case.place}"
        yield f"    {case.distance_m:g} m{place}{' where ' + where if case.where else ''}"
    yield f"    {edition.text}"


def _changes(rule: Rule, ours: Rule | None) -> Iterator[dict[str, Any]]:
    """What a county's file changed, old and new side by side."""
    if ours is None:
        if rule.overrides:
            yield {"what": "the whole rule", "ours": None, "county": "a rule of its own"}
        return
    for name in rule.overrides:
        day, _, key = name.partition(": ")
        if not key:
            yield {"what": name, "ours": _plain(ours, name), "county": _plain(rule, name)}
            continue
        first = date.fromisoformat(day)
        before, after = ours.edition(first), rule.edition(first)
        yield {
            "what": f"{key} from {day}",
            "ours": _plain(before, key) if before else None,
            "county": _plain(after, key) if after else None,
        }


def _plain(thing: Rule | Edition, key: str) -> Any:
    return thing.model_dump(mode="json", exclude_none=True).get(key)


def _compact(content: Any) -> str:
    return content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
