"""Finished tiles kept in the process: bounded memory, the longest unused leave first.

The key holds the state of the layers, so a published version is seen at once and nothing has to be dropped.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

# What an entry costs beside its bytes: key, places in the dictionary.
OVERHEAD = 400


@dataclass(frozen=True, slots=True)
class Finished:
    """A tile ready to be sent: its bytes as they are, and compressed where somebody asked for that."""

    plain: bytes
    gzipped: bytes | None = None

    @property
    def size(self) -> int:
        """Bytes of memory that keeping it takes."""
        return len(self.plain) + len(self.gzipped or b"") + OVERHEAD


class FinishedTiles:
    """Tiles by key, ``limit`` bytes at most (0: none are kept); safe to use from several threads."""

    def __init__(self, limit: int) -> None:
        self.limit, self.size = limit, 0
        self._kept: OrderedDict[Hashable, Finished] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Finished | None:
        """The tile of that key, if it is still kept."""
        with self._lock:
            found = self._kept.get(key)
            if found:
                self._kept.move_to_end(key)
            return found

    def put(self, key: Hashable, tile: Finished) -> None:
        """Keep a tile; what would fill more than a tenth of the room alone is not kept."""
        if tile.size * 10 > self.limit:
            return
        with self._lock:
            before = self._kept.pop(key, None)
            self.size += tile.size - (before.size if before else 0)
            self._kept[key] = tile
            while self.size > self.limit:
                self.size -= self._kept.popitem(last=False)[1].size

    def __len__(self) -> int:
        return len(self._kept)
