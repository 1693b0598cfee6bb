"""``vatra plan``: a plan extract at a true scale."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

import analysis
from gis_app import plans
from gis_app.commands.subjects import subject, subject_options
from layers.days import ROMANIA
from tiles.plans.page import plan_pdf, plan_png
from tiles.plans.plan import Plan
from tiles.plans.scales import PAPERS
from tiles.themes import THEMES

SUFFIXES = (".pdf", ".png", ".svg")


@click.command(
    epilog="Example: vatra plan --siruta 79308 --cadastral-number 30112 --theme utilities --output plan.pdf"
)
@subject_options
@click.option("--theme", type=click.Choice(THEMES), default="planning", show_default=True)
@click.option("--scale", type=int, help="Denominator, e.g. 1000.  [default: the largest that fits]")
@click.option("--paper", type=click.Choice(list(PAPERS)), default="A4", show_default=True)
@click.option(
    "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="F.pdf, F.png or F.svg"
)
def plan(
    siruta: int | None,
    numbers: tuple[str, ...],
    geometry: Path | None,
    crs: str | None,
    as_of: date | None,
    theme: str,
    scale: int | None,
    paper: str,
    output: Path,
) -> None:
    """Draw the plan of a parcel, or of any land, at a true scale."""
    if output.suffix.lower() not in SUFFIXES:
        raise click.UsageError(f"--output {output.name}: expected one of {', '.join(SUFFIXES)}")
    report = analysis.check(subject(siruta, numbers, geometry, crs), as_of)
    drawn = plans.plan_of(report, theme, scale=scale, paper=paper)
    content = rendered(drawn, output.suffix.lower())
    try:
        output.write_bytes(content)
    except OSError as error:
        raise click.FileError(str(output), error.strerror or "") from error
    click.echo(f"{output}: {drawn.title}, 1:{drawn.scale}, {paper}")
    for missing in drawn.missing:
        where = f" in {', '.join(missing.uats)}" if missing.uats else ""
        click.echo(f"no data{where}: {missing.layer}", err=True)


def rendered(drawn: Plan, suffix: str) -> bytes:
    """The plan in the format of that file suffix; an SVG holds the first sheet."""
    made_at = datetime.now(ROMANIA)
    if suffix == ".pdf":
        return plan_pdf(drawn, made_at)
    if suffix == ".png":
        return plan_png(drawn, made_at)
    return drawn.sheet_svg.encode()
