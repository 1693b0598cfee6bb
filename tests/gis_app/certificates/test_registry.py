"""Numbers without gaps on a real database, whatever happens to those who ask for them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import psycopg
import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from gis_app.certificates import registry
from gis_app.certificates.tables import metadata

AT = datetime(2026, 11, 24, 8, tzinfo=UTC)


def taken(database, register, at=AT, fail=False):
    """Take a number in a transaction of one's own; None when it is given back."""
    with psycopg.connect(database) as connection:
        try:
            with registry.next_number(connection, register, at) as number:
                if fail:
                    raise ZeroDivisionError
                return number
        except ZeroDivisionError:
            return None


def test_numbers_follow_one_another(database):
    found = [str(taken(database, "AAA")) for _ in range(3)]
    assert found == ["AAA-2026-00001", "AAA-2026-00002", "AAA-2026-00003"]


def test_a_failure_gives_its_number_back(database):
    assert taken(database, "BBB").sequence == 1
    assert taken(database, "BBB", fail=True) is None
    assert taken(database, "BBB").sequence == 2


def test_a_killed_connection_gives_its_number_back(database):
    with psycopg.connect(database) as connection:
        pid = connection.info.backend_pid
        with pytest.raises(psycopg.OperationalError), registry.next_number(connection, "CCC", AT) as number:  # noqa: PT012
            assert number.sequence == 1
            with psycopg.connect(database, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s)", [pid])
            connection.execute("SELECT 1")
    assert taken(database, "CCC").sequence == 1


def test_registers_and_years_count_for_themselves(database):
    assert taken(database, "DDD").sequence == 1
    assert taken(database, "EEE").sequence == 1
    assert str(taken(database, "DDD", datetime(2027, 3, 1, tzinfo=UTC))) == "DDD-2027-00001"


def test_the_year_turns_at_romanian_midnight(database):
    assert taken(database, "FFF", datetime(2026, 12, 31, 21, 59, tzinfo=UTC)).year == 2026
    assert taken(database, "FFF", datetime(2026, 12, 31, 22, 0, tzinfo=UTC)).year == 2027


def test_many_at_once_leave_no_gap_and_no_number_twice(database):
    attempts = [attempt % 5 == 0 for attempt in range(100)]
    with ThreadPoolExecutor(16) as workers:
        found = list(workers.map(lambda fail: taken(database, "GGG", fail=fail), attempts))
    sequences = sorted(number.sequence for number in found if number)
    assert sequences == list(range(1, 81))


def test_the_tables_are_those_of_the_migrations(database):
    engine = sqlalchemy.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(database))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _: kind != "schema" or name == "cases",
                "include_object": lambda found, name, kind, reflected, _: (
                    kind != "table" or name in {table.name for table in metadata.tables.values()}
                ),
                "compare_type": True,
            },
        )
        assert compare_metadata(context, metadata) == []
    engine.dispose()
