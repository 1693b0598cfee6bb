"""Tiles are those of ``/tiles``, maps show the place asked for, records describe what the caller sees."""

from __future__ import annotations

import io
from datetime import date

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image

from layers.catalogue import catalogue
from layers.demo import SHOWCASE
from tests.gis_app.ogc.ogcapi import CRS84, EPSG, get, ids, read, refused, rows

MAP = "/collections/cadastre.parcel/map"
TILES = "/collections/cadastre.parcel/tiles/WebMercatorQuad"
RECORDS = "/collections/records/items"


@pytest.fixture(scope="module")
def tile(county: str) -> tuple[int, int, int]:
    """z, x, y of a tile round the showcase parcel."""
    ((x, y),) = rows(
        county,
        "SELECT ST_X(c), ST_Y(c) FROM (SELECT ST_Centroid(geom_3857) AS c FROM cadastre.parcel"
        " WHERE siruta = %s AND cadastral_number = %s) AS t",
        SHOWCASE.siruta,
        SHOWCASE.cadastral_number,
    )
    half, count = 20_037_508.342789244, 2**15
    return 15, int((x + half) / (2 * half) * count), int((half - y) / (2 * half) * count)


def test_tiles_are_those_of_the_tile_door(client: FlaskClient, tile: tuple[int, int, int]) -> None:
    z, x, y = tile
    ours, theirs = get(client, f"{TILES}/{z}/{y}/{x}"), client.get(f"/tiles/cadastre.parcel/{z}/{x}/{y}.pbf")
    assert ours.status_code == 200
    assert ours.data == theirs.data != b""
    assert ours.content_type == theirs.content_type == "application/vnd.mapbox-vector-tile"
    assert ours.headers["ETag"] == theirs.headers["ETag"]
    assert get(client, f"{TILES}/{z}/{y}/{x}", {"If-None-Match": ours.headers["ETag"]}).status_code == 304
    refused(client, f"{TILES}/{z}/{2**z}/{x}", 404)
    refused(client, f"{TILES}/99/0/0", 404)


def test_tiles_are_of_the_day_asked_for(client: FlaskClient, tile: tuple[int, int, int]) -> None:
    z, x, y = tile
    address = f"{TILES}/{z}/{y}/{x}"
    now = get(client, address)
    assert get(client, address, datetime=date.today().isoformat()).data == now.data != b""
    for name in ("datetime", "as_of"):
        assert get(client, address, **{name: "1990-01-01"}).status_code == 204
        refused(client, f"{address}?{name}=yesterday", 400)
    refused(client, f"{address}?day=1990-01-01", 400)


def test_tile_sets_are_described(client: FlaskClient) -> None:
    (one,) = read(client, "/collections/cadastre.parcel/tiles")["tilesets"]
    assert one["dataType"] == "vector"
    assert one["tileMatrixSetURI"] == "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
    described = read(client, TILES)
    assert described["layers"][0]["id"] == "cadastre.parcel"
    assert "siruta" in described["layers"][0]["propertiesSchema"]["properties"]
    (template,) = [link["href"] for link in described["links"] if link["rel"] == "item"]
    assert template.endswith(f"{TILES}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}")
    grid = read(client, "/tileMatrixSets/WebMercatorQuad")
    assert grid["tileMatrices"][0]["tileWidth"] == 256
    assert [one["id"] for one in read(client, "/tileMatrixSets")["tileMatrixSets"]] == ["WebMercatorQuad"]


def picture(client: FlaskClient, **parameters: str) -> np.ndarray:
    answer = get(client, MAP, **parameters)
    assert answer.status_code == 200, answer.text
    return np.asarray(Image.open(io.BytesIO(answer.data)).convert("RGBA"))


def inked(image: np.ndarray) -> np.ndarray:
    return image[..., 3] > 0


@pytest.mark.parametrize("size", ["", "?width=800&height=500", "?width=300&height=800"])
def test_a_map_without_a_box_shows_something(client: FlaskClient, size: str) -> None:
    for layer in ("cadastre.parcel", "planning.zone", "admin.uat", "roads.road", "roads.junction"):
        answer = get(client, f"/collections/{layer}/map{size}")
        assert answer.content_type == "image/png"
        image = np.asarray(Image.open(io.BytesIO(answer.data)).convert("RGBA"))
        assert inked(image).any(), layer
        assert max(image.shape[:2]) == 800


