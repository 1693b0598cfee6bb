"""Every rule ends in one of three: applies, does not apply, not checked; nothing is silent."""

from __future__ import annotations

from datetime import date

import pytest
import shapely

import analysis
from analysis.findings import CheckReport
from analysis.subject import Drawn, Parcels
from layers.errors import DatabaseUnavailable
from tests.analysis.world import NEIGHBOUR, SIRUTA, TODAY, World, box, measured, point, polyline, rule, rules

FOREST = rule("test.forest", layer="environment.forest", relation="intersects", text="{overlap_m2:m2}")
ROAD = rule("test.road", layer="roads.road", relation="within_distance", distance_m=20)
WATER_100 = rule("test.water", layer="environment.water", relation="within_distance", distance_m=100)


def check(
    world: World, subject: Parcels | Drawn | None = None, *listed: object, day: date = TODAY
) -> CheckReport:
    """Check the parcel "1" (or the subject) against the listed rules."""
    book = rules(*(listed or (FOREST, ROAD)))
    return analysis.check(subject or analysis.parcel(SIRUTA, "1"), day, database=world.connection, rules=book)


@pytest.fixture
def land(world: World) -> World:
    """A commune with one parcel of 50 × 20 m, and nothing else known."""
    world.uat()
    world.parcel("1", box(0, 0, 50, 20))
    return world


def test_a_rule_applies_where_its_feature_overlaps(land: World) -> None:
    feature = land.add("environment.forest", box(40, -100, 100, 300), name="Codrul")
    report = check(land, None, FOREST)
    (finding,) = report.findings
    assert (finding.rule, finding.relation, finding.distance_m) == ("test.forest", "intersects", 0.0)
    assert finding.overlap_m2 == pytest.approx(10 * 20, abs=1e-6)
    assert finding.overlap_share == pytest.approx(0.2)
    assert finding.feature is not None
    assert (finding.feature.layer, finding.feature.id) == ("environment.forest", str(feature))
    assert finding.feature.attributes["name"] == "Codrul"
    assert shapely.from_geojson(str(finding.geometry).replace("'", '"')).area == pytest.approx(200)
    assert report.not_applicable == ()
    assert report.not_checked == ()


def test_a_rule_does_not_apply_where_its_layer_is_known_and_nothing_is_there(land: World) -> None:
    land.version("environment.forest")
    report = check(land, None, FOREST)
    assert report.not_applicable == ("test.forest",)
    assert report.findings == ()
    assert report.not_checked == ()


def test_a_rule_is_not_checked_where_its_layer_was_never_imported(land: World) -> None:
    report = check(land, None, FOREST)
    (gap,) = report.not_checked
    assert (gap.rule, gap.layer, gap.reason) == ("test.forest", "environment.forest", "layer never imported")
    assert report.not_applicable == ()
    assert report.findings == ()


def test_a_rule_is_not_checked_where_its_layer_has_no_data_for_the_uat(land: World) -> None:
    land.version("environment.forest", sirutas=(NEIGHBOUR,))
    (gap,) = check(land, None, FOREST).not_checked
    assert (gap.reason, gap.uats) == ("no data for this UAT", (SIRUTA,))


def test_a_rule_is_not_checked_where_its_data_are_out_of_validity(land: World) -> None:
    land.version("environment.forest", coverage_to="2026-06-01")
    (gap,) = check(land, None, FOREST).not_checked
    assert (gap.reason, gap.uats) == ("out of validity", (SIRUTA,))


def test_a_layer_imported_after_the_day_was_never_imported_on_it(land: World) -> None:
    land.version("environment.forest", valid_from=date(2026, 12, 1))
    (gap,) = check(land, None, FOREST).not_checked
    assert gap.reason == "layer never imported"


def test_nothing_is_known_where_the_uat_is_not(world: World) -> None:
    world.parcel("1", box(0, 0, 50, 20))
    world.version("environment.forest")
    (gap,) = check(world, None, FOREST).not_checked
    assert (gap.layer, gap.reason) == ("environment.forest", "no data for this UAT")


def test_land_that_reaches_beyond_the_known_uats_is_not_all_checked(world: World) -> None:
    world.version("admin.uat", accuracy=1.0)
    world.uat(box(-5000, -5000, 5040, 10_000))
    world.parcel("1", box(0, 0, 50, 20))
    world.parcel("2", box(0, 0, 40.5, 20))
    world.add("environment.forest", box(0, 0, 10, 20))
    report = check(world, None, FOREST)
    assert len(report.findings) == 1
    assert [(gap.reason, gap.uats) for gap in report.not_checked] == [("no data for this UAT", ())]
    # Half a metre across a limit that may itself be a metre off is not another UAT.
    assert check(world, analysis.parcel(SIRUTA, "2"), FOREST).not_checked == ()


