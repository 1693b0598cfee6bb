"""The pool: bounded, quick to notice a server that went and one that came back."""

from __future__ import annotations

import threading

import psycopg
import pytest

from layers import database
from layers.errors import DatabaseUnavailable


@pytest.fixture
def address(database: str) -> str:
    """A database."""
    return database


def cut(address: str) -> None:
    """End every connection to a database, as a restart does, and wait until all have gone."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_transaction_commits_or_rolls_back_as_a_whole(address: str) -> None:
    with database.connection(address) as connection:
        connection.execute("CREATE TABLE public.kept (n int)")
        connection.execute("INSERT INTO public.kept VALUES (1)")
    with pytest.raises(ZeroDivisionError):
        _fail_after_insert(address)
    with database.reading(address) as connection:
        assert connection.execute("SELECT n FROM public.kept").fetchall() == [(1,)]
        connection.execute("DROP TABLE public.kept")


def test_sessions_have_timeouts_and_no_jit(address: str) -> None:
    with database.reading(address) as connection:
        row = connection.execute(
            "SELECT current_setting('statement_timeout'), current_setting('lock_timeout'), current_setting('jit')"
        ).fetchone()
    assert row == ("10s", "3s", "off")


def test_reading_leaves_the_next_borrower_a_transaction(address: str) -> None:
    with database.reading(address) as connection:
        assert connection.autocommit
    with database.connection(address) as connection:
        assert not connection.autocommit


def test_an_error_in_reading_harms_nobody(address: str) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero), database.reading(address) as connection:
        connection.execute("SELECT 1 / 0")
    with database.reading(address) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_connection_cut_while_idle_is_not_lent(address: str) -> None:
    """Several at once: the pool's own re-checking would sleep a second after the second bad one."""
    together = threading.Barrier(5)

    def ask() -> None:
        with database.reading(address) as connection:
            connection.execute("SELECT 1")
            together.wait(timeout=20)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    together.wait(timeout=20)
    for thread in threads:
        thread.join()
    cut(address)
    for _ in range(8):
        with database.reading(address) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_connection_cut_in_use_is_told_and_replaced(address: str) -> None:
    with pytest.raises(DatabaseUnavailable, match="vatra up"):
        _ask_after_cut(address)
    with database.connection(address) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_server_that_is_not_there_is_told_without_hanging(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VATRA_POOL_TIMEOUT_S", "0.5")
    nowhere = "postgresql:///vatra?host=/nowhere&user=vatra"
    with pytest.raises(DatabaseUnavailable), database.reading(nowhere):
        pass
    database.pool(nowhere).close()


def test_the_pool_is_bounded(address: str) -> None:
    pool = database.pool(address)
    assert pool.max_size == 8
    assert database.pool(address) is pool


def _fail_after_insert(address: str) -> None:
    with database.connection(address) as connection:
        connection.execute("INSERT INTO public.kept VALUES (2)")
        raise ZeroDivisionError


def _ask_after_cut(address: str) -> None:
    with database.reading(address) as connection:
        cut(address)
        connection.execute("SELECT 1")
