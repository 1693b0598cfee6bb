"""What lies round a parcel, by layer: the features that shapely finds there too, in the maps' colours."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import psycopg
import pytest
import shapely
from shapely.geometry import shape

import analysis
from analysis.maps import USUAL, explain
from analysis.surroundings import surroundings
from layers.demo import SHOWCASE
from layers.errors import UnknownLayer

DAY = date(2026, 10, 1)


@pytest.fixture(scope="module")
def report(demo_database: str) -> analysis.CheckReport:
    return analysis.check(
        analysis.parcel(SHOWCASE.siruta, SHOWCASE.cadastral_number), as_of=DAY, database=demo_database
    )


def test_it_finds_what_lies_in_reach(report: analysis.CheckReport, demo_database: str) -> None:
    land = shape(report.subject.geometry)
    found = surroundings(land, ["cadastre.parcel"], DAY, 120, demo_database)["cadastre.parcel"]
    with psycopg.connect(demo_database) as connection:
        every = gpd.GeoDataFrame.from_postgis(
            "SELECT id, geom FROM cadastre.parcel WHERE valid_to = 'infinity'", connection, "geom", crs=3844
        )
    boxes = shapely.box(*every.bounds.T.to_numpy())
    inside = every[shapely.intersects(boxes, shapely.box(*land.buffer(120).bounds))]
    assert sorted(found.index) == sorted(inside.id)
    assert found.crs.to_epsg() == 3844


def test_features_bear_the_colour_of_their_rule(report: analysis.CheckReport, demo_database: str) -> None:
    zones = surroundings(shape(report.subject.geometry), ["planning.zone"], DAY, 300, demo_database)[
        "planning.zone"
    ]
    housing = zones[zones.code == "Li"]
    assert len(housing)
    assert set(housing.colour) == {"#f7e34a"}  # RGB 247, 227, 74 of the plan standard
    assert housing.kind.str.startswith("Li").all()


def test_there_is_nothing_before_the_first_version(report: analysis.CheckReport, demo_database: str) -> None:
    land = shape(report.subject.geometry)
    assert surroundings(land, ["planning.zone"], date(2020, 1, 1), 300, demo_database) == {}


def test_a_layer_that_is_none_is_told(report: analysis.CheckReport, demo_database: str) -> None:
    with pytest.raises(UnknownLayer, match=r"planning\.zone"):
        surroundings(shape(report.subject.geometry), ["planning.zones"], DAY, 300, demo_database)


def test_the_map_holds_every_layer_and_finding(report: analysis.CheckReport, demo_database: str) -> None:
    page = explain(report, USUAL, database=demo_database).get_root().render()
    assert "Zone func" in page
    for finding in report.findings:
        if finding.geometry:
            assert finding.rule in page
