"""Where land meets a road: kilometre, side, frontage, the next junction and access, and the traffic police."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import analysis
from analysis.findings import CheckReport
from analysis.roads import front_reach, kilometre
from analysis.roads import frontage as frontage_within
from analysis.rulebook import Rulebook, rulebook
from tests.analysis.world import SIRUTA, TODAY, World, box, measured, point, polyline

ACCESS = Rulebook(rules={"roads.access": rulebook().rules["roads.access"]})


def frontage(land: shapely.Geometry, road: shapely.Geometry) -> float:
    """Frontage within 50 m, so that only the outline's shape and turn decide."""
    return frontage_within(land, road, 50.0)


def check(world: World) -> CheckReport:
    """Check the parcel "1" against the rule of access."""
    return analysis.check(analysis.parcel(SIRUTA, "1"), TODAY, database=world.connection, rules=ACCESS)


@pytest.fixture
def land(world: World) -> World:
    """A parcel 50 m wide and 20 m deep; its south side lies 12 m north of what roads are put at y = -12."""
    world.uat()
    world.parcel("1", box(0, 0, 50, 20))
    return world


def test_the_kilometre_is_that_of_the_nearest_point(land: World) -> None:
    # The nearest of all points is not unique along a parallel road; here the road comes nearest at x = 50.
    land.add("roads.road", measured((-100, -42, 12_000), (200, 18, 12_300)), number="DJ 663", category="DJ")
    (access,) = check(land).road_access
    # The corner (50, 0): the road y = -42 + 0.2 (x + 100) passes it at distance 12 / sqrt(1.04) = 11.767,
    # at the foot x = 50 + 0.2 · 12 / 1.04 = 52.3077, M = 12 000 + 152.3077.
    assert access.distance_to_axis_m == pytest.approx(11.767, abs=0.001)
    assert access.measure_m == pytest.approx(12_152.308, abs=0.001)
    assert access.position == "km 12+152"


@pytest.mark.parametrize(
    ("road", "side"),
    [
        (((-100, -12, 0), (200, -12, 300)), "left"),  # eastward, the land to the north
        (((200, -12, 0), (-100, -12, 300)), "right"),  # westward
        (((200, -12, 300), (-100, -12, 0)), "left"),  # drawn westward, measures rise eastward
        (((-100, 32, 0), (200, 32, 300)), "right"),  # eastward, north of the land
        (((-100, 10, 0), (200, 10, 300)), "on"),
    ],
)
def test_the_side_is_seen_going_up_the_kilometres(
    land: World, road: tuple[tuple[float, float, float], ...], side: str
) -> None:
    land.add("roads.road", measured(*road), number="DJ 663", category="DJ")
    (access,) = check(land).road_access
    assert access.side == side


def test_what_lies_on_the_road_is_on_no_side_of_it(land: World) -> None:
    land.add("roads.road", measured((-100, 10, 0), (200, 10, 300)), number="DJ 663", category="DJ")
    text = next(one.text for one in check(land).findings if one.text.startswith("Drumul DJ 663"))
    assert "partea" not in text
    assert "la 0 m de ax" in text


def test_measures_may_jump_and_differ_from_length(land: World) -> None:
    land.add("roads.road", measured((0, -12, 5000), (50, -12, 5100)), number="DN 67", category="DN")
    land.parcel("2", box(20, 0, 1, 20))
    report = analysis.check(analysis.parcel(SIRUTA, "2"), TODAY, database=land.connection, rules=ACCESS)
    (access,) = report.road_access
    assert 5040.0 <= access.measure_m <= 5042.0  # two metres of measure a metre of road


def test_a_road_in_parts_is_measured_on_its_nearest_part(land: World) -> None:
    west = measured((-900, -12, 0), (-500, -12, 400))
    east = measured((-20, -12, 880), (80, -12, 980))
    parts = [shapely.get_parts(part)[0] for part in (west, east)]
    land.add("roads.road", shapely.multilinestrings(parts), number="DC 9", category="DC")
    (access,) = check(land).road_access
    assert 900 <= access.measure_m <= 950


