"""Versions follow one another in one transaction each: never both, never none, never half."""

from __future__ import annotations

import datetime
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import psycopg
import pytest
import shapely

from layers.importing import ImportOptions, import_file
from layers.publishing import PublishingError
from layers.session import ImportFailed
from tests.layers import samples
from tests.layers.conftest import Import, Query
from tests.layers.samples import EAST, NORTH, SIRUTA

JANUARY, JUNE = datetime.date(2026, 1, 1), datetime.date(2026, 6, 1)


def test_a_version_may_not_start_before_the_one_in_force(with_uats: Import, query: Query) -> None:
    with_uats("cadastre.parcel", samples.parcels(2), valid_from=JUNE)
    with pytest.raises(
        PublishingError, match=r"version 1 is in force from 2026-06-01.*cannot start on 2026-01-01"
    ):
        with_uats("cadastre.parcel", samples.parcels(3), valid_from=JANUARY)
    assert query("SELECT count(*) FROM cadastre.parcel WHERE valid_to = 'infinity'") == [(2,)]


def test_two_versions_on_one_day_leave_the_later(with_uats: Import, query: Query) -> None:
    with_uats("cadastre.parcel", samples.parcels(2), valid_from=JUNE)
    with_uats("cadastre.parcel", samples.parcels(3), valid_from=JUNE)
    in_force = "SELECT count(*) FROM {} WHERE valid_from <= '2026-06-01' AND '2026-06-01' < valid_to"
    assert query(in_force.format("cadastre.parcel")) == [(3,)]
    assert query(in_force.format("catalogue.layer_version") + " AND layer = 'cadastre.parcel'") == [(1,)]
    assert query(in_force.format("catalogue.coverage") + " AND layer = 'cadastre.parcel'") == [(1,)]


def test_scope_replaces_one_uat_only(with_uats: Import, query: Query) -> None:
    ours = samples.parcels(3)
    theirs = samples.parcels(2, siruta=79308)
    theirs["geometry"] = theirs.translate(8_000)
    both = gpd.GeoDataFrame(pd.concat([ours, theirs]), crs=3844)
    with_uats("cadastre.parcel", both, valid_from=JANUARY)
    report = with_uats("cadastre.parcel", samples.parcels(7), valid_from=JUNE, scope=SIRUTA)
    assert report.coverage == [SIRUTA]
    in_force = (
        "SELECT siruta, count(*) FROM cadastre.parcel WHERE valid_to = 'infinity' GROUP BY 1 ORDER BY 1"
    )
    assert query(in_force) == [(SIRUTA, 7), (79308, 2)]
    covered = (
        "SELECT c.siruta, v.number FROM catalogue.coverage c JOIN catalogue.layer_version v ON v.id = c.version_id"
        " WHERE c.layer = 'cadastre.parcel' AND c.valid_to = 'infinity' ORDER BY 1"
    )
    assert query(covered) == [(SIRUTA, 2), (79308, 1)]
    before = (
        "SELECT count(*) FROM cadastre.parcel WHERE valid_from <= '2026-03-01' AND '2026-03-01' < valid_to"
    )
    assert query(before) == [(5,)]


def road(number: str, dx: float) -> dict[str, Any]:
    line = shapely.LineString([(EAST + dx, NORTH), (EAST + dx + 100, NORTH)])
    return {"indicativ": number, "categorie": "DJ", "geometry": line}


def test_scope_of_a_layer_without_siruta_goes_by_place(with_uats: Import, query: Query) -> None:
    roads = gpd.GeoDataFrame([road("DJ 1", 0), road("DJ 2", 8_000)], crs=3844)
    with_uats("roads.road", roads, valid_from=JANUARY)
    with_uats("roads.road", gpd.GeoDataFrame([road("DJ 3", 500)], crs=3844), valid_from=JUNE, scope=SIRUTA)
    assert query("SELECT number FROM roads.road WHERE valid_to = 'infinity' ORDER BY 1") == [
        ("DJ 2",),
        ("DJ 3",),
    ]


