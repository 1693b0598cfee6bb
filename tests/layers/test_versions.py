"""The history of a layer and the difference between two of its versions."""

from __future__ import annotations

import datetime

import geopandas as gpd
import psycopg
import pytest
import shapely

from layers import versions
from layers.errors import UnknownLayer
from layers.versions import UnknownVersion
from tests.layers import samples
from tests.layers.conftest import Import
from tests.layers.samples import EAST, NORTH, SIRUTA

JANUARY, JUNE = datetime.date(2026, 1, 1), datetime.date(2026, 6, 1)


@pytest.fixture
def three_versions(with_uats: Import, fresh_database: str) -> str:
    """1: three parcels; 2: one gone, one new, one with another area, one moved; 3: as 2."""
    with_uats("cadastre.parcel", samples.parcels(3), valid_from=JANUARY)
    second = samples.parcels(4).iloc[1:]
    second.loc[1, "suprafata"] = 399.0
    second.loc[2, "geometry"] = shapely.box(EAST, NORTH + 50, EAST + 20, NORTH + 70)
    with_uats("cadastre.parcel", second, valid_from=JUNE)
    with_uats("cadastre.parcel", second, valid_from=JUNE)
    return fresh_database


def test_history_newest_first(three_versions: str) -> None:
    with psycopg.connect(three_versions) as connection:
        found = versions.history(connection, "cadastre.parcel")
    assert [(v.number, v.valid_from, v.valid_to, v.rows) for v in found] == [
        (3, JUNE, None, 3),
        (2, JUNE, JUNE, 3),
        (1, JANUARY, JUNE, 3),
    ]
    assert found[0].source == "file4.gpkg"


def test_difference_by_key(three_versions: str) -> None:
    with psycopg.connect(three_versions) as connection:
        found = versions.diff(connection, "cadastre.parcel", 1, 2)
    assert (found.added_count, found.removed_count, found.changed_count, found.unchanged_count) == (
        1,
        1,
        2,
        0,
    )
    assert [f.key for f in found.added] == [{"siruta": SIRUTA, "cadastral_number": "30003"}]
    assert [f.key for f in found.removed] == [{"siruta": SIRUTA, "cadastral_number": "30000"}]
    assert {f.key["cadastral_number"]: f.columns for f in found.changed} == {
        "30001": ("area_legal_m2",),
        "30002": ("geom",),
    }


def test_the_other_way_round_and_no_difference(three_versions: str) -> None:
    with psycopg.connect(three_versions) as connection:
        back = versions.diff(connection, "cadastre.parcel", 2, 1)
        same = versions.diff(connection, "cadastre.parcel", 2, 3)
    assert [f.key["cadastral_number"] for f in back.added] == ["30000"]
    assert (same.added_count, same.removed_count, same.changed_count, same.unchanged_count) == (0, 0, 0, 3)


def zones(*codes: str) -> gpd.GeoDataFrame:
    data = {"siruta": SIRUTA, "plan_code": "PUG", "cod": list(codes)}
    return gpd.GeoDataFrame(data, geometry=samples.squares(len(codes)), crs=3844)


def test_layer_without_key_goes_by_content(with_uats: Import, fresh_database: str) -> None:
    with_uats("planning.zone", zones("Li", "C", "V"))
    with_uats("planning.zone", zones("Li", "M", "V"))
    with psycopg.connect(fresh_database) as connection:
        found = versions.diff(connection, "planning.zone", 1, 2)
    assert (found.added_count, found.removed_count, found.changed_count, found.unchanged_count) == (
        1,
        1,
        0,
        2,
    )


def test_scope_keeps_the_rest_in_the_version(with_uats: Import, fresh_database: str) -> None:
    theirs = samples.parcels(2, siruta=79308)
    theirs["geometry"] = theirs.translate(8_000)
    with_uats("cadastre.parcel", theirs, valid_from=JANUARY)
    with_uats("cadastre.parcel", samples.parcels(3), valid_from=JUNE, scope=SIRUTA)
    with psycopg.connect(fresh_database) as connection:
        found = versions.diff(connection, "cadastre.parcel", 1, 2)
    assert (found.added_count, found.removed_count, found.unchanged_count) == (3, 0, 2)


def test_lists_are_bounded(with_uats: Import, fresh_database: str) -> None:
    with_uats("cadastre.parcel", samples.parcels(1))
    with_uats("cadastre.parcel", samples.parcels(20, 20))
    with psycopg.connect(fresh_database) as connection:
        found = versions.diff(connection, "cadastre.parcel", 1, 2)
    assert (found.added_count, len(found.added)) == (399, 100)


def test_unknown_versions_and_layers(three_versions: str) -> None:
    with psycopg.connect(three_versions) as connection:
        with pytest.raises(UnknownVersion, match="no version 7; it has: 1, 2, 3"):
            versions.diff(connection, "cadastre.parcel", 1, 7)
        with pytest.raises(UnknownLayer, match=r"did you mean cadastre\.parcel"):
            versions.history(connection, "cadastre.parcels")
