"""A layer whose data is gone or corrupt is named, with the reason; one that is only empty is not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psycopg
import pytest

from layers import database, health
from layers.days import today


@pytest.fixture
def county(make_database, demo_template: str) -> Iterator[str]:
    address = make_database("health", demo_template)
    yield address
    make_database.drop(address)


def broken_after(county: str, statement: str) -> dict[str, str]:
    with psycopg.connect(county, autocommit=True) as connection:
        connection.execute(statement)
    health.forget()
    return health.broken(today(), database.map_url(county))


def test_a_county_in_order_has_nothing_broken(county: str) -> None:
    assert broken_after(county, "SELECT 1") == {}


@pytest.mark.parametrize(
    ("damage", "layer", "said"),
    [
        ("DROP TABLE cadastre.building", "cadastre.building", "table cadastre.building is missing"),
        ("DROP TABLE roads.road_piece", "roads.road", "table roads.road_piece is missing"),
        ("DELETE FROM planning.zone", "planning.zone", "rows of the version in force are gone"),
        ("DELETE FROM planning.regulation", "planning.regulation", "rows of the version in force are gone"),
        ("DELETE FROM roads.road_piece", "roads.road", "lacks the shapes"),
        ("ALTER TABLE utilities.line DROP COLUMN network", "utilities.line", "cannot be read: column"),
        ("REVOKE SELECT ON admin.uat FROM vatra_map", "admin.uat", "cannot be read: permission denied"),
        ("UPDATE terrain.dem SET path = '/nowhere/dem.tif'", "terrain.dem", "dem.tif cannot be read"),
    ],
)
def test_damage_is_named_and_nothing_else_is(county: str, damage: str, layer: str, said: str) -> None:
    found = broken_after(county, damage)
    assert list(found) == [layer]
    assert said in found[layer]


def test_a_raster_that_is_no_tiff(county: str, tmp_path: Path) -> None:
    file = tmp_path / "heights.tif"
    file.write_bytes(b"<html>moved</html>")
    found = broken_after(county, f"UPDATE terrain.dem SET path = '{file}'")
    assert found == {"terrain.dem": "the file heights.tif is no TIFF"}


def test_a_layer_without_features_is_not_broken(county: str) -> None:
    found = broken_after(
        county,
        "WITH gone AS (DELETE FROM environment.flood_zone_piece), rows AS (DELETE FROM environment.flood_zone)"
        " UPDATE catalogue.layer_version SET rows = 0 WHERE layer = 'environment.flood_zone'",
    )
    assert found == {}


def test_before_the_first_version_nothing_is_missed(county: str) -> None:
    broken_after(county, "DELETE FROM planning.zone")
    assert health.broken(date(2001, 1, 1), database.map_url(county)) == {}


def test_what_is_asked_for_is_refused_by_name(county: str) -> None:
    broken_after(county, "DELETE FROM planning.zone")
    health.require("cadastre.parcel", today(), database.map_url(county))
    with pytest.raises(health.BrokenLayer, match=r"planning\.zone: the rows") as raised:
        health.require("planning.zone", today(), database.map_url(county))
    assert raised.value.layer == "planning.zone"
    health.require_all(["cadastre.parcel", "roads.road"], today(), database.map_url(county))
    with pytest.raises(health.BrokenLayer, match=r"planning\.zone"):
        health.require_all(["cadastre.parcel", "planning.zone"], today(), database.map_url(county))
