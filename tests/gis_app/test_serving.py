"""The real server: many at once, a graceful stop, a database that goes away and comes back."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
import requests
from pypdf import PdfReader

import analysis
from analysis.derived.refreshing import APPLICATION
from analysis.findings import CheckReport
from gis_app.accounts import audit, tokens
from tests.conftest import ROOT, DatabaseMaker
from tests.gis_app.conftest import Served, bearer, start

CHECKS = 300


def parcels_of(county: str, limit: int) -> list[dict[str, Any]]:
    """Parcels spread over the county."""
    with psycopg.connect(county) as connection:
        rows = connection.execute(
            "SELECT siruta, cadastral_number FROM cadastre.parcel WHERE valid_to = 'infinity'"
            " ORDER BY md5(id::text) LIMIT %s",
            [limit],
        ).fetchall()
    return [{"siruta": siruta, "cadastral_number": number} for siruta, number in rows]


def comparable(report: CheckReport) -> dict[str, Any]:
    """Everything of a report but the moment it was made."""
    return report.model_dump(mode="json", exclude={"checked_at"})


def test_hundreds_of_different_checks_at_once(served: Served, county: str) -> None:
    """Each answer is that of its own parcel, whatever is asked beside it."""
    parcels = parcels_of(county, CHECKS)
    local = threading.local()

    def ask(parcel: dict[str, Any]) -> CheckReport:
        session = getattr(local, "session", None) or requests.Session()
        local.session = session
        answer = session.post(f"{served.url}/api/v1/checks", json={"parcel": parcel}, timeout=60)
        assert answer.status_code == 200, answer.text
        return CheckReport.model_validate_json(answer.content)

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(ask, parcels))
    assert len({(answer.subject.siruta, answer.subject.cadastral_number) for answer in answers}) == CHECKS
    for parcel, answer in zip(parcels, answers, strict=True):
        alone = analysis.check(analysis.parcel(**parcel), database=county)
        expected = CheckReport.model_validate_json(alone.model_dump_json(by_alias=True))
        assert comparable(answer) == comparable(expected)


def test_previews_and_checks_at_once_do_not_mix(served: Served, county: str) -> None:
    parcels = parcels_of(county, 12)

    def preview(parcel: dict[str, Any]) -> dict[str, Any]:
        answer = requests.post(
            f"{served.url}/api/v1/certificates",
            json={"parcel": parcel},
            headers={"Accept": "application/json"},
            timeout=120,
        )
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(preview, parcels))
    for parcel, answer in zip(parcels, answers, strict=True):
        told = json.dumps(answer["document"], ensure_ascii=False)
        assert parcel["cadastral_number"] in told
        for annex in answer["document"]["annexes"]:
            assert parcel["cadastral_number"] in annex["alt"]


def test_certificates_issued_at_once_have_numbers_without_gaps(
    served: Served, county: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is that of its own parcel; what could not be issued took no number."""
    monkeypatch.setenv("VATRA_DATABASE_URL", county)
    headers = {
        **bearer(tokens.create("register-at-once", ("certificates:issue",))),
        "Accept": "application/pdf",
    }
    parcels = parcels_of(county, 16)
    first = _last_sequence(county) + 1

    def issue(parcel: dict[str, Any]) -> requests.Response:
        return requests.post(
            f"{served.url}/api/v1/certificates", json={"parcel": parcel}, headers=headers, timeout=180
        )

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(issue, parcels))
    assert {answer.status_code for answer in answers} <= {200, 409}
    issued = [(parcel, answer) for parcel, answer in zip(parcels, answers, strict=True) if answer.ok]
    assert len(issued) >= 8
    sequences = []
    for parcel, answer in issued:
        number = answer.headers["Link"].split(">")[0].removeprefix("</verify/")
        sequences.append(int(number.split("-")[-1]))
        text = "".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)
        assert number in text
        assert parcel["cadastral_number"] in text
        others = {other["cadastral_number"] for other, _ in issued} - {parcel["cadastral_number"]}
        assert not [other for other in others if f"Nr. cadastral {other}" in text]
    assert sorted(sequences) == list(range(first, first + len(issued)))
    assert audit.broken_at() is None


