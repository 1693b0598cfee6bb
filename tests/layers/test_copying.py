"""COPY BINARY as PostgreSQL understands it: every type, every null, every kind of shape."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import psycopg
import pyarrow as pa
import pytest
import shapely

from layers import copying
from tests.layers.samples import EAST, NORTH, squares


def copied(connection: psycopg.Connection[Any], types: str, *columns: pa.Array) -> list[tuple[Any, ...]]:
    connection.execute(f"CREATE TEMPORARY TABLE copied ({types}) ON COMMIT DROP")
    with connection.cursor() as cursor, cursor.copy("COPY copied FROM STDIN (FORMAT binary)") as copy:
        copy.write(copying.HEADER)
        copy.write(copying.rows(columns))
        copy.write(copying.TRAILER)
    return connection.execute("SELECT * FROM copied").fetchall()


def test_all_types_and_nulls(connection: psycopg.Connection[Any]) -> None:
    columns = {
        "a text": pa.array(["Țicleni", None, "", "a\tb\n\\N"]),
        "b integer": pa.array([1, None, -(2**31), 2**31 - 1], pa.int32()),
        "c double precision": pa.array([1.5, None, -0.0, 1e300]),
        "d boolean": pa.array([True, None, False, True]),
        "e date": pa.array(
            [datetime.date(2026, 8, 25), None, datetime.date(1900, 1, 1), datetime.date(2000, 1, 1)]
        ),
    }
    rows = copied(connection, ", ".join(columns), *columns.values())
    assert rows == list(zip(*(column.to_pylist() for column in columns.values()), strict=True))


def test_slices_of_arrays(connection: psycopg.Connection[Any]) -> None:
    rows = copied(
        connection, "a text, b integer", pa.array(["x", "y", "z"])[1:], pa.array([1, 2, None], pa.int32())[1:]
    )
    assert rows == [("y", 2), ("z", None)]


SHAPES = [
    shapely.Point(EAST, NORTH),
    shapely.LineString([(EAST, NORTH), (EAST + 1, NORTH)]),
    squares(1)[0],
    shapely.MultiPoint([(EAST, NORTH), (EAST, NORTH + 1)]),
    shapely.MultiLineString([[(EAST, NORTH), (EAST + 1, NORTH)]]),
    shapely.MultiPolygon([squares(1)[0]]),
]


@pytest.mark.parametrize("promote", [False, True])
def test_shapes_unparsed(connection: psycopg.Connection[Any], promote: bool) -> None:
    wkb = pa.array(shapely.to_wkb(SHAPES), pa.binary())
    assert copying.is_plain(wkb)
    ewkb = copying.ewkb_from_wkb(wkb, np.arange(1, 7, dtype=np.int32), promote)
    copied(connection, "g geometry", ewkb)
    expected = [
        shapely.multipoints([SHAPES[0]]),
        shapely.multilinestrings([SHAPES[1]]),
        shapely.multipolygons([SHAPES[2]]),
    ]
    wanted = (expected if promote else SHAPES[:3]) + SHAPES[3:]
    found = connection.execute("SELECT ST_AsBinary(g), ST_SRID(g) FROM copied").fetchall()
    assert {srid for _, srid in found} == {3844}
    assert [shapely.from_wkb(g) for g, _ in found] == wanted


def test_shapes_from_objects(connection: psycopg.Connection[Any]) -> None:
    copied(connection, "g geometry", copying.ewkb_from_shapes(np.array(SHAPES, dtype=object)))
    found = connection.execute("SELECT ST_AsBinary(g), ST_SRID(g) FROM copied").fetchall()
    assert [shapely.from_wkb(g) for g, _ in found] == SHAPES
    assert {srid for _, srid in found} == {3844}


@pytest.mark.parametrize(
    "wkb",
    [
        shapely.to_wkb(shapely.Point(1, 2, 3)),
        shapely.to_wkb(shapely.Point(1, 2), byte_order=0),
        shapely.to_wkb(shapely.set_srid(shapely.Point(1, 2), 3844), include_srid=True),
        shapely.to_wkb(shapely.GeometryCollection([shapely.Point(1, 2)])),
        b"",
        None,
    ],
)
def test_what_has_to_be_parsed(wkb: bytes | None) -> None:
    assert not copying.is_plain(pa.array([shapely.to_wkb(SHAPES[2]), wkb], pa.binary()))