def test_a_database_that_does_not_answer_is_told() -> None:
    with pytest.raises(DatabaseUnavailable, match="vatra up"):
        analysis.check(analysis.parcel(SIRUTA, "1"), TODAY, database="postgresql:///none?host=/nonexistent")


def test_it_can_apply_here_and_be_unchecked_next_door(world: World) -> None:
    world.uat(box(-5000, -5000, 10_000, 5050))
    world.uat(box(-5000, 50, 10_000, 5000), siruta=NEIGHBOUR)
    world.parcel("1", box(0, 0, 50, 20))
    world.version("environment.water", sirutas=(SIRUTA,))
    world.add("environment.water", polyline((0, -10), (50, -10)), kind="river")
    report = check(world, None, WATER_100)
    assert [finding.distance_m for finding in report.findings] == [10.0]
    (gap,) = report.not_checked
    assert (gap.reason, gap.uats) == ("no data for this UAT", (NEIGHBOUR,))


def test_a_neighbour_beyond_the_rules_reach_is_not_asked(world: World) -> None:
    world.uat(box(-5000, -5000, 10_000, 5121))
    world.uat(box(-5000, 121, 10_000, 5000), siruta=NEIGHBOUR)
    world.parcel("1", box(0, 0, 50, 20))
    world.version("environment.water", sirutas=(SIRUTA,))
    report = check(world, None, WATER_100)
    assert report.not_applicable == ("test.water",)
    assert report.not_checked == ()


def test_overlaps_do_not_ask_the_neighbour_that_only_touches(world: World) -> None:
    world.uat(box(-5000, -5000, 10_000, 5020))
    world.uat(box(-5000, 20, 10_000, 5000), siruta=NEIGHBOUR)
    world.parcel("1", box(0, 0, 50, 20))
    world.version("environment.forest", sirutas=(SIRUTA,))
    assert check(world, None, FOREST).not_applicable == ("test.forest",)


def test_a_mandatory_rule_says_so_when_it_is_not_checked(land: World) -> None:
    forest = rule(layer="environment.forest", relation="intersects", mandatory=True)
    (gap,) = check(land, None, forest).not_checked
    assert gap.mandatory


def test_a_neighbour_that_only_touches_is_no_hit(land: World) -> None:
    land.add("environment.forest", box(50, -100, 100, 300))
    assert check(land, None, FOREST).not_applicable == ("test.forest",)


def test_a_shared_border_with_rounding_noise_is_no_hit(land: World) -> None:
    # 0.1 mm over 20 m = 0.002 m²: below 0.005 m² and thinner than a millimetre.
    land.add("environment.forest", box(49.9999, -100, 100, 300))
    assert check(land, None, FOREST).not_applicable == ("test.forest",)


def test_a_feature_in_many_pieces_is_one_finding_with_one_area(land: World) -> None:
    disc = shapely.buffer(point(25, 10), 300, quad_segs=256)
    land.add("environment.forest", shapely.difference(disc, box(10, 5, 10, 10)))
    (finding,) = check(land, None, FOREST).findings
    assert finding.overlap_m2 == pytest.approx(1000 - 100, abs=1e-6)


def test_what_was_published_later_is_not_seen_on_an_earlier_day(land: World) -> None:
    land.version("environment.forest", valid_from=date(2026, 2, 1))
    land.add("environment.forest", box(0, 0, 10, 20), valid_from=date(2026, 2, 1))
    land.close("environment.forest", date(2026, 8, 1))
    land.version("environment.forest", valid_from=date(2026, 8, 1))
    land.add("environment.forest", box(0, 0, 30, 20), valid_from=date(2026, 8, 1))

    def area(day: date) -> list[float | None]:
        return [finding.overlap_m2 for finding in check(land, None, FOREST, day=day).findings]

    assert area(date(2026, 1, 31)) == []
    assert area(date(2026, 2, 1)) == pytest.approx([200.0])
    assert area(date(2026, 7, 31)) == pytest.approx([200.0])
    assert area(date(2026, 8, 1)) == pytest.approx([600.0])


def test_the_layers_consulted_are_named_with_their_versions(land: World) -> None:
    land.version("environment.forest", accuracy=5.0)
    used = {layer.id: layer for layer in check(land, None, FOREST).layers}
    assert used["environment.forest"].version == 1
    assert used["environment.forest"].accuracy_m == 5.0
    assert used["environment.forest"].source == "test"


def test_rules_of_the_day_are_those_that_count(land: World) -> None:
    land.version("environment.forest")
    old = rule("test.old", layer="environment.forest", relation="intersects", valid_to=date(2026, 8, 25))
    new = rule("test.new", layer="environment.forest", relation="intersects", valid_from=date(2026, 8, 25))
    assert check(land, None, old, new, day=date(2026, 8, 24)).not_applicable == ("test.old",)
    assert check(land, None, old, new, day=date(2026, 8, 25)).not_applicable == ("test.new",)