def test_workers_share_their_measurements(
    served: Served, county: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VATRA_DATABASE_URL", county)
    secret = tokens.create("prometheus-served", ("metrics:read",))

    def counted() -> float:
        answer = requests.get(f"{served.url}/metrics", headers=bearer(secret), timeout=10)
        assert answer.headers["Content-Type"].startswith("text/plain")
        lines = [line for line in answer.text.splitlines() if line.startswith("vatra_request_seconds_count")]
        return sum(float(line.split()[-1]) for line in lines if 'route="/healthz"' in line)

    before = counted()
    for _ in range(20):
        requests.get(f"{served.url}/healthz", timeout=10)  # a connection each, so that both workers answer
    assert counted() == before + 20


def test_the_log_is_json_without_personal_data(served: Served) -> None:
    answer = served.session.get(
        f"{served.url}/adresa",
        params={"adresa": "Popescu Ion, Morii 12"},
        headers={"X-Request-ID": "log-test-0001", "User-Agent": "agent-of-somebody"},
        timeout=20,
    )
    assert answer.headers["X-Request-ID"] == "log-test-0001"
    text = served.log.read_text()
    entries = [json.loads(line) for line in text.splitlines()]
    entry = next(entry for entry in entries if entry.get("request_id") == "log-test-0001")
    assert entry["route"] == "/adresa"
    assert entry["status"] == answer.status_code
    assert entry["db_ms"] > 0
    for private in ("Popescu", "Morii", "127.0.0.1:", "agent-of-somebody"):
        assert private not in json.dumps(entry)


@pytest.mark.parametrize(
    "given", ["short", "with space and more", "x" * 65, "naïve-identifier", 'quote"quote']
)
def test_an_odd_request_id_is_replaced(served: Served, given: str) -> None:
    answer = served.session.get(f"{served.url}/healthz", headers={"X-Request-ID": given.encode()}, timeout=10)
    assert answer.headers["X-Request-ID"] != given
    assert len(answer.headers["X-Request-ID"]) == 32


@pytest.fixture
def own_county(county: str, make_database: DatabaseMaker, tmp_path: Path) -> Iterator[str]:
    """A database that a test may disturb."""
    address = make_database("disturbed")
    yield address
    make_database.drop(address)


def test_a_stop_lets_requests_in_flight_finish(own_county: str, tmp_path: Path) -> None:
    """The database holds the answer back until after the stop was asked for."""
    # One worker: another might still be warming up, and would wait for the same lock.
    settings = {"VATRA_DATABASE_URL": own_county, "VATRA_LOCK_TIMEOUT_MS": "20000"}
    served = start(tmp_path, settings, workers=1)
    children = psutil.Process(served.process.pid).children(recursive=True)
    answers: list[requests.Response] = []

    def ask() -> None:
        answers.append(requests.get(f"{served.url}/api/v1/layers", timeout=40))

    with psycopg.connect(own_county) as blocker:
        blocker.execute("LOCK TABLE catalogue.layer_version IN ACCESS EXCLUSIVE MODE")
        asking = threading.Thread(target=ask)
        asking.start()
        wait_until(lambda: _waiting(own_county) == 1)
        served.process.terminate()
        wait_until(lambda: _is_leaving(served))
        assert served.process.poll() is None, "it went without waiting for the request"
        blocker.rollback()
    asking.join(timeout=30)
    assert [answer.status_code for answer in answers] == [200]
    assert served.process.wait(timeout=40) == 0
    wait_until(
        lambda: not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children),
        seconds=2,
    )


def test_connections_that_were_cut_are_replaced(own_county: str, tmp_path: Path) -> None:
    """The server closes every pooled connection; the next request does not notice."""
    served = start(tmp_path, {"VATRA_DATABASE_URL": own_county}, workers=1)
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: _status(served), range(12))) == {200}
    with psycopg.connect(own_county, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: _status(served), range(12))) == {200}
    assert served.stop() == 0


