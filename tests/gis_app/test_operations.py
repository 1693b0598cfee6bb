"""What those who run it rely on: alive, ready, measured, traceable, behind a proxy or not."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
from pathlib import Path

import flask
import psycopg
import pytest
import structlog
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI

from gis_app import create_app, limits, logs
from gis_app.settings import WebSettings
from tests.conftest import DatabaseMaker
from tests.gis_app.conftest import PARCEL

CHECKS = ["database", "migrations", "layers", "data", "derived", "seal"]


def test_ready_when_everything_is(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200, answer.text
    assert answer.json["status"] == "ready"
    assert [check["name"] for check in answer.json["checks"]] == CHECKS


def test_an_empty_installation_is_alive_and_not_ready(
    database: str, seal_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VATRA_DATABASE_URL", database)
    monkeypatch.setenv("VATRA_SEAL", str(seal_file))
    monkeypatch.setenv("VATRA_SEAL_PASSWORD", "demo")
    client = create_app().test_client()
    assert client.get("/healthz").json == {"status": "alive"}
    answer = client.get("/readyz")
    assert answer.status_code == 503
    failed = {check["name"]: check["detail"] for check in answer.json["checks"] if not check["ok"]}
    assert failed.keys() == {"layers"}
    assert "planning.zone" in failed["layers"]
    assert "vatra layers import" in failed["layers"]
    assert client.get("/").status_code == 200


def test_a_database_of_another_revision_is_not_ready(
    fresh_database: str, settings: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(fresh_database) as connection:
        connection.execute("UPDATE catalogue.alembic_version SET version_num = '0001_layers'")
    monkeypatch.setenv("VATRA_DATABASE_URL", fresh_database)
    checks = {check["name"]: check for check in create_app().test_client().get("/readyz").json["checks"]}
    assert not checks["migrations"]["ok"]
    assert "0001_layers" in checks["migrations"]["detail"]


def test_an_unmigrated_database_is_not_ready(
    server: str, settings: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VATRA_DATABASE_URL", server)
    answer = create_app().test_client().get("/readyz")
    assert answer.status_code == 503
    failed = {check["name"] for check in answer.json["checks"] if not check["ok"]}
    assert {"migrations", "layers"} <= failed


def test_a_layer_whose_rows_are_gone_is_named(
    make_database: DatabaseMaker, demo_template: str, settings: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = make_database("damaged", demo_template)
    with psycopg.connect(damaged) as connection:
        connection.execute("DELETE FROM utilities.node")
    monkeypatch.setenv("VATRA_DATABASE_URL", damaged)
    answer = create_app().test_client().get("/readyz")
    assert answer.status_code == 503
    failed = {check["name"]: check["detail"] for check in answer.json["checks"] if not check["ok"]}
    assert failed == {"data": "utilities.node: the rows of the version in force are gone"}


def test_without_a_database_only_alive(settings: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VATRA_DATABASE_URL", "postgresql://vatra:geheim@localhost:1/vatra")
    monkeypatch.setenv("VATRA_POOL_TIMEOUT_S", "0.5")
    client = create_app().test_client()
    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz")
    assert ready.status_code == 503
    assert "geheim" not in ready.text
    checked = client.post("/api/v1/checks", json={"parcel": PARCEL})
    assert checked.status_code == 503
    assert json.loads(checked.text)["type"] == "urn:vatra:problem:database-unavailable"
    assert "geheim" not in checked.text


def test_times_are_told(client: FlaskClient) -> None:
    header = client.post("/api/v1/checks", json={"parcel": PARCEL}).headers["Server-Timing"]
    assert re.fullmatch(r"db;dur=\d+\.\d\d, total;dur=\d+\.\d\d", header)
    parts = dict(part.split(";dur=") for part in header.split(", "))
    assert 0 < float(parts["db"]) < float(parts["total"])


def test_a_check_is_one_statement(app: OpenAPI, client: FlaskClient) -> None:
    client.post("/api/v1/checks", json={"parcel": PARCEL})
    with client:
        client.post("/api/v1/checks", json={"parcel": PARCEL})
        assert flask.g.spans["db"].count == 1


def test_a_request_id_leads_from_the_answer_to_the_log(client: FlaskClient) -> None:
    with structlog.testing.capture_logs() as logged:
        answer = client.get("/healthz", headers={"X-Request-ID": "proxy-4711-abc"})
        own = client.get("/healthz")
    assert answer.headers["X-Request-ID"] == "proxy-4711-abc"
    assert re.fullmatch("[0-9a-f]{32}", own.headers["X-Request-ID"])
    assert [entry["route"] for entry in logged if entry["event"] == "request"] == ["/healthz", "/healthz"]


def test_https_is_told_by_a_trusted_proxy_only(settings: None) -> None:
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    trusting = create_app(WebSettings(trusted_proxies=1)).test_client()
    assert "max-age" in trusting.get("/healthz", headers=forwarded).headers["Strict-Transport-Security"]
    direct = create_app(WebSettings(trusted_proxies=0)).test_client()
    assert "Strict-Transport-Security" not in direct.get("/healthz", headers=forwarded).headers


def test_drawings_take_turns(settings: None) -> None:
    app = create_app(WebSettings(drawings_at_once=1, drawing_wait_s=0.2))
    with app.app_context(), limits.current().drawing():
        answer = app.test_client().get("/api/v1/plans", query_string=PARCEL)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "5"
        checked = app.test_client().post("/api/v1/checks", json={"parcel": PARCEL})
        assert checked.status_code == 200
    assert app.test_client().get("/api/v1/plans", query_string=PARCEL).status_code == 200


def test_libraries_log_json_too(capfd: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    kept, level = list(root.handlers), root.level
    configured = structlog.get_config()
    try:
        logs.configure()
        logging.getLogger("psycopg.pool").warning("error connecting in %r", "pool-1")
        structlog.get_logger("vatra.test").info("hello", number=1)
        try:
            raise ValueError("inside")
        except ValueError:
            logging.getLogger("gunicorn.error").exception("failed")
    finally:
        structlog.configure(**configured)
        root.handlers[:] = kept
        root.setLevel(level)
    entries = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert [entry["event"] for entry in entries] == ["error connecting in 'pool-1'", "hello", "failed"]
    assert entries[0]["logger"] == "psycopg.pool"
    assert "ValueError: inside" in entries[2]["exception"]
    assert all(entry["timestamp"].endswith("Z") for entry in entries)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BODY_LIMIT_BYTES", "10"),
        ("TRUSTED_PROXIES", "-1"),
        ("DRAWINGS_AT_ONCE", "0"),
        ("DRAWING_WAIT_S", "soon"),
    ],
)
def test_wrong_settings_are_refused_at_once(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"VATRA_WEB_{name}", value)
    with pytest.raises(ValueError, match=name.lower()):
        WebSettings()


def test_serving_refuses_wrong_settings_and_names_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VATRA_WEB_BODY_LIMIT_BYTES", "10")
    monkeypatch.setenv("VATRA_POOL_SIZE", "many")
    result = _serve()
    assert result.returncode == 1
    assert "VATRA_WEB_BODY_LIMIT_BYTES=10" in result.stderr
    assert "VATRA_POOL_SIZE=many" in result.stderr
    assert "Traceback" not in result.stderr


def test_serving_refuses_a_wrong_rule_and_names_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "roads.protection-zone.yaml").write_text("id: roads.protection-zone\ncolour: red\n")
    monkeypatch.setenv("VATRA_RULES", str(tmp_path))
    result = _serve()
    assert result.returncode == 1
    assert "roads.protection-zone.yaml:2" in result.stderr
    assert "Traceback" not in result.stderr


def _serve() -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("vatra")), "serve", "--port", "0"]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
