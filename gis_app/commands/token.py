"""``vatra token``: access for programs."""

from __future__ import annotations

import dataclasses
import json

import click

from gis_app.accounts import tokens


@click.group(epilog="Example: vatra token create registratura --scope certificates:issue")
def token() -> None:
    """Make, list and revoke API tokens for programs."""


@token.command(epilog="Example: vatra token create registratura --scope certificates:issue")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice(tokens.SCOPES),
    help="What the token may do; may be given several times.",
)
def create(name: str, scopes: tuple[str, ...]) -> None:
    """Make a token named NAME and print it, this once; only its hash is kept."""
    click.echo(tokens.create(name, scopes))


@token.command("list", epilog="Example: vatra token list --format json")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def list_tokens(form: str) -> None:
    """List all tokens, revoked ones too."""
    known = tokens.listed()
    if form == "json":
        click.echo(json.dumps([dataclasses.asdict(one) for one in known], default=str))
        return
    for one in known:
        state = (
            f"revoked {one.revoked_at:%Y-%m-%d}"
            if one.revoked_at
            else f"last used {one.last_used_on or 'never'}"
        )
        click.echo(f"{one.name}\t{' '.join(one.scopes)}\tmade {one.created_at:%Y-%m-%d}\t{state}")


@token.command(epilog="Example: vatra token revoke registratura")
@click.argument("name")
def revoke(name: str) -> None:
    """End the token named NAME at once."""
    tokens.revoke(name)
    click.echo(f"revoked {name}")
