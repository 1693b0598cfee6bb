"""One piece of land worked out by hand, with all the rules of the day; the arithmetic stands beside each figure.

The land is 40 m by 30 m, its south-west corner the origin, x east, y north. Around it:

* a county road along y = -15, eastward, its measure at x = -100 being 4000 m; carriageway 7 m, bed 10 m, level
* an overhead line of 110 kV along x = 50
* a river along y = 47.5, 12 m wide: its near bank is y = 41.5
* a railway along y = 129.2
* a monument at (20, 230) without a drawn zone
* the built-up line along y = 10, the built-up area to its north
"""

from __future__ import annotations

import pytest

import analysis
from analysis.findings import CheckReport, Finding
from tests.analysis.world import SIRUTA, TODAY, World, box, measured, point, polyline

ACCURACY = {
    "cadastre.parcel": 0.2,
    "roads.road": 0.5,
    "utilities.line": 1.0,
    "environment.water": 2.0,
    "transport.railway": 1.0,
    "heritage.monument": 2.0,
    "admin.built_up_area": 0.5,
}


@pytest.fixture
def report(world: World) -> CheckReport:
    """The check of the land with everything around it."""
    world.uat(name="Runcu")
    for layer, accuracy in ACCURACY.items():
        world.version(layer, accuracy=accuracy)
    world.parcel("1", box(0, 0, 40, 30), area_legal_m2=1210.0, use_category="CC")
    world.add(
        "roads.road", measured((-100, -15, 4000), (200, -15, 4300)),
        number="DJ 663", category="DJ", administrator="Consiliul Județean Gorj", carriageway_m=7.0, bed_m=10.0,
        earthwork="level",
    )  # fmt: skip
    world.add(
        "utilities.line",
        polyline((50, -200), (50, 300)),
        network="electricity",
        voltage_kv=110.0,
        placement="overhead",
    )
    world.add(
        "environment.water", polyline((-300, 47.5), (300, 47.5)), kind="river", name="Sohodol", width_m=12.0
    )
    world.add("transport.railway", polyline((-300, 129.2), (300, 129.2)), line="221")
    world.add("heritage.monument", point(20, 230), lmi_code="GJ-II-m-B-09336")
    world.add("admin.built_up_area", box(-400, 10, 800, 400), siruta=SIRUTA, locality="Runcu")
    return analysis.check(analysis.parcel(SIRUTA, "1"), TODAY, database=world.connection)


def the(report: CheckReport, rule: str) -> Finding:
    """The one finding of that rule."""
    (finding,) = report.of_rule(rule)
    return finding


def test_the_road(report: CheckReport) -> None:
    zone = the(report, "roads.protection-zone")
    # From the axis y = -15 to the land's south side y = 0: 15 m; the zone of a county road reaches 20 m, that is
    # y = 5. Within it lie 40 · 5 = 200 m² of 1200 m²; of the registered 1210 m² the same sixth, 201.667 m².
    assert (zone.distance_m, zone.limit_m, zone.margin_m) == (15.0, 20.0, 5.0)
    assert zone.overlap_m2 == pytest.approx(200.0, abs=0.01)
    assert zone.overlap_share == pytest.approx(1 / 6, abs=1e-5)
    assert zone.overlap_legal_m2 == pytest.approx(1210 / 6, abs=0.01)
    # e = sqrt(0.2² + 0.5²) = 0.539 < 5
    assert zone.certainty == "certain"
    # From the edge of the bed, half of 10 m nearer: 10 m > 1.5 m.
    assert "roads.safety-zone" in report.not_applicable


def test_rules_of_the_inside_and_of_the_outside(report: CheckReport) -> None:
    # Outside the built-up area lies y < 10. Traffic generators keep 30 m from the carriageway's edge, which is
    # half of 7 m from the axis: 15 - 3.5 = 11.5 m. All of the 40 · 10 m² outside are nearer than 33.5 m to the axis.
    outside = the(report, "roads.traffic-generator")
    assert (outside.distance_m, outside.limit_m) == (11.5, 30.0)
    assert outside.overlap_m2 == pytest.approx(400.0, abs=0.01)
    # Inside, the nearest point is on y = 10: 25 m from the axis, more than the 12 m of a county road.
    assert "roads.alignment" in report.not_applicable
    split = the(report, "admin.built-up-area")
    assert split.overlap_m2 == pytest.approx(800.0, abs=0.01)
    assert "800 m² (66,67\u00a0%) în intravilan" in split.text


