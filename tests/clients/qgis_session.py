"""What a person does in QGIS, headless: load a layer from each of our services, look, identify, draw; told as JSON.

Run by Debian's Python, which has QGIS's modules: ``qgis_session.py ADDRESS FOLDER WEST SOUTH EAST NORTH``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsDataProvider,
    QgsFeatureRequest,
    QgsMapLayer,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsPointXY,
    QgsProject,
    QgsRaster,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtCore import QSize

SIDE = 256
LAYER = "cadastre.parcel"


def main(address: str, folder: Path, window: QgsRectangle) -> dict[str, Any]:
    """Everything that was seen, by service."""
    stereo70 = QgsCoordinateReferenceSystem("EPSG:3844")
    seen: dict[str, Any] = {"qgis": Qgis.QGIS_VERSION}
    for version in ("1.1.1", "1.3.0"):
        layer = wms(address, version)
        drawn = draw(layer, folder / f"wms_{version}.png", window, stereo70)
        point = QgsPointXY(window.center())
        found = layer.dataProvider().identify(point, QgsRaster.IdentifyFormatText, window, SIDE, SIDE)
        seen[f"wms {version}"] = {**drawn, "identified": " ".join(map(str, found.results().values()))}
    for service, layer in {
        "wfs 1.1.0": wfs(address, "1.1.0"),
        "wfs 2.0.0": wfs(address, "2.0.0"),
        "oapif": oapif(address),
    }.items():
        layer.setExtent(window)
        seen[service] = {
            **features(layer, window),
            **draw(layer, folder / f"{service[:5]}.png", window, stereo70),
        }
    seen["wmts"] = draw(wmts(address), folder / "wmts.png", window, stereo70)
    tiles = QgsVectorTileLayer(
        f"type=xyz&url={address}/tiles/{LAYER}/{{z}}/{{x}}/{{y}}.pbf&zmin=14&zmax=16", LAYER
    )
    seen["vector tiles"] = draw(tiles, folder / "tiles.png", window, stereo70)
    return seen


def wms(address: str, version: str) -> QgsRasterLayer:
    """The layer as a map."""
    source = f"url={address}/ows?version={version}&crs=EPSG:3844&format=image/png&layers={LAYER}&styles="
    return valid(QgsRasterLayer(source, LAYER, "wms"))


def wmts(address: str) -> QgsRasterLayer:
    """The layer as tiles in Stereo70."""
    source = (
        f"url={address}/wmts/1.0.0/WMTSCapabilities.xml&crs=EPSG:3844&format=image/png&layers={LAYER}"
        "&styles=default&tileMatrixSet=Stereo70&tileDimensions=Time%3Dcurrent"
    )
    return valid(QgsRasterLayer(source, LAYER, "wms"))


def wfs(address: str, version: str) -> QgsVectorLayer:
    """The layer as features of the WFS."""
    source = (
        f"url='{address}/ows' typename='vatra:{LAYER}' version='{version}' srsname='EPSG:3844'"
        " restrictToRequestBBOX='1' pagingEnabled='true'"
    )
    return valid(QgsVectorLayer(source, LAYER, "WFS"))


def oapif(address: str) -> QgsVectorLayer:
    """The layer as features of the OGC API."""
    return valid(
        QgsVectorLayer(f"url='{address}/ogcapi' typename='{LAYER}' restrictToRequestBBOX='1'", LAYER, "OAPIF")
    )


def valid(layer: QgsMapLayer) -> Any:
    """The layer, which QGIS could open."""
    if not layer.isValid():
        provider: QgsDataProvider = layer.dataProvider()
        raise SystemExit(
            f"QGIS cannot open {layer.source()}: {provider.error().message() if provider else '?'}"
        )
    return layer


def features(layer: QgsVectorLayer, window: QgsRectangle) -> dict[str, Any]:
    """Land numbers, fields and areas (m²) of what lies in the window."""
    # QGIS takes the window in the system that the features are asked for in.
    request = QgsFeatureRequest().setFilterRect(window)
    request.setDestinationCrs(
        QgsCoordinateReferenceSystem("EPSG:3844"), QgsProject.instance().transformContext()
    )
    found = {
        f"{feature['siruta']}/{feature['cadastral_number']}": round(feature.geometry().area(), 1)
        for feature in layer.getFeatures(request)
    }
    return {"areas": found, "fields": [field.name() for field in layer.fields()], "crs": layer.crs().authid()}


def draw(layer: Any, path: Path, window: QgsRectangle, crs: QgsCoordinateReferenceSystem) -> dict[str, Any]:
    """A picture of the window, kept in the file; how many of its pixels are not background."""
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(crs)
    settings.setExtent(window)
    settings.setOutputSize(QSize(SIDE, SIDE))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    picture = job.renderedImage()
    picture.save(str(path))
    background = picture.pixel(0, 0)
    painted = sum(picture.pixel(x, y) != background for x in range(0, SIDE, 4) for y in range(0, SIDE, 4))
    return {"painted": painted, "errors": [str(error.message) for error in job.errors()]}


if __name__ == "__main__":
    application = QgsApplication([], False)
    QgsApplication.initQgis()
    told = main(sys.argv[1], Path(sys.argv[2]), QgsRectangle(*map(float, sys.argv[3:7])))
    print(json.dumps(told))
    QgsApplication.exitQgis()
