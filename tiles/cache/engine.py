"""Tiles: from the cache where they are current, else drawn or asked for, in metatiles so that names stay whole."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import structlog
from mapproxy.cache.base import TileLocker
from mapproxy.cache.dummy import DummyCache, DummyLocker
from mapproxy.cache.tile_manager import TileManager
from mapproxy.source import SourceError
from mapproxy.util.lock import LockTimeout
from PIL import Image

from layers import database, states
from layers.days import today
from layers.errors import VatraError
from tiles.cache.dropping import bring_up_to_date
from tiles.cache.grids import MATRIX_SETS, TILE_PX, MatrixSet
from tiles.cache.layers import TileLayer
from tiles.cache.settings import cache_settings
from tiles.cache.sources import ForeignSource, OwnSource, image_options
from tiles.cache.store import StateGuarded, Store, token

MOST_ENGINES = 500
META, FOREIGN_META = (4, 4), (2, 2)
LOCK_S = 60.0
# A foreign service that failed is left alone for so long, and so many of our threads may wait for one at a time.
REST_S, WAITING = 20.0, 2
log = structlog.get_logger("vatra.tiles")


class NoAnswer(VatraError):
    """The foreign service gives no usable answer, and there is no older tile to show instead."""


@dataclass(frozen=True)
class Tile:
    """The encoded picture. ``stale``: it is past its time, but its source fails to renew it."""

    content: bytes
    stale: bool = False


class Engine:
    """Makes and finds the tiles of one layer of one database."""

    def __init__(self, layer: TileLayer, address: str) -> None:
        self.layer, self._address = layer, address
        settings = cache_settings()
        parent = settings.folder / "foreign" if layer.foreign else settings.folder_of(address)
        # What only some may see lies here too: nobody but this user looks into the folder.
        settings.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = parent / layer.name / layer.digest
        self.store = Store(self._folder, layer.form)
        self.managers = {name: self._manager(matrices) for name, matrices in MATRIX_SETS.items()}
        self._uncached = {name: self._manager(matrices, keep=False) for name, matrices in MATRIX_SETS.items()}
        self._known: tuple[object, ...] | None = None
        self._rest_until = 0.0
        self._waiting = threading.BoundedSemaphore(WAITING)

    def refresh(self) -> int:
        """Drop the tiles that are no longer current; how many went. One look at the versions where nothing is new."""
        wanted = self._wanted()
        if self.layer.foreign or wanted == self._known:
            return 0
        dropped = bring_up_to_date(self.layer, self.store, self._address)
        self._known = wanted
        return dropped

    def at_hand(self) -> bool:
        """Whether the tiles there are known to be current, without asking anybody."""
        return states.at_hand(today(), self._address) and self._wanted() == self._known

    def _wanted(self) -> tuple[object, ...]:
        known = states.states(today(), self._address)
        found = [known[name] for name in self.layer.layer_ids if name in known]
        return tuple((state.version_id, state.published_at) for state in found)

    def tile(self, matrices: MatrixSet, level: int, column: int, row: int, day: date | None = None) -> Tile:
        """A tile inside the matrix, as of today (kept) or another day (drawn each time).

        Raises NoAnswer, DatabaseUnavailable, and what drawing raises.
        """
        if self.layer.foreign:
            return self._foreign_tile(self.layer.foreign.keep_s, matrices, level, column, row)
        if day is not None and day != today():
            return Tile(self._make(self._uncached[matrices.id], (column, row, level), "", day))
        self.refresh()
        path = self.store.path(matrices.id, level, column, row)
        with suppress(FileNotFoundError):
            return Tile(path.read_bytes())
        if not self.layer.drawn_at(matrices, level):
            return Tile(blank(self.layer.form, self.layer.transparent))
        state = token(self.store.recorded() or ())
        return Tile(self._make(self.managers[matrices.id], (column, row, level), state, today()))

    def metatile_size(self, matrices: MatrixSet, level: int) -> tuple[int, int]:
        """Columns and rows of tiles drawn at once at that level."""
        matrix = matrices.matrices[level]
        return min(META[0], matrix.columns), min(META[1], matrix.rows)

    def make_metatile(self, matrices: MatrixSet, level: int, column: int, row: int) -> bool:
        """Make the tiles drawn together with that one, the north-western of them; False if all are there.

        Raises as `tile`.
        """
        self.refresh()
        manager = self.managers[matrices.id]
        tiles = [tile for tile in manager.meta_grid.meta_tile((column, row, level)).tiles if tile]
        missing = [
            tile for tile in tiles if not self.store.path(matrices.id, tile[2], tile[0], tile[1]).exists()
        ]
        if not missing:
            return False
        self._make(manager, missing[0], token(self.store.recorded() or ()), today())
        return True

    def _foreign_tile(self, keep_s: int, matrices: MatrixSet, level: int, column: int, row: int) -> Tile:
        path = self.store.path(matrices.id, level, column, row)
        kept_s = _age_s(path)
        if kept_s is not None and kept_s < keep_s:
            return Tile(path.read_bytes())
        try:
            return Tile(self._ask(matrices, (column, row, level)))
        except NoAnswer as error:
            if kept_s is None:
                raise
            log.warning("old tile shown", layer=self.layer.name, reason=str(error), age_s=round(kept_s))
            return Tile(path.read_bytes(), stale=True)

    def _ask(self, matrices: MatrixSet, coordinates: tuple[int, int, int]) -> bytes:
        name = self.layer.name
        if time.monotonic() < self._rest_until:
            raise NoAnswer(f"{name} did not answer a moment ago")
        if not self._waiting.acquire(blocking=False):
            raise NoAnswer(f"others already wait for {name}")
        try:
            return self._make(self.managers[matrices.id], coordinates, token(()), today())
        except (SourceError, LockTimeout) as error:
            self._rest_until = time.monotonic() + REST_S
            raise NoAnswer(f"{name} gives no usable answer: {error}") from error
        finally:
            self._waiting.release()

    def _make(self, manager: TileManager, coordinates: tuple[int, int, int], state: str, day: date) -> bytes:
        dimensions = {"state": state, "day": day.isoformat()}
        made = manager.load_tile_coord(coordinates, dimensions=dimensions)
        if made.image_result is None:  # outside of what the source covers
            return blank(self.layer.form, self.layer.transparent)
        content: bytes = made.image_result.as_buffer(image_options(self.layer)).read()
        return content

    def _manager(self, matrices: MatrixSet, keep: bool = True) -> TileManager:
        options = image_options(self.layer)
        foreign = self.layer.foreign
        source = ForeignSource(self.layer, foreign) if foreign else OwnSource(self.layer, self._address)
        cache = StateGuarded(self.store, matrices.id, options) if keep else DummyCache()
        locks = str(self._folder / "locks")
        manager = TileManager(
            matrices.grid,
            cache,
            [source],
            self.layer.form,
            locker=TileLocker(locks, LOCK_S, cache.lock_cache_id) if keep else DummyLocker(),
            image_opts=options,
            identifier=f"{self.layer.name}_{matrices.id}",
            request_format=self.layer.form,
            meta_size=(FOREIGN_META if foreign else META) if keep else (1, 1),
            meta_buffer=0,  # pieces bring the margin that their texts need
        )
        if foreign:
            # MapProxy sets it from its own configuration files only.
            manager._refresh_before = {"seconds": foreign.keep_s}
        return manager


def engine(layer: TileLayer, address: str | None = None) -> Engine:
    """The process's engine for that layer of that database (the maps' own by default)."""
    target = address or database.map_url()
    key = (layer.name, layer.digest, target, os.environ.get("VATRA_HOME"), os.getpid())
    found = _engines.get(key)
    if found is None:
        if len(_engines) > MOST_ENGINES:
            _engines.clear()
        found = _engines.setdefault(key, Engine(layer, target))
    return found


_engines: dict[tuple[object, ...], Engine] = {}


@lru_cache(maxsize=8)
def blank(form: str, transparent: bool) -> bytes:
    """A tile on which there is nothing."""
    buffer = BytesIO()
    mode, colour = ("RGBA", (0, 0, 0, 0)) if transparent else ("RGB", (255, 255, 255))
    Image.new(mode, (TILE_PX, TILE_PX), colour).save(buffer, form)
    return buffer.getvalue()


def _age_s(path: Path) -> float | None:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return None
