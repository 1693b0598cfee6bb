"""Every form in which features are given out, read back and compared with the table."""

from __future__ import annotations

import csv
import gzip
import io
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pyogrio
import pytest
import shapely
from flask.testing import FlaskClient
from lxml import etree

from gis_app.ogc.wfs import formats
from layers.catalogue import catalogue
from tests.gis_app.ogc.wfs import STEREO70, ask, found, refused, tree


def shapes(county: str, layer: str) -> dict[int, Any]:
    """The geometries in force, by id."""
    with psycopg.connect(county) as connection:
        rows = connection.execute(
            f"SELECT id, ST_AsBinary(geom) FROM {layer} ORDER BY id".encode()
        ).fetchall()
    return {number: shapely.from_wkb(wkb) for number, wkb in rows}


def test_every_name_of_a_format_is_understood(client: FlaskClient) -> None:
    for one in formats.ALL:
        for name in (one.name, *one.aliases):
            answer = ask(client, typenames="roads.road", count=1, outputformat=name)
            assert (answer.status_code, answer.content_type) == (200, one.media_type), name
    asked = "service=WFS&version=2.0.0&request=GetFeature&typenames=roads.road&count=1"
    plus_lost = client.get(f"/ows?{asked}&outputformat=application/gml+xml;%20version=3.2")
    assert plus_lost.content_type == formats.GML32.media_type
    refused(
        ask(client, typenames="roads.road", outputformat="text/html"), "InvalidParameterValue", "outputFormat"
    )


def test_geojson_is_in_degrees_east_first(client: FlaskClient, county: str) -> None:
    told = ask(client, typenames="heritage.monument", outputformat="application/geo+json").get_json()
    assert told["numberMatched"] == told["numberReturned"] == len(told["features"])
    assert "crs" not in told
    for feature in told["features"]:
        west, south, east, north = shapely.geometry.shape(feature["geometry"]).bounds
        assert 20 < west <= east < 30
        assert 43 < south <= north < 49
    metres = ask(client, typenames="heritage.monument", outputformat="json", srsname=STEREO70).get_json()
    assert metres["crs"]["properties"]["name"] == "urn:ogc:def:crs:EPSG::3844"
    stored = shapes(county, "heritage.monument")
    for feature in metres["features"]:
        number = int(feature["id"].rpartition(".")[2])
        assert shapely.geometry.shape(feature["geometry"]).equals_exact(stored[number], 0)


def test_geojson_leads_on(client: FlaskClient) -> None:
    told = ask(client, typenames="heritage.monument", outputformat="json", count=2).get_json()
    (link,) = told["links"]
    assert link["rel"] == "next"
    following = client.get(link["href"].removeprefix("http://localhost")).get_json()
    assert {one["rel"] for one in following["links"]} == {"next", "prev"}
    assert not {one["id"] for one in told["features"]} & {one["id"] for one in following["features"]}


def test_csv(client: FlaskClient, county: str) -> None:
    answer = ask(client, typenames="utilities.node", outputformat="csv")
    assert 'filename="utilities.node.csv"' in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    stored = shapes(county, "utilities.node")
    assert [int(row["feature_id"]) for row in rows] == list(stored)
    for row in rows:
        assert shapely.from_wkt(row["geometry"]).equals_exact(stored[int(row["feature_id"])], 0)
    assert {row["network"] for row in rows} >= {"electricity", "water"}


def test_counts_come_as_xml_where_the_form_has_no_place_for_them(client: FlaskClient) -> None:
    for form in ("csv", "gpkg", "SHAPE-ZIP"):
        answer = ask(client, typenames="utilities.node", resulttype="hits", outputformat=form)
        assert answer.mimetype == "text/xml"
        assert etree.fromstring(answer.data).get("numberMatched")


def test_a_table_holds_one_layer(client: FlaskClient) -> None:
    answer = ask(client, typenames="(utilities.node)(heritage.monument)", outputformat="csv", count=1)
    assert answer.status_code == 400
    assert 'locator="typeNames"' in answer.text


