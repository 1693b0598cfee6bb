"""The demo county in the database, and the command that puts it there."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from layers.catalogue import catalogue, get_layer
from layers.demo import HARD_CASES, SHOWCASE, County
from layers.demo.load import publish_county
from layers.publishing import Publication, publish
from layers.staging import create
from tests.layers.demo.conftest import PARCELS


def rows(address: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(address) as connection:
        return connection.execute(query).fetchall()


def vatra(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "vatra"), "demo", *arguments]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)


def test_every_layer_is_published_once(fresh_database: str, county: County) -> None:
    told: list[tuple[int, int]] = []
    with psycopg.connect(fresh_database) as connection:
        loaded = publish_county(connection, county, lambda done, total: told.append((done, total)))
    assert told[-1] == (PARCELS, PARCELS)
    assert loaded["cadastre.parcel"] == PARCELS
    for layer_id, count in loaded.items():
        assert rows(fresh_database, f"SELECT count(*) FROM {layer_id}") == [(count,)]
    versions = rows(
        fresh_database, "SELECT DISTINCT number, valid_from, valid_to::text FROM catalogue.layer_version"
    )
    assert versions == [(1, datetime.date(2026, 1, 1), "infinity")]
    check_database(fresh_database)


def check_database(address: str) -> None:
    """What only the database can tell of a loaded county."""
    for layer_id in (layer.id for layer in catalogue().values() if layer.pieces):
        pieces = f"SELECT FROM {layer_id}_piece p WHERE p.feature_id = f.id"
        uncut = rows(address, f"SELECT count(*) FROM {layer_id} f WHERE NOT EXISTS ({pieces})")
        assert uncut == [(0,)], layer_id
    silent = HARD_CASES["no_utilities"].siruta
    uncovered = rows(
        address,
        f"SELECT DISTINCT layer FROM catalogue.coverage WHERE layer LIKE 'utilities.%' AND siruta = {silent}",
    )
    assert uncovered == []
    measure = rows(
        address, "SELECT ST_M(ST_StartPoint(ST_GeometryN(geom, 1))) FROM roads.road WHERE number = 'DN 91'"
    )
    assert measure == [(38_214.0,)]
    limit = HARD_CASES["buffer_limit"]
    distance = rows(
        address,
        "SELECT min(ST_Distance(p.geom, r.geom)) FROM cadastre.parcel p, roads.road r WHERE r.category = 'DJ'"
        f" AND p.siruta = {limit.siruta} AND p.cadastral_number = '{limit.cadastral_number}'",
    )
    assert distance == [(pytest.approx(20.0, abs=1e-9),)]


def test_the_command_makes_a_county_once_and_spares_other_data(
    fresh_database: str, county: County, tmp_path: Path
) -> None:
    place = {"VATRA_DATABASE_URL": fresh_database, "VATRA_HOME": str(tmp_path)}
    coast = get_layer("environment.coast_line")
    with psycopg.connect(fresh_database) as connection:
        publish_county(connection, county)
        create(connection, coast, "staged")
        publish(connection, Publication(coast, datetime.date(2026, 5, 1), 2.0, "coast.gpkg"), "staged", [])

    refused = vatra("--parcels", "1000", "--seed", "4", **place)
    assert refused.returncode == 1
    assert "layers that are not the demo's: environment.coast_line. " in refused.stderr, "and no other"
    assert rows(fresh_database, "SELECT count(*) FROM cadastre.parcel") == [(PARCELS,)]

    made = vatra("--parcels", "1000", "--seed", "4", "--replace", "--format", "json", **place)
    answer = json.loads(made.stdout)
    assert answer["made"]
    assert answer["showcase"] == vars(SHOWCASE)
    assert set(answer["hard_cases"]) == set(HARD_CASES)
    assert (tmp_path / "demo" / "dem.tif").exists()
    assert rows(fresh_database, "SELECT count(*) FROM cadastre.parcel") == [(1_000,)]
    sources = rows(
        fresh_database, "SELECT DISTINCT source FROM catalogue.layer_version WHERE layer NOT LIKE 'derived.%'"
    )
    assert sources == [("Vatra demo county, 1000 parcels, seed 4",)]
    assert rows(fresh_database, "SELECT count(DISTINCT rule) > 10 FROM derived.protection_zone") == [(True,)]

    again = vatra("--parcels", "1000", "--seed", "4", **place)
    assert again.returncode == 0
    assert "nothing to do" in again.stdout


@pytest.mark.parametrize("arguments", [["--parcels", "999"], ["--parcels", "many"], ["--seed", "-1"]])
def test_wrong_usage(arguments: list[str]) -> None:
    done = vatra(*arguments)
    assert done.returncode == 2
    assert arguments[0] in done.stderr
