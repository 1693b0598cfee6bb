"""OWSLib, GDAL and QGIS read our WMTS and have everything where it lies, in both matrix sets."""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path

import numpy as np
import psycopg
import pytest
import rasterio
from owslib.wmts import WebMapTileService
from PIL import Image
from pyproj import Transformer

from layers.demo import SHOWCASE
from tests.gis_app.conftest import Served
from tiles.cache.grids import MATRIX_SETS, STEREO70

LAYER = "cadastre.parcel"
SETS = {"Stereo70": "EPSG:3844", "GoogleMapsCompatible": "EPSG:3857"}
# What a line of 0.2 mm leaves of itself where it is drawn again at another pixel size.
DRAWN = 40


@pytest.fixture(scope="module")
def corners(full_county: str) -> list[tuple[float, float]]:
    """Corners of the showcase parcel, EPSG:3844, x = east first."""
    with psycopg.connect(full_county) as connection:
        return connection.execute(
            "SELECT ST_X(p.geom), ST_Y(p.geom) FROM cadastre.parcel, ST_DumpPoints(geom) AS p"
            " WHERE siruta = %s AND cadastral_number = %s AND valid_to = 'infinity'",
            [SHOWCASE.siruta, SHOWCASE.cadastral_number],
        ).fetchall()


@pytest.fixture(scope="module")
def service(full_server: Served) -> WebMapTileService:
    """What OWSLib makes of the capabilities."""
    return WebMapTileService(f"{full_server.url}/wmts/1.0.0/WMTSCapabilities.xml")


def window(corners: list[tuple[float, float]], crs: str) -> tuple[float, float, float, float]:
    """West, south, east, north of the parcel and 20 m round it."""
    points = [Transformer.from_crs("EPSG:3844", crs, always_xy=True).transform(*corner) for corner in corners]
    xs, ys = zip(*points, strict=True)
    return min(xs) - 20, min(ys) - 20, max(xs) + 20, max(ys) + 20


def drawn_at_corners(
    alpha: np.ndarray, bounds: tuple[float, ...], corners: list[tuple[float, float]], crs: str
) -> bool:
    """Whether there is a line at every corner of the parcel in a picture of these bounds."""
    project = Transformer.from_crs("EPSG:3844", crs, always_xy=True).transform
    rows, columns = alpha.shape
    for corner in corners:
        x, y = project(*corner)
        i = int((x - bounds[0]) / (bounds[2] - bounds[0]) * columns)
        j = int((bounds[3] - y) / (bounds[3] - bounds[1]) * rows)
        if alpha[max(0, j - 2) : j + 3, max(0, i - 2) : i + 3].max() < DRAWN:
            return False
    # and that most of the picture is none: a filled one would pass everywhere
    return bool((alpha < DRAWN).mean() > 0.5)


def test_owslib_reads_the_service(service: WebMapTileService) -> None:
    assert service.identification.type == "OGC WMTS"
    assert service.identification.version == "1.0.0"
    assert set(SETS) == set(service.tilematrixsets)
    layer = service.contents[LAYER]
    assert layer.formats == ["image/png"]
    assert set(layer.tilematrixsetlinks) == set(SETS)
    west, south, east, north = layer.boundingBoxWGS84
    assert 20 < west < east < 30
    assert 43 < south < north < 49
    assert {"default"} == set(layer.styles)
    assert layer.styles["default"]["isDefault"]
    assert service.tilematrixsets["Stereo70"].crs == "urn:ogc:def:crs:EPSG::3844"
    assert {kind["resourceType"] for kind in layer.resourceURLs} == {"tile", "FeatureInfo"}
    assert "theme.planning" in service.contents


