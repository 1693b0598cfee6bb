"""Layers whose data are gone or corrupt: rules on them are not checked, never found not to apply."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

import analysis
from analysis.findings import CheckReport
from layers import health
from layers.demo import SHOWCASE
from layers.health import BrokenLayer
from tests.conftest import DatabaseMaker

EMPTIED, DROPPED = "heritage.monument", "environment.forest"
PLAN, ON_ZONES = "planning.plan", {"planning.zone", "planning.zone-default", "planning.constructible"}


@pytest.fixture
def county(make_database: DatabaseMaker, demo_template: str) -> Iterator[str]:
    """A demo county that a test may ruin."""
    address = make_database("lost", demo_template)
    health.forget()
    yield address
    make_database.drop(address)


def ruin(address: str, statement: str) -> None:
    with psycopg.connect(address) as connection:
        connection.execute(statement)
    health.forget()


def check(address: str) -> CheckReport:
    land = analysis.parcel(SHOWCASE.siruta, SHOWCASE.cadastral_number)
    return analysis.check(land, database=address)


def rules_on(report: CheckReport, layer: str) -> set[str]:
    return {gap.rule for gap in report.not_checked if gap.layer == layer}


@pytest.mark.parametrize(
    ("layer", "statement"),
    [(EMPTIED, f"DELETE FROM {EMPTIED}"), (DROPPED, f"DROP TABLE {DROPPED} CASCADE")],
    ids=["rows", "table"],
)
def test_their_rules_are_unreadable_and_the_others_are_checked_as_ever(
    county: str, layer: str, statement: str
) -> None:
    before = check(county)
    ruin(county, statement)
    after = check(county)
    lost = rules_on(after, layer)
    assert lost
    assert not rules_on(before, layer)
    assert {gap.reason for gap in after.not_checked if gap.layer == layer} == {"unreadable"}
    assert not lost & set(after.not_applicable)
    assert not lost & {finding.rule for finding in after.findings}
    assert layer not in {used.id for used in after.layers}
    assert set(after.not_applicable) == set(before.not_applicable) - lost
    told = [(one.rule, one.text) for one in before.findings if one.rule not in lost]
    assert [(one.rule, one.text) for one in after.findings] == told


def test_without_plans_nothing_is_said_of_zones_because_none_is_known_to_be_in_force(county: str) -> None:
    ruin(county, f"DELETE FROM {PLAN}")
    report = check(county)
    assert rules_on(report, PLAN) >= ON_ZONES
    said = [finding for finding in report.findings if finding.rule in ON_ZONES]
    assert {finding.rule for finding in said} == {"planning.constructible"}, "it says what is unknown too"
    assert any("nu stabilește condiții minime" in finding.text for finding in said)


@pytest.mark.parametrize(
    ("layer", "statement"),
    [
        ("cadastre.parcel", "DELETE FROM cadastre.parcel"),
        ("admin.uat", "DROP TABLE admin.uat_piece"),
        ("roads.access", "DROP TABLE roads.access"),
    ],
)
def test_without_the_land_or_what_others_are_measured_by_there_is_no_check(
    county: str, layer: str, statement: str
) -> None:
    ruin(county, statement)
    with pytest.raises(BrokenLayer, match=layer):
        check(county)
