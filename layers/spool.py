"""Polygons kept aside while a file streams by, to be compared with their neighbours at the end.

Small files stay in memory. Larger ones go to a temporary file by squares of five kilometres, so that
what is in memory at a time does not grow with the file.
"""

from __future__ import annotations

import itertools
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

IN_MEMORY = 50_000
SQUARE_M = 5_000.0

_SCHEMA = pa.schema([("row", pa.int64()), ("wkb", pa.binary())])
Square = tuple[int, int]


class Spool:
    """A store of polygons by square; a context manager that leaves no file behind."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._waiting: list[tuple[pa.RecordBatch, NDArray[np.int64]]] = []
        self._count = 0
        self._file: Any = None
        self._places: dict[Square, list[tuple[int, int]]] = defaultdict(list)

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, rows: NDArray[np.int64], geometries: NDArray[Any], wkb: pa.Array | None) -> None:
        """Keep polygons with their rows; ``wkb`` is theirs, or None where they changed since it was read."""
        content = wkb if wkb is not None else pa.array(shapely.to_wkb(geometries), pa.binary())
        record = pa.record_batch([pa.array(rows), content.cast(pa.binary())], schema=_SCHEMA)
        squares = np.floor(shapely.bounds(geometries) / SQUARE_M).astype(np.int64)
        self._waiting.append((record, squares))
        self._count += len(rows)
        if self._count > IN_MEMORY:
            self._spill()

    def chunks(self) -> Iterator[tuple[NDArray[np.int64], NDArray[Any]]]:
        """Rows and polygons, neighbours together; a polygon is in every square its box touches."""
        if self._file is None:
            records = [record for record, _ in self._waiting]
            if records:
                yield _decoded(records)
            return
        self._spill()
        for places in self._places.values():
            yield _decoded([self._read(offset, size) for offset, size in places])

    def _spill(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - closed by __exit__
        for record, squares in self._waiting:
            for square, members in _by_square(squares).items():
                content = record.take(pa.array(members)).serialize()
                self._places[square].append((self._file.tell(), content.size))
                self._file.write(content)
        self._waiting.clear()

    def _read(self, offset: int, size: int) -> pa.RecordBatch:
        self._file.seek(offset)
        return pa.ipc.read_record_batch(pa.py_buffer(self._file.read(size)), _SCHEMA)


def _by_square(squares: NDArray[np.int64]) -> dict[Square, list[int]]:
    members: dict[Square, list[int]] = defaultdict(list)
    in_one = (squares[:, :2] == squares[:, 2:]).all(axis=1)
    unique, inverse = np.unique(squares[in_one, :2], axis=0, return_inverse=True)
    positions = np.flatnonzero(in_one)
    for number, (column, row) in enumerate(unique.tolist()):
        members[column, row] = positions[inverse.ravel() == number].tolist()
    for position in np.flatnonzero(~in_one):
        left, low, right, high = squares[position].tolist()
        for square in itertools.product(range(left, right + 1), range(low, high + 1)):
            members[square].append(int(position))
    return members


def _decoded(records: list[pa.RecordBatch]) -> tuple[NDArray[np.int64], NDArray[Any]]:
    table = pa.Table.from_batches(records, _SCHEMA)
    wkb = table.column("wkb").combine_chunks().to_numpy(zero_copy_only=False)
    return table.column("row").to_numpy(), np.asarray(shapely.from_wkb(wkb))
