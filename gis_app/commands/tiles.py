"""``vatra tiles``: making tiles ahead, and dropping those that are out of date."""

from __future__ import annotations

import sys

import click

from layers.extents import Bounds
from tiles.cache import upkeep
from tiles.cache.grids import MATRIX_SETS, STEREO70
from tiles.cache.layers import TileLayer

INCOMPLETE = 3
PLAIN_EVERY = 50


@click.group()
def tiles() -> None:
    """The tile cache: make tiles ahead, drop what is out of date."""


class Levels(click.ParamType[tuple[int, ...]]):
    """``0-9`` or ``7``."""

    name = "FROM-TO"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """The levels, coarse ones first."""
        if isinstance(value, tuple):
            return value
        first, _, last = str(value).partition("-")
        if not first.isdecimal() or not (last or first).isdecimal():
            self.fail(f"{value!r} is not of the form 0-9", param, ctx)
        return tuple(range(int(first), int(last or first) + 1))


class Box(click.ParamType[Bounds]):
    """``west,south,east,north``."""

    name = "W,S,E,N"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Bounds:
        """The box in EPSG:3844, metres, x = east first."""
        if isinstance(value, tuple):
            return value
        try:
            west, south, east, north = map(float, str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} is not west,south,east,north in metres of EPSG:3844", param, ctx)
        if not (west < east and south < north):
            self.fail(f"{value!r}: west must be below east, south below north", param, ctx)
        return west, south, east, north


@tiles.command(epilog="Example: vatra tiles seed theme.planning cadastre.parcel --levels 3-9 --uat 79308")
@click.argument("names", metavar="LAYER...", nargs=-1, required=True)
@click.option("--levels", type=Levels(), help="Levels of the set.  [default: those down to 1:5,000]")
@click.option("--bbox", type=Box(), help="Only tiles that meet this box, metres of EPSG:3844, east first.")
@click.option("--uat", type=int, metavar="SIRUTA", help="Only tiles that meet the box round this UAT.")
@click.option(
    "--set", "matrix_set", type=click.Choice(list(MATRIX_SETS)), default=STEREO70.id, show_default=True
)
@click.option(
    "--share",
    type=click.FloatRange(0.05, 1),
    default=0.5,
    show_default=True,
    help="Share of the time spent drawing; the rest is left to people.",
)
def seed(
    names: tuple[str, ...],
    levels: tuple[int, ...] | None,
    bbox: Bounds | None,
    uat: int | None,
    matrix_set: str,
    share: float,
) -> None:
    """Make the missing tiles of LAYERs ahead. Tiles that are there stay: a job broken off goes on where it was."""
    if bbox and uat is not None:
        raise click.UsageError("give --bbox or --uat, not both")
    matrices = MATRIX_SETS[matrix_set]
    if levels is None:
        levels = tuple(n for n, matrix in enumerate(matrices.matrices) if matrix.denominator >= 5_000)
    if levels[-1:] and levels[-1] >= len(matrices.matrices):
        raise click.UsageError(f"{matrices.id} has levels 0 to {len(matrices.matrices) - 1}")
    area = upkeep.area_of(uat) if uat is not None else bbox
    chosen = [layer for name in names for layer in _layers(name)]
    failed = 0
    with upkeep.one_at_a_time():
        for layer in chosen:
            job = upkeep.Job(layer, matrices, levels, area, share)
            done = upkeep.seed(job, _progress(layer.name))
            click.echo(
                f"{layer.name}: {done.made} pictures drawn, {done.there} there already, {len(done.failed)} failed"
            )
            failed += len(done.failed)
    if failed:
        click.echo(f"vatra: {failed} pictures failed; run the same command again", err=True)
        sys.exit(INCOMPLETE)


@tiles.command(epilog="Example: vatra tiles refresh")
def refresh() -> None:
    """Drop the tiles that newly published versions touch (`vatra layers import` does so by itself)."""
    dropped = upkeep.drop_outdated()
    for name, count in dropped.items():
        click.echo(f"{name}: {count} tiles dropped")


def _layers(name: str) -> list[TileLayer]:
    found = [layer for layer in upkeep.all_layers() if layer.name == name]
    if not found:
        known = ", ".join(sorted({layer.name for layer in upkeep.all_layers()}))
        raise upkeep.SeedingRefused(f"nothing of the name {name!r} is cut into tiles; known: {known}")
    return found


def _progress(name: str) -> upkeep.Report:
    """A line that rewrites itself on a terminal, a line every so often elsewhere; both to stderr."""
    terminal = sys.stderr.isatty()

    def show(progress: upkeep.Progress) -> None:
        last = progress.done == progress.total
        if terminal:
            click.echo(f"\r{name}: {progress.done} of {progress.total}", nl=last, err=True)
        elif last or progress.done % PLAIN_EVERY == 0:
            click.echo(f"{name}: {progress.done} of {progress.total}", err=True)

    return show
