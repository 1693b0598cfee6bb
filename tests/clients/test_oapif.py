"""OGC API as foreign clients read it: OWSLib, and GDAL's OAPIF driver for every layer, feature for feature."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import geopandas as gpd
import psycopg
import pyogrio
import pytest
import shapely
from owslib.ogcapi.features import Features
from owslib.ogcapi.maps import Maps
from owslib.ogcapi.processes import Processes
from owslib.ogcapi.records import Records
from owslib.util import Authentication

from layers.catalogue import catalogue
from tests.gis_app.conftest import Served

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
IN_FORCE = "valid_from <= current_date AND valid_to > current_date"
STAFF_LAYER = "planning.scan"
PUBLIC = [name for name, layer in catalogue().items() if layer.visibility == "public"]


def table(address: str, layer: str) -> list[tuple[Any, ...]]:
    """What the table holds: id, served columns, and the shape in degrees as the database has it."""
    names = ", ".join(f'"{column.name}"' for column in catalogue()[layer].served_columns)
    shape = "ST_AsBinary(ST_Transform(geom_3857, 4326))" if catalogue()[layer].geometry else "NULL"
    with psycopg.connect(address) as connection:
        return connection.execute(
            f"SELECT id, {shape}, {names} FROM {layer} WHERE {IN_FORCE} ORDER BY id".encode()
        ).fetchall()


def ogr(*arguments: str) -> str:
    """What a GDAL program says; it must succeed without complaint."""
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stderr, done.stderr
    return done.stdout


@pytest.mark.parametrize("layer", list(catalogue()))
def test_gdal_reads_every_layer_as_the_table_has_it(
    full_server: Served, full_county: str, staff_token: str, layer: str, tmp_path: Path
) -> None:
    target = tmp_path / "layer.geojsonl"
    opening = ["-oo", f"USERPWD=anybody:{staff_token}"] if layer == STAFF_LAYER else []
    # This release takes ten features a page unless told otherwise.
    opening += ["-oo", "PAGE_SIZE=700"]
    options = ["-preserve_fid", "-f", "GeoJSONSeq", "-lco", "COORDINATE_PRECISION=9"]
    ogr("ogr2ogr", *options, *opening, str(target), f"OAPIF:{full_server.url}/ogcapi", layer)
    read = (
        [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
        if target.exists()
        else []
    )
    expected = table(full_county, layer)
    assert len(read) == len(expected) > 0
    names = [column.name for column in catalogue()[layer].served_columns]
    dates = {column.name for column in catalogue()[layer].served_columns if column.type == "date"}
    for feature, (identifier, shape, *values) in zip(read, expected, strict=True):
        assert int(feature["id"]) == identifier
        if shape is None:
            assert feature["geometry"] is None
        else:
            ours, theirs = shapely.geometry.shape(feature["geometry"]), shapely.from_wkb(bytes(shape))
            assert ours.geom_type == theirs.geom_type
            assert shapely.hausdorff_distance(ours, theirs) < 2e-8
        for name, value in zip(names, values, strict=True):
            got = feature["properties"].get(name)
            if name in dates and value is not None:
                assert got.replace("/", "-") == value.isoformat()
            else:
                assert got == value or (isinstance(value, bool) and bool(got) == value), name


@pytest.mark.parametrize("layer", PUBLIC)
def test_newer_gdal_reads_every_layer_in_stereo70(full_server: Served, full_county: str, layer: str) -> None:
    """It takes columns from the schema, the page size from the API's description, and the CRS of storage."""
    read = pyogrio.read_dataframe(f"OAPIF:{full_server.url}/ogcapi", layer=layer, fid_as_index=True)
    shape = "ST_AsBinary(ST_Force2D(geom))" if catalogue()[layer].geometry else "NULL"
    with psycopg.connect(full_county) as connection:
        expected = connection.execute(
            f"SELECT id, {shape} FROM {layer} WHERE {IN_FORCE} ORDER BY id".encode()
        ).fetchall()
    assert list(read.index) == [row[0] for row in expected]
    assert {column.name for column in catalogue()[layer].served_columns} <= set(read.columns)
    if catalogue()[layer].geometry:
        assert read.crs == "EPSG:3844"
        theirs = shapely.from_wkb([bytes(row[1]) for row in expected])
        assert shapely.hausdorff_distance(read.geometry.to_numpy(), theirs).max() < 0.001


