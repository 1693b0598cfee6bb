"""The embedded PostGIS: a private cluster under ``VATRA_HOME``, reached over a unix socket only.

Uses Debian's PostgreSQL. PostgreSQL refuses to run as root, so as root it runs as the user who made the
data directory, and a new one is made by the user ``postgres``.
"""

from __future__ import annotations

import fcntl
import getpass
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import sql

from layers.errors import VatraError
from layers.settings import StorageSettings

PROGRAMS = Path("/usr/lib/postgresql")
ROLE = "vatra"
SETTINGS = {
    "listen_addresses": "''",
    "max_connections": "300",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "random_page_cost": "1.1",
    "jit": "off",
    "log_min_duration_statement": "1000",
    "timezone": "'Europe/Bucharest'",
}


class ClusterError(VatraError):
    """The embedded cluster cannot be started or used."""


@dataclass(frozen=True)
class Status:
    """What is known of the cluster without starting anything."""

    kind: str
    address: str
    running: bool
    version: str | None = None
    postgis: str | None = None
    revision: str | None = None


@dataclass(frozen=True)
class Cluster:
    """A cluster's places on disk, and the PostgreSQL that runs it."""

    folder: Path
    socket: Path
    major: int

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.folder / "postgresql"

    @property
    def log(self) -> Path:
        """Server log."""
        return self.data / "server.log"

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs as the user who owns the cluster."""
        identity = _service_user(self.data)
        return subprocess.run(  # noqa: S603 - fixed programs, our own arguments
            [PROGRAMS / str(self.major) / "bin" / program, *arguments],
            user=identity.pw_uid if identity else None,
            group=identity.pw_gid if identity else None,
            extra_groups=[] if identity else None,
            cwd="/",
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=False,
        )

    def is_running(self) -> bool:
        """Whether a server answers for this data directory."""
        return self.data.exists() and self.run("pg_ctl", "status", "-D", str(self.data)).returncode == 0


def embedded(settings: StorageSettings | None = None) -> Cluster:
    """The embedded cluster the settings name."""
    settings = settings or StorageSettings()
    folder = settings.cluster_folder
    data = folder / "postgresql"
    _check_owner(data)
    return Cluster(folder, settings.socket_folder, _major_for(data))


def up(settings: StorageSettings | None = None) -> Status:
    """Start the embedded cluster if needed (or use the server of ``VATRA_DATABASE_URL``), and migrate."""
    settings = settings or StorageSettings()
    if not settings.database_url:
        cluster = embedded(settings)
        with _alone(cluster):
            _start(cluster)
    migrate(settings.url)
    return status(settings)


def down(settings: StorageSettings | None = None) -> bool:
    """Stop the embedded cluster; whether one was running. Leaves no process behind."""
    settings = settings or StorageSettings()
    cluster = embedded(settings)
    if settings.database_url or not cluster.is_running():
        return False
    with _alone(cluster):
        result = cluster.run("pg_ctl", "stop", "-D", str(cluster.data), "-m", "fast", "-w", "-t", "60")
    if result.returncode != 0:
        raise ClusterError(f"PostgreSQL did not stop: {result.stdout}{result.stderr}".strip())
    if cluster.socket != cluster.folder / "run":
        shutil.rmtree(cluster.socket, ignore_errors=True)
    return True


def status(settings: StorageSettings | None = None) -> Status:
    """Describe the database in use."""
    settings = settings or StorageSettings()
    kind = "server" if settings.database_url else "embedded"
    try:
        with psycopg.connect(settings.url, connect_timeout=3) as connection:
            row = connection.execute(
                "SELECT current_setting('server_version'), to_regprocedure('postgis_lib_version()') IS NOT NULL,"
                " to_regclass('catalogue.alembic_version') IS NOT NULL"
            ).fetchone()
            version, has_postgis, has_revision = row if row else (None, False, False)
            postgis = _first(connection, "SELECT postgis_lib_version()") if has_postgis else None
            revision = (
                _first(connection, "SELECT version_num FROM catalogue.alembic_version")
                if has_revision
                else None
            )
    except psycopg.OperationalError:
        return Status(kind, _without_password(settings.url), running=False)
    return Status(kind, _without_password(settings.url), True, version, postgis, revision)


def migrate(address: str, revision: str = "head") -> None:
    """Bring that database to a revision (PostGIS included)."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        connection.execute("CREATE EXTENSION IF NOT EXISTS unaccent")
    command.upgrade(alembic_config(address), revision)


def alembic_config(address: str) -> Config:
    """Alembic's configuration for that database."""
    config = Config(str(Path(__file__).parent.parent / "alembic.ini"))
    config.attributes["url"] = address
    return config


