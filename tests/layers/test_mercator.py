"""The shape in Web Mercator that every row carries: as PostGIS would make it, whoever wrote the row."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import psycopg
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layers import copying, mercator, shapes
from layers.measures import measured_multiline
from layers.reading.crs import ROMANIA_STEREO70
from tests.layers import samples
from tests.layers.conftest import Import, Query
from tests.layers.samples import EAST, NORTH

LEFT, LOW, RIGHT, HIGH = ROMANIA_STEREO70
PROJ = pyproj.Transformer.from_crs(3844, 3857, always_xy=True)
# Rows whose two shapes differ by a millimetre or in anything but their coordinates.
PARTED = (
    "SELECT count(*) FROM {} WHERE geom_3857 IS NULL OR ST_SRID(geom_3857) <> 3857"
    " OR replace(GeometryType(geom), 'M', '') <> replace(GeometryType(geom_3857), 'M', '')"
    " OR ST_NPoints(geom) <> ST_NPoints(geom_3857)"
    " OR ST_HausdorffDistance(geom_3857, ST_Transform(ST_Force2D(geom), 3857)) > 0.001"
)


def by_proj(xy: np.ndarray) -> np.ndarray:
    return np.column_stack(PROJ.transform(xy[:, 0], xy[:, 1]))


@given(st.lists(st.tuples(st.floats(LEFT, RIGHT), st.floats(LOW, HIGH)), min_size=1, max_size=50))
def test_points_in_romania_lie_where_proj_puts_them(points: list[tuple[float, float]]) -> None:
    xy = np.array(points)
    assert np.abs(mercator.forward(xy) - by_proj(xy)).max() < 1e-5


def test_corners_of_romania_and_more_points_than_one_step_takes() -> None:
    xy = np.random.default_rng(1).uniform((LEFT, LOW), (RIGHT, HIGH), (3 * mercator.CHUNK + 1, 2))
    xy[:4] = [(LEFT, LOW), (LEFT, HIGH), (RIGHT, LOW), (RIGHT, HIGH)]
    assert np.abs(mercator.forward(xy) - by_proj(xy)).max() < 1e-5


@pytest.mark.parametrize("elsewhere", [(0.0, 0.0), (RIGHT + 1, NORTH), (EAST, np.nan), (EAST, np.inf)])
def test_elsewhere_it_is_proj(elsewhere: tuple[float, float]) -> None:
    xy = np.array([(EAST, NORTH), elsewhere])
    np.testing.assert_array_equal(mercator.forward(xy), by_proj(xy))


def test_no_points() -> None:
    assert mercator.forward(np.empty((0, 2))).shape == (0, 2)


SQUARE = shapely.box(EAST, NORTH, EAST + 10, NORTH + 10)
WITH_HOLES = SQUARE.difference(
    shapely.MultiPolygon([shapely.box(EAST + d, NORTH + d, EAST + d + 2, NORTH + d + 2) for d in (1, 5)])
)
TWO = shapely.MultiPolygon([WITH_HOLES, shapely.box(EAST + 20, NORTH, EAST + 30, NORTH + 5)])
POINT, LINE = (
    shapely.Point(EAST, NORTH),
    shapely.LineString([(EAST, NORTH), (EAST + 5, NORTH + 1), (EAST + 9, NORTH)]),
)
ROAD = measured_multiline(
    [
        np.array([[EAST, NORTH, 0.0], [EAST + 5, NORTH, 5.0]]),
        np.array([[EAST, NORTH, 5.0], [EAST, NORTH + 1, 6.0]]),
    ]
)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("MultiPolygon", [SQUARE, SQUARE]),
        ("MultiPolygon", [SQUARE, WITH_HOLES, TWO, SQUARE]),
        ("MultiPolygon", [TWO]),
        ("Point", [POINT, shapely.Point(EAST + 1, NORTH)]),
        ("MultiLineString", [LINE, shapely.MultiLineString([LINE, LINE])]),
        ("MultiLineStringM", [ROAD, ROAD]),
        ("Geometry", [POINT, SQUARE, LINE, TWO, shapely.MultiPoint([POINT, POINT]), WITH_HOLES, SQUARE]),
        ("MultiPolygon", []),
    ],
)
def test_shapes_of_every_kind_are_those_of_postgis(
    connection: psycopg.Connection[Any], kind: str, given: list[Any]
) -> None:
    geometries = np.array(given, dtype=object)
    stored = copying.ewkb_from_shapes(shapes.as_multi(geometries, kind))
    moved = mercator.ewkb(geometries, stored, kind)
    assert len(moved) == len(given)
    for before, after in zip(stored.to_pylist(), moved.to_pylist(), strict=True):
        alike = connection.execute(
            "SELECT ST_SRID(m) = 3857, ST_AsText(m, 4) = ST_AsText(ST_Transform(ST_Force2D(g), 3857), 4)"
            " FROM (SELECT %s::geometry AS g, %s::geometry AS m) s",
            [before, after],
        ).fetchone()
        assert alike == (True, True)


def test_part_of_an_array(connection: psycopg.Connection[Any]) -> None:
    """Arrow's slices share the bytes of the whole."""
    geometries = np.array([SQUARE, shapely.box(EAST, NORTH, EAST + 1, NORTH + 1), SQUARE], dtype=object)
    stored = copying.ewkb_from_shapes(geometries)
    whole = mercator.ewkb(geometries, stored, "Geometry")
    assert mercator.ewkb(geometries[1:], stored[1:], "Geometry").to_pylist() == whole[1:].to_pylist()