def test_a_database_that_goes_away_and_comes_back(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A cluster of its own: stopped in the middle of a request, 503 meanwhile, back without help."""
    home = Path(f"/var/tmp/vatra-test-{os.getpid()}")
    folder = tmp_path_factory.mktemp("restart")
    environment = {"VATRA_HOME": str(home), "VATRA_DATABASE_URL": ""}
    served: Served | None = None
    try:
        _vatra(environment, "up")
        served = start(folder, environment, workers=1)
        assert _status(served) == 200
        assert _in_the_middle(served, environment) == 503
        down = served.session.get(f"{served.url}/api/v1/layers", timeout=20)
        assert down.status_code == 503
        assert down.headers["Content-Type"] == "application/problem+json"
        assert down.json()["type"] == "urn:vatra:problem:database-unavailable"
        assert int(down.headers["Retry-After"]) > 0
        assert served.session.get(f"{served.url}/healthz", timeout=5).status_code == 200
        ready = served.session.get(f"{served.url}/readyz", timeout=40)
        assert ready.status_code == 503
        assert not next(check for check in ready.json()["checks"] if check["name"] == "database")["ok"]
        page = served.session.get(served.url, headers={"Accept": "text/html"}, timeout=20)
        assert page.status_code == 503
        assert "Baza de date nu răspunde" in page.text
        _vatra(environment, "up")
        # No restart, no help: within seconds, not within the minutes of an exponential back-off.
        wait_until(lambda: _status(served) == 200, seconds=15)
        with ThreadPoolExecutor(4) as pool:
            assert set(pool.map(lambda _: _status(served), range(20))) == {200}
    finally:
        if served:
            served.stop()
        _vatra(environment, "down")
        shutil.rmtree(home)


def wait_until(done: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for something to become true; fail when it does not."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def _in_the_middle(served: Served, environment: dict[str, str]) -> int:
    """The status of a request whose database is stopped while it waits for it."""
    address = f"postgresql:///vatra?host={Path(environment['VATRA_HOME']) / 'run'}&user=vatra"
    answers: list[int] = []
    # Closed, not left by `with`: that would commit on a connection that is no more.
    with closing(psycopg.connect(address)) as blocker:
        blocker.execute("LOCK TABLE catalogue.layer_version IN ACCESS EXCLUSIVE MODE")
        asking = threading.Thread(target=lambda: answers.append(_status(served)))
        asking.start()
        wait_until(lambda: _waiting(address) == 1)
        # The holder of the lock must not be gone before the one who waits for it: held still until then.
        os.kill(blocker.info.backend_pid, signal.SIGSTOP)
        stopping = threading.Thread(target=_vatra, args=(environment, "down"))
        stopping.start()
        asking.join(timeout=20)
        os.kill(blocker.info.backend_pid, signal.SIGCONT)
        stopping.join()
    return answers[0]


def _last_sequence(county: str) -> int:
    with psycopg.connect(county) as connection:
        row = connection.execute("SELECT coalesce(max(sequence), 0) FROM cases.issued_document").fetchone()
    return int(row[0]) if row else 0


def _status(served: Served) -> int:
    return requests.get(f"{served.url}/api/v1/layers", timeout=40).status_code


def _is_leaving(served: Served) -> bool:
    """A worker that stops says so on connections that were kept open."""
    answer = served.session.get(f"{served.url}/healthz", timeout=10)
    return answer.headers.get("Connection") == "close"


def _waiting(address: str) -> int:
    with psycopg.connect(address) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            " AND application_name <> %s",
            [APPLICATION],
        ).fetchone()
    return int(row[0]) if row else 0


def _vatra(environment: dict[str, str], *arguments: str) -> None:
    command = [str(Path(sys.executable).with_name("vatra")), *arguments]
    subprocess.run(command, check=True, env={**os.environ, **environment}, capture_output=True, cwd=ROOT)