def test_an_empty_file_for_one_uat_says_there_is_nothing(with_uats: Import, query: Query) -> None:
    with_uats("cadastre.parcel", samples.parcels(3), valid_from=JANUARY)
    report = with_uats("cadastre.parcel", samples.parcels(3).iloc[:0], valid_from=JUNE, scope=SIRUTA)
    assert (report.version, report.rows_published, report.coverage) == (2, 0, [SIRUTA])
    assert f"there is nothing of cadastre.parcel in {SIRUTA}" in report.text()
    assert query("SELECT count(*) FROM cadastre.parcel WHERE valid_to = 'infinity'") == [(0,)]


def test_scope_needs_its_uat(load: Import) -> None:
    with pytest.raises(PublishingError, match=r"no UAT 77812 in admin\.uat"):
        load("roads.road", gpd.GeoDataFrame([road("DJ 1", 0)], crs=3844), scope=SIRUTA)


def test_layers_without_siruta_cover_their_county(with_uats: Import, load: Import) -> None:
    uats = samples.uats(county=["Gorj", "Dolj"])
    load("admin.uat", uats)
    report = with_uats("roads.road", gpd.GeoDataFrame([road("DJ 1", 0)], crs=3844))
    assert report.coverage == [SIRUTA]


def test_without_uats_nothing_is_covered_and_that_is_said(load: Import) -> None:
    report = load("roads.road", gpd.GeoDataFrame([road("DJ 1", 0)], crs=3844))
    assert report.coverage == []
    assert "no UAT is covered" in report.text()


def test_readers_see_one_version_or_the_other(with_uats: Import, fresh_database: str, tmp_path: Path) -> None:
    """Readers in threads while versions of different sizes follow one another: each sees exactly one."""
    sizes = [400, 900, 1_600, 2_500]
    paths = []
    for size in sizes:
        side = int(size**0.5)
        paths.append(tmp_path / f"v{size}.gpkg")
        samples.parcels(side, side, suprafata=float(size)).to_file(paths[-1])
    import_file("cadastre.parcel", paths[0], address=fresh_database)
    stop, seen, wrong = threading.Event(), set(), []

    def read() -> None:
        with psycopg.connect(fresh_database, autocommit=True) as connection:
            last = False
            while not last:
                last = stop.is_set()  # once more after the last version
                rows = connection.execute(
                    "SELECT count(*), array_agg(DISTINCT area_legal_m2), array_agg(DISTINCT version_id)"
                    " FROM cadastre.parcel WHERE valid_from <= current_date AND current_date < valid_to"
                ).fetchone()
                assert rows is not None
                count, areas, versions = rows
                seen.add(count)
                if areas != [float(count)] or len(versions) != 1:
                    wrong.append(rows)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for path in paths[1:]:
        import_file("cadastre.parcel", path, address=fresh_database)
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert {400, 2_500} <= seen <= set(sizes)


def test_imports_of_one_layer_wait_for_each_other(
    with_uats: Import, fresh_database: str, tmp_path: Path
) -> None:
    path = tmp_path / "parcele.gpkg"
    samples.parcels(20, 20).to_file(path)
    with ThreadPoolExecutor(4) as importers:
        running = [
            importers.submit(import_file, "cadastre.parcel", path, address=fresh_database) for _ in range(4)
        ]
    assert sorted(report.result().version or 0 for report in running) == [1, 2, 3, 4]
    with psycopg.connect(fresh_database) as connection:
        numbers = connection.execute(
            "SELECT number FROM catalogue.layer_version WHERE layer = 'cadastre.parcel' ORDER BY 1"
        ).fetchall()
        in_force = connection.execute(
            "SELECT count(*) FROM cadastre.parcel WHERE valid_to = 'infinity'"
        ).fetchone()
    assert numbers == [(1,), (2,), (3,), (4,)]
    assert in_force == (400,)