@pytest.mark.parametrize("uri", [CRS84, f"{EPSG}4326", f"{EPSG}3857", f"{EPSG}3844", f"{EPSG}31700"])
def test_every_crs_shows_the_same_ground(client: FlaskClient, uri: str) -> None:
    """A box in the axis order of its CRS, as features are given out in it."""
    parcel = f"siruta={SHOWCASE.siruta} AND cadastral_number='{SHOWCASE.cadastral_number}'"
    (feature,) = read(client, "/collections/cadastre.parcel/items", filter=parcel, crs=uri)["features"]
    corners = np.array(feature["geometry"]["coordinates"][0][0])
    low, high = corners.min(axis=0), corners.max(axis=0)
    box = ",".join(map(repr, [*low.tolist(), *high.tolist()]))
    size = {"width": "400", "height": "400"}
    answer = get(client, MAP, bbox=box, bbox_crs=uri, crs=uri, **size)
    assert answer.headers["Content-Crs"] == f"<{uri}>"
    assert [float(part) for part in answer.headers["Content-Bbox"].split(",")] == pytest.approx([*low, *high])
    image = inked(picture(client, bbox=box, bbox_crs=uri, crs=uri, **size))
    east, north = (1, 0) if uri.startswith(EPSG) and not uri.endswith("3857") else (0, 1)
    spread = high - low
    for corner in corners[:-1]:
        column = int(np.clip((corner[east] - low[east]) / spread[east] * 400, 6, 393))
        row = int(np.clip((high[north] - corner[north]) / spread[north] * 400, 6, 393))
        # The parcel's outline runs through each of its corners.
        assert image[row - 6 : row + 7, column - 6 : column + 7].any(), (uri, corner)


def test_sizes_forms_and_colours(client: FlaskClient) -> None:
    box = {"bbox": "23.1,45.0,23.3,45.1"}
    assert picture(client, width="300", height="200", **box).shape == (200, 300, 4)
    jpeg = get(client, MAP, f="jpeg", width="50", **box)
    assert jpeg.content_type == "image/jpeg"
    assert get(client, MAP, {"Accept": "image/jpeg"}, width="50", **box).data == jpeg.data
    empty = picture(
        client, bbox="10,10,11,11", transparent="false", bgcolor="0x102030", width="9", height="9"
    )
    assert (empty == [16, 32, 48, 255]).all()
    for bad in (
        {"width": "0"}, {"width": "5000"}, {"height": "x"}, {"bgcolor": "red"}, {"transparent": "maybe"}, {"f": "gif"},
        {"bbox": "1,2,3"}, {"bbox": "23,45,23,46"}, {"bbox": "23,45,nan,46"}, {"crs": "EPSG:1"}, {"bbox-crs": CRS84},
        {"datetime": "x"}, {"style": "x"},
    ):  # fmt: skip
        refused(client, MAP, 400, **bad)
    assert get(client, MAP, {"Accept": "text/html"}).status_code == 406
    first = get(client, MAP, width="50", **box)
    assert get(client, MAP, {"If-None-Match": first.headers["ETag"]}, width="50", **box).status_code == 304


def test_records_are_the_layers_one_sees(client: FlaskClient) -> None:
    page = read(client, RECORDS, limit=1_000)
    public = [name for name, layer in catalogue().items() if layer.visibility == "public"]
    assert ids(page) == public
    record = read(client, f"{RECORDS}/cadastre.parcel")
    assert record["properties"]["type"] == "dataset"
    assert record["properties"]["title"] == catalogue()["cadastre.parcel"].title.ro
    assert any(one["rel"] == "enclosure" for one in record["links"])
    assert read(client, "/collections/records")["itemType"] == "record"


def test_pages_of_records_speak_one_language(client: FlaskClient) -> None:
    parcel = catalogue()["cadastre.parcel"]
    for language, spoken, other in (("ro", "ro", "en"), ("en", "en", "ro")):
        for path, more in ((RECORDS, {"limit": 1_000}), (f"{RECORDS}/{parcel.id}", {})):
            page = get(client, path, f="html", lang=language, **more).text
            assert getattr(parcel.title, spoken) in page
            assert getattr(parcel.title, other) not in page


def test_records_are_found(client: FlaskClient) -> None:
    every = read(client, RECORDS, limit=1_000)["numberMatched"]
    assert "cadastre.parcel" in ids(read(client, RECORDS, q="imobile cadastral", limit=100))
    assert ids(read(client, RECORDS, q="nothingofthesort")) == []
    with_diacritics = ids(read(client, RECORDS, q="zone funcționale"))
    assert with_diacritics == ids(read(client, RECORDS, q="Zone functionale")) == ["planning.zone"]
    either = ids(read(client, RECORDS, q="imobile,nothingofthesort,ape", limit=100))
    assert {"cadastre.parcel", "environment.water"} <= set(either)
    assert "roads.junction" not in either
    assert read(client, RECORDS, bbox="23,45,24,46")["numberMatched"] > 0
    assert read(client, RECORDS, bbox="0,0,1,1")["numberMatched"] == 0
    assert read(client, RECORDS, datetime="2020-01-01")["numberMatched"] == 0
    assert read(client, RECORDS, datetime="2026-06-01/..")["numberMatched"] > 0
    titles = [
        one["properties"]["title"] for one in read(client, RECORDS, sortby="-title", limit=100)["features"]
    ]
    assert titles == sorted(titles, reverse=True)
    first, second = read(client, RECORDS, limit=5), read(client, RECORDS, limit=5, offset=5)
    assert first["numberMatched"] == second["numberMatched"] == every
    assert not set(ids(first)) & set(ids(second))
    for bad in ({"limit": "x"}, {"offset": "-1"}, {"bbox": "1,2"}, {"datetime": "x"}, {"sortby": "nope"}):
        refused(client, RECORDS, 400, **bad)
