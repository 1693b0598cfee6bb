"""``vatra layers``: the catalogue, imports, exports, history."""

from __future__ import annotations

import datetime
import json
import sys
from collections.abc import Callable
from pathlib import Path

import click

from layers.catalogue import catalogue
from layers.importing import ImportOptions, ImportRejected, import_file
from layers.report import ImportReport

REJECTED = 1
PROGRESS_EVERY = 100_000

format_option = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)


@click.group()
def layers() -> None:
    """Layers: list, import, export, versions, diff."""


class Assignment(click.ParamType[tuple[str, str]]):
    """``ours=theirs``."""

    name = "OURS=VALUE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Split at the first equals sign."""
        if isinstance(value, tuple):
            return value
        ours, sign, theirs = str(value).partition("=")
        if not sign or not ours:
            self.fail(f"{value!r} is not of the form name=value", param, ctx)
        return ours.strip(), theirs.strip()


class Scope(click.ParamType[int]):
    """``siruta=n``."""

    name = "siruta=N"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The SIRUTA code."""
        if isinstance(value, int):
            return value
        key, _, number = str(value).partition("=")
        if key != "siruta" or not number.isdigit():
            self.fail(f"{value!r} is not of the form siruta=79308", param, ctx)
        return int(number)


class Day(click.ParamType[datetime.date]):
    """A date as YYYY-MM-DD."""

    name = "DATE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime.date:
        """The date."""
        if isinstance(value, datetime.date):
            return value
        try:
            return datetime.date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a date like 2026-08-25", param, ctx)


@layers.command(
    name="import", epilog="Example: vatra layers import cadastre.parcel parcele.zip --valid-from 2026-11-24"
)
@click.argument("layer")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--source-layer", help="Layer inside the file, where it has several.")
@click.option("--crs", help="Coordinate reference system of the file, e.g. EPSG:3844.")
@click.option(
    "--map", "mapping", type=Assignment(), multiple=True, help="Our column from their field: ours=theirs."
)
@click.option(
    "--set", "constants", type=Assignment(), multiple=True, help="Our column, one value for all rows."
)
@click.option("--valid-from", type=Day(), help="Day from which the data holds (default today).")
@click.option("--scope", type=Scope(), help="Replace only this UAT's features.")
@click.option(
    "--accuracy", type=click.FloatRange(min=0), metavar="METRES", help="Positional accuracy of the file."
)
@click.option("--dry-run", is_flag=True, help="Read and check, publish nothing.")
@format_option
def import_(
    layer: str,
    file: Path,
    source_layer: str | None,
    crs: str | None,
    mapping: tuple[tuple[str, str], ...],
    constants: tuple[tuple[str, str], ...],
    valid_from: datetime.date | None,
    scope: int | None,
    accuracy: float | None,
    dry_run: bool,
    form: str,
) -> None:
    """Read FILE, check it, and publish it as a new version of LAYER. All or nothing."""
    options = ImportOptions(
        source_layer=source_layer,
        crs=crs,
        mapping=dict(mapping),
        constants=dict(constants),
        valid_from=valid_from,
        scope=scope,
        accuracy_m=accuracy,
        dry_run=dry_run,
    )
    try:
        report = import_file(layer, file, options, progress=_progress())
    except ImportRejected as error:
        _print(error.report, form)
        click.echo(f"vatra: {error}", err=True)
        sys.exit(REJECTED)
    _print(report, form)


@layers.command(name="list", epilog="Example: vatra layers list --format json")
@format_option
def list_(form: str) -> None:
    """The catalogue, versions in force, counts."""
    if form == "json":
        _echo_json([{"id": layer.id, "title": layer.title.ro} for layer in catalogue().values()])
        return
    for layer in catalogue().values():
        click.echo(f"{layer.id:32} {layer.title.ro}")


def _echo_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, default=str))


def _print(report: ImportReport, form: str) -> None:
    if form == "json":
        _echo_json(report.model_dump(mode="json"))
    else:
        click.echo(report.text(), nl=False)


def _progress() -> Callable[[int, int | None], None]:
    """A line that rewrites itself on a terminal, a line every 100,000 rows elsewhere; both to stderr."""
    terminal = sys.stderr.isatty()
    last = 0

    def show(done: int, total: int | None) -> None:
        nonlocal last
        of = f" of {total}" if total is not None else ""
        if terminal:
            click.echo(f"\r{done}{of} rows read", nl=done == total, err=True)
        elif done - last >= PROGRESS_EVERY:
            click.echo(f"{done}{of} rows read", err=True)
            last = done

    return show