def test_an_import_that_waits_too_long_says_why(
    with_uats: Import, fresh_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from layers import publishing, session
    from layers.catalogue import get_layer

    monkeypatch.setattr(session, "LOCK_TIMEOUT", "300ms")
    with psycopg.connect(fresh_database) as other:
        publishing.lock(other, get_layer("cadastre.parcel"))
        with pytest.raises(ImportFailed, match="in use by another import for 300ms; nothing was changed"):
            with_uats("cadastre.parcel", samples.parcels(2))


KILLED = """
import os, signal, sys
from pathlib import Path
from layers import importing, publishing, staging, bulk
from layers.importing import import_file

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

moment = sys.argv[3]
if moment == "staging":
    importing._check_whole = die
elif moment == "closing":
    publishing._open_version = die
elif moment == "committing":
    importing.keep_report = die
import_file("cadastre.parcel", Path(sys.argv[1]), address=sys.argv[2])
"""


@pytest.mark.parametrize("moment", ["staging", "closing", "committing"])
def test_killed_in_the_middle(
    with_uats: Import, query: Query, fresh_database: str, tmp_path: Path, moment: str
) -> None:
    """SIGKILL at the worst moments: the version in force stays, and the next import is not held up."""
    with_uats("cadastre.parcel", samples.parcels(3))
    path = tmp_path / "parcele.gpkg"
    samples.parcels(50, 50).to_file(path)
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(path), fresh_database, moment],
        check=False,
        timeout=60,
    )
    assert ended.returncode == -signal.SIGKILL
    assert query("SELECT count(*) FROM cadastre.parcel WHERE valid_to = 'infinity'") == [(3,)]
    assert query("SELECT count(*) FROM catalogue.layer_version WHERE layer = 'cadastre.parcel'") == [(1,)]
    started = time.monotonic()
    report = import_file("cadastre.parcel", path, address=fresh_database)
    assert time.monotonic() - started < 20
    assert (report.version, report.rows_published) == (2, 2_500)
    assert query("SELECT count(*) FROM pg_class WHERE relname LIKE 'import_%%'") == [(0,)]
    indexes = query(
        "SELECT indexname FROM pg_indexes WHERE schemaname = 'cadastre' AND tablename = 'parcel' ORDER BY 1"
    )
    assert [name for (name,) in indexes] == [
        "ix_parcel_geom",
        "ix_parcel_geom_3857",
        "ix_parcel_key",
        "pk_parcel",
    ]


def test_first_big_import_restores_indexes_and_keys(with_uats: Import, query: Query) -> None:
    def definitions() -> list[tuple[Any, ...]]:
        return query(
            "SELECT indexdef FROM pg_indexes WHERE tablename = 'parcel' UNION ALL SELECT pg_get_constraintdef(oid)"
            " FROM pg_constraint WHERE conrelid = 'cadastre.parcel'::regclass ORDER BY 1"
        )

    before = definitions()
    with_uats("cadastre.parcel", samples.parcels(110, 100))
    assert definitions() == before


def test_disk_full_is_told_and_nothing_changes(
    with_uats: Import, query: Query, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fresh_database: str
) -> None:
    """The server's own "disk full" (class 53100), raised by a trigger while rows go in."""
    with_uats("cadastre.parcel", samples.parcels(3))
    with psycopg.connect(fresh_database) as connection:
        connection.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION"
            " 'could not extend file \"base/1\": No space left on device' USING ERRCODE = '53100'; END $$;"
            "CREATE TRIGGER full_disk BEFORE INSERT ON cadastre.parcel FOR EACH ROW EXECUTE FUNCTION full_disk()"
        )
    with pytest.raises(
        ImportFailed, match=r"the database's disk is full \(could not extend file.*nothing was changed"
    ):
        with_uats("cadastre.parcel", samples.parcels(9))
    assert query("SELECT count(*) FROM cadastre.parcel WHERE valid_to = 'infinity'") == [(3,)]


@pytest.fixture
def small_disk(fresh_database: str) -> Iterator[str]:
    """Name of a tablespace on a file system of 4 MB; skipped where nobody may mount one."""
    folder, name = Path(tempfile.mkdtemp(prefix="vatra-disk-")), f"small_{os.getpid()}"
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m,mode=0777", "tmpfs", folder]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        folder.rmdir()
        pytest.skip("skipped: no leave to mount a small disk here")
    with psycopg.connect(fresh_database, autocommit=True) as connection:
        (own,) = connection.execute("SHOW data_directory").fetchone() or ("",)
        owner = Path(own).stat()
        (folder / "data").mkdir()
        os.chown(folder / "data", owner.st_uid, owner.st_gid)
        connection.execute(f"CREATE TABLESPACE {name} LOCATION '{folder}/data'")
        yield name
        connection.execute("DROP SCHEMA cadastre CASCADE")
        connection.execute(f"DROP TABLESPACE {name}")
    subprocess.run(["umount", folder], check=True)
    folder.rmdir()


