"""OpenStreetMap extracts: the layer follows the wanted geometry, every tag is a field."""

from __future__ import annotations

from pathlib import Path

import pytest

from layers.reading import Request, open_source
from layers.reading.errors import NotVector, SeveralLayers
from layers.reading.osm import tags

CONTENT = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
  <node id="1" version="1" lat="45.00" lon="23.20"/>
  <node id="2" version="1" lat="45.01" lon="23.21"/>
  <node id="3" version="1" lat="45.02" lon="23.20"/>
  <node id="4" version="1" lat="45.03" lon="23.25"><tag k="power" v="tower"/></node>
  <way id="10" version="1"><nd ref="1"/><nd ref="2"/>
    <tag k="highway" v="secondary"/><tag k="ref" v="DJ 663"/><tag k="lanes" v="2"/></way>
  <way id="11" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="1"/><tag k="landuse" v="forest"/></way>
</osm>
"""


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    path = tmp_path / "gorj.osm"
    path.write_text(CONTENT)
    return path


def test_lines_with_tags_as_fields(extract: Path) -> None:
    source = open_source(extract, Request(geometry="MultiLineStringM"))
    batch = next(source.batches())
    assert source.crs is not None
    assert source.crs.to_epsg() == 4326
    assert {"highway", "ref", "lanes"} <= set(source.fields)
    assert batch.attributes.column("ref").to_pylist() == ["DJ 663"]
    assert batch.attributes.column("lanes").to_pylist() == ["2"]
    assert list(batch.geometries[0].coords) == [(23.2, 45.0), (23.21, 45.01)]


def test_polygons(extract: Path) -> None:
    batch = next(open_source(extract, Request(geometry="MultiPolygon")).batches())
    assert batch.attributes.column("landuse").to_pylist() == ["forest"]


def test_any_geometry_asks_for_a_layer(extract: Path) -> None:
    with pytest.raises(SeveralLayers, match="points, lines"):
        open_source(extract, Request(geometry="Geometry"))


def test_broken_off(extract: Path) -> None:
    extract.write_text(CONTENT[:-60])
    with pytest.raises(NotVector, match="breaks off"):
        open_source(extract, Request(geometry="MultiPolygon"))


def test_hstore_text() -> None:
    assert tags('"surface"=>"asphalt","note"=>"a \\"b\\", c"') == {"surface": "asphalt", "note": 'a "b", c'}
    assert tags(None) == {}
