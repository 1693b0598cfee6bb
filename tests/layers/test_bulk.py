"""Filling an empty table takes its indexes away and brings them back; a table with rows keeps them."""

from __future__ import annotations

from typing import Any

import psycopg

from layers.bulk import filling

TABLE = "cadastre.parcel"


def state(connection: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    return connection.execute(
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'cadastre' AND tablename = 'parcel'"
        " UNION ALL SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass ORDER BY 1",
        [TABLE],
    ).fetchall()


def test_empty_table(connection: psycopg.Connection[Any]) -> None:
    before = state(connection)
    with filling(connection, TABLE, 100_000):
        assert len(state(connection)) < len(before)
    assert state(connection) == before


def test_few_rows_are_not_worth_it(connection: psycopg.Connection[Any]) -> None:
    before = state(connection)
    with filling(connection, TABLE, 100):
        assert state(connection) == before


def insert_parcel(connection: psycopg.Connection[Any]) -> None:
    connection.execute(
        "WITH v AS (INSERT INTO catalogue.layer_version (layer, number, valid_from, accuracy_m)"
        " VALUES ('cadastre.parcel', 1, '2026-01-01', 0.2) RETURNING id)"
        " INSERT INTO cadastre.parcel (version_id, valid_from, siruta, cadastral_number, geom)"
        " SELECT id, '2026-01-01', 77812, '1', ST_Multi(ST_MakeEnvelope(0, 0, 1, 1, 3844)) FROM v"
    )


def test_table_with_rows_is_left_alone(connection: psycopg.Connection[Any]) -> None:
    insert_parcel(connection)
    before = state(connection)
    with filling(connection, TABLE, 100_000):
        assert state(connection) == before
    assert connection.execute("SELECT count(*) FROM cadastre.parcel").fetchone() == (1,)


def test_what_refers_to_the_table_is_never_emptied(connection: psycopg.Connection[Any]) -> None:
    """TRUNCATE would take along every table with a foreign key to this one, null or not."""
    connection.execute("CREATE TABLE public.remembers (parcel_id bigint REFERENCES cadastre.parcel (id))")
    connection.execute("INSERT INTO public.remembers VALUES (NULL)")
    with filling(connection, TABLE, 100_000):
        pass
    assert connection.execute("SELECT count(*) FROM public.remembers").fetchone() == (1,)
