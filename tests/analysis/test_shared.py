"""What checks share: read once for a state of the catalogue, and never after something was published."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

import analysis
from analysis import checking, shared
from analysis.findings import CheckReport
from analysis.shared import Moved, State
from analysis.statement import snippet
from layers.database import Connection
from tests.analysis.world import SIRUTA, TODAY, World, box, rule, rules

FOREST = "environment.forest"
BOOK = rules(rule(layer=FOREST, relation="intersects", text="pădure"))


@pytest.fixture
def county(world: World) -> World:
    """A UAT with a parcel."""
    world.uat()
    world.parcel("1", box(0, 0, 20, 20))
    return world


def check(world: World, day: date = TODAY) -> CheckReport:
    """The check of the parcel; a TimedCursor counts its statements."""
    return analysis.check(analysis.parcel(SIRUTA, 1), day, database=world.connection, rules=BOOK)


def mark(connection: Connection) -> str:
    """The mark of the catalogue as it is."""
    row = connection.execute(snippet("mark")).fetchone()
    assert row
    return str(row[0])


def test_coverage_is_read_once_for_a_state_and_a_day(county: World, monkeypatch: pytest.MonkeyPatch) -> None:
    county.version(FOREST)
    read: list[str] = []
    genuine = State._read

    def noted(state: State, name: str, **asked: Any) -> Any:
        read.append(name)
        return genuine(state, name, **asked)

    monkeypatch.setattr(State, "_read", noted)
    first, second = check(county), check(county)
    assert read == ["coverage"]
    assert first.layers
    assert first.layers == second.layers
    check(county, date(2026, 11, 23))
    assert read == ["coverage", "coverage"]


def test_what_is_published_counts_at_the_next_check(county: World) -> None:
    assert [gap.reason for gap in check(county).not_checked] == ["layer never imported"]
    county.version(FOREST)
    assert check(county).not_applicable == ("test.rule",)
    county.close(FOREST, date(2026, 6, 1))
    county.version(FOREST, valid_from=date(2026, 6, 1), sirutas=())
    assert [gap.reason for gap in check(county).not_checked] == ["out of validity"]


def test_days_do_not_share(county: World) -> None:
    county.version(FOREST, valid_from=date(2026, 6, 1))
    assert check(county).not_applicable == ("test.rule",)
    assert [gap.reason for gap in check(county, date(2026, 5, 1)).not_checked] == ["layer never imported"]


def test_reading_under_a_mark_that_is_past_is_refused(county: World) -> None:
    before = State(mark(county.connection), TODAY, county.connection)
    county.version(FOREST)
    with pytest.raises(Moved):
        before.coverage([SIRUTA])
    now = State(mark(county.connection), TODAY, county.connection)
    assert FOREST in now.coverage([SIRUTA]).everywhere


def test_a_check_asks_again_when_something_is_published_meanwhile(
    county: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    genuine = checking._rows

    def overtaken(*arguments: Any) -> list[Any]:
        rows = genuine(*arguments)
        if not asked:
            county.add(FOREST, box(5, 5, 5, 5))
        asked.append(len(rows))
        return rows

    monkeypatch.setattr(checking, "_rows", overtaken)
    report = check(county)
    assert len(asked) == 2
    assert [finding.text for finding in report.findings] == ["pădure"]
    assert FOREST in {used.id for used in report.layers}


def test_no_more_is_kept_than_has_its_place(county: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "KEPT", 2)
    shared._kept.clear()
    for day in range(1, 6):
        check(county, date(2026, 11, day))
    assert len(shared._kept) <= 2
