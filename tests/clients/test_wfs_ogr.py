"""GDAL reads every layer by WFS, and what it read is the table: feature for feature, value for value."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psycopg
import pyogrio
import pytest
import shapely

from layers.catalogue import Layer, catalogue
from tests.gis_app.conftest import Served

LAYERS = sorted(catalogue())


def gdal(*command: str | Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run one of GDAL's commands to its end, with these of its settings."""
    options = [part for name, value in settings.items() for part in ("--config", name, value)]
    return subprocess.run([*command, *options], capture_output=True, text=True, timeout=300, check=True)


@pytest.fixture(scope="module")
def copied(
    full_server: Served, staff_token: str, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """A GeoPackage that ogr2ogr made of every layer by WFS of a version, as staff."""
    made: dict[str, Path] = {}

    def copy(version: str) -> Path:
        if version not in made:
            made[version] = tmp_path_factory.mktemp("ogr") / "county.gpkg"
            run = gdal(
                "ogr2ogr",
                *("-f", "GPKG", "-nlt", "CONVERT_TO_LINEAR", made[version]),
                f"WFS:{full_server.url}/ows?VERSION={version}",
                GDAL_HTTP_USERPWD=f"gis:{staff_token}",
                GDAL_HTTP_AUTH="BASIC",
            )
            assert "ERROR" not in run.stderr, run.stderr
        return made[version]

    return copy


def table(address: str, layer: Layer) -> tuple[pd.DataFrame, Any]:
    """The served columns of a layer in force, by feature id; and the geometries."""
    names = [column.name for column in layer.served_columns]
    selected = ", ".join(
        ["id", *(f'"{name}"' for name in names), *(["ST_AsBinary(geom)"] if layer.geometry else [])]
    )
    in_force = "valid_from <= current_date AND valid_to > current_date"
    query = f"SELECT {selected} FROM {layer.id} WHERE {in_force} ORDER BY id"
    with psycopg.connect(address) as connection:
        rows = connection.execute(query.encode()).fetchall()
    frame = pd.DataFrame([row[1 : 1 + len(names)] for row in rows], columns=names, dtype=object)
    frame.index = pd.Index([f"{layer.id}.{row[0]}" for row in rows])
    return frame, shapely.from_wkb([row[-1] for row in rows]) if layer.geometry else None


def plain(value: Any) -> Any:
    """A value as Python has it; None for nothing."""
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return None
    return value.item() if isinstance(value, np.generic) else value


@pytest.mark.parametrize("version", ["2.0.0", "1.1.0", "1.0.0"])
@pytest.mark.parametrize("layer_id", LAYERS)
def test_what_ogr2ogr_copied_is_the_table(
    copied: Callable[[str], Path], full_county: str, layer_id: str, version: str
) -> None:
    layer = catalogue()[layer_id]
    expected, shapes = table(full_county, layer)
    assert len(expected) > 0
    read = pyogrio.read_dataframe(copied(version), layer=f"vatra:{layer_id}")
    read = read.set_index("gml_id")
    read = read.loc[sorted(read.index, key=lambda one: int(one.rpartition(".")[2]))]
    assert list(read.index) == list(expected.index)
    for column in layer.served_columns:
        given = [plain(value) for value in (read[column.name] if column.name in read else [None] * len(read))]
        if column.type == "date":
            given = [value.date() if isinstance(value, pd.Timestamp) else value for value in given]
        assert given == [plain(value) for value in expected[column.name]], column.name
    if shapes is not None:
        assert read.crs.to_epsg() == 3844
        given, stored = (shapely.force_2d(one) for one in (np.asarray(read.geometry), shapes))
        # GDAL's reading of numbers is off by a last bit at times.
        differing = ~shapely.equals_exact(given, stored, 1e-9)
        assert not differing.any(), expected.index[differing]


def test_gdal_turns_pages(full_server: Served, full_county: str) -> None:
    source = f"WFS:{full_server.url}/ows?VERSION=2.0.0"
    run = gdal("ogrinfo", "-ro", "-al", source, "vatra:roads.road", OGR_WFS_PAGE_SIZE="7", CPL_DEBUG="ON")
    expected, _ = table(full_county, catalogue()["roads.road"])
    assert run.stdout.count("gml_id (String)") == len(expected)
    assert "STARTINDEX=7" in run.stderr


def test_gdal_lets_us_filter(full_server: Served, full_county: str) -> None:
    expected, _ = table(full_county, catalogue()["cadastre.parcel"])
    wanted = (expected["use_category"] == "CC") & (expected["area_legal_m2"].astype(float) > 900)
    source, where = f"WFS:{full_server.url}/ows?VERSION=2.0.0", "use_category = 'CC' AND area_legal_m2 > 900"
    run = gdal("ogrinfo", "-ro", "-so", source, "vatra:cadastre.parcel", "-where", where, CPL_DEBUG="ON")
    assert f"Feature Count: {int(wanted.sum())}\n" in run.stdout
    assert "RESULTTYPE=hits" in run.stderr
    assert "PropertyIsGreaterThan" in run.stderr


def test_what_is_not_public_is_not_listed(full_server: Served) -> None:
    run = gdal("ogrinfo", "-ro", "-so", f"WFS:{full_server.url}/ows")
    assert "vatra:cadastre.parcel" in run.stdout
    assert "planning.scan" not in run.stdout
