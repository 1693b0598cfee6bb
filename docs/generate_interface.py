"""Reference pages of commands and settings, from the code that reads them."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import cleandoc
from typing import Any

import click
from markdown_text import page, table
from pydantic_settings import BaseSettings

from analysis.settings import AnalysisSettings
from gis_app.certificates.settings import AuthoritySettings, SealSettings
from gis_app.cli import vatra
from gis_app.settings import WebSettings
from layers.settings import StorageSettings, VisibilitySettings
from tiles.cache.settings import CacheSettings
from tiles.settings import DrawingSettings

SETTINGS: tuple[type[BaseSettings], ...] = (
    StorageSettings, VisibilitySettings, AnalysisSettings, AuthoritySettings, SealSettings, DrawingSettings,
    CacheSettings, WebSettings,
)  # fmt: skip


def commands_page() -> str:
    """Every command with its help, as the command line prints it."""
    parts = []
    for path, command in leaves(vatra, ("vatra",)):
        context = click.Context(command, info_name=" ".join(path))
        parts.append(f"## {' '.join(path)}\n\n```text\n{command.get_help(context)}\n```")
    return page(
        "Commands",
        "Exit codes: 0 done, 1 the input is at fault, 2 wrong usage, 3 done but incomplete.",
        *parts,
    )


def leaves(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """All commands that are no groups, with their words."""
    if not isinstance(command, click.Group):
        yield path, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        if below is not None:
            yield from leaves(below, (*path, name))


def settings_page() -> str:
    """Every environment variable, by concern."""
    return page(
        "Settings",
        "Read from the environment. Paths are relative to the folder a command is started in.",
        *(settings_part(kind) for kind in SETTINGS),
    )


def settings_part(kind: type[BaseSettings]) -> str:
    """The variables of one concern, after what its class says of itself."""
    prefix = kind.model_config.get("env_prefix", "")
    rows = [
        [
            f"`{prefix}{name}`".upper(),
            f"`{shown(field.annotation)}`",
            f"`{field.get_default(call_default_factory=True)}`",
        ]
        for name, field in kind.model_fields.items()
    ]
    title = kind.__name__.removesuffix("Settings")
    return f"## {title}\n\n{cleandoc(kind.__doc__ or '')}\n\n{table(['Variable', 'Type', 'Default'], rows)}"


def shown(annotation: Any) -> str:
    """A type as people read it."""
    return (
        annotation.__name__
        if isinstance(annotation, type)
        else str(annotation).replace("typing.", "").replace("pathlib.", "")
    )