def test_managed_roads_are_listed_nearest_first_and_streets_are_not(land: World) -> None:
    land.add("roads.road", measured((-100, -40, 0), (200, -40, 300)), number="DN 67", category="DN")
    land.add("roads.road", measured((-100, -12, 0), (200, -12, 300)), number="DC 9", category="DC")
    land.add("roads.road", measured((-100, 25, 0), (200, 25, 300)), number="Str. Mare", category="STR")
    land.add("roads.road", measured((-100, -51, 0), (200, -51, 300)), number="DJ 1", category="DJ")
    report = check(land)
    assert [access.road for access in report.road_access] == ["DC 9", "DN 67"]
    named = {finding.feature.attributes["number"] for finding in report.findings if finding.feature}
    assert named == {"DC 9", "DN 67", "Str. Mare"}


def test_the_next_junction_and_access_are_measured_along_the_road(land: World) -> None:
    land.add("roads.road", measured((-2500, -12, 0), (2500, -12, 5000)), number="DJ 663", category="DJ")
    for x, kind in ((-300, "junction"), (400, "roundabout"), (60, "pedestrian_crossing")):
        land.add("roads.junction", point(x, -12), kind=kind)
    land.add("roads.junction", point(30, -80), kind="junction")
    land.add("roads.access", point(130, -8), road="DJ 663")
    land.add("roads.access", point(60, -8), road="DJ 1")
    (access,) = check(land).road_access
    here = access.measure_m - 2500
    assert access.next_junction_m == pytest.approx(min(here + 300, 400 - here))
    assert access.next_access_m == pytest.approx(130 - here)


def test_only_junctions_of_the_road_count_where_roads_are_named(land: World) -> None:
    land.add("roads.road", measured((-500, -12, 0), (500, -12, 1000)), number="DJ 66", category="DJ")
    land.add("roads.junction", point(100, -12), kind="junction", roads="DN 1, DC 4")
    land.add("roads.junction", point(200, -12), kind="junction", roads="DJ 66, DC 4")
    (access,) = check(land).road_access
    assert access.next_junction_m == pytest.approx(200 - (access.measure_m - 500))


class TestPolice:
    def street(self, world: World, street_class: str = "III", junction: float | None = 75.0) -> str:
        world.add(
            "roads.road",
            measured((-100, -5, 0), (200, -5, 300)),
            number="Str. Mică",
            category="STR",
            street_class=street_class,
        )
        world.version("roads.junction")
        if junction is not None:
            world.add("roads.junction", point(junction, -5), kind="pedestrian_crossing")
        report = check(world)
        codes = {approval.code for approval in report.approvals}
        assert "road-administrator" in codes
        return "asked" if "traffic-police" in codes else "exempt"

    def test_houses_on_small_streets_are_exempt(self, land: World) -> None:
        assert self.street(land, junction=None) == "exempt"

    def test_not_near_a_crossing(self, world: World) -> None:
        world.uat()
        world.parcel("1", box(0, 0, 1, 20))
        assert self.street(world, junction=24.0) == "asked"

    def test_but_25_metres_from_it(self, world: World) -> None:
        world.uat()
        world.parcel("1", box(0, 0, 1, 20))
        assert self.street(world, junction=27.0) == "exempt"

    def test_not_on_larger_streets(self, land: World) -> None:
        assert self.street(land, "II") == "asked"

    def test_not_where_junctions_are_not_known(self, land: World) -> None:
        land.add(
            "roads.road",
            measured((-100, -5, 0), (200, -5, 300)),
            number="S",
            category="STR",
            street_class="IV",
        )
        assert "traffic-police" in {approval.code for approval in check(land).approvals}


