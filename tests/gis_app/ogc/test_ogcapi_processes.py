"""The process ``parcel-check``: the report of the API, at once or as a job that outlives the process running it."""

from __future__ import annotations

import signal
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
import requests
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gis_app.ogc.ogcapi import jobs
from layers import database
from tests.conftest import DatabaseMaker
from tests.gis_app.conftest import PARCEL, Served, bearer, start
from tests.gis_app.ogc.ogcapi import get, read, refused, rows

EXECUTION = "/ogcapi/processes/parcel-check/execution"
LATER = {"Prefer": "respond-async"}
BODY = {"inputs": {"parcel": PARCEL}}


def settled(report: dict[str, Any]) -> dict[str, Any]:
    """A report without the moment at which it was made."""
    return {name: value for name, value in report.items() if name != "checked_at"}


def accepted(client: FlaskClient, body: Any, headers: dict[str, str] | None = None) -> TestResponse:
    answer = client.post(EXECUTION, json=body, headers={**LATER, **(headers or {})})
    assert answer.status_code == 201, answer.text
    return answer


def finished(client: FlaskClient, job_id: str) -> Any:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        told = read(client, f"/jobs/{job_id}")
        if told["status"] not in ("accepted", "running"):
            return told
        time.sleep(0.02)
    raise AssertionError(f"job {job_id} does not end")


def test_the_process_is_described(client: FlaskClient) -> None:
    (one,) = read(client, "/processes")["processes"]
    assert one["id"] == "parcel-check"
    assert {"sync-execute", "async-execute"} <= set(one["jobControlOptions"])
    described = read(client, "/processes/parcel-check")
    assert {"parcel", "parcels", "geometry", "coordinates", "crs", "as_of"} == set(described["inputs"])
    assert "findings" in described["outputs"]["report"]["schema"]["properties"]
    assert client.post(EXECUTION, json=described["example"]).status_code == 200


@pytest.mark.parametrize(
    "inputs",
    [
        {"parcel": PARCEL},
        {"parcel": PARCEL, "as_of": "2026-03-01"},
        {"parcels": [PARCEL]},
        {
            "geometry": {"type": "LineString", "coordinates": [[354560, 396290], [354600, 396320]]},
            "crs": "EPSG:3844",
        },
        {"coordinates": "1 396290.00 354560.00\n2 396290.00 354600.00\n3 396320.00 354580.00"},
    ],
)
def test_the_result_is_the_report_of_the_api(client: FlaskClient, inputs: dict[str, Any]) -> None:
    expected = client.post("/api/v1/checks", json=inputs)
    at_once = client.post(EXECUTION, json={"inputs": inputs})
    assert at_once.status_code == 200
    assert at_once.content_type == expected.content_type == "application/json"
    assert settled(at_once.json) == settled(expected.json)
    assert at_once.text.partition('"checked_at"')[0] == expected.text.partition('"checked_at"')[0]
    job = accepted(client, {"inputs": inputs}).json["jobID"]
    assert finished(client, job)["status"] == "successful"
    results = get(client, f"/jobs/{job}/results")
    assert settled(results.json) == settled(expected.json)
    document = client.post(EXECUTION, json={"inputs": inputs, "response": "document"}).json
    assert settled(document["report"]) == settled(expected.json)


def test_inputs_may_come_with_their_media_type(client: FlaskClient) -> None:
    qualified = {"parcel": {"value": PARCEL, "mediaType": "application/json"}}
    assert client.post(EXECUTION, json={"inputs": qualified}).status_code == 200


def test_a_job_tells_how_it_is_doing(client: FlaskClient) -> None:
    answer = accepted(client, BODY)
    assert answer.headers["Preference-Applied"] == "respond-async"
    job = answer.json["jobID"]
    assert answer.headers["Location"] == f"http://localhost/ogcapi/jobs/{job}"
    assert answer.json["status"] == "accepted"
    told = finished(client, job)
    assert told["processID"] == "parcel-check"
    assert told["progress"] == 100
    assert told["created"] <= told["started"] <= told["finished"]
    assert any(one["href"].endswith(f"/jobs/{job}/results") for one in told["links"])
    assert "results" in get(client, f"/jobs/{job}", f="html").text


def test_a_job_that_fails_says_why(client: FlaskClient) -> None:
    body = {"inputs": {"parcel": {**PARCEL, "cadastral_number": "nope"}}}
    assert client.post(EXECUTION, json=body).status_code == 404
    job = accepted(client, body).json["jobID"]
    told = finished(client, job)
    assert told["status"] == "failed"
    assert "nope" in told["message"]
    assert "nope" in refused(client, f"/jobs/{job}/results", 404)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"inputs": {}}, 422),
        ({"inputs": {"parcel": PARCEL, "geometry": {"type": "Point", "coordinates": [1, 2]}}}, 422),
        ({"inputs": {"parcel": PARCEL}, "outputs": {"nope": {}}}, 422),
        ({"inputs": {"parcel": PARCEL}, "subscriber": {"successUri": "http://169.254.169.254/"}}, 422),
        ({"inputs": {"parcel": PARCEL}, "response": "xml"}, 422),
        ({"inputs": []}, 422),
        ([], 422),
    ],
)
def test_wrong_executions_are_refused_at_once(client: FlaskClient, body: Any, status: int) -> None:
    for headers in ({}, LATER):
        answer = client.post(EXECUTION, json=body, headers=headers)
        assert answer.status_code == status
        assert answer.content_type == "application/problem+json"
    assert client.post(EXECUTION, data=b"{").status_code == 400
    assert client.post("/ogcapi/processes/nope/execution", json=BODY).status_code == 404
    assert client.get(EXECUTION).status_code in (404, 405)


