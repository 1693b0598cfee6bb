"""``vatra layers`` as people and scripts run it: by process, with exit codes and JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from tests.layers import samples
from tests.layers.conftest import Query
from tests.layers.samples import EAST, NORTH, SIRUTA

Vatra = Callable[..., subprocess.CompletedProcess[str]]
PROGRAM = Path(sys.executable).with_name("vatra")


@pytest.fixture
def vatra(fresh_database: str) -> Vatra:
    """Run ``vatra`` on the test's own database; standard error is no terminal here."""
    environment = {k: v for k, v in os.environ.items() if k != "VATRA_DATUM_GRID"}
    environment["VATRA_DATABASE_URL"] = fresh_database

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(PROGRAM), *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
            env=environment,
            timeout=120,
        )

    return run


@pytest.fixture
def parcels(tmp_path: Path) -> Path:
    path = tmp_path / "parcele.gpkg"
    samples.parcels(4, 3).to_file(path)
    return path


def test_import_list_versions_diff_export(vatra: Vatra, parcels: Path, tmp_path: Path, query: Query) -> None:
    done = vatra(
        "layers", "import", "cadastre.parcel", parcels, "--valid-from", "2026-01-01", "--accuracy", "0.35"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(
        "cadastre.parcel from parcele.gpkg: version 1\n  rows read 12, published 12"
    )
    assert query("SELECT accuracy_m FROM catalogue.layer_version") == [(0.35,)]

    more = tmp_path / "mai_multe.gpkg"
    samples.parcels(5, 3).to_file(more)
    done = vatra(
        "layers", "import", "cadastre.parcel", more, "--valid-from", "2026-06-01", "--format", "json"
    )
    report = json.loads(done.stdout)
    assert (done.returncode, report["version"], report["rows_published"], report["coverage"]) == (
        0,
        2,
        15,
        [SIRUTA],
    )

    listed = json.loads(vatra("layers", "list", "--format", "json").stdout)
    parcel = next(layer for layer in listed if layer["id"] == "cadastre.parcel")
    assert len(listed) >= 31
    assert [(v["number"], v["rows"]) for v in parcel["versions"]] == [(2, 15)]
    assert (
        "cadastre.parcel              version 2 from 2026-06-01, 15 rows, 1 UAT"
        in vatra("layers", "list").stdout
    )

    versions = vatra("layers", "versions", "cadastre.parcel").stdout.splitlines()
    assert versions[0].startswith("   2 2026-06-01 – in force  15 rows")
    assert versions[1].startswith("   1 2026-01-01 – 2026-06-01  12 rows, accuracy 0.35 m")
    assert [
        v["number"]
        for v in json.loads(vatra("layers", "versions", "cadastre.parcel", "--format", "json").stdout)
    ] == [2, 1]

    difference = vatra("layers", "diff", "cadastre.parcel", 1, 2).stdout.splitlines()
    assert difference[0] == "cadastre.parcel 1 → 2: 3 added, 0 removed, 0 changed, 12 unchanged"
    assert difference[1] == f"+ siruta {SIRUTA}, cadastral_number 30012"
    assert (
        json.loads(vatra("layers", "diff", "cadastre.parcel", 2, 1, "--format", "json").stdout)[
            "removed_count"
        ]
        == 3
    )

    done = vatra("layers", "export", "cadastre.parcel", "--output", tmp_path / "out", "--as-of", "2026-03-01")
    assert done.returncode == 0
    assert len(gpd.read_parquet(tmp_path / "out/cadastre.parcel.parquet")) == 12
    done = vatra("layers", "export", "all", "--output", tmp_path / "all", "--format", "gpkg")
    assert done.returncode == 0
    assert len(list((tmp_path / "all").iterdir())) == len(listed)


def test_options_of_import(vatra: Vatra, tmp_path: Path, query: Query) -> None:
    path = tmp_path / "cadastru.gpkg"
    frame = (
        samples.parcels(2).drop(columns=["siruta", "categorie"]).rename(columns={"nr_cad": "identificator"})
    )
    frame.set_crs(32634, allow_override=True).to_file(path, layer="loturi")
    samples.uats().to_file(path, layer="uat")
    done = vatra(
        "layers", "import", "cadastre.parcel", path, "--source-layer", "loturi", "--crs", "EPSG:3844",
        "--map", "cadastral_number=identificator", "--set", "use_category=CC", "--scope", f"siruta={SIRUTA}",
        "--dry-run", "--format", "json",
    )  # fmt: skip
    report = json.loads(done.stdout)
    assert done.returncode == 0
    assert report["dry_run"]
    assert report["columns"] == {
        "cadastral_number": "identificator",
        "area_legal_m2": "suprafata",
        "use_category": "= CC",
        "siruta": f"= {SIRUTA}",
    }
    assert query("SELECT count(*) FROM catalogue.layer_version") == [(0,)]


def test_rejected_rows_end_with_1_and_the_whole_report(vatra: Vatra, tmp_path: Path) -> None:
    path = tmp_path / "parcele.gpkg"
    samples.parcels(3, categorie=["CC", "grădină", "A"]).to_file(path)
    done = vatra("layers", "import", "cadastre.parcel", path)
    assert done.returncode == 1
    assert "rejected row 2, use_category: found grădină, expected one of A, P, F" in done.stdout
    assert done.stderr == "vatra: parcele.gpkg: 1 of 3 rows rejected; nothing was changed\n"
    done = vatra("layers", "import", "cadastre.parcel", path, "--format", "json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["rejected"][0]["column"] == "use_category"


@pytest.mark.parametrize(
    ("arguments", "code", "cause"),
    [
        (
            ["import", "cadastre.parcels", "x.gpkg"],
            1,
            "no layer 'cadastre.parcels'; did you mean cadastre.parcel",
        ),
        (["import", "cadastre.parcel", "nowhere.gpkg"], 1, "nowhere.gpkg: no such file"),
        (["import", "cadastre.parcel", "x.gpkg", "--map", "siruta"], 2, "is not of the form name=value"),
        (["import", "cadastre.parcel", "x.gpkg", "--scope", "gorj"], 2, "is not of the form siruta=79308"),
        (
            ["import", "cadastre.parcel", "x.gpkg", "--valid-from", "mâine"],
            2,
            "is not a date like 2026-08-25",
        ),
        (["import", "cadastre.parcel", "x.gpkg", "--accuracy", "-1"], 2, "-1"),
        (["import", "cadastre.parcel"], 2, "Missing argument 'FILE'"),
        (["versions", "roads.raod"], 1, "did you mean roads.road"),
        (["diff", "roads.road", "1", "2"], 1, "roads.road has no version 1; it has: none"),
        (["export", "--output", "x"], 2, "Missing argument"),
    ],
)
def test_errors(vatra: Vatra, arguments: list[str], code: int, cause: str) -> None:
    done = vatra("layers", *arguments)
    assert done.returncode == code
    assert cause in done.stderr
    assert "Traceback" not in done.stderr


def test_progress_by_plain_lines(vatra: Vatra, tmp_path: Path) -> None:
    path = tmp_path / "parcele.gpkg"
    samples.parcels(400, 300).to_file(path)
    done = vatra("layers", "import", "cadastre.parcel", path)
    assert done.returncode == 0
    assert done.stderr == "120000 of 120000 rows read\n"
    assert "\r" not in done.stderr


@pytest.mark.parametrize("command", ["import", "list", "export", "versions", "diff"])
def test_help_has_an_example(vatra: Vatra, command: str) -> None:
    done = vatra("layers", command, "--help")
    assert done.returncode == 0
    assert f"Example: vatra layers {command}" in " ".join(done.stdout.split())


def test_database_that_is_down(parcels: Path) -> None:
    environment = {**os.environ, "VATRA_DATABASE_URL": "postgresql://localhost:1/vatra?connect_timeout=2"}
    done = subprocess.run(
        [str(PROGRAM), "layers", "import", "cadastre.parcel", str(parcels)],
        capture_output=True, text=True, check=False, env=environment, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert "the database does not answer" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_follows_from_a_layer_is_renewed_by_its_import(
    vatra: Vatra, tmp_path: Path, query: Query
) -> None:
    """Zones are drawn round the railway just imported; a dry run and a layer nothing follows from draw nothing."""
    path = tmp_path / "cale.gpkg"
    line = shapely.LineString([(EAST, NORTH), (EAST + 1000, NORTH)])
    gpd.GeoDataFrame({"line": ["901"]}, geometry=[line], crs="EPSG:3844").to_file(path)
    zones = "SELECT rule, kind FROM derived.protection_zone WHERE valid_to = 'infinity' ORDER BY 1"
    vatra("layers", "import", "transport.railway", path, "--dry-run")
    assert query(zones) == []
    done = vatra("layers", "import", "transport.railway", path)
    assert done.returncode == 0, done.stderr
    assert "derived.protection_zone: 2 features" in done.stderr
    assert query(zones) == [
        ("transport.railway-protection", "protection"),
        ("transport.railway-safety", "safety"),
    ]
    assert vatra("layers", "refresh").stdout == "the derived layers are up to date\n"
    assert "2 features" in vatra("layers", "refresh", "--anew").stdout


def test_nobody_imports_what_is_worked_out(vatra: Vatra, tmp_path: Path) -> None:
    refused = vatra("layers", "import", "derived.protection_zone", tmp_path / "zone.gpkg")
    assert refused.returncode == 1
    assert "never imported; `vatra layers refresh` renews it" in refused.stderr
