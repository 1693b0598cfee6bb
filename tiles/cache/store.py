"""The files of one tile layer, and the state of the data they were drawn from.

A tile that was drawn before a change is never stored after it: who stores shares the lock and compares the
state it began to draw from with the one on record; who drops what a change touches holds the lock alone and
records the new state last. So a process may die anywhere without a stale tile being left.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from mapproxy.cache.file import FileCache
from mapproxy.cache.tile import Tile
from mapproxy.image.opts import ImageOptions

log = structlog.get_logger("vatra.tiles")


@dataclass(frozen=True)
class Made:
    """The version of a layer that tiles were drawn from. ``published_at`` tells a database restored or made anew."""

    layer: str
    version_id: int
    published_at: str


State = tuple[Made, ...]


def token(state: State) -> str:
    """A short text for a state."""
    return hashlib.sha256(repr(state).encode()).hexdigest()[:20]


class Store:
    """The folder of a tile layer: ``<set>/<level>/<column>/<row>.<form>``, the state on record, a lock."""

    def __init__(self, folder: Path, form: str) -> None:
        self.folder, self.form = folder, form
        self._record, self._lock = folder / "state.json", folder / "lock"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def path(self, matrices: str, level: int, column: int, row: int) -> Path:
        """Where that tile is or would be."""
        return self.folder / f"{matrices}/{level}/{column}/{row}.{self.form}"

    def recorded(self) -> State | None:
        """The state that the files were drawn from; None where none is on record."""
        try:
            return tuple(Made(**made) for made in json.loads(self._record.read_bytes()))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError):
            log.warning("tile record unreadable, tiles will be drawn anew", folder=str(self.folder))
            return None

    def record(self, state: State) -> None:
        """Put a state on record, whole or not at all. The caller holds the lock alone."""
        draft = self._record.with_suffix(".draft")
        with draft.open("w", encoding="utf-8") as file:
            json.dump([vars(made) for made in state], file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._record)

    @contextmanager
    def shared(self) -> Iterator[None]:
        """While tiles are stored: nobody drops any."""
        with self._locked(fcntl.LOCK_SH):
            yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """While tiles are dropped: nobody stores any."""
        with self._locked(fcntl.LOCK_EX):
            yield

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        with self._lock.open("a") as file:
            fcntl.flock(file, how)
            yield  # closing the file gives the lock back


class StateGuarded(FileCache):  # type: ignore[misc]  # MapProxy has no types
    """MapProxy's file cache over a store: stores only what was drawn from the state on record.

    MapProxy hands ``dimensions`` through from the request to here: ``state`` is the token the drawing began with.
    """

    def __init__(self, store: Store, matrices: str, options: ImageOptions) -> None:
        super().__init__(str(store.folder / matrices), store.form, directory_layout="tms", image_opts=options)
        self._files = store

    def tile_location(self, tile: Tile, create_dir: bool = False, dimensions: Any = None) -> str:
        """The file of a tile; dimensions are no part of it."""
        location: str = super().tile_location(tile, create_dir=create_dir)
        return location

    def store_tile(self, tile: Tile, dimensions: Any = None) -> bool:
        """Store one tile, if its state is still the one on record."""
        return self.store_tiles([tile], dimensions)

    def store_tiles(self, tiles: list[Tile], dimensions: Any = None) -> bool:
        """Store tiles drawn together, if their state is still the one on record. A full disk is no error."""
        with self._files.shared():
            if (dimensions or {}).get("state") != token(self._files.recorded() or ()):
                return False
            try:
                for tile in tiles:
                    super().store_tile(tile)
            except OSError as error:
                log.warning("tile not stored", folder=str(self._files.folder), reason=str(error))
                return False
        return True
