"""Many checks at once, each with its own answer; one statement a check; old or new data, never both."""

from __future__ import annotations

import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import psycopg
import pytest
import shapely
from psycopg.pq import Trace

import analysis
from analysis.findings import CheckReport
from analysis.rulebook import rulebook
from analysis.subject import Drawn, Parcels
from layers.database import pool, reading
from tests.analysis.world import SIRUTA, TODAY, World, box, rule, rules

FOREST = rules(rule(layer="environment.forest", relation="intersects"))


def content(report: CheckReport) -> dict[str, Any]:
    """All of a report but the moment it was made."""
    return report.model_dump(exclude={"checked_at"})


@pytest.fixture(scope="module")
def subjects(demo_database: str) -> list[tuple[Parcels | Drawn, date]]:
    """Three hundred different subjects: parcels, pairs of neighbours, areas, lines; on two days."""
    with psycopg.connect(demo_database) as connection:
        rows = connection.execute(
            "SELECT siruta, cadastral_number, ST_AsBinary(ST_Envelope(geom)) FROM cadastre.parcel"
            " ORDER BY md5(id::text) LIMIT 200"
        ).fetchall()
    asked: list[tuple[Parcels | Drawn, date]] = []
    for number, (siruta, cadastral_number, outline) in enumerate(rows):
        day = TODAY if number % 2 else date(2026, 8, 24)
        asked.append((analysis.parcel(siruta, cadastral_number), day))
        if number % 4 == 0:
            asked.append((analysis.area(shapely.from_wkb(outline)), day))
        if number % 4 == 1:
            diagonal = shapely.LineString(shapely.get_coordinates(shapely.from_wkb(outline))[[0, 2]])
            asked.append((analysis.line(diagonal), day))
    return asked


def test_hundreds_at_once_answer_as_one_by_one(
    demo_database: str, subjects: list[tuple[Parcels | Drawn, date]]
) -> None:
    alone = [content(analysis.check(subject, day, database=demo_database)) for subject, day in subjects]
    with ThreadPoolExecutor(8) as threads:
        together = list(
            threads.map(
                lambda asked: content(analysis.check(asked[0], asked[1], database=demo_database)), subjects
            )
        )
    assert len(alone) == 300
    assert [one["subject"]["geometry"] for one in alone] != [alone[0]["subject"]["geometry"]] * len(alone)
    for expected, found in zip(alone, together, strict=True):
        assert found == expected


def test_every_rule_ends_in_one_of_three(
    demo_database: str, subjects: list[tuple[Parcels | Drawn, date]]
) -> None:
    for subject, day in subjects[:60]:
        report = analysis.check(subject, day, database=demo_database)
        applies = {finding.rule for finding in report.findings}
        absent = set(report.not_applicable)
        unchecked = {gap.rule for gap in report.not_checked}
        in_force = {rule.id for rule, _ in rulebook().in_force(day)}
        assert applies | absent | unchecked == in_force
        assert not absent & (applies | unchecked)


def test_the_json_is_what_the_model_says(
    demo_database: str, subjects: list[tuple[Parcels | Drawn, date]]
) -> None:
    # Reports are put together without validation, for speed; here each is validated.
    for subject, day in subjects[:60]:
        report = analysis.check(subject, day, database=demo_database)
        again = CheckReport.model_validate_json(report.model_dump_json(by_alias=True))
        assert again.model_dump(mode="json") == report.model_dump(mode="json")
        assert report.to_json() == report.model_dump_json(by_alias=True).encode()


def test_a_check_is_one_round_trip(demo_database: str, subjects: list[tuple[Parcels | Drawn, date]]) -> None:
    with reading(demo_database) as connection, tempfile.TemporaryFile() as protocol:
        for subject, day in subjects[:4]:
            analysis.check(subject, day, database=connection)  # prepares the statement
        connection.pgconn.trace(protocol.fileno())
        connection.pgconn.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)
        for subject, day in subjects[:4]:
            analysis.check(subject, day, database=connection)
        connection.pgconn.untrace()
        protocol.seek(0)
        sent = [line.split(b"\t")[2].strip().split()[0] for line in protocol if line.startswith(b"F\t")]
    assert [kind for kind in sent if kind in (b"Sync", b"Query")] == [b"Sync"] * 4
    assert sent.count(b"Execute") == 4
    assert b"Parse" not in sent


def test_readers_see_old_or_new_but_never_both(fresh_database: str) -> None:
    with psycopg.connect(fresh_database) as connection:
        world = World(connection)
        world.uat()
        world.parcel("1", box(0, 0, 50, 20))
        world.add("environment.forest", box(0, 0, 10, 20), name="1")
    seen: set[tuple[str, ...]] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            report = analysis.check(
                analysis.parcel(SIRUTA, "1"), TODAY, database=fresh_database, rules=FOREST
            )
            seen.add(tuple(f.feature.attributes["name"] for f in report.findings if f.feature))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(2, 12):
        with psycopg.connect(fresh_database) as connection:
            connection.execute("DELETE FROM environment.forest")
            World(connection).add("environment.forest", box(0, 0, number, 20), name=str(number))
    done.set()
    for reader in readers:
        reader.join()
    pool(fresh_database).close()
    assert {len(names) for names in seen} == {1}
