"""The application over a small demo county, in process and as a real server."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from playwright.sync_api import Browser, sync_playwright

from gis_app import create_app
from gis_app.accounts import tokens
from gis_app.certificates.seal import DEMO_PASSWORD, demo_seal
from layers.demo import SHOWCASE
from tests.conftest import DatabaseMaker

PARCEL = {"siruta": SHOWCASE.siruta, "cadastral_number": SHOWCASE.cadastral_number}


@pytest.fixture(scope="session")
def county(make_database: DatabaseMaker, demo_template: str) -> str:
    """libpq URL of a demo county that these tests may issue certificates in."""
    return make_database("county", demo_template)


@pytest.fixture(scope="session")
def seal_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A throw-away seal."""
    path = tmp_path_factory.mktemp("seal") / "demo.p12"
    demo_seal(path)
    return path


@pytest.fixture
def settings(county: str, seal_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of an installation that can issue."""
    monkeypatch.setenv("VATRA_DATABASE_URL", county)
    monkeypatch.setenv("VATRA_SEAL", str(seal_file))
    monkeypatch.setenv("VATRA_SEAL_PASSWORD", DEMO_PASSWORD)
    monkeypatch.setenv("VATRA_AUTHORITY_BY_CONVENTION", "all")
    monkeypatch.setenv("VATRA_WEB_PREVIEWS_PER_MINUTE", "0")


@pytest.fixture
def app(settings: None) -> OpenAPI:
    """The application."""
    return create_app()


@pytest.fixture
def client(app: OpenAPI) -> FlaskClient:
    """A client without a token."""
    return app.test_client()


@pytest.fixture
def token(settings: None, request: pytest.FixtureRequest) -> Iterator[Callable[..., str]]:
    """Makes tokens of the scopes asked for; revokes them after the test."""
    made: list[str] = []

    def make(*scopes: str) -> str:
        name = f"{request.node.name}-{len(made)}"
        made.append(name)
        return tokens.create(name, scopes)

    yield make
    for name in made:
        if any(one.name == name and not one.revoked_at for one in tokens.listed()):
            tokens.revoke(name)


def bearer(secret: str) -> dict[str, str]:
    """The header that shows a token."""
    return {"Authorization": f"Bearer {secret}"}


@dataclass
class Served:
    """A running `vatra serve`."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path
    session: requests.Session = field(default_factory=requests.Session)

    def stop(self) -> int:
        """Ask it to stop, as a service manager does; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=40)


def start(folder: Path, environment: dict[str, str], workers: int = 2) -> Served:
    """Start the server on a free port and wait until it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / "serve.log"
    command = [
        str(Path(sys.executable).with_name("vatra")),
        "serve",
        "--port",
        str(port),
        "--workers",
        str(workers),
    ]
    with log.open("wb") as target:
        process = subprocess.Popen(command, stderr=target, cwd=folder, env={**os.environ, **environment})
    served = Served(f"http://127.0.0.1:{port}", process, log)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if served.session.get(f"{served.url}/healthz", timeout=5).ok:
                return served
        except requests.RequestException:
            time.sleep(0.1)
    process.kill()
    raise AssertionError(f"the server did not start: {log.read_text()}")


@pytest.fixture(scope="session")
def served(county: str, seal_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The server over the demo county, for tests that change nothing in it."""
    running = start(
        tmp_path_factory.mktemp("served"),
        {
            "VATRA_DATABASE_URL": county,
            "VATRA_SEAL": str(seal_file),
            "VATRA_SEAL_PASSWORD": DEMO_PASSWORD,
            "VATRA_AUTHORITY_BY_CONVENTION": "all",
            "VATRA_WEB_PREVIEWS_PER_MINUTE": "0",
            "VATRA_WEB_DRAWING_WAIT_S": "120",
        },
    )
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. For a module at a time: Playwright keeps an event loop running, beside which a process
    can start neither a second one nor what seals documents."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield launched
        launched.close()
