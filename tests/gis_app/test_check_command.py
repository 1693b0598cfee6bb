"""``vatra check`` by real process, over the small demo county."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import shapely

from analysis.findings import CheckReport

VATRA = Path(sys.executable).with_name("vatra")


def vatra(database: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``vatra check`` on that database."""
    own = os.environ | {"VATRA_DATABASE_URL": database}
    return subprocess.run([VATRA, "check", *arguments], env=own, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def parcel(demo_database: str) -> tuple[str, str, shapely.Geometry]:
    """Any parcel: SIRUTA, cadastral number, shape."""
    with psycopg.connect(demo_database) as connection:
        row = connection.execute(
            "SELECT siruta, cadastral_number, ST_AsBinary(geom) FROM cadastre.parcel"
            " WHERE ST_NumGeometries(geom) = 1 ORDER BY md5(id::text) LIMIT 1"
        ).fetchone()
    assert row
    return str(row[0]), row[1], shapely.get_parts(shapely.from_wkb(row[2]))[0]


def test_text_for_people(demo_database: str, parcel: tuple[str, str, shapely.Geometry]) -> None:
    done = vatra(demo_database, "--siruta", parcel[0], "--cadastral-number", parcel[1])
    assert done.returncode == 0
    assert f"Imobilul {parcel[1]}" in done.stdout
    assert "REGIMUL JURIDIC" in done.stdout
    assert "REGIMUL TEHNIC" in done.stdout
    assert "None" not in done.stdout


def test_json_is_a_check_report(demo_database: str, parcel: tuple[str, str, shapely.Geometry]) -> None:
    done = vatra(demo_database, "--siruta", parcel[0], "--cadastral-number", parcel[1], "--format", "json")
    assert done.returncode == 0
    report = CheckReport.model_validate_json(done.stdout)
    assert json.loads(done.stdout)["schema"] == "vatra.check/1"
    assert report.subject.cadastral_number == parcel[1]


def test_geojson_has_the_subject_and_the_findings(
    demo_database: str, parcel: tuple[str, str, shapely.Geometry]
) -> None:
    done = vatra(demo_database, "--siruta", parcel[0], "--cadastral-number", parcel[1], "--format", "geojson")
    features = json.loads(done.stdout)["features"]
    assert features[0]["id"] == "subject"
    assert {feature["type"] for feature in features} == {"Feature"}
    assert any(feature["properties"].get("rule") == "admin.uat" for feature in features)


def test_files_of_all_kinds_are_the_same_land(
    demo_database: str, parcel: tuple[str, str, shapely.Geometry], tmp_path: Path
) -> None:
    import geopandas as gpd

    shape = shapely.force_2d(parcel[2])
    (tmp_path / "land.geojson").write_text(shapely.to_geojson(shape))
    gpd.GeoDataFrame(geometry=[shape], crs=3844).to_file(tmp_path / "land.gpkg")
    ring = shapely.get_coordinates(shape.exterior)
    (tmp_path / "land.txt").write_text("\n".join(f"{n} {y} {x}" for n, (x, y) in enumerate(ring, 1)))
    areas = []
    for name in ("land.geojson", "land.gpkg", "land.txt"):
        done = vatra(demo_database, "--geometry", str(tmp_path / name), "--format", "json")
        assert done.returncode == 0, done.stderr
        areas.append(CheckReport.model_validate_json(done.stdout).subject.area_m2)
    assert areas == pytest.approx([shape.area] * 3, abs=0.01)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--siruta", "1", "--cadastral-number", "1"], 1, "no UAT with SIRUTA 1"),
        ([], 2, "give either --siruta and --cadastral-number, or --geometry"),
        (["--siruta", "1"], 2, "go together"),
        (["--geometry", "/nonexistent.gpkg"], 2, "does not exist"),
        (["--siruta", "1", "--cadastral-number", "1", "--as-of", "1999"], 2, "--as-of"),
        (
            ["--siruta", "900060", "--cadastral-number", "1", "--as-of", "1999-01-01"],
            1,
            "before the first data",
        ),
    ],
)
def test_mistakes(demo_database: str, arguments: list[str], code: int, message: str) -> None:
    done = vatra(demo_database, *arguments)
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.geojson", b"{", "not readable"),
        ("a.gpkg", b"SQLite", "GDAL cannot read it"),
        ("a.txt", b"1 2\n", "an area takes at least 3"),
        ("a.geojson", b'{"type": "Point", "coordinates": [1, 2]}', "found a Point"),
    ],
)
def test_files_that_cannot_be_used(
    demo_database: str, tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    done = vatra(demo_database, "--geometry", str(path))
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
