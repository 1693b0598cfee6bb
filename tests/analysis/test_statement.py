"""The one statement: conditions mean the same in SQL and in Python, and every edition of every rule compiles."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from analysis.checking import compiled
from analysis.conditions import as_sql, fits, still_valid
from analysis.rulebook import Range, rulebook
from analysis.statement import Flavour

NUMBERS = st.sampled_from([None, 0.0, 1.0, 10.0, 20.0, 110.0])
VALUES: dict[str, Any] = {
    "network": st.sampled_from(["gas", "water"]),
    "pressure": st.sampled_from([None, "high", "low"]),
}
ROWS = st.fixed_dictionaries({**VALUES, "voltage_kv": NUMBERS})
RANGES = st.builds(Range, min=NUMBERS, above=NUMBERS, below=NUMBERS, max=NUMBERS)
CONDITIONS = st.fixed_dictionaries(
    {},
    optional={
        "network": st.lists(VALUES["network"], min_size=1, max_size=2).map(tuple),
        "pressure": st.lists(VALUES["pressure"], min_size=1, max_size=3).map(tuple),
        "voltage_kv": RANGES,
    },
)


@given(condition=CONDITIONS, row=ROWS)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_conditions_mean_the_same_in_sql_and_in_python(
    connection: Any, condition: Any, row: dict[str, Any]
) -> None:
    query = sql.SQL(
        "SELECT {} FROM (SELECT {}::text AS network, {}::text AS pressure, {}::float8 AS voltage_kv) f"
    )
    given_row = (row["network"], row["pressure"], row["voltage_kv"])
    found = connection.execute(query.format(as_sql(condition), *given_row)).fetchone()[0]
    assert bool(found) == fits(condition, row)


@pytest.mark.parametrize(
    ("last", "counts"), [(None, True), ("2026-11-24", True), ("2026-11-25", True), ("2026-11-23", False)]
)
def test_a_feature_counts_up_to_its_last_day(last: str | None, counts: bool) -> None:
    assert still_valid("valid_until", {"valid_until": last}, date(2026, 11, 24)) == counts


@pytest.mark.parametrize("flavour", ["parcels", "area", "line"])
@pytest.mark.parametrize(
    "day", [date(1999, 1, 1), date(2010, 1, 1), date(2026, 8, 24), date(2026, 8, 25), date(2030, 1, 1)]
)
def test_every_edition_compiles_and_the_database_accepts_it(
    connection: Any, flavour: Flavour, day: date
) -> None:
    statement = compiled(rulebook(), day).statement(flavour)
    name = sql.Identifier(f"plan_{flavour}_{day:%Y%m%d}")
    connection.execute(sql.SQL("PREPARE {} AS {}").format(name, sql.SQL(statement.text)))


def test_days_with_the_same_editions_share_a_plan() -> None:
    book = rulebook()
    assert compiled(book, date(2026, 9, 1)) is compiled(book, date(2026, 11, 24))
    assert compiled(book, date(2026, 8, 24)) is not compiled(book, date(2026, 8, 25))
