"""Distances, limits and honest edges: what flips within the accuracy of the data is borderline, never dropped."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import shapely

import analysis
from analysis.findings import Finding
from analysis.rulebook import Rule
from tests.analysis.world import SIRUTA, TODAY, World, box, measured, point, polyline, rule, rules

RAILWAY = rule("test.railway", layer="transport.railway", relation="within_distance", distance_m=20)
FOREST = rule("test.forest", layer="environment.forest", relation="intersects")


def found(world: World, *listed: Rule, subject: Any = None) -> tuple[Finding, ...]:
    """Findings about the parcel "1" (or the subject)."""
    asked = subject or analysis.parcel(SIRUTA, "1")
    return analysis.check(asked, TODAY, database=world.connection, rules=rules(*listed)).findings


@pytest.fixture
def land(world: World) -> World:
    """A commune with one parcel of 50 × 20 m whose vertices are exact."""
    world.uat()
    world.parcel("1", box(0, 0, 50, 20))
    return world


def rail(world: World, distance: float, accuracy: float = 0.0) -> None:
    """A railway that far south of the parcel."""
    world.version("transport.railway", accuracy=accuracy)
    world.add("transport.railway", polyline((-100, -distance), (200, -distance)), line="200")


def test_the_limit_itself_is_within_it(land: World) -> None:
    rail(land, 20.0)
    (finding,) = found(land, RAILWAY)
    assert (finding.distance_m, finding.limit_m) == (20.0, 20.0)


def test_distances_are_compared_to_the_millimetre(land: World) -> None:
    rail(land, 20.0004)
    assert [finding.distance_m for finding in found(land, RAILWAY)] == [20.0]


def test_a_millimetre_beyond_the_limit_is_outside(land: World) -> None:
    rail(land, 20.001)
    assert found(land, RAILWAY) == ()


@pytest.mark.parametrize(
    ("distance", "accuracy", "certainty", "margin"),
    [
        (15.0, 1.0, "certain", 5.0),
        (18.9, 1.0, "certain", 1.1),
        (19.1, 1.0, "borderline", 0.9),
        (20.0, 1.0, "borderline", 0.0),
        (20.9, 1.0, "borderline", 0.9),
        (19.999, 0.0, "certain", 0.001),
    ],
)
def test_within_the_error_of_the_limit_it_is_borderline_on_both_sides(
    land: World, distance: float, accuracy: float, certainty: str, margin: float
) -> None:
    rail(land, distance, accuracy)
    (finding,) = found(land, RAILWAY)
    assert (finding.certainty, finding.margin_m) == (certainty, pytest.approx(margin))


@pytest.mark.parametrize(
    ("distance", "doubt"),
    [
        (18.0, None),
        (19.1, "(La limită: diferența de 0,90 m este sub precizia datelor.)"),
        (20.9, "(La limită: cu 0,90 m dincolo de ea, diferență sub precizia datelor.)"),
        (20.0, "(La limită: diferența de mai puțin de 1 cm este sub precizia datelor.)"),
    ],
)
def test_the_text_alone_says_when_it_cannot_be_told(land: World, distance: float, doubt: str | None) -> None:
    rail(land, distance, 1.0)
    (finding,) = found(land, RAILWAY)
    assert finding.text.endswith(doubt) if doubt else "La limită" not in finding.text


def test_beyond_the_limit_by_more_than_the_error_it_is_outside(land: World) -> None:
    rail(land, 21.1, 1.0)
    assert found(land, RAILWAY) == ()


def test_the_errors_of_land_and_layer_add_up_in_squares(world: World) -> None:
    # a = 0.3, b = 0.4, e = 0.5
    world.uat()
    world.version("cadastre.parcel", accuracy=0.3)
    world.parcel("1", box(0, 0, 50, 20))
    rail(world, 20.45, 0.4)
    (finding,) = found(world, RAILWAY)
    assert finding.certainty == "borderline"
    world.version("transport.railway", accuracy=0.3)
    world.add("transport.railway", polyline((-100, 20 + 20.45), (200, 20 + 20.45)), line="201")
    assert len(found(world, RAILWAY)) == 1  # the second is off by 0.45 > sqrt(0.3² + 0.3²) = 0.424


def test_the_part_within_the_distance_is_measured(land: World) -> None:
    rail(land, 12.0)
    (finding,) = found(land, RAILWAY)
    assert finding.overlap_m2 == pytest.approx(50 * 8)
    assert finding.overlap_share == pytest.approx(0.4)


def test_what_is_only_borderline_beyond_the_limit_has_no_part_within(land: World) -> None:
    rail(land, 20.5, 1.0)
    (finding,) = found(land, RAILWAY)
    assert finding.overlap_m2 is None
    assert finding.geometry is None


def test_a_thin_overlap_is_borderline_with_its_width(land: World) -> None:
    land.version("environment.forest", accuracy=0.5)
    land.add("environment.forest", box(49.7, -100, 100, 300))
    (finding,) = found(land, FOREST)
    assert finding.certainty == "borderline"
    assert finding.margin_m == pytest.approx(0.3, abs=0.001)
    assert finding.overlap_m2 == pytest.approx(0.3 * 20)


def test_an_overlap_wider_than_the_error_is_certain(land: World) -> None:
    land.version("environment.forest", accuracy=0.5)
    land.add("environment.forest", box(49.4, -100, 100, 300))
    (finding,) = found(land, FOREST)
    assert (finding.certainty, finding.margin_m) == ("certain", None)


def test_one_wide_place_makes_a_thin_overlap_certain(land: World) -> None:
    land.version("environment.forest", accuracy=0.5)
    wide = shapely.union_all([box(49.8, -100, 100, 300), box(40, 5, 10, 2)])
    land.add("environment.forest", wide)
    (finding,) = found(land, FOREST)
    assert finding.certainty == "certain"


def test_a_millimetre_of_overlap_is_not_dropped(land: World) -> None:
    land.version("environment.forest", accuracy=0.5)
    land.add("environment.forest", box(49.998, -100, 100, 300))
    (finding,) = found(land, FOREST)
    assert finding.certainty == "borderline"
    assert finding.overlap_m2 == pytest.approx(0.04)


def test_nearest_gives_one_feature(land: World) -> None:
    nearest = rule(layer="transport.railway", relation="nearest", distance_m=100)
    rail(land, 60.0)
    land.add("transport.railway", polyline((-100, 50), (200, 50)), line="201")
    (finding,) = found(land, nearest)
    assert (finding.relation, finding.distance_m) == ("nearest", 30.0)


def test_it_is_measured_from_the_edge_of_a_line_and_of_a_drawn_area(land: World) -> None:
    water = rule(
        layer="environment.water",
        relation="within_distance",
        distance_m=15,
        offset={"column": "width_m", "factor": 0.5, "default": 2},
    )
    land.add("environment.water", polyline((-10, -25), (60, -25)), kind="river", width_m=20.0)
    land.add("environment.water", polyline((-10, 33), (60, 33)), kind="canal")
    land.add("environment.water", box(-34, 0, 20, 20), kind="lake", width_m=20.0)
    by_kind = {
        finding.feature.attributes["kind"]: finding for finding in found(land, water) if finding.feature
    }
    # River: 25 from the axis less half of 20; canal: 13 less the default half width of 1; lake: its own edge.
    assert {kind: finding.distance_m for kind, finding in by_kind.items()} == {
        "river": 15.0,
        "canal": 12.0,
        "lake": 14.0,
    }
    assert by_kind["canal"].overlap_m2 == pytest.approx(50 * 3, abs=0.01)


def test_a_very_wide_river_is_found_from_far(land: World) -> None:
    water = rule(
        layer="environment.water",
        relation="within_distance",
        distance_m=20,
        offset={"column": "width_m", "factor": 0.5, "default": 0},
    )
    land.add("environment.water", polyline((-1000, -415), (1000, -415)), kind="river", width_m=800.0)
    (finding,) = found(land, water)
    assert finding.distance_m == 15.0


def test_intersects_with_an_offset_takes_the_line_as_wide_as_it_is(land: World) -> None:
    bed = rule(
        layer="environment.water",
        relation="intersects",
        offset={"column": "width_m", "factor": 0.5, "default": 0},
    )
    land.add("environment.water", polyline((-100, -8), (200, -8)), kind="river", width_m=20.0)
    (finding,) = found(land, bed)
    assert finding.overlap_m2 == pytest.approx(50 * 2, abs=0.01)


def test_the_first_case_that_fits_gives_the_limit(land: World) -> None:
    roads = rule(
        layer="roads.road",
        relation="within_distance",
        cases=[
            {"where": {"category": ["DN"]}, "distance_m": 22},
            {"where": {"category": ["DJ"], "bed_m": {"min": 10}}, "distance_m": 30},
            {"where": {"category": ["DJ"]}, "distance_m": 20},
        ],
    )
    land.add("roads.road", measured((0, -25, 0), (50, -25, 50)), number="DJ 1", category="DJ", bed_m=12.0)
    land.add("roads.road", measured((0, -25, 0), (50, -25, 50)), number="DJ 2", category="DJ", bed_m=8.0)
    land.add("roads.road", measured((0, -21, 0), (50, -21, 50)), number="DN 3", category="DN")
    land.add("roads.road", measured((0, -1, 0), (50, -1, 50)), number="DC 4", category="DC")
    limits = {
        finding.feature.attributes["number"]: finding.limit_m
        for finding in found(land, roads)
        if finding.feature
    }
    assert limits == {"DJ 1": 30.0, "DN 3": 22.0}


def test_where_picks_the_features_and_null_means_not_given(land: World) -> None:
    lines = rule(
        layer="utilities.line",
        where={"network": ["gas"], "pressure": ["high", None]},
        relation="within_distance",
        distance_m=10,
    )
    for network, pressure in (("gas", "high"), ("gas", None), ("gas", "low"), ("water", None)):
        land.add("utilities.line", polyline((0, -5), (50, -5)), network=network, pressure=pressure)
    hits = [
        (f.feature.attributes["network"], f.feature.attributes["pressure"])
        for f in found(land, lines)
        if f.feature
    ]
    assert sorted(hits, key=str) == [("gas", "high"), ("gas", None)]


def test_features_past_their_own_last_day_do_not_count(land: World) -> None:
    bans = rule(layer="planning.restriction", relation="intersects", ends="valid_until")
    for title, last in (("past", date(2026, 11, 23)), ("today", TODAY), ("open", None)):
        land.add(
            "planning.restriction",
            box(0, 0, 10, 10),
            siruta=SIRUTA,
            kind="reserve",
            title=title,
            valid_until=last,
        )
    titles = {finding.feature.attributes["title"] for finding in found(land, bans) if finding.feature}
    assert titles == {"today", "open"}


class TestPlace:
    """Inside and outside the built-up area."""

    OUTSIDE = rule(
        "test.outside", layer="transport.railway", relation="within_distance", distance_m=30, place="outside"
    )
    INSIDE = rule(
        "test.inside", layer="transport.railway", relation="within_distance", distance_m=30, place="inside"
    )
    BOTH = rule(
        "test.both",
        layer="transport.railway",
        relation="within_distance",
        cases=[
            {"place": "commune", "distance_m": 25},
            {"place": "town", "distance_m": 26},
            {"place": "outside", "distance_m": 500},
        ],
    )

    def test_land_inside_is_judged_by_the_inner_rules(self, land: World) -> None:
        rail(land, 10)
        land.add("admin.built_up_area", box(-100, -100, 500, 500), siruta=SIRUTA)
        assert [f.rule for f in found(land, self.INSIDE, self.OUTSIDE)] == ["test.inside"]

    def test_land_outside_is_judged_by_the_outer_rules(self, land: World) -> None:
        rail(land, 10)
        land.version("admin.built_up_area")
        assert [f.rule for f in found(land, self.INSIDE, self.OUTSIDE)] == ["test.outside"]

    def test_land_split_by_the_line_gets_both_each_for_its_part(self, land: World) -> None:
        # The railway runs 10 m west; the western 20 m of the parcel lie outside, the rest inside.
        land.add("transport.railway", polyline((-10, -100), (-10, 100)), line="200")
        land.add("admin.built_up_area", box(20, -100, 500, 500), siruta=SIRUTA)
        inner, outer = found(land, self.INSIDE, self.OUTSIDE)
        assert (inner.rule, inner.distance_m) == ("test.inside", 30.0)
        assert (outer.rule, outer.distance_m) == ("test.outside", 10.0)
        assert outer.overlap_m2 == pytest.approx(20 * 20)

    def test_cases_take_the_figure_of_each_parts_place(self, land: World) -> None:
        rail(land, 10)
        land.add("admin.built_up_area", box(20, -100, 500, 500), siruta=SIRUTA)
        assert sorted(f.limit_m or 0 for f in found(land, self.BOTH)) == [25.0, 500.0]

    def test_a_town_is_no_commune(self, world: World) -> None:
        world.uat(kind="oras")
        world.parcel("1", box(0, 0, 50, 20))
        rail(world, 10)
        world.add("admin.built_up_area", box(-100, -100, 500, 500), siruta=SIRUTA)
        assert [f.limit_m for f in found(world, self.BOTH)] == [26.0]

    def test_without_the_line_the_rule_is_not_checked(self, land: World) -> None:
        rail(land, 10)
        report = analysis.check(
            analysis.parcel(SIRUTA, "1"), TODAY, database=land.connection, rules=rules(self.OUTSIDE)
        )
        assert report.findings == ()
        assert [(gap.layer, gap.reason) for gap in report.not_checked] == [
            ("admin.built_up_area", "layer never imported")
        ]

    def test_the_place_may_be_that_of_the_feature(self, land: World) -> None:
        zone = rule(
            layer="heritage.monument",
            relation="within_distance",
            place_of="feature",
            cases=[
                {"place": "commune", "distance_m": 200},
                {"place": "town", "distance_m": 100},
                {"place": "outside", "distance_m": 500},
            ],
        )
        land.add("admin.built_up_area", box(-500, -500, 490, 1000), siruta=SIRUTA)
        land.add("heritage.monument", point(-150, 10), lmi_code="inside, 150 m")
        land.add("heritage.monument", point(-250, 10), lmi_code="inside, 250 m")
        land.add("heritage.monument", point(350, 10), lmi_code="outside, 300 m")
        hits = {f.feature.attributes["lmi_code"]: f.limit_m for f in found(land, zone) if f.feature}
        assert hits == {"inside, 150 m": 200.0, "outside, 300 m": 500.0}
        shown = found(land, zone)[0].feature
        assert shown is not None
        assert "@place" not in shown.attributes
