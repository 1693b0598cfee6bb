"""Rules that no single relation expresses, with the real rules of the code in force."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import shapely

import analysis
from analysis.findings import CheckReport, Finding
from analysis.rulebook import Rulebook, rulebook
from tests.analysis.world import NEIGHBOUR, SIRUTA, TODAY, World, box, measured, point, polyline


def only(*names: str) -> Rulebook:
    """The rules of those ids, as they are delivered."""
    book = rulebook()
    return Rulebook(rules={name: book.rules[name] for name in names})


def check(world: World, *names: str, subject: Any = None, day: date = TODAY) -> CheckReport:
    """Check the parcel "1" (or the subject) against those rules."""
    asked = subject or analysis.parcel(SIRUTA, "1")
    return analysis.check(asked, day, database=world.connection, rules=only(*names))


def about(finding: Finding) -> dict[str, Any]:
    """Attributes of the feature that caused a finding."""
    assert finding.feature is not None
    return finding.feature.attributes


@pytest.fixture
def land(world: World) -> World:
    """A commune with one parcel of 50 × 20 m."""
    world.uat(name="Runcu")
    world.parcel("1", box(0, 0, 50, 20))
    return world


class TestUats:
    def test_one_uat_is_named(self, land: World) -> None:
        (finding,) = check(land, "admin.uat").findings
        assert finding.text == "Terenul se află în comuna Runcu, județul Gorj."
        assert finding.overlap_share == 1.0

    def test_two_uats_have_their_shares_largest_first(self, world: World) -> None:
        world.uat(box(-5000, -5000, 5010, 10_000), name="Runcu")
        world.uat(box(10, -5000, 5000, 10_000), siruta=NEIGHBOUR, name="Peștișani")
        world.parcel("1", box(0, 0, 50, 20))
        report = check(world, "admin.uat")
        assert [about(finding)["name"] for finding in report.findings] == ["Peștișani", "Runcu"]
        assert [finding.overlap_share for finding in report.findings] == pytest.approx([0.8, 0.2])
        assert "800 m² (80" in report.findings[0].text
        assert [uat.siruta for uat in report.subject.uats] == [NEIGHBOUR, SIRUTA]


class TestBuiltUpArea:
    def test_inside(self, land: World) -> None:
        land.add("admin.built_up_area", box(-100, -100, 500, 500), siruta=SIRUTA, locality="Runcu")
        (finding,) = check(land, "admin.built-up-area").findings
        assert finding.text == "Terenul se află în intravilan, Runcu."

    def test_outside(self, land: World) -> None:
        land.version("admin.built_up_area")
        (finding,) = check(land, "admin.built-up-area").findings
        assert finding.text == "Terenul se află în extravilan."
        assert finding.feature is None

    def test_split_by_area(self, land: World) -> None:
        land.add("admin.built_up_area", box(-100, -100, 130, 500), siruta=SIRUTA)
        (finding,) = check(land, "admin.built-up-area").findings
        assert finding.overlap_m2 == pytest.approx(600)
        assert "600 m² (60\u00a0%) în intravilan" in finding.text
        assert "400 m² (40\u00a0%) în extravilan" in finding.text
        assert finding.certainty == "certain"

    def test_two_bodies_of_one_built_up_area_count_together(self, land: World) -> None:
        land.add("admin.built_up_area", box(-100, -100, 110, 500), siruta=SIRUTA)
        land.add("admin.built_up_area", box(10, -100, 30, 500), siruta=SIRUTA)
        (finding,) = check(land, "admin.built-up-area").findings
        assert finding.overlap_m2 == pytest.approx(800)

    def test_a_sliver_across_the_line_is_borderline(self, land: World) -> None:
        land.version("admin.built_up_area", accuracy=0.5)
        land.add("admin.built_up_area", box(-100, -100, 149.8, 500), siruta=SIRUTA)
        (finding,) = check(land, "admin.built-up-area").findings
        assert finding.certainty == "borderline"
        assert finding.margin_m == pytest.approx(0.2, abs=0.001)

    def test_the_parts_of_a_line_are_as_long_as_the_line(self, land: World) -> None:
        # The point where a slanting line is cut lies a hair beside it; taking the part away must still work.
        land.add("admin.built_up_area", box(-100, -100, 233.3, 500), siruta=SIRUTA)
        for end in range(-90, 90, 7):
            line = polyline((0.0, 0.0), (110.1, 40.3), (250.3, 40.3 + end / 3))
            report = check(land, "admin.built-up-area", subject=analysis.line(line))
            inside, outside = report.findings
            assert inside.overlap_length_m
            assert outside.overlap_length_m
            assert inside.overlap_length_m + outside.overlap_length_m == pytest.approx(line.length, abs=1e-4)
            assert inside.text.endswith("m traseul este în intravilan.")
            assert outside.text.startswith("Pe o lungime de")


class TestPlans:
    def plan(self, world: World, code: str = "PUG-1", **values: Any) -> None:
        row = {"siruta": SIRUTA, "code": code, "kind": "PUG", "status": "in_force", **values}
        world.add("planning.plan", box(-500, -500, 1000, 1000), **row)

    @pytest.mark.parametrize(
        ("values", "day", "state"),
        [
            ({"approved_on": date(2021, 5, 1)}, TODAY, "in_force"),
            # Just seven years old on 25 August 2026 is not older than seven years.
            ({"approved_on": date(2019, 8, 25)}, TODAY, "in_force"),
            ({"approved_on": date(2019, 8, 24)}, TODAY, "lapsing"),
            ({"approved_on": date(2009, 3, 1)}, date(2029, 8, 25), "lapsing"),
            ({"approved_on": date(2009, 3, 1)}, date(2029, 8, 26), "expired"),
            ({"approved_on": date(2009, 3, 1)}, date(2026, 8, 24), "in_force"),
            ({"approved_on": date(2009, 3, 1), "kind": "PUZ"}, TODAY, "in_force"),
            ({"valid_until": date(2026, 11, 23)}, TODAY, "expired"),
            ({"valid_until": TODAY}, TODAY, "in_force"),
            ({"status": "in_preparation"}, TODAY, "in_preparation"),
        ],
    )
    def test_how_a_plan_stands(self, land: World, values: dict[str, Any], day: date, state: str) -> None:
        self.plan(land, **values)
        (finding,) = check(land, "planning.plan", day=day).findings
        assert about(finding)["state"] == state

    def test_an_annulled_plan_is_none(self, land: World) -> None:
        self.plan(land, status="annulled")
        assert check(land, "planning.plan").not_applicable == ("planning.plan",)

    def test_the_last_day_of_an_old_plan_is_printed(self, land: World) -> None:
        self.plan(land, approved_on=date(2009, 3, 1), approved_by="HCL 12/2009")
        (finding,) = check(land, "planning.plan").findings
        assert "25.08.2029" in finding.text
        assert "HCL 12/2009" in finding.text
        assert "01.03.2009" in finding.text


class TestZones:
    def zone(self, world: World, shape: Any, plan: str = "PUG-1", code: str = "L", **values: Any) -> None:
        world.add("planning.zone", shape, siruta=SIRUTA, plan_code=plan, code=code, **values)

    def plan(self, world: World, code: str, kind: str, shape: Any = None, **values: Any) -> None:
        row = {"siruta": SIRUTA, "code": code, "kind": kind, "status": "in_force", "title": code, **values}
        world.add("planning.plan", shape or box(-500, -500, 1000, 1000), **row)

    def article(self, world: World, number: int, zone: str = "L", **values: Any) -> None:
        world.add(
            "planning.regulation", siruta=SIRUTA, plan_code="PUG-1", zone_code=zone, article=number, **values
        )

    def test_each_zone_has_its_area_and_its_articles(self, land: World) -> None:
        self.plan(land, "PUG-1", "PUG", approved_by="HCL 7/2022")
        self.zone(land, box(-100, -100, 130, 500), title="Locuire")
        self.zone(land, box(30, -100, 130, 500), code="C")
        self.article(land, 19, item="pot_max", value_max=35.0, unit="%")
        self.article(land, 1, modality="permis", body="locuințe")
        self.article(land, 19, zone="C", item="pot_max", value_max=80.0, unit="%")
        living, centre = check(land, "planning.zone").findings
        assert (living.overlap_m2, centre.overlap_m2) == (pytest.approx(600), pytest.approx(400))
        assert [row["article"] for row in about(living)["regulation"]] == [1, 19]
        pot = about(living)["regulation"][1]
        assert (pot["value_max"], pot["economic"], pot["article_title"]) == (35.0, False, "POT maxim")
        assert pot["text"].startswith("Art. 19")
        assert "35 %" in pot["text"]
        assert about(living)["regulation"][0]["economic"]
        assert [row["value_max"] for row in about(centre)["regulation"]] == [80.0]
        assert "HCL 7/2022" in living.text

    def test_the_row_of_the_utr_beats_that_of_the_zone(self, land: World) -> None:
        self.plan(land, "PUG-1", "PUG")
        self.zone(land, box(-100, -100, 500, 500), utr="7")
        for utr, pot in ((None, 35.0), ("7", 25.0), ("8", 15.0)):
            self.article(land, 19, item="pot_max", value_max=pot, utr=utr)
        self.article(land, 21, item="cut_max", value_max=0.9)
        (finding,) = check(land, "planning.zone").findings
        figures = {row["item"]: row["value_max"] for row in about(finding)["regulation"]}
        assert figures == {"pot_max": 25.0, "cut_max": 0.9}

    def test_a_zonal_plan_takes_the_place_of_the_general_one_inside_its_limit(self, land: World) -> None:
        self.plan(land, "PUG-1", "PUG")
        self.plan(land, "PUZ-9", "PUZ", box(20, -100, 500, 500))
        self.zone(land, box(-100, -100, 500, 500))
        self.zone(land, box(20, -100, 500, 500), plan="PUZ-9", code="ID")
        by_code = {about(finding)["code"]: finding for finding in check(land, "planning.zone").findings}
        assert by_code["ID"].overlap_m2 == pytest.approx(600)
        assert by_code["L"].overlap_m2 == pytest.approx(400)

    def test_an_expired_zonal_plan_gives_way_to_the_general_one(self, land: World) -> None:
        self.plan(land, "PUG-1", "PUG")
        self.plan(land, "PUZ-9", "PUZ", valid_until=date(2026, 1, 31))
        self.zone(land, box(-100, -100, 500, 500))
        self.zone(land, box(-100, -100, 500, 500), plan="PUZ-9", code="ID")
        (finding,) = check(land, "planning.zone").findings
        assert about(finding)["code"] == "L"

    def test_zones_of_an_expired_plan_only_are_not_checked(self, land: World) -> None:
        self.plan(land, "PUG-1", "PUG", valid_until=date(2026, 1, 31))
        self.zone(land, box(-100, -100, 500, 500))
        land.version("planning.regulation")
        report = check(land, "planning.zone")
        assert report.findings == ()
        (gap,) = report.not_checked
        assert (gap.layer, gap.reason, gap.mandatory) == ("planning.plan", "out of validity", True)

    def test_zones_end_with_the_lapse_of_an_old_general_plan(self, land: World) -> None:
        self.plan(land, "PUG-1", "PUG", approved_on=date(2009, 3, 1))
        self.zone(land, box(-100, -100, 500, 500))
        land.version("planning.regulation")
        names = ("planning.plan", "planning.zone")
        assert check(land, *names, day=date(2029, 8, 25)).of_rule("planning.zone")
        late = check(land, *names, day=date(2029, 8, 26))
        assert not late.of_rule("planning.zone")
        assert [gap.reason for gap in late.not_checked] == ["out of validity"]

    def test_a_general_ceiling_counts_only_where_the_plan_gives_none(self, land: World) -> None:
        self.plan(land, "PUG-1", "PUG")
        self.zone(land, box(-100, -100, 130, 500), code="Li")
        self.zone(land, box(30, -100, 130, 500), code="C")
        self.article(land, 19, zone="C", item="pot_max", value_max=60.0)
        (finding,) = check(land, "planning.zone-default").findings
        assert (about(finding)["code"], about(finding)["pot_max"]) == ("Li", 35)
        assert finding.overlap_m2 == pytest.approx(600)

    def test_codes_differ_by_case(self, land: World) -> None:
        self.plan(land, "PUG-1", "PUG")
        self.zone(land, box(-100, -100, 500, 500), code="LI")
        land.version("planning.regulation")
        assert check(land, "planning.zone-default").not_applicable == ("planning.zone-default",)


class TestCadastre:
    def test_buildings_make_the_land_coverage(self, land: World) -> None:
        land.add("cadastre.building", box(5, 5, 10, 10), siruta=SIRUTA, building_code="C1", levels="P+1")
        land.add("cadastre.building", box(45, 0, 30, 10), siruta=SIRUTA, building_code="C2")
        (finding,) = check(land, "cadastre.building").findings
        # 100 m² and the 50 m² of the second that stand on this land: 150 of 1000.
        assert about(finding)["footprint_m2"] == pytest.approx(150)
        assert about(finding)["pot"] == pytest.approx(15.0)
        assert [row["building_code"] for row in about(finding)["buildings"]] == ["C1", "C2"]

    def test_no_building_is_an_answer(self, land: World) -> None:
        land.version("cadastre.building")
        assert check(land, "cadastre.building").not_applicable == ("cadastre.building",)

    @pytest.mark.parametrize(
        ("registered", "differs"),
        [(1000.0, False), (1020.0, False), (1021.0, True), (980.0, True), (981.0, False)],
    )
    def test_drawn_against_registered_area(self, world: World, registered: float, differs: bool) -> None:
        # Drawn 1000; 2 % of 1020 is 20.4, of 980 only 19.6.
        world.uat()
        world.parcel("1", box(0, 0, 50, 20), area_legal_m2=registered)
        (finding,) = check(world, "cadastre.area").findings
        assert ("diferă" in finding.text) == differs

    def test_a_small_parcel_may_be_a_metre_off(self, world: World) -> None:
        world.uat()
        world.parcel("1", box(0, 0, 5, 4), area_legal_m2=21.0)
        (finding,) = check(world, "cadastre.area").findings
        assert "corespunde" in finding.text

    def test_a_split_of_a_split_is_told_generation_by_generation(self, land: World) -> None:
        for later, earlier, day in (("1", "100", date(2024, 10, 2)), ("100", "7", date(2015, 4, 9))):
            land.add(
                "cadastre.predecessor",
                siruta=SIRUTA, cadastral_number=later, earlier_number=earlier, operation="split", on_date=day,
            )  # fmt: skip
        land.add(
            "cadastre.predecessor", siruta=SIRUTA, cadastral_number="2", earlier_number="1", operation="split"
        )
        report = check(land, "cadastre.history")
        assert [about(finding)["earlier_number"] for finding in report.findings] == ["100", "7"]
        assert "100, la 02.10.2024" in report.findings[0].text

    def test_a_history_that_bites_its_tail_ends(self, land: World) -> None:
        for later, earlier in (("1", "2"), ("2", "1")):
            land.add(
                "cadastre.predecessor",
                siruta=SIRUTA, cadastral_number=later, earlier_number=earlier, operation="join",
            )  # fmt: skip
        assert len(check(land, "cadastre.history").findings) >= 2


class TestUtilities:
    def test_the_nearest_of_each_network_and_a_word_on_the_others(self, land: World) -> None:
        land.add(
            "utilities.line",
            polyline((0, -30), (50, -30)),
            network="water",
            condition="bună",
            capacity="2 l/s",
        )
        land.add("utilities.line", polyline((0, -90), (50, -90)), network="water")
        land.add("utilities.line", polyline((0, -101), (50, -101)), network="gas")
        found = check(land, "utilities.available").findings
        water = next(finding for finding in found if finding.feature)
        assert (water.distance_m, water.relation, about(water)["capacity"]) == (30.0, "nearest", "2 l/s")
        assert len(found) == 6
        assert any("100 m nu se cunosc rețele de gaze naturale" in finding.text for finding in found)

    def test_no_network_at_all_is_an_answer(self, land: World) -> None:
        land.version("utilities.line")
        assert check(land, "utilities.available").not_applicable == ("utilities.available",)

    def test_no_data_is_none(self, land: World) -> None:
        land.version("utilities.line", sirutas=(NEIGHBOUR,))
        report = check(land, "utilities.available")
        assert report.findings == ()
        assert [(gap.reason, gap.mandatory) for gap in report.not_checked] == [("no data for this UAT", True)]


class TestConstructible:
    def texts(self, world: World) -> str:
        return " | ".join(finding.text for finding in check(world, "planning.constructible").findings)

    def test_all_that_is_not_known_is_said(self, land: World) -> None:
        text = self.texts(land)
        assert "nu stabilește condiții minime" in text
        assert "Nu sunt date despre rețele: apă" in text
        assert "Nu sunt date despre drumurile publice" in text
        assert "arhitectul-șef" in text

    def test_met_and_not_met(self, land: World) -> None:
        land.add("planning.zone", box(-100, -100, 500, 500), siruta=SIRUTA, plan_code="P", code="L")
        for item, value in (("area_min", 500.0), ("front_min", 12.0)):
            land.add(
                "planning.regulation",
                siruta=SIRUTA, plan_code="P", zone_code="L", article=4, item=item, value_min=value,
            )  # fmt: skip
        land.add("roads.road", measured((-100, -6, 0), (200, -6, 300)), number="DC 5", category="DC")
        land.add("utilities.line", polyline((0, -5), (50, -5)), network="electricity")
        text = self.texts(land)
        assert "sunt îndeplinite: suprafață 1.000 m² (cel puțin 500 m²), front 50 m (cel puțin 12 m)." in text
        assert "Racordarea la rețele este posibilă: energie electrică, la 5 m" in text
        assert "nu se cunosc rețele la care terenul s-ar putea racorda: apă" in text
        assert "Accesul la drumul public DC 5 este posibil: terenul se află la 6 m de axul lui." in text

    def test_too_small(self, land: World) -> None:
        land.add("planning.zone", box(-100, -100, 500, 500), siruta=SIRUTA, plan_code="P", code="L")
        land.add(
            "planning.regulation",
            siruta=SIRUTA, plan_code="P", zone_code="L", article=4, item="area_min", value_min=1200.0,
        )  # fmt: skip
        land.version("roads.road")
        text = self.texts(land)
        assert "nu sunt îndeplinite: suprafață 1.000 m² (se cer cel puțin 1.200 m²)." in text
        assert "nu are ieșire directă la un drum public" in text


class TestBridgeWorks:
    def river(self, world: World, direction: int = 1) -> None:
        """A river of 10 m along the south of the parcel, flowing east for 1."""
        line = polyline((-3000, -2), (3000, -2))
        world.add(
            "environment.water",
            shapely.reverse(line) if direction < 0 else line,
            kind="river",
            name="Jiu",
            width_m=10.0,
        )

    @pytest.mark.parametrize(
        ("bridge_x", "flow", "direction", "applies"),
        [
            (950, 1, "amonte", True),  # the bridge is downstream of the land: the land is upstream of it
            (1100, 1, "amonte", False),
            (-1900, 1, "aval", True),
            (-2100, 1, "aval", False),
            (1900, -1, "aval", True),
        ],
    )
    def test_up_and_downstream(
        self, land: World, bridge_x: int, flow: int, direction: str, applies: bool
    ) -> None:
        self.river(land, flow)
        land.add("roads.structure", point(bridge_x, -2), kind="bridge", road="DJ 1", watercourse="Jiu")
        report = check(land, "roads.bridge-works")
        assert bool(report.findings) == applies
        if applies:
            assert f", în {direction}." in report.findings[0].text

    def test_land_off_the_bed_is_free(self, world: World) -> None:
        world.uat()
        world.parcel("1", box(0, 10, 50, 20))
        self.river(world)
        world.add("roads.structure", point(500, -2), kind="bridge", watercourse="Jiu")
        assert check(world, "roads.bridge-works").not_applicable == ("roads.bridge-works",)

    def test_the_bridge_of_another_river_does_not_count(self, land: World) -> None:
        self.river(land)
        land.add("roads.structure", point(500, 40), kind="bridge", watercourse="Motru")
        assert check(land, "roads.bridge-works").not_applicable == ("roads.bridge-works",)
