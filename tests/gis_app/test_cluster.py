"""The embedded cluster: private, hard to break, and gone when it is stopped."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from gis_app import cluster
from layers.settings import StorageSettings

VATRA = Path(sys.executable).parent / "vatra"


@pytest.fixture
def own_home(tmp_path: Path) -> Iterator[StorageSettings]:
    settings = StorageSettings(home=tmp_path / "home", database_url=None)
    yield settings
    if (settings.cluster_folder / "postgresql/postmaster.pid").exists():
        cluster.down(settings)
    # Not in the test's own folder when that is private to root.
    shutil.rmtree(settings.cluster_folder, ignore_errors=True)


def postmaster(settings: StorageSettings) -> int:
    return int((cluster.embedded(settings).data / "postmaster.pid").read_text().splitlines()[0])


def alive(process: int) -> bool:
    # A zombie waits only for its parent's attention; it runs nothing.
    return psutil.pid_exists(process) and psutil.Process(process).status() != psutil.STATUS_ZOMBIE


def run(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "VATRA_HOME": str(home)}
    environment.pop("VATRA_DATABASE_URL", None)
    return subprocess.run([VATRA, *arguments], env=environment, capture_output=True, text=True, check=False)


def test_given_nothing_when_up_then_migrated_and_when_down_then_no_process_left(
    own_home: StorageSettings,
) -> None:
    home = own_home.home
    assert run("up", home=home).returncode == 0
    state = json.loads(run("status", "--format", "json", home=home).stdout)
    assert state["running"]
    assert state["revision"]
    server = postmaster(own_home)
    assert run("up", home=home).returncode == 0, "a second up does no harm"
    assert postmaster(own_home) == server

    assert run("down", home=home).returncode == 0

    assert not alive(server)
    folder = str(own_home.cluster_folder)
    assert not [p for p in psutil.process_iter(["cmdline"]) if folder in " ".join(p.info["cmdline"] or [])]
    assert not json.loads(run("status", "--format", "json", home=home).stdout)["running"]


def test_the_socket_is_closed_to_other_users_and_no_port_is_open(own_home: StorageSettings) -> None:
    cluster.up(own_home)
    assert stat.S_IMODE(own_home.socket_folder.stat().st_mode) == 0o700
    with psycopg.connect(own_home.url) as connection:
        row = connection.execute("SHOW listen_addresses").fetchone()
    assert row == ("",)


as_root = pytest.mark.skipif(os.geteuid() != 0, reason="skipped: only root can be somebody else")


@as_root
def test_root_runs_a_users_cluster_as_that_user() -> None:
    nobody = pwd.getpwnam("nobody")
    with tempfile.TemporaryDirectory(prefix="vatra-home-") as folder:
        settings = StorageSettings(home=Path(folder), database_url=None)
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        (settings.home / "postgresql").mkdir()
        os.chown(settings.home / "postgresql", nobody.pw_uid, nobody.pw_gid)
        try:
            assert cluster.up(settings).running
            assert psutil.Process(postmaster(settings)).username() == "nobody"
        finally:
            cluster.down(settings)


@as_root
def test_another_users_cluster_is_refused(own_home: StorageSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    (own_home.home / "postgresql").mkdir(parents=True)
    monkeypatch.setattr(os, "geteuid", lambda: 4_711)
    with pytest.raises(cluster.ClusterError, match=r"belongs to another user \(uid 0\).*nothing was changed"):
        cluster.up(own_home)


def test_a_home_that_cannot_be_written_is_told() -> None:
    result = run("up", home=Path("/proc/vatra"))
    assert result.returncode == 1
    assert "/proc/vatra" in result.stderr
    assert "cannot be written to" in result.stderr


@as_root
def test_a_home_in_a_private_folder_of_root_works_too(tmp_path: Path) -> None:
    home = tmp_path / "private" / "home"
    home.mkdir(parents=True)
    home.parent.chmod(0o700)
    settings = StorageSettings(home=home, database_url=None)
    assert settings.cluster_folder.parent == Path("/var/lib/vatra")
    try:
        assert run("up", home=home).returncode == 0
        assert json.loads(run("status", "--format", "json", home=home).stdout)["running"]
        assert run("down", home=home).returncode == 0
    finally:
        shutil.rmtree(settings.cluster_folder, ignore_errors=True)


def test_what_was_committed_survives_kill_9(own_home: StorageSettings) -> None:
    cluster.up(own_home)
    with psycopg.connect(own_home.url) as connection:
        connection.execute(
            "INSERT INTO catalogue.layer_version (layer, number, valid_from, accuracy_m)"
            " VALUES ('admin.uat', 1, '2026-01-01', 1)"
        )
    server = postmaster(own_home)
    children = psutil.Process(server).children()
    os.kill(server, signal.SIGKILL)
    psutil.wait_procs(children, timeout=20)
    deadline = time.monotonic() + 20
    while alive(server) and time.monotonic() < deadline:
        time.sleep(0.05)

    cluster.up(own_home)

    with psycopg.connect(own_home.url) as connection:
        assert connection.execute("SELECT layer FROM catalogue.layer_version").fetchall() == [("admin.uat",)]


def test_data_of_another_version_is_refused_and_left_alone(own_home: StorageSettings) -> None:
    data = own_home.cluster_folder / "postgresql"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("11\n")

    result = run("up", home=own_home.home)

    assert result.returncode == 1
    assert "belongs to PostgreSQL 11" in result.stderr
    assert "nothing was changed" in result.stderr
    assert [path.name for path in data.iterdir()] == ["PG_VERSION"]


def test_a_database_url_is_used_and_nothing_is_started(database: str, tmp_path: Path) -> None:
    environment = {**os.environ, "VATRA_HOME": str(tmp_path), "VATRA_DATABASE_URL": database}
    result = subprocess.run(
        [VATRA, "status", "--format", "json"], env=environment, capture_output=True, text=True, check=True
    )
    state = json.loads(result.stdout)
    assert (state["kind"], state["running"]) == ("server", True)
    assert list(tmp_path.iterdir()) == []


def test_a_password_in_the_url_is_never_printed(tmp_path: Path) -> None:
    address = "postgresql://vatra:geheim@127.0.0.1:1/vatra"
    environment = {**os.environ, "VATRA_HOME": str(tmp_path), "VATRA_DATABASE_URL": address}
    for command in (["status"], ["up"], ["layers", "list"]):
        result = subprocess.run(
            [VATRA, *command], env=environment, capture_output=True, text=True, check=False
        )
        assert "geheim" not in result.stdout + result.stderr
