"""``vatra check``: everything that the rules say about a piece of land."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import click
import orjson

import analysis
from analysis.findings import CheckReport, Finding
from analysis.rulebook import rulebook
from analysis.sentences import day as written_day
from analysis.sentences import number as written
from analysis.settings import settings
from gis_app.commands.subjects import subject, subject_options

SECTIONS = {
    "legal": "REGIMUL JURIDIC",
    "economic": "REGIMUL ECONOMIC",
    "technical": "REGIMUL TEHNIC",
    "utilities": "REȚELE EDILITARE",
}
REASONS = {
    "no data for this UAT": "fără date pentru acest UAT",
    "layer never imported": "strat neimportat",
    "out of validity": "date ieșite din valabilitate",
    "unreadable": "date care nu pot fi citite",
}
ISSUERS = {"mayor": "primarul", "county_council_president": "președintele consiliului județean"}


@click.command(
    epilog="Example: vatra check --siruta 79308 --cadastral-number 30112 --format json > raport.json"
)
@subject_options
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "geojson"]), default="text", show_default=True
)
def check(
    siruta: int | None,
    numbers: tuple[str, ...],
    geometry: Path | None,
    crs: str | None,
    as_of: date | None,
    form: str,
) -> None:
    """Check a parcel, or any land, against all rules of a day."""
    report = analysis.check(subject(siruta, numbers, geometry, crs), as_of)
    if form == "json":
        click.echo(report.model_dump_json(by_alias=True, indent=2))
    elif form == "geojson":
        click.echo(orjson.dumps(as_geojson(report), option=orjson.OPT_INDENT_2))
    else:
        click.echo("\n".join(as_text(report)))


def as_geojson(report: CheckReport) -> dict[str, Any]:
    """The subject and the findings with a geometry, one feature each; EPSG:3844, x = east."""
    features = [
        _feature(
            "subject", report.subject.model_dump(mode="json", exclude={"geometry"}), report.subject.geometry
        )
    ]
    features += [
        _feature(finding.id, finding.model_dump(mode="json", exclude={"geometry"}), finding.geometry)
        for finding in report.findings
        if finding.geometry
    ]
    name = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3844"}}
    return {"type": "FeatureCollection", "crs": name, "features": features}


def _feature(identifier: str, properties: dict[str, Any], geometry: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "id": identifier, "properties": properties, "geometry": geometry}


def as_text(report: CheckReport) -> Iterator[str]:
    """The report to read on a screen, in Romanian."""
    yield from _head(report)
    for section, title in SECTIONS.items():
        findings = [finding for finding in report.findings if finding.section == section]
        if findings:
            yield f"\n{title}"
            yield from map(_line, findings)
    if report.approvals:
        yield "\nAVIZE ȘI ACORDURI"
        for approval in report.approvals:
            yield f"  • {approval.title} ({', '.join(approval.because)})"
    yield from _unchecked(report)
    titles = {rule.id: rule.title.ro for rule in rulebook(settings().rules).rules.values()}
    if report.not_applicable:
        yield "\nVERIFICATE, NU SE APLICĂ"
        yield f"  {'; '.join(titles.get(rule, rule) for rule in report.not_applicable)}"


def _head(report: CheckReport) -> Iterator[str]:
    subject = report.subject
    name = f"Imobilul {subject.cadastral_number}" if subject.cadastral_number else "Terenul desenat"
    yield f"{name}, {subject.uat or 'UAT necunoscut'} (SIRUTA {subject.siruta or '?'}), la {written_day(report.as_of)}"
    if subject.length_m is not None:
        yield f"Lungime {written(subject.length_m)} m"
    else:
        legal = "" if subject.area_legal_m2 is None else f", din acte {written(subject.area_legal_m2)} m²"
        yield f"Suprafața măsurată {written(subject.area_m2)} m²{legal}"
    yield f"Emitent: {ISSUERS[report.competence.issuer]}: {report.competence.reason}"
    if report.fee:
        yield f"Taxa: {written(report.fee.amount_ron)} lei ({report.fee.basis})"


def _line(finding: Finding) -> str:
    acts = "; ".join(" ".join(filter(None, (basis.act, basis.article))) for basis in finding.legal_basis)
    return f"  {finding.id:>4}  {finding.text} ({acts})"


def _unchecked(report: CheckReport) -> Iterator[str]:
    if not report.not_checked:
        return
    titles = {rule.id: rule.title.ro for rule in rulebook(settings().rules).rules.values()}
    yield "\nNEVERIFICATE"
    for gap in report.not_checked:
        mandatory = ", element obligatoriu" if gap.mandatory else ""
        yield f"  ! {titles.get(gap.rule, gap.rule)}: {gap.layer}, {REASONS[gap.reason]}{mandatory}"
