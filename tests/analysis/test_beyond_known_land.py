"""Land of which not even the UAT is known: what a rule would look for there is not known either."""

from __future__ import annotations

from datetime import date

import pytest

import analysis
from analysis.findings import CheckReport
from analysis.needs import reach
from analysis.rulebook import Rule, rulebook
from tests.analysis.world import NEIGHBOUR, SIRUTA, TODAY, World, box, rule, rules


def looking(metres: float) -> Rule:
    return rule("test.water", layer="environment.water", relation="within_distance", distance_m=metres)


def check(world: World, metres: float) -> CheckReport:
    subject = analysis.parcel(SIRUTA, "1")
    return analysis.check(subject, TODAY, database=world.connection, rules=rules(looking(metres)))


@pytest.fixture
def edge(world: World) -> World:
    """A commune 1 km wide and a parcel in it whose east side is 100 m from its limit; waters are known in it."""
    world.uat(box(0, 0, 1000, 5000))
    world.parcel("1", box(850, 2000, 50, 20))
    world.version("environment.water")
    return world


def test_a_rule_that_reaches_past_the_known_land_is_not_checked(edge: World) -> None:
    report = check(edge, 150)
    (gap,) = report.not_checked
    assert (gap.rule, gap.reason, gap.uats) == ("test.water", "no data for this UAT", ())


def test_a_rule_that_stays_inside_does_not_apply(edge: World) -> None:
    report = check(edge, 99)
    assert report.not_checked == ()
    assert report.not_applicable == ("test.water",)


def test_a_known_neighbour_with_data_closes_the_gap(edge: World) -> None:
    edge.uat(box(1000, 0, 1000, 5000), siruta=NEIGHBOUR)
    edge.version("environment.water", sirutas=(SIRUTA, NEIGHBOUR))
    assert check(edge, 150).not_checked == ()


def test_a_known_neighbour_without_data_is_named(edge: World) -> None:
    edge.uat(box(1000, 0, 1000, 5000), siruta=NEIGHBOUR)
    (gap,) = check(edge, 150).not_checked
    assert gap.uats == (NEIGHBOUR,)


def test_a_strip_between_two_drawings_of_one_limit_is_no_unknown_land(edge: World) -> None:
    edge.uat(box(1004, 0, 1000, 5000), siruta=NEIGHBOUR)
    edge.version("environment.water", sirutas=(SIRUTA, NEIGHBOUR))
    assert check(edge, 150).not_checked == ()


def test_no_mandatory_rule_looks_farther_than_unknown_land_is_looked_for() -> None:
    in_force = rulebook().in_force(date(2026, 11, 24))
    assert max(reach(one, edition) for one, edition in in_force if one.mandatory) <= 500
