"""Whether keys repeat, known without a look into the database: 8 bytes a row are remembered."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pandas.util import hash_array


class Keys:
    """Hashes of the keys of all rows so far."""

    def __init__(self) -> None:
        self._hashes: list[NDArray[np.uint64]] = []

    def add(self, columns: Sequence[pa.Array]) -> None:
        """Remember the rows of some key columns."""
        if not columns:
            return
        total = np.zeros(len(columns[0]), dtype=np.uint64)
        for column in columns:
            # Texts are hashed as objects, numbers as numbers; a key is never null.
            values = column.to_numpy(zero_copy_only=False)
            total = total * np.uint64(0x9E3779B97F4A7C15) + hash_array(values, categorize=False)
        self._hashes.append(total)

    def may_repeat(self) -> bool:
        """Whether two rows may have the same key: false is certain, true nearly so."""
        if not self._hashes:
            return False
        ordered = np.sort(np.concatenate(self._hashes))
        return bool((ordered[1:] == ordered[:-1]).any())
