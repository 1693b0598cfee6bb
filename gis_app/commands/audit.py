"""``vatra audit``: the record of what was done."""

from __future__ import annotations

import click

from gis_app.accounts import audit as chain


@click.group(epilog="Example: vatra audit verify")
def audit() -> None:
    """Inspect the record of tokens made and certificates issued."""


@audit.command(epilog="Example: vatra audit verify")
def verify() -> None:
    """Walk the chain; exit code 1 at the first entry that does not follow from those before it."""
    broken = chain.broken_at()
    if broken is not None:
        raise chain.BrokenChain(
            f"entry {broken} does not follow from the entries before it: it was changed or removed"
        )
    click.echo("the audit record is whole")
