"""``vatra up``, ``down`` and ``status``: the database."""

from __future__ import annotations

import dataclasses
import json

import click

from gis_app import cluster


@click.command(epilog="Example: vatra up")
def up() -> None:
    """Start the embedded PostGIS (or use VATRA_DATABASE_URL) and migrate it."""
    state = cluster.up()
    click.echo(f"{state.kind} PostgreSQL {state.version}, PostGIS {state.postgis}, revision {state.revision}")
    # A new release may bring new figures; imported here, so that `vatra status` does not wait for the rules.
    from gis_app import renewing

    for line in renewing.try_to_renew():
        click.echo(line)


@click.command(epilog="Example: vatra down")
def down() -> None:
    """Stop the embedded PostGIS."""
    click.echo("stopped" if cluster.down() else "nothing was running")


@click.command(epilog="Example: vatra status --format json")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def status(form: str) -> None:
    """Describe the database in use."""
    state = cluster.status()
    if form == "json":
        click.echo(json.dumps(dataclasses.asdict(state)))
        return
    click.echo(f"{state.kind} database {state.address}: {'running' if state.running else 'not running'}")
    if state.running:
        click.echo(f"PostgreSQL {state.version}, PostGIS {state.postgis}, revision {state.revision}")