@pytest.mark.parametrize("kvp", [True, False])
def test_owslib_gets_the_tile_that_holds_the_parcel(
    full_server: Served, corners: list[tuple[float, float]], kvp: bool
) -> None:
    address = f"{full_server.url}/wmts" if kvp else f"{full_server.url}/wmts/1.0.0/WMTSCapabilities.xml"
    service = WebMapTileService(address)
    column, _, row, _ = STEREO70.covering(10, (*corners[0], *corners[0]))
    asked = {"layer": LAYER, "tilematrixset": "Stereo70", "tilematrix": "10", "row": row, "column": column}
    if kvp:
        content = service.gettile(**asked, format="image/png").read()
    else:
        template = service.contents[LAYER].resourceURLs[0]["template"]
        names = {"Style": "default", "Time": "current", "TileMatrixSet": "Stereo70", "TileMatrix": "10"}
        for name, value in {**names, "TileRow": str(row), "TileCol": str(column)}.items():
            template = template.replace(f"{{{name}}}", value)
        content = full_server.session.get(template).content
    assert Image.open(io.BytesIO(content)).size == (256, 256)


@pytest.mark.parametrize("name", SETS)
def test_gdal_has_the_parcel_where_it_lies(
    full_server: Served, corners: list[tuple[float, float]], tmp_path: Path, name: str
) -> None:
    crs = SETS[name]
    west, south, east, north = window(corners, crs)
    target = tmp_path / "cut.tif"
    source = f"WMTS:{full_server.url}/wmts/1.0.0/WMTSCapabilities.xml,layer={LAYER},tilematrixset={name}"
    command = ["gdal_translate", "-q", "-projwin", west, north, east, south, source, target]
    subprocess.run(
        [str(part) for part in command],
        check=True,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin"},
        timeout=120,
    )
    with rasterio.open(target) as cut:
        assert cut.crs.to_epsg() == int(crs[5:])
        assert cut.res[0] == pytest.approx(MATRIX_SETS[name].matrices[-1].resolution, rel=1e-6)
        assert drawn_at_corners(cut.read(4), tuple(cut.bounds), corners, crs)


# Debian's QGIS lives in the system's Python, so it is driven from there.
SCRIPT = """
import json, os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from qgis.core import QgsApplication, QgsRasterLayer, QgsMapSettings, QgsMapRendererSequentialJob
from qgis.core import QgsRectangle, QgsCoordinateReferenceSystem, QgsPointXY, QgsRaster
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor
app = QgsApplication([], False)
app.initQgis()
url, name, crs, box, target = sys.argv[1:]
uri = f"crs={crs}&format=image/png&layers=cadastre.parcel&styles=default&tileMatrixSet={name}"
uri += f"&tileDimensions=Time%3Dcurrent&url={url}/wmts/1.0.0/WMTSCapabilities.xml"
layer = QgsRasterLayer(uri, "parcels", "wms")
settings = QgsMapSettings()
settings.setLayers([layer])
settings.setDestinationCrs(QgsCoordinateReferenceSystem(crs))
settings.setOutputSize(QSize(800, 800))
settings.setBackgroundColor(QColor(0, 0, 0, 0))
settings.setExtent(QgsRectangle(*json.loads(box)))
job = QgsMapRendererSequentialJob(settings)
job.start()
job.waitForFinished()
job.renderedImage().save(target)
shown = settings.visibleExtent()
extent = layer.extent()
print(json.dumps({
    "valid": layer.isValid(), "error": layer.error().message(),
    "shown": [shown.xMinimum(), shown.yMinimum(), shown.xMaximum(), shown.yMaximum()],
    "extent": [extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum()],
}))
app.exitQgis()
"""


@pytest.mark.parametrize("name", SETS)
def test_qgis_draws_the_parcel_where_it_lies(
    full_server: Served, corners: list[tuple[float, float]], tmp_path: Path, name: str
) -> None:
    crs, script, target = SETS[name], tmp_path / "draw.py", tmp_path / "drawn.png"
    script.write_text(SCRIPT)
    run = subprocess.run(
        ["/usr/bin/python3", script, full_server.url, name, crs, json.dumps(window(corners, crs)), target],
        capture_output=True,
        text=True,
        timeout=180,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": str(tmp_path)},
    )
    told = json.loads(run.stdout.strip().splitlines()[-1])
    assert told["valid"], told["error"]
    alpha = np.asarray(Image.open(target).convert("RGBA"))[..., 3]
    assert drawn_at_corners(alpha, tuple(told["shown"]), corners, crs)
    west, south, east, north = told["extent"]
    inner = window(corners, crs)
    assert west < inner[0] < inner[2] < east
    assert south < inner[1] < inner[3] < north
