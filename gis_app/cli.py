"""The ``vatra`` command: wires the groups of ``gis_app.commands`` and turns our errors into exit codes."""

from __future__ import annotations

import logging
import sys
from importlib import import_module

import click

from layers.errors import VatraError

# Command → module; imported only when asked for, so that `vatra status` does not wait for geopandas.
COMMANDS = {
    "up": "cluster",
    "down": "cluster",
    "status": "cluster",
    "layers": "layers",
    "tiles": "tiles",
    "demo": "demo",
    "rules": "rules",
    "check": "check",
    "certificate": "certificate",
    "verify": "certificate",
    "road-access": "certificate",
    "plan": "plan",
    "serve": "serve",
    "token": "token",
    "audit": "audit",
    "bench": "bench",
}
INPUT_AT_FAULT = 1


class Lazy(click.Group):
    """A group that imports a command's module when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"gis_app.commands.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command


@click.command(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="vatra")
def vatra() -> None:
    """A parcel in, an urbanism certificate out: GIS for county councils and town halls.

    Exit codes: 0 done, 1 the input is at fault, 2 wrong usage, 3 done but incomplete.
    """


def main() -> None:
    """Console entry point."""
    # What the pool says of its attempts is for the server's log; a person reads the one error at the end.
    logging.getLogger("psycopg.pool").addHandler(logging.NullHandler())
    try:
        vatra.main(prog_name="vatra", standalone_mode=True)
    except VatraError as error:
        click.echo(f"vatra: {error}", err=True)
        sys.exit(INPUT_AT_FAULT)