def test_gdal_knows_the_layer(full_server: Served) -> None:
    for address in ("", "/collections/cadastre.parcel"):
        said = ogr("ogrinfo", "-al", "-so", f"OAPIF:{full_server.url}/ogcapi{address}", "cadastre.parcel")
        assert "Feature Count: 2000" in said
        assert "Geometry: Multi Polygon" in said
        assert "cadastral_number: String" in said
        assert "siruta: Integer" in said


def test_gdal_filters_by_box_and_property(full_server: Served, full_county: str) -> None:
    with psycopg.connect(full_county) as connection:
        row = connection.execute(
            "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM (SELECT"
            " ST_Expand(ST_Envelope(ST_Transform(geom, 4326)), 0.004) AS e FROM cadastre.parcel WHERE id = 1) AS t"
        ).fetchone()
        assert row
        expected = connection.execute(
            "SELECT count(*) FROM cadastre.parcel WHERE ST_Intersects(ST_Transform(geom_3857, 4326),"
            " ST_MakeEnvelope(%s, %s, %s, %s, 4326))",
            row,
        ).fetchone()
    box = [str(number) for number in row]
    said = ogr("ogrinfo", "-al", "-so", "-spat", *box, f"OAPIF:{full_server.url}/ogcapi", "cadastre.parcel")
    assert expected is not None
    assert f"Feature Count: {expected[0]}" in said
    found = ogr(
        "ogrinfo",
        "-al",
        "-where",
        "siruta = 900060 AND cadastral_number = '30112'",
        f"OAPIF:{full_server.url}/ogcapi",
        "cadastre.parcel",
    )
    assert "Feature Count: 1" in found


def test_owslib_reads_features(full_server: Served) -> None:
    api = Features(f"{full_server.url}/ogcapi/")
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in api.conformance()["conformsTo"]
    assert set(api.feature_collections()) == set(PUBLIC)
    collection = api.collection("cadastre.parcel")
    assert collection["storageCrs"] == f"{EPSG}3844"
    assert api.collection_queryables("cadastre.parcel")["properties"]["siruta"]["type"] == "integer"
    page = api.collection_items("cadastre.parcel", limit=7, crs=f"{EPSG}3844")
    assert page["numberReturned"] == 7
    filtered = api.collection_items("cadastre.parcel", filter="use_category = 'A'")
    assert {one["properties"]["use_category"] for one in filtered["features"]} == {"A"}
    assert api.collection_item("cadastre.parcel", "1")["id"] == 1


def test_owslib_draws_and_looks_up(full_server: Served) -> None:
    picture = Maps(f"{full_server.url}/ogcapi/").map(
        "cadastre.parcel", bbox=[23.1, 45.0, 23.2, 45.1], width=64, height=64
    )
    assert picture.read(8) == b"\x89PNG\r\n\x1a\n"
    processes = Processes(f"{full_server.url}/ogcapi/")
    assert [one["id"] for one in processes.processes()] == ["parcel-check"]
    assert "parcel" in processes.process("parcel-check")["inputs"]
    records = Records(f"{full_server.url}/ogcapi/")
    assert records.collection_items("records", q="imobile")["numberMatched"] >= 1


def test_geopandas_reads_a_page(full_server: Served) -> None:
    frame = gpd.read_file(f"{full_server.url}/ogcapi/collections/cadastre.parcel/items?limit=50")
    assert len(frame) == 50
    assert frame.crs.is_geographic
    assert frame.total_bounds[0] < 24 < frame.total_bounds[3]
    assert frame.is_valid.all()


@pytest.mark.parametrize("header", ["basic", "bearer"])
def test_a_token_shows_more(full_server: Served, staff_token: str, header: str) -> None:
    arguments: dict[str, Any] = {"headers": {"Authorization": f"Bearer {staff_token}"}}
    if header == "basic":
        arguments = {"auth": Authentication(username="anybody", password=staff_token)}
    seen = Features(f"{full_server.url}/ogcapi/", **arguments).feature_collections()
    assert STAFF_LAYER in seen
    assert set(seen) == set(catalogue())