def _start(cluster: Cluster) -> None:
    if not (cluster.data / "PG_VERSION").exists():
        _initialise(cluster)
    _own(cluster.socket, cluster)
    if not cluster.is_running():
        options = f"-k {cluster.socket} " + " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
        result = cluster.run(
            "pg_ctl",
            "start",
            "-D",
            str(cluster.data),
            "-l",
            str(cluster.log),
            "-o",
            options,
            "-w",
            "-t",
            "120",
        )
        if result.returncode != 0:
            raise ClusterError(f"PostgreSQL did not start; see {cluster.log}\n{result.stderr}".strip())
    _create_database(cluster)


def _initialise(cluster: Cluster) -> None:
    cluster.folder.mkdir(parents=True, exist_ok=True)
    _own(cluster.data, cluster)
    # The socket's folder is open to nobody but the owner, who may connect as any role of ours.
    result = cluster.run(
        "initdb", "-D", str(cluster.data), "-U", ROLE, "-E", "UTF8", "--locale=C.UTF-8", "--auth=trust"
    )
    if result.returncode != 0:
        shutil.rmtree(cluster.data, ignore_errors=True)
        raise ClusterError(f"initdb failed: {result.stderr}".strip())


def _create_database(cluster: Cluster) -> None:
    address = f"postgresql:///postgres?host={cluster.socket}&user={ROLE}"
    with psycopg.connect(address, autocommit=True) as connection:
        exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'vatra'").fetchone()
        if not exists:
            connection.execute(sql.SQL("CREATE DATABASE vatra"))


def _own(folder: Path, cluster: Cluster) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    identity = _service_user(cluster.data)
    if identity:
        os.chown(folder, identity.pw_uid, identity.pw_gid)


def _major_for(data: Path) -> int:
    """The PostgreSQL to run: the one that made the data directory, or the newest with PostGIS.

    Raises ClusterError when there is none, or when the data belongs to a version that is not installed.
    """
    installed = sorted(
        int(folder.name) for folder in PROGRAMS.glob("[0-9]*") if (folder / "lib/postgis-3.so").exists()
    )
    if not installed:
        raise ClusterError("PostgreSQL with PostGIS is not installed: apt-get install postgresql-postgis")
    marker = data / "PG_VERSION"
    if not marker.exists():
        return installed[-1]
    found = marker.read_text(encoding="utf-8").strip()
    if found not in map(str, installed):
        raise ClusterError(
            f"{data} belongs to PostgreSQL {found}; installed here with PostGIS: "
            f"{', '.join(map(str, installed))}. Install postgresql-{found}-postgis-3, or dump it with "
            f"version {found} and restore it, or set VATRA_HOME to another folder; nothing was changed"
        )
    return int(found)


def _service_user(data: Path) -> pwd.struct_passwd | None:
    """Whom PostgreSQL runs as: ourselves, or when we are root the owner of the data, first ``postgres``."""
    if os.geteuid() != 0:
        return None
    try:
        if data.exists() and data.stat().st_uid != 0:
            return pwd.getpwuid(data.stat().st_uid)
        return pwd.getpwnam("postgres")
    except KeyError:
        raise ClusterError("no user 'postgres': apt-get install postgresql-postgis") from None


def _check_owner(data: Path) -> None:
    """ClusterError where somebody else's cluster is: only they and root can start or stop it."""
    try:
        owner = data.stat().st_uid
    except FileNotFoundError:
        return
    except OSError as error:
        raise ClusterError(f"{data}: {error.strerror}; set VATRA_HOME to a folder of your own") from None
    if os.geteuid() not in (0, owner):
        raise ClusterError(
            f"{data} belongs to another user (uid {owner}), who alone can use it, or root; "
            "set VATRA_HOME to a folder of your own; nothing was changed"
        )


@contextmanager
def _alone(cluster: Cluster) -> Iterator[None]:
    """One process at a time starts or stops a cluster."""
    try:
        cluster.folder.mkdir(parents=True, exist_ok=True)
        opened = (cluster.folder / "cluster.lock").open("w")
    except OSError as error:
        raise ClusterError(
            f"{cluster.folder} cannot be written to ({error.strerror}); set VATRA_HOME to a folder of your own"
        ) from None
    with opened as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write(f"{getpass.getuser()} {os.getpid()}\n")
        yield


def _first(connection: psycopg.Connection[tuple[object, ...]], statement: str) -> str | None:
    row = connection.execute(statement.encode()).fetchone()
    return str(row[0]) if row else None


def _without_password(address: str) -> str:
    parts = psycopg.conninfo.conninfo_to_dict(address)
    parts.pop("password", None)
    return psycopg.conninfo.make_conninfo("", **parts)
