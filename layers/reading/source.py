"""What every reader yields: batches of attributes and shapes with their row numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyproj
import shapely
from numpy.typing import NDArray

BATCH_ROWS = 32_768


@dataclass(frozen=True)
class Batch:
    """Some consecutive features.

    ``attributes`` has one column a field of the file; ``wkb`` the shapes as the file has them (null
    where there is none), or None for a table without geometry; ``rows`` the 1-based number of each
    feature in the file, or its line.
    """

    attributes: pa.Table
    wkb: pa.Array | None
    rows: NDArray[np.int64]

    @cached_property
    def geometries(self) -> NDArray[Any]:
        """The shapes as shapely objects; None where missing or unreadable."""
        if self.wkb is None:
            return np.full(len(self.rows), None)
        # A coordinate that is not a number is told of in the report, row by row.
        with np.errstate(invalid="ignore"):
            return np.asarray(shapely.from_wkb(self.wkb.to_numpy(zero_copy_only=False), on_invalid="ignore"))

    def where(self, kept: NDArray[np.bool_]) -> Batch:
        """Only the features where ``kept`` is true."""
        mask = pa.array(kept)
        wkb = None if self.wkb is None else self.wkb.filter(mask)
        return Batch(self.attributes.filter(mask), wkb, self.rows[kept])


@dataclass(frozen=True)
class Source:
    """An opened file: what it holds, and how to read it from the start, batch after batch.

    ``crs`` is None where the file does not say; ``count`` where it is not known beforehand.
    ``habitual_axes`` is true where x and y were told apart by habit only, not by the format.
    ``notes`` are remarks for the report (what was skipped or assumed).
    """

    path: Path
    layer: str
    fields: tuple[str, ...]
    crs: pyproj.CRS | None
    count: int | None
    batches: Callable[[], Iterator[Batch]]
    has_geometry: bool = True
    habitual_axes: bool = False
    notes: list[str] = field(default_factory=list)

    def read_ahead(self) -> Iterator[Batch]:
        """The batches, the next one being read and parsed while the caller works on one."""
        with ThreadPoolExecutor(1) as executor:
            batches = self.batches()

            def read() -> Batch | None:
                batch = next(batches, None)
                if batch is not None:
                    _ = batch.geometries
                return batch

            coming = executor.submit(read)
            while (batch := coming.result()) is not None:
                coming = executor.submit(read)
                yield batch


@dataclass(frozen=True)
class Request:
    """What the caller asks of a reader.

    ``layer`` names a layer inside the file; ``geometry`` the wanted geometry type of the catalogue
    (drawings and OSM hold all kinds and give the fitting ones only); ``target`` the layer of ours
    that the file is for.
    """

    layer: str | None = None
    geometry: str | None = None
    target: str | None = None


def batch_from_shapes(attributes: dict[str, list[Any]], shapes: list[Any], rows: list[int]) -> Batch:
    """A batch from plain lists, for readers that build their shapes themselves."""
    table = pa.table({name: pa.array(values) for name, values in attributes.items()})
    wkb: Any = shapely.to_wkb(np.array(shapes, dtype=object)) if shapes else []
    return Batch(table, pa.array(wkb, pa.binary()), np.asarray(rows, dtype=np.int64))
