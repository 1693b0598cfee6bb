"""GDAL's WMS driver and OWSLib read our WMS; a picture through GDAL shows the land that the table holds."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import psycopg
import pytest
import rasterio
import rasterio.warp
import shapely
from owslib.wms import WebMapService

from layers.catalogue import catalogue
from layers.demo import SHOWCASE
from tests.gis_app.conftest import Served

OPEN = {layer.id for layer in catalogue().values() if layer.visibility == "public" and layer.geometry}
SIDE = 200


@pytest.fixture(scope="module")
def land(full_county: str) -> shapely.Geometry:
    """The parcel shown to visitors, EPSG:3844."""
    with psycopg.connect(full_county) as connection:
        row = connection.execute(
            "SELECT ST_AsBinary(geom) FROM cadastre.parcel WHERE siruta = %s AND cadastral_number = %s",
            [SHOWCASE.siruta, SHOWCASE.cadastral_number],
        ).fetchone()
    assert row
    return shapely.from_wkb(row[0])


@pytest.mark.parametrize("version", ["1.1.1", "1.3.0"])
def test_owslib_knows_every_layer(full_server: Served, version: str) -> None:
    service = WebMapService(f"{full_server.url}/ows", version=version)
    assert service.identification.type in {"WMS", "OGC:WMS"}
    assert set(service.contents) >= OPEN
    for name in OPEN:
        layer = service.contents[name]
        west, south, east, north = layer.boundingBoxWGS84
        assert west < east
        assert south < north
        assert layer.title
        assert layer.styles
    assert service.contents["roads.road"].timepositions


@pytest.mark.parametrize("version", ["1.1.1", "1.3.0"])
@pytest.mark.parametrize("crs", ["EPSG:3844", "EPSG:31700", "EPSG:3857", "EPSG:4326"])
def test_owslib_gets_the_same_ground_in_every_system(
    full_server: Served, land: shapely.Geometry, version: str, crs: str
) -> None:
    service = WebMapService(f"{full_server.url}/ows", version=version)
    box = _bounds_in(land.buffer(60), crs)
    answer = service.getmap(
        layers=["cadastre.parcel"], styles=[""], srs=crs, bbox=box, size=(SIDE, SIDE), format="image/png"
    )
    with rasterio.MemoryFile(answer.read()) as file, file.open() as picture:
        dark = picture.read()[:3].min(axis=0) < 220
    # The land's own outline is drawn where it lies, and its middle is not: the picture is not turned or shifted.
    assert dark.sum() > SIDE
    assert _share_on_outline(land, crs, box, dark) > 0.8


def test_gdal_draws_the_land(full_server: Served, land: shapely.Geometry, tmp_path: Path) -> None:
    west, south, east, north = land.buffer(60).bounds
    source = (
        f"WMS:{full_server.url}/ows?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetMap&LAYERS=cadastre.parcel&STYLES="
        f"&CRS=EPSG:3844&BBOX={south},{west},{north},{east}&FORMAT=image/png&TRANSPARENT=FALSE"
    )
    target = tmp_path / "land.tif"
    command = ["gdal_translate", "-q", "-outsize", str(SIDE), str(SIDE), source, str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with rasterio.open(target) as picture:
        bounds = picture.bounds
        dark = picture.read()[:3].min(axis=0) < 220
    assert (bounds.left, bounds.bottom) == pytest.approx((west, south), abs=0.01)
    assert _share_on_outline(land, "EPSG:3844", (west, south, east, north), dark) > 0.8


def _bounds_in(shape: shapely.Geometry, crs: str) -> tuple[float, float, float, float]:
    return tuple(rasterio.warp.transform_bounds("EPSG:3844", crs, *shape.bounds, densify_pts=21))


def _share_on_outline(
    land: shapely.Geometry, crs: str, box: tuple[float, float, float, float], dark: np.ndarray
) -> float:
    """Share of points along the land's outline that have a dark pixel within two pixels."""
    west, south, east, north = box
    points = shapely.segmentize(land.boundary, 1.0)
    xs, ys = rasterio.warp.transform("EPSG:3844", crs, *zip(*shapely.get_coordinates(points), strict=True))
    hits = 0
    for x, y in zip(xs, ys, strict=True):
        column, row = int((x - west) / (east - west) * SIDE), int((north - y) / (north - south) * SIDE)
        hits += bool(dark[max(row - 2, 0) : row + 3, max(column - 2, 0) : column + 3].any())
    return hits / len(xs)
