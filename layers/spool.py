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

# Polygons kept as objects; beyond, all go to the file, and no more than PENDING wait for it.
IN_MEMORY = 350_000
PENDING = 50_000
SQUARE_M = 5_000.0

_SCHEMA = pa.schema([("row", pa.int64()), ("wkb", pa.binary())])
Square = tuple[int, int]
Ints = NDArray[np.int64]


class Spool:
    """A store of polygons by square; a context manager that leaves no file behind."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._waiting: list[tuple[Ints, NDArray[Any]]] = []
        self._count = 0
        self._file: Any = None
        self._places: dict[Square, list[tuple[int, int]]] = defaultdict(list)

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, rows: Ints, geometries: NDArray[Any]) -> None:
        """Keep polygons with their rows."""
        self._waiting.append((rows, geometries))
        self._count += len(rows)
        if self._count > (IN_MEMORY if self._file is None else PENDING):
            self._spill()

    def chunks(self) -> Iterator[tuple[Ints, NDArray[Any]]]:
        """Rows and polygons, neighbours together; a polygon is in every square its box touches."""
        if self._file is None and self._count <= PENDING:
            if self._waiting:
                rows, geometries = (np.concatenate(parts) for parts in zip(*self._waiting, strict=True))
                yield rows, geometries
            return
        if self._file is None:
            for _, rows, geometries in self._by_square():
                yield rows, geometries
            return
        self._spill()
        for places in self._places.values():
            yield _decoded([self._read(offset, size) for offset, size in places])

    def _by_square(self) -> Iterator[tuple[Square, Ints, NDArray[Any]]]:
        if not self._waiting:
            return
        rows = np.concatenate([part for part, _ in self._waiting])
        geometries = np.concatenate([part for _, part in self._waiting])
        squares = np.floor(shapely.bounds(geometries) / SQUARE_M).astype(np.int64)
        for square, members in _by_square(squares).items():
            yield square, rows[members], geometries[members]

    def _spill(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - closed by __exit__
        for square, rows, geometries in self._by_square():
            wkb = pa.array(shapely.to_wkb(geometries), pa.binary())
            content = pa.record_batch([pa.array(rows), wkb], schema=_SCHEMA).serialize()
            self._places[square].append((self._file.tell(), content.size))
            self._file.write(content)
        self._waiting.clear()
        self._count = 0

    def _read(self, offset: int, size: int) -> pa.RecordBatch:
        self._file.seek(offset)
        return pa.ipc.read_record_batch(pa.py_buffer(self._file.read(size)), _SCHEMA)


def _by_square(squares: Ints) -> dict[Square, Ints]:
    """Positions of the shapes in each square; ``squares`` are lowest and highest column and row of each."""
    in_one = (squares[:, :2] == squares[:, 2:]).all(axis=1)
    positions = np.flatnonzero(in_one)
    columns, rows = squares[positions, 0], squares[positions, 1]
    order = np.lexsort((rows, columns))
    columns, rows, positions = columns[order], rows[order], positions[order]
    begins = np.flatnonzero(np.r_[True, (columns[1:] != columns[:-1]) | (rows[1:] != rows[:-1])])
    members: dict[Square, Ints] = {}
    if len(positions):
        for part in np.split(np.arange(len(positions)), begins[1:]):
            members[int(columns[part[0]]), int(rows[part[0]])] = positions[part]
    wide: dict[Square, list[int]] = defaultdict(list)
    for position in np.flatnonzero(~in_one):
        left, low, right, high = squares[position].tolist()
        for square in itertools.product(range(left, right + 1), range(low, high + 1)):
            wide[square].append(int(position))
    for square, more in wide.items():
        members[square] = np.r_[members.get(square, np.empty(0, dtype=np.int64)), np.array(more)]
    return members


def _decoded(records: list[pa.RecordBatch]) -> tuple[NDArray[np.int64], NDArray[Any]]:
    table = pa.Table.from_batches(records, _SCHEMA)
    wkb = table.column("wkb").combine_chunks().to_numpy(zero_copy_only=False)
    return table.column("row").to_numpy(), np.asarray(shapely.from_wkb(wkb))