def test_a_dismissed_job_gives_nothing(client: FlaskClient) -> None:
    job = accepted(client, BODY).json["jobID"]
    finished(client, job)
    answer = client.delete(f"/ogcapi/jobs/{job}")
    assert answer.status_code == 200
    assert answer.json["status"] == "dismissed"
    refused(client, f"/jobs/{job}/results", 404)
    assert read(client, f"/jobs/{job}")["status"] == "dismissed"
    assert client.delete(f"/ogcapi/jobs/{uuid.uuid4()}").status_code == 404


def test_lists_show_a_token_s_own_jobs(client: FlaskClient, token: Callable[..., str]) -> None:
    mine, other = bearer(token("layers:operator")), bearer(token("layers:operator"))
    job = accepted(client, BODY, mine).json["jobID"]
    anonymous = accepted(client, BODY).json["jobID"]
    listed = [one["jobID"] for one in read(client, "/jobs", mine)["jobs"]]
    assert job in listed
    assert anonymous not in listed
    assert job not in [one["jobID"] for one in read(client, "/jobs", other)["jobs"]]
    assert read(client, "/jobs")["jobs"] == []
    finished(client, job)
    finished(client, anonymous)


def test_no_more_jobs_wait_than_can_be_borne(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MOST_WAITING", 0)
    answer = client.post(EXECUTION, json=BODY, headers=LATER)
    assert answer.status_code == 503


@pytest.fixture
def alone(make_database: DatabaseMaker, demo_template: str, tmp_path: Path) -> Iterator[tuple[Served, str]]:
    """A server of one worker over a county of its own."""
    address = make_database("ogcapi_jobs", demo_template)
    running = start(tmp_path, {"VATRA_DATABASE_URL": address, "VATRA_LOCK_TIMEOUT_MS": "60000"}, workers=1)
    yield running, address
    running.stop()
    make_database.drop(address)


def told(server: Served, job: str) -> Any:
    """How a job is doing, asked as soon as somebody answers."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            return requests.get(f"{server.url}/ogcapi/jobs/{job}", timeout=10).json()
        except requests.RequestException:
            time.sleep(0.1)
    raise AssertionError("nobody answers")


def wait_for(server: Served, job: str, *statuses: str) -> Any:
    deadline = time.monotonic() + 60
    while (state := told(server, job))["status"] not in statuses:
        assert time.monotonic() < deadline, state
        time.sleep(0.05)
    return state


def kill_worker(server: Served) -> None:
    """End the process that answers and runs jobs, as a lack of memory would."""
    master = psutil.Process(server.process.pid)
    for child in master.children():
        if child.cmdline() == master.cmdline():
            child.send_signal(signal.SIGKILL)


def test_a_job_outlives_the_process_that_runs_it(alone: tuple[Served, str]) -> None:
    server, address = alone
    with psycopg.connect(address) as blocker:
        blocker.execute("LOCK TABLE cadastre.parcel IN ACCESS EXCLUSIVE MODE")
        body = {"inputs": {"parcel": PARCEL, "as_of": "2026-05-01"}}
        job = requests.post(f"{server.url}{EXECUTION}", json=body, headers=LATER, timeout=10).json()["jobID"]
        wait_for(server, job, "running")
        kill_worker(server)
        assert told(server, job)["status"] in ("accepted", "running")
    assert wait_for(server, job, "successful", "failed")["status"] == "successful"
    assert rows(address, "SELECT attempts FROM jobs.process_job WHERE id = %s", job) == [(2,)]
    report = requests.get(f"{server.url}/ogcapi/jobs/{job}/results", timeout=10).json()
    direct = requests.post(f"{server.url}/api/v1/checks", json=body["inputs"], timeout=10).json()
    assert settled(report) == settled(direct)


def test_a_job_waits_for_a_server_to_come_back(alone: tuple[Served, str], tmp_path: Path) -> None:
    _, address = alone
    with psycopg.connect(address) as connection:
        connection.execute(
            "INSERT INTO jobs.process_job (id, process, request, response, status, attempts) VALUES"
            " (%s, 'parcel-check', %s, 'raw', 'running', 1), (%s, 'parcel-check', %s, 'raw', 'running', 3)",
            [left := uuid.uuid4(), f'{{"parcel": {PARCEL}}}'.replace("'", '"'), spent := uuid.uuid4(), "{}"],
        )
    again = start(tmp_path, {"VATRA_DATABASE_URL": address}, workers=1)
    try:
        assert wait_for(again, str(left), "successful", "failed")["status"] == "successful"
        gone = wait_for(again, str(spent), "failed")
        assert "cut off" in gone["message"]
        assert requests.get(f"{again.url}/ogcapi/jobs/{spent}/results", timeout=10).status_code == 500
    finally:
        again.stop()


def test_two_never_run_the_same_job(settings: None, county: str) -> None:
    job = jobs.accept("parcel-check", "{}", "raw", None)
    with database.connect(county, autocommit=True) as one, database.connect(county, autocommit=True) as two:
        assert jobs.claim(one) == jobs.find(str(job.id))
        assert jobs.claim(two) is None
        jobs.finish(one, job, result="{}")
        assert jobs.claim(two) is None
    assert jobs.result(str(job.id)) == "{}"