def test_the_access(report: CheckReport) -> None:
    (access,) = report.road_access
    # Going up the kilometres (east) the land in the north is on the left; all of its south side faces the road.
    assert (access.road, access.side, access.distance_to_axis_m) == ("DJ 663", "left", 15.0)
    assert access.frontage_m == pytest.approx(40.0, abs=0.01)
    # Between x = 0 and x = 40 every point is as near as any other: km 4+100 to 4+140.
    assert 4100.0 <= access.measure_m <= 4140.0


def test_the_power_line(report: CheckReport) -> None:
    corridor = the(report, "utilities.power-corridor")
    # 50 - 40 = 10 m; half the corridor of 37 m is 18.5 m, so x > 31.5: 8.5 · 30 = 255 m².
    assert (corridor.distance_m, corridor.limit_m) == (10.0, 18.5)
    assert corridor.overlap_m2 == pytest.approx(255.0, abs=0.01)


def test_the_river(report: CheckReport) -> None:
    strip = the(report, "environment.water")
    # To the bank: 41.5 - 30 = 11.5 m of the 15 m of a river 10 to 50 m wide; y > 26.5: 40 · 3.5 = 140 m².
    # e = sqrt(0.2² + 2²) = 2.01 < 15 - 11.5
    assert (strip.distance_m, strip.limit_m, strip.certainty) == (11.5, 15.0, "certain")
    assert strip.overlap_m2 == pytest.approx(140.0, abs=0.01)
    assert "environment.water-bed" in report.not_applicable


def test_the_railway_is_borderline(report: CheckReport) -> None:
    protection = the(report, "transport.railway-protection")
    # 129.2 - 30 = 99.2 m, 0.8 m within the 100 m; e = sqrt(0.2² + 1²) = 1.02 > 0.8. y > 29.2: 40 · 0.8 = 32 m².
    assert (protection.distance_m, protection.certainty, protection.margin_m) == (99.2, "borderline", 0.8)
    assert protection.overlap_m2 == pytest.approx(32.0, abs=0.01)
    assert "transport.railway-safety" in report.not_applicable


def test_the_monument_at_its_very_limit(report: CheckReport) -> None:
    zone = the(report, "heritage.monument-protection-default")
    # 230 - 30 = 200 m, the radius in communes: at the limit is within it, and nothing is more borderline.
    assert (zone.distance_m, zone.limit_m, zone.certainty, zone.margin_m) == (200.0, 200.0, "borderline", 0.0)


def test_the_areas_the_fee_and_the_issuer(report: CheckReport) -> None:
    assert report.subject.area_m2 == pytest.approx(1200.0)
    # 10 m² of difference are within 2 % of 1210, that is 24.2 m².
    assert "corespunde" in the(report, "cadastre.area").text
    # A commune pays half: (14 + 0.01 · (1210 - 1000)) / 2 = 8.05 lei.
    assert report.fee is not None
    assert report.fee.amount_ron == 8.05
    assert report.competence.issuer == "mayor"


def test_the_approvals(report: CheckReport) -> None:
    codes = {approval.code for approval in report.approvals}
    assert {"road-administrator", "electricity", "water-management", "railway", "culture"} <= codes
    by_id = {finding.id: finding for finding in report.findings}
    for approval in report.approvals:
        assert all(reason in by_id for reason in approval.because)


def test_what_is_not_known_is_said(report: CheckReport) -> None:
    unchecked = {gap.rule: gap for gap in report.not_checked}
    assert unchecked["planning.zone"].mandatory
    assert unchecked["environment.forest"].reason == "layer never imported"
    assert {"heritage.monument", "sanitary.cemetery"} & set(report.not_applicable) == {"heritage.monument"}