def parted(query: Query, layer: str) -> int:
    return int(query(PARTED.format(layer))[0][0])


def test_import_brings_it(with_uats: Import, query: Query) -> None:
    with_uats("cadastre.parcel", samples.parcels(30, 10))
    road = gpd.GeoDataFrame({"number": ["67C"], "category": ["DJ"]}, geometry=[LINE], crs="EPSG:3844")
    with_uats("roads.road", road)
    assert query("SELECT count(*) FROM cadastre.parcel") == [(300,)]
    assert query("SELECT ST_NDims(geom), ST_NDims(geom_3857) FROM roads.road") == [(3, 2)]
    for layer in ("admin.uat", "cadastre.parcel", "roads.road"):
        assert parted(query, layer) == 0


def test_import_from_another_system_brings_it(with_uats: Import, query: Query) -> None:
    with_uats("cadastre.parcel", samples.parcels(5, 5).to_crs(4326))
    assert query("SELECT count(*) FROM cadastre.parcel") == [(25,)]
    assert parted(query, "cadastre.parcel") == 0


@pytest.fixture
def parcel(with_uats: Import, fresh_database: str) -> psycopg.Connection[Any]:
    """One imported parcel and a session that may change it."""
    with_uats("cadastre.parcel", samples.parcels(1))
    return psycopg.connect(fresh_database, autocommit=True)


COPIED = "version_id, valid_from, valid_to, siruta, cadastral_number, geom"


@pytest.mark.parametrize(
    "statement",
    [
        f"INSERT INTO cadastre.parcel ({COPIED}) SELECT {COPIED} FROM cadastre.parcel",
        f"INSERT INTO cadastre.parcel ({COPIED}, geom_3857) SELECT {COPIED}, NULL FROM cadastre.parcel",
        "UPDATE cadastre.parcel SET geom = ST_Translate(geom, 100, 0)",
        "UPDATE cadastre.parcel SET geom_3857 = ST_Translate(geom_3857, 100, 0)",
        "UPDATE cadastre.parcel SET geom_3857 = NULL",
        "UPDATE cadastre.parcel SET geom = ST_Translate(geom, 100, 0), geom_3857 = ST_Translate(geom_3857, 0, 9)",
        "MERGE INTO cadastre.parcel p USING (SELECT 1) s ON p.id > 0 WHEN MATCHED THEN UPDATE SET"
        " geom = ST_Translate(p.geom, 1, 1)",
    ],
)
def test_whatever_is_written_the_two_stay_together(
    parcel: psycopg.Connection[Any], query: Query, statement: str
) -> None:
    parcel.execute(statement.encode())
    assert parted(query, "cadastre.parcel") == 0


def test_a_row_closed_keeps_its_shapes(parcel: psycopg.Connection[Any], query: Query) -> None:
    before = query("SELECT geom_3857 FROM cadastre.parcel")
    parcel.execute("UPDATE cadastre.parcel SET valid_to = valid_from")
    assert query("SELECT geom_3857 FROM cadastre.parcel") == before


def test_it_is_never_null(connection: psycopg.Connection[Any]) -> None:
    nullable = connection.execute(
        "SELECT table_schema || '.' || table_name FROM information_schema.columns"
        " WHERE column_name = 'geom_3857' AND is_nullable = 'YES' AND table_schema NOT LIKE 'pg_temp%%'"
    ).fetchall()
    assert nullable == []
