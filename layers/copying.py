"""Rows for COPY BINARY, put together column by column without touching a row in Python.

A row of PostgreSQL's binary format is the number of its fields and then, for each, its length and
its bytes. Every piece is an Arrow array, and Arrow joins them into the bytes that go over the wire.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from layers.reading.crs import STEREO70

HEADER = b"PGCOPY\n\xff\r\n\x00" + struct.pack("!ii", 0, 0)
TRAILER = struct.pack("!h", -1)
# PostgreSQL counts days from 2000-01-01, Arrow from 1970-01-01.
DAYS_1970_TO_2000 = 10_957

# WKB's geometry types by GEOS's type ids.
WKB_TYPES = np.array([1, 2, 2, 3, 4, 5, 6, 7], dtype=np.int32)

_HAS_SRID = 0x20000000
_WKB_HEADER = 5
# Bytes before the coordinates of EWKB in one piece, by WKB type: a polygon without holes, a collection of one.
_BEFORE_COORDINATES = np.array([0, 9, 13, 17, 18, 22, 26, 0])
_SRID_AT, _XY_BYTES = 5, 16
# Arrow 26 fails on a slice without an end.
_TO_THE_END = 2**31 - 1


def rows(columns: Sequence[pa.Array]) -> bytes:
    """The rows of these columns: text, binary, int32, float64, bool or date32 arrays of one length."""
    count = len(columns[0])
    pieces = [_repeat(struct.pack("!h", len(columns)), count)]
    for column in columns:
        pieces += _field(column)
    joined = pc.binary_join_element_wise(*pieces, pa.scalar(b"", pa.large_binary()))
    return bytes(_contents(joined))


def _field(column: pa.Array) -> list[pa.Array]:
    if (
        pa.types.is_string(column.type)
        or pa.types.is_binary(column.type)
        or pa.types.is_large_binary(column.type)
    ):
        content = column.cast(pa.large_binary())
        lengths = pc.fill_null(pc.binary_length(content), -1).to_numpy(zero_copy_only=False)
        return [_fixed(lengths.astype(">i4")), pc.fill_null(content, b"")]
    values = _big_endian(column)
    lengths = np.where(column.is_valid().to_numpy(zero_copy_only=False), values.itemsize, -1)
    content = _fixed(values)
    if column.null_count:
        content = pc.if_else(column.is_valid(), content, pa.scalar(b"", pa.large_binary()))
    return [_fixed(lengths.astype(">i4")), content]


def _big_endian(column: pa.Array) -> NDArray[Any]:
    if pa.types.is_boolean(column.type):
        return np.asarray(pc.fill_null(column, False).to_numpy(zero_copy_only=False), np.uint8)
    if pa.types.is_date32(column.type):
        days = pc.fill_null(column.cast(pa.int32()), 0).to_numpy(zero_copy_only=False)
        return np.asarray(days - DAYS_1970_TO_2000, ">i4")
    filled = pc.fill_null(column, 0).to_numpy(zero_copy_only=False)
    return np.asarray(filled, filled.dtype.newbyteorder(">"))


def _fixed(values: NDArray[Any]) -> pa.Array:
    """One binary value an element, all of the element's size."""
    offsets = np.arange(len(values) + 1, dtype=np.int64) * values.itemsize
    return pa.Array.from_buffers(
        pa.large_binary(),
        len(values),
        [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(values))],
    )


def _repeat(content: bytes, count: int) -> pa.Array:
    return _fixed(np.full(count, np.void(content)))


def _contents(joined: pa.Array) -> memoryview:
    _, offsets, data = joined.buffers()
    ends = np.frombuffer(offsets, np.int64)
    start, end = ends[joined.offset], ends[joined.offset + len(joined)]
    return memoryview(data)[start:end]


def ewkb_from_shapes(geometries: NDArray[Any]) -> pa.Array:
    """EWKB in EPSG:3844 of shapely objects."""
    marked = shapely.set_srid(geometries, STEREO70)
    return pa.array(shapely.to_wkb(marked, include_srid=True, flavor="extended"), pa.large_binary())


def ewkb_from_wkb(wkb: pa.Array, types: NDArray[np.int32], promote: bool, srid: int = STEREO70) -> pa.Array:
    """EWKB from plain two-dimensional little-endian WKB, without parsing it.

    ``types`` are the WKB geometry types (1–6); with ``promote`` single shapes become collections of one.
    """
    wkb = wkb.cast(pa.large_binary())
    marked = struct.pack("<I", srid)
    prefixes, cuts = [], []
    for kind in range(7):
        if promote and 1 <= kind <= 3:
            prefixes.append(struct.pack("<BI", 1, (kind + 3) | _HAS_SRID) + marked + struct.pack("<I", 1))
            cuts.append(0)
        else:
            prefixes.append(struct.pack("<BI", 1, kind | _HAS_SRID) + marked)
            cuts.append(_WKB_HEADER)
    heads = pa.array(prefixes, pa.large_binary()).take(pa.array(types))
    tails = pc.if_else(
        pa.array(np.array(cuts)[types] == 0), wkb, pc.binary_slice(wkb, _WKB_HEADER, _TO_THE_END)
    )
    return pc.binary_join_element_wise(heads, tails, pa.scalar(b"", pa.large_binary()))


def is_in_one_piece(ewkb: pa.Array, counts: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Whether each shape's coordinates, ``counts`` pairs of x and y, follow on one another."""
    starts, content = _parts(ewkb)
    types = content[starts[:-1] + 1]
    return np.asarray(np.diff(starts) - _XY_BYTES * counts == _BEFORE_COORDINATES[types])


def with_coordinates(
    ewkb: pa.Array, counts: NDArray[np.integer], xy: NDArray[np.float64], srid: int
) -> pa.Array:
    """The EWKB of shapes in one piece with other coordinates, (n, 2) of all shapes, in another system."""
    starts, content = _parts(ewkb)
    content = content.copy()
    content[starts[:-1, None] + _SRID_AT + np.arange(4)] = np.frombuffer(struct.pack("<I", srid), np.uint8)
    first = starts[:-1] + _BEFORE_COORDINATES[content[starts[:-1] + 1]]
    earlier = _XY_BYTES * (np.cumsum(counts) - counts)
    places = np.repeat(first - earlier, counts) + _XY_BYTES * np.arange(len(xy))
    # A coordinate may start at any byte.
    anywhere = np.ndarray(max(len(content) - _XY_BYTES + 1, 0), f"V{_XY_BYTES}", content, strides=(1,))
    anywhere[places] = np.ascontiguousarray(xy, "<f8").view(anywhere.dtype).ravel()
    buffers = [None, pa.py_buffer(starts), pa.py_buffer(content)]
    return pa.Array.from_buffers(pa.large_binary(), len(ewkb), buffers)


def _parts(values: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Where each value of a large_binary array starts, and the last ends, in all their bytes."""
    _, offsets, _ = values.buffers()
    starts = np.frombuffer(offsets, np.int64)[values.offset : values.offset + len(values) + 1]
    return starts - starts[0], np.frombuffer(_contents(values), np.uint8)


def is_plain(wkb: pa.Array) -> bool:
    """Whether every value is little-endian, two-dimensional WKB of a simple kind without SRID."""
    if wkb.null_count or not len(wkb):
        return False
    heads = pc.binary_slice(wkb.cast(pa.large_binary()), 0, _WKB_HEADER)
    for head in pc.unique(heads).to_pylist():
        if len(head) < _WKB_HEADER or head[0] != 1 or not 1 <= struct.unpack("<I", head[1:])[0] <= 6:
            return False
    return True
