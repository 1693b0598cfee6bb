"""The fee of a certificate and who issues it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import analysis
from analysis.fees import fee_for, fee_tables
from analysis.findings import CheckReport
from layers.errors import VatraError
from tests.analysis.world import NEIGHBOUR, SIRUTA, TODAY, World, box, polyline, rule, rules

FOREST = rules(rule(layer="environment.forest", relation="intersects"))
OWN_TABLE = """\
title: Taxe 2027
basis: HCJ 120/2026
decision: HCJ 120/2026
valid_from: 2027-01-01
valid_to: 2028-01-01
bands:
  - {up_to_m2: 150, lei: 5}
  - {up_to_m2: 250, lei: 6.5}
above: {lei: 6.5, per_m2: 0.01}
rural_share: 0.5
extension_share: 0.3
"""


def check(world: World, day: date = TODAY) -> CheckReport:
    """Check the parcel "1" against one rule."""
    return analysis.check(analysis.parcel(SIRUTA, "1"), day, database=world.connection, rules=FOREST)


class TestFee:
    @pytest.mark.parametrize(
        ("area", "lei"),
        [
            (1, 6), (150, 6), (150.01, 7), (151, 7), (250, 7), (251, 9), (500, 9), (501, 12), (750, 12), (751, 14),
            (1000, 14), (1001, 14.01), (1500, 19), (1234.5, 16.35),
        ],
    )  # fmt: skip
    def test_bands_of_urban_land(self, area: float, lei: float) -> None:
        # 1234.5 m²: 14 + 0.01 · 234.5 = 16.345, rounded up at half a ban.
        fee = fee_for(area, rural=False, day=TODAY)
        assert fee is not None
        assert fee.amount_ron == pytest.approx(lei)

    @pytest.mark.parametrize(("area", "lei"), [(150, 3), (151, 3.5), (1000, 7), (1500, 9.5)])
    def test_rural_land_pays_half(self, area: float, lei: float) -> None:
        fee = fee_for(area, rural=True, day=TODAY)
        assert fee is not None
        assert fee.amount_ron == pytest.approx(lei)

    def test_there_is_none_before_the_table(self) -> None:
        assert fee_for(100, rural=False, day=date(2015, 12, 31)) is None

    def test_the_registered_area_counts(self, world: World) -> None:
        world.uat(kind="oras")
        world.parcel("1", box(0, 0, 50, 20), area_legal_m2=150.0)
        fee = check(world).fee
        assert fee is not None
        assert fee.amount_ron == 6
        assert fee.computed_from["area"] == "registered"

    def test_the_drawn_area_where_none_is_registered(self, world: World) -> None:
        world.uat(kind="comuna")
        world.parcel("1", box(0, 0, 50, 20), area_legal_m2=None)
        fee = check(world).fee
        assert fee is not None
        assert (fee.amount_ron, fee.computed_from["area"], fee.computed_from["place"]) == (
            7,
            "drawn",
            "rural",
        )

    def test_a_countys_table_counts_on_its_days(
        self, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "taxe.yaml"
        path.write_text(OWN_TABLE, encoding="utf-8")
        monkeypatch.setenv("VATRA_FEES", str(path))
        world.uat(kind="oras")
        world.parcel("1", box(0, 0, 20, 10))
        before, during = check(world, date(2026, 12, 31)).fee, check(world, date(2027, 1, 1)).fee
        assert before is not None
        assert during is not None
        assert (before.amount_ron, during.amount_ron) == (7, 6.5)
        assert during.computed_from["decision"] == "HCJ 120/2026"

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (("up_to_m2: 250", "up_to_m2: 100"), r"taxe.yaml:6: .*bands must rise"),
            (("lei: 5", "lei: -5"), r"taxe.yaml:7"),
            (("bands:", "band:"), r"taxe.yaml"),
        ],
    )
    def test_mistakes_in_a_table_name_their_line(
        self, tmp_path: Path, change: tuple[str, str], message: str
    ) -> None:
        path = tmp_path / "taxe.yaml"
        path.write_text(OWN_TABLE.replace(*change), encoding="utf-8")
        with pytest.raises(VatraError, match=message):
            fee_tables(path)


class TestCompetence:
    def test_the_mayor_by_default(self, world: World) -> None:
        world.uat()
        world.parcel("1", box(0, 0, 50, 20))
        competence = check(world).competence
        assert competence.issuer == "mayor"
        assert "art. 304" in competence.reason

    def test_the_president_for_land_in_two_uats(self, world: World) -> None:
        world.uat(box(-5000, -5000, 5010, 10_000), name="Runcu")
        world.uat(box(10, -5000, 5000, 10_000), siruta=NEIGHBOUR, name="Peștișani")
        world.parcel("1", box(0, 0, 50, 20))
        competence = check(world).competence
        assert competence.issuer == "county_council_president"
        assert "Runcu" in competence.reason
        assert "Peștișani" in competence.reason

    def test_the_president_for_a_uat_without_structure(self, world: World) -> None:
        world.uat(has_urbanism_structure=False)
        world.parcel("1", box(0, 0, 50, 20))
        assert check(world).competence.issuer == "county_council_president"

    def test_the_mayor_where_the_structure_is_not_known(self, world: World) -> None:
        world.uat(has_urbanism_structure=None)
        world.parcel("1", box(0, 0, 50, 20))
        assert check(world).competence.issuer == "mayor"

    def test_a_sliver_across_an_imprecise_limit_moves_nothing_but_is_named(self, world: World) -> None:
        world.version("admin.uat", accuracy=1.0, sirutas=(SIRUTA, NEIGHBOUR))
        world.uat(box(-5000, -5000, 5049.5, 10_000), name="Runcu")
        world.uat(box(49.5, -5000, 5000, 10_000), siruta=NEIGHBOUR, name="Peștișani")
        world.parcel("1", box(0, 0, 50, 20))
        report = check(world)
        assert report.competence.issuer == "mayor"
        assert "la limita cu Peștișani" in report.competence.reason
        assert [uat.certainty for uat in report.subject.uats] == ["certain", "borderline"]

    def test_a_touching_uat_is_none(self, world: World) -> None:
        world.uat(box(-5000, -5000, 5050, 10_000))
        world.uat(box(50, -5000, 5000, 10_000), siruta=NEIGHBOUR)
        world.parcel("1", box(0, 0, 50, 20))
        report = check(world)
        assert report.competence.issuer == "mayor"
        assert len(report.subject.uats) == 1

    def test_unknown_limits_are_said(self, world: World) -> None:
        world.parcel("1", box(0, 0, 50, 20))
        assert "nu a putut fi verificată" in check(world).competence.reason


def test_approvals_name_their_findings_and_their_route(world: World) -> None:
    world.uat()
    world.parcel("1", box(0, 0, 50, 20))
    world.add("transport.railway", polyline((0, -5), (50, -5)), line="200")
    first = rule(
        "test.a", layer="transport.railway", relation="within_distance", distance_m=20, approvals=["railway"]
    )
    second = rule(
        "test.b", layer="transport.railway", relation="within_distance", distance_m=9, approvals=["railway"]
    )
    other = rule(
        "test.c", layer="transport.railway", relation="within_distance", distance_m=1, approvals=["culture"]
    )
    report = analysis.check(
        analysis.parcel(SIRUTA, "1"), TODAY, database=world.connection, rules=rules(first, second, other)
    )
    (approval,) = report.approvals
    assert (approval.code, approval.route, approval.because) == ("railway", "direct", ("f1", "f2"))
