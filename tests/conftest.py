"""A real PostGIS for every test: the embedded cluster, a migrated template, a database a worker.

Nothing here is optional: without the database the run fails, because a skipped database test
looks like a passed one.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from analysis.derived import refresh
from gis_app import cluster
from layers.demo.load import load_demo
from layers.settings import StorageSettings

ROOT = Path(__file__).parent.parent
DEMO_PARCELS, DEMO_SEED = 2_000, 1
REAL_DATA = Path(os.environ.get("VATRA_REAL_DATA", ROOT / "../shared/data")).resolve()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests on published data are announced as skipped where the data is absent."""
    if REAL_DATA.exists():
        return
    for item in items:
        if item.get_closest_marker("real_data"):
            item.add_marker(pytest.mark.skip(reason="skipped: no real data"))


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the published data sets."""
    return REAL_DATA


@pytest.fixture(scope="session")
def server() -> str:
    """libpq URL of the maintenance database of the cluster under test."""
    settings = StorageSettings()
    cluster.up(settings)
    parts = psycopg.conninfo.conninfo_to_dict(settings.url)
    return psycopg.conninfo.make_conninfo("", **{**parts, "dbname": "postgres"})


@pytest.fixture(scope="session")
def template(server: str) -> str:
    """Name of a migrated, empty database; made once for each state of the migrations."""
    return make_template(server, "empty", migrations_hash(), lambda address: None)


@pytest.fixture(scope="session")
def make_database(server: str, template: str) -> Iterator[DatabaseMaker]:
    """Makes databases of a session's own from a template; drops them at the end."""
    maker = DatabaseMaker(server, template)
    yield maker
    maker.drop_all()


@pytest.fixture(scope="session")
def database(make_database: DatabaseMaker) -> str:
    """libpq URL of an empty migrated database of this worker's own."""
    return make_database("shared")


@pytest.fixture(scope="session")
def demo_template(server: str) -> str:
    """Name of a database with a small demo county; made once for each state of its making."""
    derived = [*(ROOT / "analysis").glob("derived/*.py"), *(ROOT / "analysis").glob("sql/*.sql")]
    made_by = [*(ROOT / "layers/demo").glob("*.*"), *(ROOT / "analysis/rules").glob("*.yaml"), *derived]
    digest = hash_of_files(sorted(made_by)) + migrations_hash()
    folder = StorageSettings().home.resolve() / "test-demo" / digest
    folder.mkdir(parents=True, exist_ok=True)

    def fill(address: str) -> None:
        load_demo(address, DEMO_PARCELS, DEMO_SEED, folder)
        refresh(address)

    return make_template(server, "demo", digest, fill)


@pytest.fixture(scope="session")
def demo_database(make_database: DatabaseMaker, demo_template: str) -> str:
    """libpq URL of this worker's own small demo county."""
    return make_database("demo", demo_template)


@pytest.fixture
def fresh_database(make_database: DatabaseMaker, request: pytest.FixtureRequest) -> Iterator[str]:
    """libpq URL of an empty database for one test that must commit."""
    name = hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:12]
    address = make_database(name)
    yield address
    make_database.drop(address)


@pytest.fixture
def connection(database: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A connection whose transaction is rolled back after the test."""
    with psycopg.connect(database) as opened:
        yield opened
        opened.rollback()


class DatabaseMaker:
    """Copies templates into databases named by process, so that workers never meet."""

    def __init__(self, server: str, template: str) -> None:
        self.server, self.template = server, template
        self.made: set[str] = set()

    def __call__(self, name: str, template: str | None = None) -> str:
        database = f"vatra_test_{os.getpid()}_{name}"
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(database), sql.Identifier(template or self.template)
                )
            )
        self.made.add(database)
        return address_of(self.server, database)

    def drop(self, address: str) -> None:
        """Drop one database made here."""
        database = str(psycopg.conninfo.conninfo_to_dict(address)["dbname"])
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
            )
        self.made.discard(database)

    def drop_all(self) -> None:
        """Drop what is left."""
        for database in list(self.made):
            self.drop(address_of(self.server, database))


def make_template(server: str, kind: str, digest: str, fill: Callable[[str], object]) -> str:
    """A template database of that kind and content, made by whoever comes first; its name.

    ``fill`` is called with the address of the migrated database. Templates of earlier states are dropped.
    """
    name = f"vatra_template_{kind}_{digest}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [f"vatra_template_{kind}"])
        known = connection.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE %s", [f"vatra_template_{kind}_%"]
        ).fetchall()
        if (name,) not in known:
            for (old,) in known:
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(old)))
            making = f"vatra_making_{kind}_{digest}"
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(making))
            )
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(making)))
            cluster.migrate(address_of(server, making))
            fill(address_of(server, making))
            # Renamed last: a half-made template is never taken for a whole one.
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(making), sql.Identifier(name))
            )
    return name


def address_of(server: str, database: str) -> str:
    """libpq URL of another database on the same server."""
    parts = psycopg.conninfo.conninfo_to_dict(server)
    return psycopg.conninfo.make_conninfo("", **{**parts, "dbname": database})


def migrations_hash() -> str:
    """Changes when a migration does."""
    return hash_of_files(sorted((ROOT / "migrations/versions").glob("*.*")))


def hash_of_files(files: list[Path]) -> str:
    """Changes when the content of any of the files does."""
    digest = hashlib.sha256()
    for path in files:
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
