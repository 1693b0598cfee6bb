"""The state of a layer on a day, by which answers are kept and compared."""

from __future__ import annotations

from datetime import date

import psycopg
import pytest

from layers import states
from layers.errors import DatabaseUnavailable

VERSIONS = (
    ("roads.road", 1, "2026-01-01"),
    ("roads.road", 2, "2026-06-01"),
    ("cadastre.parcel", 1, "2026-03-01"),
)


@pytest.fixture
def published(fresh_database: str) -> str:
    with psycopg.connect(fresh_database) as connection:
        for layer, number, start in VERSIONS:
            connection.execute(
                "INSERT INTO catalogue.layer_version (layer, number, valid_from, accuracy_m) VALUES (%s, %s, %s, 1)",
                [layer, number, start],
            )
    return fresh_database


def test_the_newest_version_that_has_begun_counts(published: str) -> None:
    assert states.states(date(2026, 5, 1), published)["roads.road"].number == 1
    assert states.states(date(2026, 7, 1), published)["roads.road"].number == 2
    assert "cadastre.parcel" not in states.states(date(2026, 2, 1), published)


def test_a_fingerprint_changes_with_the_layers_it_is_of_only(published: str) -> None:
    day = date(2026, 7, 1)
    parcels, roads = (
        states.fingerprint([layer], day, address=published) for layer in ("cadastre.parcel", "roads.road")
    )
    with psycopg.connect(published) as connection:
        connection.execute(
            "INSERT INTO catalogue.layer_version (layer, number, valid_from, accuracy_m)"
            " VALUES ('roads.road', 3, '2026-07-01', 1)"
        )
    states.forget()
    assert states.fingerprint(["cadastre.parcel"], day, address=published) == parcels
    assert states.fingerprint(["roads.road"], day, address=published) != roads
    assert states.fingerprint(["cadastre.parcel"], day, "png", address=published) != parcels


def test_days_that_can_be_asked_for(published: str) -> None:
    assert states.days(["roads.road"], published) == [date(2026, 1, 1), date(2026, 6, 1)]


def test_a_database_that_is_gone_is_told() -> None:
    with pytest.raises(DatabaseUnavailable):
        states.states(date(2026, 1, 1), "postgresql://nobody@127.0.0.1:1/none?connect_timeout=1")
