"""QGIS, headless, opens one layer from each of our services, as a person would; all show the same land."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest
import shapely
from PIL import Image

from layers.demo import SHOWCASE
from tests.gis_app.conftest import Served
from tests.showcase import showcase_place

SESSION = Path(__file__).with_name("qgis_session.py")
HALF_M = 100
FEATURE_SERVICES = ("wfs 1.1.0", "wfs 2.0.0", "oapif")
PICTURES = ("wms 1.1.1", "wms 1.3.0", "wmts", "vector tiles", *FEATURE_SERVICES)


@pytest.fixture(scope="module")
def window(full_county: str) -> shapely.Polygon:
    """A square round the parcel that is shown to visitors."""
    x, y = showcase_place(full_county)
    return shapely.box(x - HALF_M, y - HALF_M, x + HALF_M, y + HALF_M)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where QGIS keeps its pictures, and what it would keep at home."""
    return tmp_path_factory.mktemp("qgis")


@pytest.fixture(scope="module")
def seen(full_server: Served, window: shapely.Polygon, folder: Path) -> dict[str, Any]:
    """What a session in QGIS saw."""
    command = ["/usr/bin/python3", str(SESSION), full_server.url, str(folder), *map(str, window.bounds)]
    environment = {"QT_QPA_PLATFORM": "offscreen", "HOME": str(folder), "PATH": os.environ["PATH"]}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


@pytest.fixture(scope="module")
def parcels(full_county: str, window: shapely.Polygon) -> dict[str, float]:
    """Areas (m²) of the parcels in the window, as the table has them."""
    with psycopg.connect(full_county) as connection:
        rows = connection.execute(
            "SELECT siruta || '/' || cadastral_number, ST_Area(geom) FROM cadastre.parcel"
            " WHERE valid_to = 'infinity' AND ST_Intersects(geom, ST_GeomFromWKB(%s, 3844))",
            [shapely.to_wkb(window)],
        ).fetchall()
    return dict(rows)


@pytest.mark.parametrize("service", FEATURE_SERVICES)
def test_features_are_those_of_the_table(
    seen: dict[str, Any], parcels: dict[str, float], service: str
) -> None:
    assert set(seen[service]["areas"]) == set(parcels)
    for number, area in seen[service]["areas"].items():
        # The OGC API gives degrees by default; a metre of datum shift changes no area by this much.
        assert area == pytest.approx(parcels[number], rel=0.001)
    assert "cadastral_number" in seen[service]["fields"]


def test_features_in_stereo70_lie_where_they_do(seen: dict[str, Any]) -> None:
    assert seen["wfs 2.0.0"]["crs"] == seen["wfs 1.1.0"]["crs"] == "EPSG:3844"


@pytest.mark.parametrize("version", ["1.1.1", "1.3.0"])
def test_a_click_tells_the_parcel(seen: dict[str, Any], version: str) -> None:
    assert SHOWCASE.cadastral_number in seen[f"wms {version}"]["identified"]


@pytest.mark.parametrize("service", PICTURES)
def test_the_map_is_drawn_without_complaint(seen: dict[str, Any], service: str) -> None:
    assert seen[service]["errors"] == []
    assert seen[service]["painted"] > 100


def test_both_versions_of_the_map_are_the_same_picture(seen: dict[str, Any], folder: Path) -> None:
    older, newer = (
        Image.open(folder / f"wms_{version}.png").convert("RGB") for version in ("1.1.1", "1.3.0")
    )
    assert older.tobytes() == newer.tobytes()
