"""The whole cache at once: dropping what a publication touched, and making tiles before anybody asks for them."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from layers import database, states
from layers.errors import VatraError
from layers.extents import Bounds, transform
from layers.visibility import CIRCLES
from tiles.cache.engine import Engine, engine
from tiles.cache.grids import MatrixSet
from tiles.cache.layers import TileLayer, tile_layers
from tiles.cache.limits import Limits, bounds, limits_at
from tiles.workers import Busy

SEEDING = 7_340_524
BUSY_S = 2.0


class SeedingRefused(VatraError):
    """Tiles cannot be made as asked."""


def all_layers() -> list[TileLayer]:
    """Every tile layer that anybody can see, in each of its circles."""
    found = {layer.digest + layer.name: layer for circle in CIRCLES for layer in tile_layers(circle).values()}
    return list(found.values())


def drop_outdated() -> dict[str, int]:
    """Drop the tiles that a newly published version touches, and those of earlier styles; how many, by layer.

    Raises DatabaseUnavailable; what was not dropped then is dropped before it would be shown.
    """
    states.forget()
    dropped: dict[str, int] = {}
    current = [engine(layer) for layer in all_layers() if not layer.foreign]
    for one in current:
        if one.store.recorded() is not None:
            dropped[one.layer.name] = dropped.get(one.layer.name, 0) + one.refresh()
    _forget_looks(current)
    return dropped


def _forget_looks(current: list[Engine]) -> None:
    """Remove the folders of looks that layers no longer have."""
    wanted = {one.store.folder for one in current}
    for parent in {folder.parent for folder in wanted}:
        for folder in parent.iterdir():
            if folder not in wanted:
                shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class Job:
    """Tiles to make: a layer's, at these levels of a set, that meet ``area`` (EPSG:3844, x = east first).

    ``share`` is how much of the time is spent drawing; the rest is left to others.
    """

    layer: TileLayer
    matrices: MatrixSet
    levels: tuple[int, ...]
    area: Bounds | None = None
    share: float = 0.5


@dataclass
class Progress:
    """How far a job is, in metatiles."""

    total: int = 0
    made: int = 0
    there: int = 0
    failed: list[str] = field(default_factory=list)

    @property
    def done(self) -> int:
        """How many have been dealt with."""
        return self.made + self.there + len(self.failed)


Report = Callable[[Progress], None]


def seed(job: Job, report: Report) -> Progress:
    """Make the tiles that are missing; what is there already stays, so a job taken up again goes on.

    Raises SeedingRefused for a foreign layer, DatabaseUnavailable.
    """
    if job.layer.foreign:
        raise SeedingRefused(
            f"{job.layer.name} is a foreign service; its tiles are fetched as they are asked for"
        )
    maker = engine(job.layer)
    wanted = list(_metatiles(maker, job))
    progress = Progress(total=len(wanted))
    for level, column, row in wanted:
        begun = time.monotonic()
        try:
            made = maker.make_metatile(job.matrices, level, column, row)
            progress.made, progress.there = progress.made + made, progress.there + (not made)
        except Busy:
            # People come first; this one is made when the job is run again.
            progress.failed.append(f"{level}/{column}/{row}: the drawing was busy")
            time.sleep(BUSY_S)
        report(progress)
        if progress.made:
            time.sleep(min(10.0, (time.monotonic() - begun) * (1 / job.share - 1)))
    return progress


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """While tiles are made ahead. Raises SeedingRefused if somebody else is making some for this database."""
    with database.connect(autocommit=True) as connection:
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", [SEEDING]).fetchone()
        if not row or not row[0]:
            raise SeedingRefused("tiles are being made already; one such job runs at a time")
        try:
            yield
        finally:
            # It would end with the connection, too, but only once the server has seen it go.
            connection.execute("SELECT pg_advisory_unlock(%s)", [SEEDING])


def area_of(siruta: int) -> Bounds:
    """The box round a UAT, EPSG:3844, x = east first. Raises SeedingRefused if there is none of that number."""
    with database.reading(database.map_url()) as connection:
        row = connection.execute(
            "SELECT ST_XMin(b), ST_YMin(b), ST_XMax(b), ST_YMax(b) FROM (SELECT ST_Extent(geom) AS b"
            " FROM admin.uat WHERE siruta = %s AND valid_to = 'infinity') AS found",
            [siruta],
        ).fetchone()
    if row is None or row[0] is None:
        raise SeedingRefused(f"no UAT {siruta} in admin.uat")
    return row[0], row[1], row[2], row[3]


def _metatiles(maker: Engine, job: Job) -> Iterator[tuple[int, int, int]]:
    """The north-western tile of every metatile, coarse levels first."""
    for level in job.levels:
        if not job.layer.drawn_at(job.matrices, level):
            continue
        within = _within(job, level)
        columns, rows = maker.metatile_size(job.matrices, level)
        for column in range(within.columns[0] // columns * columns, within.columns[1] + 1, columns):
            for row in range(within.rows[0] // rows * rows, within.rows[1] + 1, rows):
                yield level, column, row


def _within(job: Job, level: int) -> Limits:
    whole = limits_at(job.layer, job.matrices, level)
    if job.area is None:
        return whole
    west, south, east, north = bounds(job.layer)
    area = (
        max(west, job.area[0]),
        max(south, job.area[1]),
        min(east, job.area[2]),
        min(north, job.area[3]),
    )
    if area[0] > area[2] or area[1] > area[3]:
        raise SeedingRefused(f"{job.layer.name} has nothing in that area")
    first, last, top, bottom = job.matrices.covering(level, transform(area, "EPSG:3844", job.matrices.crs))
    return Limits((first, last), (top, bottom))
