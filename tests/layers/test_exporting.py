"""Layers out into files and in again, as they were on any day."""

from __future__ import annotations

import datetime
from pathlib import Path

import geopandas as gpd
import psycopg
import pytest
import shapely

from layers.exporting import ExportError, export_layer
from layers.reading import open_source
from tests.layers import samples
from tests.layers.conftest import Import, Query
from tests.layers.samples import EAST, NORTH

JANUARY, JUNE = datetime.date(2026, 1, 1), datetime.date(2026, 6, 1)


@pytest.mark.parametrize(("form", "suffix"), [("geoparquet", "parquet"), ("gpkg", "gpkg")])
def test_there_and_back(
    with_uats: Import, fresh_database: str, tmp_path: Path, form: str, suffix: str
) -> None:
    with_uats("cadastre.parcel", samples.parcels(5, 4, nr_cf="1204/Țicleni"))
    with psycopg.connect(fresh_database) as connection:
        path, rows = export_layer(connection, "cadastre.parcel", tmp_path / "out", form)
    assert (path.name, rows) == (f"cadastre.parcel.{suffix}", 20)
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    frame = gpd.read_parquet(path) if suffix == "parquet" else gpd.read_file(path)
    assert frame.crs.to_epsg() == 3844
    assert set(frame["land_book_number"]) == {"1204/Țicleni"}
    assert set(frame["version"]) == {1}
    assert frame.geometry.area.sum() == pytest.approx(8_000)
    again = with_uats("cadastre.parcel", path)
    assert (again.rows_published, again.warning_count) == (20, 0)


@pytest.mark.parametrize("form", ["geoparquet", "gpkg"])
def test_measures_survive(
    with_uats: Import, fresh_database: str, query: Query, tmp_path: Path, form: str
) -> None:
    line = shapely.LineString([(EAST, NORTH), (EAST + 300, NORTH + 400)])
    with_uats(
        "roads.road",
        gpd.GeoDataFrame({"indicativ": ["DJ 663"], "categorie": ["DJ"]}, geometry=[line], crs=3844),
    )
    with psycopg.connect(fresh_database) as connection:
        path, _ = export_layer(connection, "roads.road", tmp_path, form)
    shape = next(open_source(path).batches()).geometries[0]
    assert shapely.get_coordinates(shape, include_m=True)[-1, 2] == 500.0
    with_uats("roads.road", path)
    assert query(
        "SELECT measure_source, ST_M(ST_EndPoint(ST_GeometryN(geom, 1))) FROM roads.road WHERE valid_to = 'infinity'"
    ) == [("computed", 500.0)]


def test_as_of_a_past_day(with_uats: Import, fresh_database: str, tmp_path: Path) -> None:
    with_uats("cadastre.parcel", samples.parcels(3), valid_from=JANUARY)
    with_uats("cadastre.parcel", samples.parcels(7), valid_from=JUNE)
    with psycopg.connect(fresh_database) as connection:
        counts = [
            export_layer(connection, "cadastre.parcel", tmp_path, as_of=day)[1]
            for day in (datetime.date(2025, 12, 31), JANUARY, datetime.date(2026, 5, 31), JUNE)
        ]
    assert counts == [0, 3, 3, 7]


@pytest.mark.parametrize("form", ["geoparquet", "gpkg"])
def test_tables_and_empty_layers(fresh_database: str, tmp_path: Path, form: str) -> None:
    with psycopg.connect(fresh_database) as connection:
        for layer in ("planning.regulation", "roads.road", "utilities.node"):
            path, rows = export_layer(connection, layer, tmp_path, form)
            assert rows == 0
            assert path.stat().st_size > 0


def test_a_folder_that_cannot_be_written(fresh_database: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with psycopg.connect(fresh_database) as connection, pytest.raises(ExportError, match="cannot be written"):
        export_layer(connection, "admin.uat", tmp_path / "file")