@pytest.mark.parametrize("moment", ["staging", "publishing"])
def test_a_disk_that_fills_up(
    with_uats: Import, query: Query, fresh_database: str, small_disk: str, moment: str
) -> None:
    """A real file system runs full under the staging table, or under the layer itself."""
    with_uats("cadastre.parcel", samples.parcels(3))
    database = psycopg.conninfo.conninfo_to_dict(fresh_database)["dbname"]
    to, back = {
        "staging": (f"SET temp_tablespaces = {small_disk}", "RESET temp_tablespaces"),
        "publishing": (f"SET TABLESPACE {small_disk}", "SET TABLESPACE pg_default"),
    }[moment]
    what = f'ALTER DATABASE "{database}"' if moment == "staging" else "ALTER TABLE cadastre.parcel"
    query_alone(fresh_database, f"{what} {to}")
    with pytest.raises(ImportFailed, match=r"disk is full \(could not extend file.*nothing was changed"):
        with_uats("cadastre.parcel", samples.parcels(200, 150))
    assert query("SELECT count(*) FROM cadastre.parcel WHERE valid_to = 'infinity'") == [(3,)]
    assert query("SELECT count(*) FROM catalogue.layer_version WHERE layer = 'cadastre.parcel'") == [(1,)]
    query_alone(fresh_database, f"{what} {back}")
    report = with_uats("cadastre.parcel", samples.parcels(200, 150))
    assert (report.version, report.rows_published) == (2, 30_000), "once there is room, it goes in"


def query_alone(address: str, statement: str) -> None:
    """A statement outside a transaction."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement.encode())


NO_ROOM = """
import resource, signal, sys
from pathlib import Path
from layers import spool
from layers.importing import import_file
from layers.session import ImportFailed

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
spool.IN_MEMORY = spool.PENDING = 1_000
try:
    import_file("cadastre.parcel", Path(sys.argv[1]), address=sys.argv[2])
except ImportFailed as error:
    print(error)
"""


def test_no_room_for_temporary_files(
    with_uats: Import, query: Query, fresh_database: str, tmp_path: Path
) -> None:
    """The operating system refuses to let a temporary file grow, as on a full disk."""
    with_uats("cadastre.parcel", samples.parcels(3))
    path = tmp_path / "parcele.gpkg"
    samples.parcels(60, 50).to_file(path)
    ended = subprocess.run(
        [sys.executable, "-c", NO_ROOM, str(path), fresh_database],
        check=False,
        timeout=60,
        capture_output=True,
        text=True,
    )
    assert ended.stdout.startswith("no room for temporary files in /"), ended.stderr
    assert query("SELECT count(*) FROM cadastre.parcel WHERE valid_to = 'infinity'") == [(3,)]


def test_a_server_that_goes_away(
    with_uats: Import, query: Query, fresh_database: str, tmp_path: Path
) -> None:
    from layers.errors import DatabaseUnavailable

    with_uats("cadastre.parcel", samples.parcels(3))
    path = tmp_path / "parcele.gpkg"
    samples.parcels(200, 200).to_file(path)

    def cut(done: int, total: int | None) -> None:
        with psycopg.connect(fresh_database, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    with pytest.raises(DatabaseUnavailable, match="nothing was changed"):
        import_file("cadastre.parcel", path, ImportOptions(), address=fresh_database, progress=cut)
    assert query("SELECT count(*) FROM cadastre.parcel WHERE valid_to = 'infinity'") == [(3,)]


def test_no_thread_is_left_behind(with_uats: Import) -> None:
    before = threading.active_count()
    with_uats("cadastre.parcel", samples.parcels(10, 10))
    with pytest.raises(PublishingError):
        with_uats("cadastre.parcel", samples.parcels(3), valid_from=JANUARY)
    assert threading.active_count() <= before
