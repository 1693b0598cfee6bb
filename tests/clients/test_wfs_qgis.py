"""QGIS opens our WFS, pages through it, filters on the server and has every feature where it lies."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import psycopg
import pytest

from tests.gis_app.conftest import Served

# Debian's QGIS lives in the system's Python, so it is driven from there.
SCRIPT = """
import json, os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from qgis.core import QgsApplication, QgsFeatureRequest, QgsRectangle, QgsVectorLayer
app = QgsApplication([], False)
app.initQgis()
url, version, name, where, box = sys.argv[1:]
uri = f"pagingEnabled='true' pageSize='50' restrictToRequestBBOX='1' srsname='EPSG:3844'"
uri += f" typename='{name}' url='{url}/ows' version='{version}'"
layer = QgsVectorLayer(uri, name, "WFS")
asked = QgsFeatureRequest()
if where:
    asked.setFilterExpression(where)
if box:
    asked.setFilterRect(QgsRectangle(*json.loads(box)))
features = []
for one in layer.getFeatures(asked):
    bounds = one.geometry().boundingBox()
    features.append((one.attributes()[0], bounds.xMinimum(), bounds.yMinimum()))
print(json.dumps({"valid": layer.isValid(), "crs": layer.crs().authid(), "features": features}))
app.exitQgis()
"""


def opened(
    server: Served, folder: Path, version: str, name: str, where: str = "", box: str = ""
) -> dict[str, object]:
    """What QGIS found."""
    script = folder / "open.py"
    script.write_text(SCRIPT)
    run = subprocess.run(
        ["/usr/bin/python3", script, server.url, version, name, where, box],
        capture_output=True,
        text=True,
        timeout=180,
        env={"HOME": str(folder), "PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": str(folder)},
    )
    told: dict[str, object] = json.loads(run.stdout.strip().splitlines()[-1])
    return told


@pytest.mark.parametrize("version", ["2.0.0", "1.1.0", "1.0.0"])
def test_every_feature_where_it_lies(
    full_server: Served, full_county: str, tmp_path: Path, version: str
) -> None:
    told = opened(full_server, tmp_path, version, "vatra:roads.road")
    with psycopg.connect(full_county) as connection:
        rows = connection.execute(
            "SELECT number, ST_XMin(geom), ST_YMin(geom) FROM roads.road ORDER BY id"
        ).fetchall()
    assert told["valid"]
    assert told["crs"] == "EPSG:3844"
    assert told["features"] == [list(row) for row in rows]


def test_a_filter_and_a_box(full_server: Served, full_county: str, tmp_path: Path) -> None:
    with psycopg.connect(full_county) as connection:
        box = connection.execute(
            "SELECT x - 400, y - 400, x + 400, y + 400 FROM (SELECT ST_X(c) AS x, ST_Y(c) AS y FROM"
            " (SELECT ST_Centroid(geom) AS c FROM cadastre.parcel WHERE id = 50) AS a) AS b"
        ).fetchone()
        assert box
        rows = connection.execute(
            "SELECT siruta, ST_XMin(geom), ST_YMin(geom) FROM cadastre.parcel"
            " WHERE use_category = 'CC' AND ST_Intersects(geom, ST_MakeEnvelope(%s, %s, %s, %s, 3844)) ORDER BY id",
            box,
        ).fetchall()
    told = opened(
        full_server, tmp_path, "2.0.0", "vatra:cadastre.parcel", "\"use_category\" = 'CC'", json.dumps(box)
    )
    assert len(rows) > 5
    assert told["features"] == [list(row) for row in rows]
