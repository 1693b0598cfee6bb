"""Spans add up by name, stay in their thread, and cost nothing where nobody asks."""

from __future__ import annotations

import threading
import time

import pytest

from layers import database, timing


def test_spans_add_up_by_name() -> None:
    spans = timing.start()
    for _ in range(3):
        with timing.span("db"):
            time.sleep(0.002)
    with timing.span("draw"), timing.span("db"):
        pass
    assert spans["db"].count == 4
    assert spans["db"].seconds >= 0.006
    assert timing.current() is spans


def test_a_span_counts_although_its_block_fails() -> None:
    spans = timing.start()
    with pytest.raises(ZeroDivisionError), timing.span("db"):
        raise ZeroDivisionError
    assert spans["db"].count == 1


def test_threads_do_not_see_each_other() -> None:
    seen: list[dict[str, timing.Span]] = []
    timing.start()
    with timing.span("mine"):
        other = threading.Thread(target=lambda: seen.append(timing.current()))
        other.start()
        other.join()
    assert seen == [{}]


def test_every_statement_is_counted(database: str) -> None:
    spans = timing.start()
    with _database(database) as connection:
        connection.execute("SELECT 1")
        connection.cursor().execute("SELECT pg_sleep(0.01)")
    assert spans["db"].count == 2
    assert spans["db"].seconds >= 0.01


_database = database.reading