def test_a_street_behind_the_next_row_of_plots_is_no_front(world: World) -> None:
    world.uat()
    world.version("cadastre.parcel")
    world.parcel("1", box(0, 0, 24.55, 80))
    world.version("roads.road")
    for number, y in (("DJ 1", -8), ("DC 2", 80 + 47)):
        world.add(
            "roads.road", measured((-100, y, 0), (100, y, 200)),
            number=number, category=number[:2], administrator="x", carriageway_m=6.0,
        )  # fmt: skip
    fronts = {one.road: one.frontage_m for one in check(world).road_access}
    assert fronts == {"DJ 1": pytest.approx(24.55), "DC 2": 0}


class TestFrontage:
    def test_the_side_along_the_road_counts_and_the_others_do_not(self) -> None:
        assert frontage(box(0, 0, 50, 20), polyline((-100, -12), (200, -12))) == pytest.approx(50, abs=1e-6)

    def test_a_long_narrow_parcel_fronts_with_its_short_side(self) -> None:
        assert frontage(box(0, 0, 12, 400), polyline((-100, -6), (200, -6))) == pytest.approx(12, abs=1e-6)

    def test_land_on_a_corner_fronts_twice(self) -> None:
        corner = polyline((-12, 300), (-12, -12), (300, -12))
        assert frontage(box(0, 0, 30, 20), corner) == pytest.approx(50, abs=1e-6)

    @pytest.mark.parametrize(
        ("attributes", "reach"),
        [
            ({"bed_m": 9.0, "carriageway_m": 7.0}, 19.5),
            ({"bed_m": None, "carriageway_m": 6.0}, 18.0),
            ({}, 18.5),
        ],
    )
    def test_what_lies_beyond_the_roadside_is_behind_other_land(
        self, attributes: dict[str, float | None], reach: float
    ) -> None:
        assert front_reach(attributes) == reach
        for gap, front in ((reach - 0.1, 24.55), (reach + 0.1, 0.0)):
            land, road = shapely.box(0, gap, 24.55, gap + 80), shapely.LineString([(-100, 0), (100, 0)])
            assert frontage_within(land, road, front_reach(attributes)) == pytest.approx(front)

    def test_out_of_reach_there_is_none(self) -> None:
        assert frontage(box(0, 0, 50, 20), polyline((-100, -60), (200, -60))) == 0

    def test_a_slanting_front_counts_in_its_own_length(self) -> None:
        land = shapely.Polygon([(0, 0), (30, 10), (30, 50), (0, 50)])
        assert frontage(land, shapely.LineString([(-50, -10), (100, -10)])) == pytest.approx(
            1000**0.5, abs=1e-6
        )

    def test_what_hides_behind_the_land_itself_is_no_front(self) -> None:
        # A yard open to the north: its inner south-facing wall looks at the road through the land.
        ring = shapely.difference(shapely.box(0, 0, 40, 40), shapely.box(10, 20, 30, 30))
        assert frontage(ring, shapely.LineString([(-50, -5), (100, -5)])) == pytest.approx(40, abs=1e-6)

    def test_the_way_the_ring_runs_does_not_matter(self) -> None:
        land, road = box(0, 0, 50, 20), polyline((-100, -12), (200, -12))
        assert frontage(shapely.reverse(land), road) == frontage(land, road)

    @given(angle=st.floats(0, 360), width=st.floats(5, 60), depth=st.floats(5, 200), gap=st.floats(0, 40))
    def test_turning_the_map_changes_nothing(
        self, angle: float, width: float, depth: float, gap: float
    ) -> None:
        land = shapely.box(0, gap, width, gap + depth)
        road = shapely.LineString([(-500, 0), (500, 0)])
        turned = [shapely.affinity.rotate(shape, angle, origin=(0, 0)) for shape in (land, road)]
        assert frontage(*turned) == pytest.approx(width, abs=1e-6)


@pytest.mark.parametrize(
    ("metres", "text"), [(0, "km 0+000"), (12_340, "km 12+340"), (999.6, "km 1+000"), (7.4, "km 0+007")]
)
def test_kilometres_are_written_as_on_the_posts(metres: float, text: str) -> None:
    assert kilometre(metres) == text
