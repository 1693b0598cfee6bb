"""Reports in geopandas and on a map, as notebooks use them."""

from __future__ import annotations

import pytest

import analysis
from analysis.findings import CheckReport
from analysis.frames import findings_frame, outcomes_frame, subject_frame
from analysis.maps import explain
from tests.analysis.world import SIRUTA, TODAY, World, box, polyline, rule, rules

FOREST = rule("test.forest", layer="environment.forest", relation="intersects")
RAILWAY = rule(
    "test.railway", layer="transport.railway", relation="within_distance", distance_m=20, effect="approval"
)


@pytest.fixture
def report(world: World) -> CheckReport:
    world.version("transport.railway", accuracy=1.0)
    world.uat()
    world.parcel("1", box(0, 0, 50, 20))
    world.add("environment.forest", box(40, -100, 100, 300), name="Codrul")
    world.add("transport.railway", polyline((-100, -20.5), (200, -20.5)), line="200")
    return analysis.check(
        analysis.parcel(SIRUTA, "1"), TODAY, database=world.connection, rules=rules(FOREST, RAILWAY)
    )


def test_a_row_a_finding(report: CheckReport) -> None:
    frame = findings_frame(report)
    assert list(frame.index) == ["f1", "f2"]
    assert frame.crs.to_epsg() == 3844
    assert frame.loc["f1", "geometry"].area == pytest.approx(200)
    assert frame.loc["f1", "layer"] == "environment.forest"
    assert frame.loc["f2", "certainty"] == "borderline"
    assert frame.loc["f2", "geometry"] is None
    assert frame.loc["f1", "acts"] == "Legea 169/2026"


def test_no_finding_is_an_empty_frame(world: World) -> None:
    world.uat()
    world.parcel("1", box(0, 0, 50, 20))
    world.version("environment.forest")
    report = analysis.check(
        analysis.parcel(SIRUTA, "1"), TODAY, database=world.connection, rules=rules(FOREST)
    )
    assert len(findings_frame(report)) == 0
    assert subject_frame(report).area.iloc[0] == pytest.approx(1000)


def test_every_rule_has_its_outcome(report: CheckReport) -> None:
    frame = outcomes_frame(report).set_index("rule")
    assert frame["outcome"].to_dict() == {"test.forest": "applies", "test.railway": "applies"}


def test_the_map_shows_what_concerns_the_land_and_fetches_nothing(report: CheckReport) -> None:
    page = explain(report).get_root().render()
    assert "test.forest" in page
    assert "openstreetmap" not in page
