"""``vatra layers``: the catalogue, imports, exports, history."""

from __future__ import annotations

import datetime
import gc
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import click
import psycopg

from layers import database
from layers.catalogue import catalogue, get_layer
from layers.errors import VatraError
from layers.importing import ImportOptions, ImportRejected, import_file
from layers.report import ImportReport

REJECTED = 1
PROGRESS_EVERY = 100_000

format_option = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)


@click.group()
def layers() -> None:
    """Layers: list, import, export, versions, diff, refresh."""


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
    # This process ends with the import: looking for cycles among a million shapes would find none.
    gc.disable()
    try:
        report = import_file(layer, file, options, progress=_progress())
    except ImportRejected as error:
        _print(error.report, form)
        click.echo(f"vatra: {error}", err=True)
        sys.exit(REJECTED)
    _print(report, form)
    if not dry_run:
        _renew_what_follows(layer)
        _drop_outdated_tiles()


@layers.command(epilog="Example: vatra layers refresh")
@click.option("--anew", is_flag=True, help="Make every part again, up to date or not.")
def refresh(anew: bool) -> None:
    """Bring the layers that follow from others up to date: protection and safety zones, kilometre posts."""
    from gis_app import renewing

    for line in list(renewing.renew(anew)) or ["the derived layers are up to date"]:
        click.echo(line)
    _drop_outdated_tiles()


@layers.command(name="list", epilog="Example: vatra layers list --format json")
@format_option
def list_(form: str) -> None:
    """The catalogue, versions in force, counts."""
    from layers import inventory

    found = inventory.overview(catalogue())
    if form == "json":
        _echo_json([layer.model_dump(mode="json") for layer in found])
        return
    for layer in found:
        state = "never imported"
        if layer.versions:
            last = layer.versions[-1]
            state = (
                f"version {last.number} from {last.valid_from}, {last.rows} rows, {layer.municipalities} UAT"
            )
        click.echo(f"{layer.id:28} {state:56} {layer.title.ro}")


@layers.command(name="versions", epilog="Example: vatra layers versions cadastre.parcel")
@click.argument("layer")
@format_option
def versions_(layer: str, form: str) -> None:
    """The history of LAYER, newest first."""
    from layers import versions

    with database.connection() as connection:
        found = versions.history(connection, layer)
    if form == "json":
        _echo_json([version.model_dump(mode="json") for version in found])
        return
    if not found:
        click.echo(f"{layer}: never imported")
    for version in found:
        until = version.valid_to or "in force"
        click.echo(
            f"{version.number:4} {version.valid_from} – {until}  {version.rows} rows, "
            f"accuracy {version.accuracy_m:g} m, {version.crs or 'no geometry'}, from {version.source}"
        )


@layers.command(epilog="Example: vatra layers diff cadastre.parcel 1 2")
@click.argument("layer")
@click.argument("since", type=int, metavar="V1")
@click.argument("to", type=int, metavar="V2")
@format_option
def diff(layer: str, since: int, to: int, form: str) -> None:
    """Features added, removed and changed from version V1 to version V2 of LAYER."""
    from layers import versions

    with database.connection() as connection:
        found = versions.diff(connection, layer, since, to)
    if form == "json":
        _echo_json(found.model_dump(mode="json"))
        return
    click.echo(
        f"{layer} {since} → {to}: {found.added_count} added, {found.removed_count} removed, "
        f"{found.changed_count} changed, {found.unchanged_count} unchanged"
    )
    for sign, features in (("+", found.added), ("-", found.removed), ("~", found.changed)):
        for feature in features:
            key = ", ".join(f"{name} {value}" for name, value in feature.key.items())
            changed = f": {', '.join(feature.columns)}" if feature.columns else ""
            click.echo(f"{sign} {key}{changed}")


@layers.command(epilog="Example: vatra layers export all --output export --as-of 2026-09-01")
@click.argument("names", metavar="LAYER...|all", nargs=-1, required=True)
@click.option(
    "--output", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder for the files."
)
@click.option(
    "--format", "form", type=click.Choice(["geoparquet", "gpkg"]), default="geoparquet", show_default=True
)
@click.option("--as-of", type=Day(), help="The layers as they were on this day (default today).")
def export(
    names: tuple[str, ...], output: Path, form: Literal["geoparquet", "gpkg"], as_of: datetime.date | None
) -> None:
    """Write layers to files, one each."""
    from layers import exporting

    chosen = list(catalogue()) if names == ("all",) else [get_layer(name).id for name in names]
    with database.connect() as connection:
        for layer in chosen:
            path, rows = exporting.export_layer(connection, layer, output, form, as_of)
            click.echo(f"{path}: {rows} features")


def _renew_what_follows(layer: str) -> None:
    """After an import: layers that are worked out from this one."""
    from analysis.derived import sources
    from gis_app import renewing

    if layer in sources():
        for line in renewing.try_to_renew():
            click.echo(line, err=True)


def _drop_outdated_tiles() -> None:
    """After a publication: the tiles that it touches."""
    from tiles.cache.settings import cache_settings

    # Who has no tiles need not wait for what makes them.
    if not cache_settings().folder_of(database.map_url()).exists():
        return
    from tiles.cache import upkeep

    try:
        dropped = sum(upkeep.drop_outdated().values())
    except (VatraError, psycopg.Error, OSError) as error:
        click.echo(f"outdated tiles are dropped before they would be shown, not now ({error})", err=True)
        return
    if dropped:
        click.echo(f"{dropped} tiles dropped", err=True)


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
