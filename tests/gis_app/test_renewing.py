"""Derived layers are brought up to date by whoever changes what they follow from: a server, too, as it starts."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from analysis import derived
from gis_app import create_app, renewing
from layers.errors import DatabaseUnavailable
from tests.conftest import DatabaseMaker
from tests.gis_app.conftest import start

STALE = "UPDATE catalogue.layer_version SET report = NULL WHERE layer = 'derived.kilometre_post'"


@pytest.fixture
def stale(make_database: DatabaseMaker, demo_template: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A county whose kilometre posts are not known to be up to date."""
    address = make_database("renewing", demo_template)
    with psycopg.connect(address) as connection:
        connection.execute(STALE)
    monkeypatch.setenv("VATRA_DATABASE_URL", address)
    yield address
    make_database.drop(address)


def test_ready_all_the_same_and_said_to_be_stale(
    stale: str, settings: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VATRA_DATABASE_URL", stale)
    answer = create_app().test_client().get("/readyz")
    assert answer.status_code == 200
    [told] = [check for check in answer.json["checks"] if check["name"] == "derived"]
    assert told["detail"] == "stale: derived.kilometre_post (built_up_limit, kilometre, uat_limit)"


def test_a_server_renews_them_as_it_starts(stale: str, seal_file: Path, tmp_path: Path) -> None:
    environment = {"VATRA_DATABASE_URL": stale, "VATRA_SEAL": str(seal_file), "VATRA_SEAL_PASSWORD": "demo"}
    served = start(tmp_path, environment, workers=2)
    try:
        deadline = time.monotonic() + 20
        while derived.stale(stale) and time.monotonic() < deadline:
            time.sleep(0.2)
        assert derived.stale(stale) == {}
        with psycopg.connect(stale) as connection:
            made = connection.execute(
                "SELECT count(*) FROM catalogue.layer_version WHERE layer = 'derived.kilometre_post'"
            ).fetchone()
        assert made == (2,)  # once, though there are two workers
    finally:
        served.stop()
    logged = served.log.read_text(encoding="utf-8").splitlines()
    lines = [json.loads(line) for line in logged if line.startswith("{")]
    [line] = [line for line in lines if line["event"] == "derived layer made"]
    assert line["layer"] == "derived.kilometre_post"


def test_by_hand_they_are_named(stale: str) -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("vatra")), "layers", "refresh"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "derived.kilometre_post" in done.stdout
    assert "protection_zone" not in done.stdout


def test_a_failure_afterwards_is_told_and_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VATRA_DATABASE_URL", "postgresql://vatra@localhost:1/vatra")
    [line] = renewing.try_to_renew()
    assert "`vatra layers refresh` tries again" in line
    with pytest.raises(DatabaseUnavailable):
        list(renewing.renew())