def test_overlapping_features_of_a_rule_count_once_in_its_total(world: World) -> None:
    # Two flood zones of 100 m² each on a parcel of 200 m² share 50 m²: 150 of 200, not 200 of 200.
    world.uat()
    world.parcel("1", box(0, 0, 20, 10), area_legal_m2=220.0)
    world.add("environment.flood_zone", box(0, 0, 10, 10), return_period=100)
    world.add("environment.flood_zone", box(5, 0, 10, 10), return_period=10)
    report = check(world, None, rule(layer="environment.flood_zone", relation="intersects"))
    assert [finding.overlap_share for finding in report.findings] == pytest.approx([0.5, 0.5])
    assert [finding.overlap_legal_m2 for finding in report.findings] == pytest.approx([110.0, 110.0])
    (total,) = report.totals
    assert (total.overlap_m2, total.overlap_share) == pytest.approx((150.0, 0.75))
    assert total.overlap_legal_m2 == pytest.approx(165.0)


def test_a_line_is_measured_by_its_length(land: World) -> None:
    land.add("environment.forest", box(0, 0, 50, 20))
    report = check(land, analysis.line(polyline((-10, 10), (90, 10))), FOREST)
    (finding,) = report.findings
    assert finding.overlap_m2 is None
    assert finding.overlap_length_m == pytest.approx(50.0)
    assert finding.overlap_share == pytest.approx(0.5)
    assert report.subject.length_m == pytest.approx(100.0)
    assert report.fee is None


def test_a_line_along_a_limit_only_touches(land: World) -> None:
    land.add("environment.forest", box(0, 0, 50, 20))
    report = check(land, analysis.line(polyline((-10, 20), (90, 20))), FOREST)
    assert report.not_applicable == ("test.forest",)


def test_a_line_along_a_cut_between_pieces_is_inside(land: World) -> None:
    land.add("environment.forest", shapely.buffer(point(0, 0), 300, quad_segs=256))
    # Pieces are cut at the middle of the feature's box; both axes are tried.
    for line in (polyline((-50, 0), (50, 0)), polyline((0, -50), (0, 50))):
        (finding,) = check(land, analysis.line(line), FOREST).findings
        assert finding.overlap_length_m == pytest.approx(100.0, abs=1e-6)


def test_a_line_feature_on_the_parcels_limit_only_touches(land: World) -> None:
    crossing = rule(layer="roads.road", relation="intersects")
    land.add("roads.road", measured((-10, 20, 0), (90, 20, 100)), number="DC 1", category="DC")
    assert check(land, None, crossing).not_applicable == ("test.rule",)
    land.add("roads.road", measured((-10, 15, 0), (90, 15, 100)), number="DC 2", category="DC")
    (finding,) = check(land, None, crossing).findings
    assert finding.overlap_length_m == pytest.approx(50.0)
    assert finding.overlap_m2 is None


def test_a_point_inside_is_a_hit_and_one_on_the_limit_is_not(land: World) -> None:
    monument = rule(layer="heritage.monument", relation="intersects")
    land.add("heritage.monument", point(50, 10), lmi_code="A")
    land.add("heritage.monument", point(20, 10), lmi_code="B")
    (finding,) = check(land, None, monument).findings
    assert finding.feature is not None
    assert finding.feature.attributes["lmi_code"] == "B"


def test_several_parcels_are_one_subject(land: World) -> None:
    land.parcel("2", box(50, 0, 50, 20), area_legal_m2=1010.0)
    land.add("environment.forest", box(40, -100, 20, 300))
    report = check(land, analysis.parcels([(SIRUTA, "1"), (SIRUTA, 2)]), FOREST)
    assert report.subject.cadastral_numbers == ("1", "2")
    assert report.subject.area_m2 == pytest.approx(2000.0)
    assert report.subject.area_legal_m2 == pytest.approx(2010.0)
    (finding,) = report.findings
    assert (finding.overlap_m2, finding.overlap_share) == pytest.approx((400.0, 0.2))


def test_a_part_of_a_parcel_is_a_drawn_area(land: World) -> None:
    land.add("environment.forest", box(0, 0, 5, 20))
    report = check(land, analysis.area(box(0, 0, 10, 20)), FOREST)
    assert report.subject.siruta == SIRUTA
    assert report.subject.cadastral_number is None
    assert report.subject.area_legal_m2 is None
    (finding,) = report.findings
    assert finding.overlap_share == pytest.approx(0.5)


def test_geojson_and_shapely_are_subjects_too(land: World) -> None:
    land.version("environment.forest")
    shape = box(0, 0, 10, 20)
    as_geojson = analysis.check(
        shapely.geometry.mapping(shape), TODAY, database=land.connection, rules=rules(FOREST)
    )
    as_shape = analysis.check(shape, TODAY, database=land.connection, rules=rules(FOREST))
    assert as_geojson.subject == as_shape.subject
    assert as_shape.subject.area_m2 == 200.0