def test_a_geopackage_keeps_measures(client: FlaskClient, county: str, tmp_path: Path) -> None:
    path = tmp_path / "roads.gpkg"
    path.write_bytes(ask(client, typenames="(roads.road)(planning.regulation)", outputformat="gpkg").data)
    assert [name for name, _ in pyogrio.list_layers(path)] == ["roads.road", "planning.regulation"]
    assert pyogrio.read_info(path, layer="roads.road")["crs"] == "EPSG:3844"
    # GDAL's own command reads measures; pyogrio drops them.
    query = 'SELECT fid AS id, * FROM "roads.road"'
    listed = subprocess.run(
        ["ogr2ogr", "-f", "CSV", "-lco", "GEOMETRY=AS_WKT", "-sql", query, "/vsistdout/", path],
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    csv.field_size_limit(10_000_000)
    read = {int(row["id"]): row["WKT"] for row in csv.DictReader(io.StringIO(listed))}
    stored = shapes(county, "roads.road")
    assert list(read) == list(stored)
    for number, wkt in read.items():
        line = shapely.from_wkt(wkt)
        assert shapely.has_m(line)
        given, expected = (shapely.get_coordinates(one, include_m=True) for one in (line, stored[number]))
        assert np.allclose(given, expected, rtol=0, atol=1e-6)
    frame = pyogrio.read_dataframe(path, layer="planning.regulation")
    assert len(frame) > 100
    assert "body" in frame.columns


@pytest.mark.parametrize("layer", ["utilities.node", "roads.road", "planning.zone", "environment.coast_line"])
def test_shapefiles_split_by_kind(client: FlaskClient, county: str, tmp_path: Path, layer: str) -> None:
    answer = ask(client, typenames=layer, outputformat="SHAPE-ZIP")
    stored, read = shapes(county, layer), {}
    with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        packed.extractall(tmp_path)
    files = sorted(tmp_path.glob("*.shp"))
    assert files
    for file in files:
        frame = pyogrio.read_dataframe(file)
        assert frame.crs.to_epsg() == 3844
        read |= dict(zip(frame["feature_id"], frame.geometry, strict=True))
    assert set(read) == set(stored)
    for number, shape in stored.items():
        assert shapely.force_2d(read[number]).normalize().equals(shapely.force_2d(shape)), number
    assert len(files) == (2 if layer == "utilities.node" else 1)
    with (tmp_path / "columns.csv").open(encoding="utf-8") as names:
        explained = {row["column"]: row["field"] for row in csv.DictReader(names)}
    assert set(explained) == {column.name for column in catalogue()[layer].served_columns}
    assert set(explained.values()) <= set(frame.columns)


def test_a_shapefile_never_cuts_a_text(client: FlaskClient, county: str) -> None:
    with psycopg.connect(county, autocommit=True) as connection:
        connection.execute("UPDATE heritage.monument SET name = repeat('ă', 128) WHERE id = 1")
        try:
            answer = ask(client, typenames="heritage.monument", outputformat="SHAPE-ZIP", resourceid=None)
            assert "heritage.monument.1" in refused(answer, "OperationProcessingFailed", "outputFormat")
        finally:
            connection.execute("UPDATE heritage.monument SET name = 'Monument' WHERE id = 1")


def test_files_of_a_page(client: FlaskClient) -> None:
    page = ask(client, typenames="roads.road", outputformat="csv", count=3, startindex=2)
    rows = list(csv.reader(io.StringIO(page.text)))
    assert [row[0] for row in rows] == ["feature_id", "3", "4", "5"]
    refused(ask(client, typenames="(roads.road)(roads.road)", outputformat="gpkg"), "InvalidParameterValue")


def test_text_is_compressed_for_those_who_take_it(client: FlaskClient) -> None:
    plain = ask(client, typenames="cadastre.parcel", count=100)
    packed = ask(client, {"Accept-Encoding": "gzip"}, typenames="cadastre.parcel", count=100)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert len(packed.data) < len(plain.data) / 3
    assert found(tree(plain), "count(//wfs:member)") == 100
    assert gzip.decompress(packed.data).count(b"<wfs:member>") == 100
    package = ask(
        client, {"Accept-Encoding": "gzip"}, typenames="cadastre.parcel", count=1, outputformat="gpkg"
    )
    assert "Content-Encoding" not in package.headers


def test_odd_texts_stay_well_formed(client: FlaskClient, county: str) -> None:
    odd = "<b>&\"'\u0007]]> ăâîșț 🏰"
    with psycopg.connect(county, autocommit=True) as connection:
        connection.execute("UPDATE heritage.monument SET name = %s WHERE id = 2", [odd])
        try:
            told = tree(ask(client, resourceid="heritage.monument.2"))
            assert found(told, "string(//vatra:name)") == odd.replace("\u0007", "")
            features = ask(client, resourceid="heritage.monument.2", outputformat="json").get_json()[
                "features"
            ]
            assert features[0]["properties"]["name"] == odd
        finally:
            connection.execute("UPDATE heritage.monument SET name = 'Monument' WHERE id = 2")
