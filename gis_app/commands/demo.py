"""``vatra demo``: the synthetic county."""

from __future__ import annotations

import json
import sys
import time

import click

from gis_app import renewing
from layers.demo import HARD_CASES, SHOWCASE
from layers.demo.load import load_demo
from layers.settings import StorageSettings

SMALLEST, LARGEST = 1_000, 5_000_000


@click.command(epilog="Example: vatra demo --parcels 300000 --seed 7")
@click.option(
    "--parcels",
    type=click.IntRange(SMALLEST, LARGEST),
    default=20_000,
    show_default=True,
    help="Parcels of the county.",
)
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="Another seed, another county."
)
@click.option("--replace", is_flag=True, help="Delete the layers that are there, imported ones included.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def demo(parcels: int, seed: int, replace: bool, form: str) -> None:
    """Make the demo county: invented communes, roads, plans, networks and parcels, the same for each seed.

    A second run with the same numbers changes nothing.
    """
    started = time.monotonic()
    folder = StorageSettings().home / "demo"
    shown = 0

    def progress(done: int, total: int) -> None:
        nonlocal shown
        if sys.stderr.isatty():
            click.echo(f"\r{done:,} of {total:,} parcels", nl=done == total, err=True)
        elif done * 10 // total > shown:
            shown = done * 10 // total
            click.echo(f"{done} of {total} parcels", err=True)

    loaded = load_demo(None, parcels, seed, folder, replace, progress)
    for line in renewing.try_to_renew():
        click.echo(line, err=True)
    if form == "json":
        cases = {name: vars(case) for name, case in HARD_CASES.items()}
        click.echo(
            json.dumps(
                {"made": loaded.made, "rows": loaded.rows, "showcase": vars(SHOWCASE), "hard_cases": cases},
                indent=2,
            )
        )
        return
    if not loaded.made:
        click.echo(f"the demo county of {parcels} parcels, seed {seed}, is in force already: nothing to do")
    else:
        click.echo(
            f"{sum(loaded.rows.values()):,} features in {len(loaded.rows)} layers, {time.monotonic() - started:.1f} s"
        )
    click.echo(
        f"an ordinary parcel: vatra check --siruta {SHOWCASE.siruta} --cadastral-number {SHOWCASE.cadastral_number}"
    )
    for name, case in HARD_CASES.items():
        number = f" {case.cadastral_number}" if case.cadastral_number else ""
        click.echo(f"  {name}: {case.siruta}{number} – {case.what}")
