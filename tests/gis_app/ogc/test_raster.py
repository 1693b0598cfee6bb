"""The door ``/raster``: terrain of the demo county, an orthophoto made for it, and files that are gone or broken."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psycopg
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from gis_app import create_app
from layers import health, states
from tests.conftest import DatabaseMaker
from tests.gis_app.conftest import bearer
from tests.tiles.test_raster import NORTH, WEST, register, tile_at, write
from tiles.raster.looks import MEDIA_TYPES

DEM = "/raster/terrain.dem"
PHOTO = "/raster/imagery.orthophoto"


@pytest.fixture
def own_county(
    make_database: DatabaseMaker, demo_template: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[str]:
    """A county of this test's own with an orthophoto: red in the west half, blue in the east."""
    address = make_database("raster_county", demo_template)
    monkeypatch.setenv("VATRA_DATABASE_URL", address)
    pixels = np.zeros((3, 512, 512), "uint8")
    pixels[0, :, :256], pixels[2, :, 256:] = 200, 180
    write(tmp_path / "photo.tif", pixels, cell=2.0)
    register(address, "imagery.orthophoto", tmp_path / "photo.tif", 2.0)
    states.forget()
    yield address
    make_database.drop(address)
    health.forget()


@pytest.fixture
def inside(county: str) -> tuple[float, float]:
    """The middle of the demo county's terrain (EPSG:3844)."""
    with psycopg.connect(county) as connection:
        row = connection.execute(
            "SELECT ST_X(c), ST_Y(c) FROM (SELECT ST_Centroid(geom) c FROM terrain.dem) s"
        ).fetchone()
    assert row
    return row


@pytest.mark.parametrize("form", list(MEDIA_TYPES))
@pytest.mark.parametrize("look", ["hillshade", "slope", "elevation"])
def test_terrain_tiles(client: FlaskClient, inside: tuple[float, float], look: str, form: str) -> None:
    x, y = tile_at(*inside, 12)
    answer = client.get(f"{DEM}/12/{x}/{y}.{form}?look={look}")
    assert answer.status_code == 200
    assert answer.content_type == MEDIA_TYPES[form]
    picture = Image.open(io.BytesIO(answer.data))
    assert picture.size == (256, 256)
    assert len(set(picture.convert("RGB").getdata())) > 20
    again = client.get(
        f"{DEM}/12/{x}/{y}.{form}?look={look}", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304
    assert answer.headers["Cache-Control"] == "public, max-age=60"


def test_a_tile_beside_the_terrain_is_clear(client: FlaskClient) -> None:
    answer = client.get(f"{DEM}/12/0/0.png")
    assert answer.status_code == 200
    assert Image.open(io.BytesIO(answer.data)).getextrema()[3] == (0, 0)


@pytest.mark.parametrize(
    "address",
    ["terrain.dem/99/0/0.png", "terrain.dem/3/8/0.png", "terrain.dem/3/0/-1.png", "terrain.dem/12/0/0.gif",
     "terrain.dem/12/0/0.png?look=plain", "roads.road/12/0/0.png", "nothing/12/0/0.png", "planning.scan/12/0/0.png",
     "roads.road.json", "terrain.dem/point?x=0&y=0", "imagery.orthophoto/profile?line=1,1;2,2",
     "../../etc/passwd.json"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(client: FlaskClient, address: str) -> None:
    answer = client.get(f"/raster/{address}")
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "query",
    ["point", "point?x=nan&y=1", "point?x=1e400&y=1", "point?x=1", "point?x=1&y=1&crs=EPSG:999999", "point?x=a&y=b",
     "profile", "profile?line=1,1", "profile?line=1,1;1,1", "profile?line=a,b;c,d",
     "profile?line=1,1;2,2&samples=99999",
     "profile?line=inf,1;2,2", "profile?line=1,1;2,2&samples=x", "profile?line=1,1;2,2&unknown=1", "profile?line=1;2"],
)  # fmt: skip
def test_questions_that_make_no_sense_are_refused(client: FlaskClient, query: str) -> None:
    answer = client.get(f"{DEM}/{query}")
    assert answer.status_code == 422, answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_height_of_a_place_in_two_systems(client: FlaskClient, inside: tuple[float, float]) -> None:
    east, north = inside
    here = client.get(f"{DEM}/point?x={east}&y={north}").json
    assert here["unit"] == "m"
    assert -50 < here["values"][0] < 2600
    from layers.extents import transform

    longitude, latitude, *_ = transform((east, north, east, north), "EPSG:3844", "EPSG:4326")
    there = client.get(f"{DEM}/point?x={longitude}&y={latitude}&crs=EPSG:4326").json
    assert there["x"] == pytest.approx(east, abs=0.01)
    assert there["values"] == pytest.approx(here["values"], abs=0.05)
    assert "path" not in json.dumps(here)


def test_a_profile_by_address_and_by_body(client: FlaskClient, inside: tuple[float, float]) -> None:
    east, north = inside
    line = f"{east},{north};{east + 1000},{north + 500};{east + 2000},{north}"
    asked = client.get(f"{DEM}/profile?line={line}&samples=50").json
    assert len(asked["samples"]) == 50
    assert asked["length_m"] == pytest.approx(2 * np.hypot(1000, 500), abs=0.01)
    body = {
        "geometry": {
            "type": "LineString",
            "coordinates": [[float(n) for n in p.split(",")] for p in line.split(";")],
        },
        "samples": 50,
    }
    assert client.post(f"{DEM}/profile", json=body).json == asked
    point = client.get(f"{DEM}/point?x={east}&y={north}").json
    assert asked["samples"][0]["height_m"] == pytest.approx(point["values"][0], abs=0.01)
    chart = client.get(f"{DEM}/profile?line={line}&format=svg")
    assert chart.content_type == "image/svg+xml"
    assert chart.data.startswith(b"<svg")


def test_an_orthophoto_is_shown_as_it_is(settings: None, own_county: str) -> None:
    client = create_app().test_client()
    x, y = tile_at(WEST + 512, NORTH - 512, 15)
    picture = Image.open(io.BytesIO(client.get(f"{PHOTO}/15/{x}/{y}.png").data)).convert("RGB")
    colours = {colour for _, colour in picture.getcolors(70_000) or []}
    assert (200, 0, 0) in colours
    assert (0, 0, 180) in colours
    assert client.get(f"{PHOTO}/point?x={WEST + 100}&y={NORTH - 100}").json["values"] == [200, 0, 0]
    assert client.get(f"{PHOTO}/point?x={WEST + 900}&y={NORTH - 100}").json["values"] == [0, 0, 180]
    document = client.get(f"{PHOTO}.json").json
    assert document["looks"] == ["plain"]
    assert document["maxzoom"] == 16
    west, south, east, north = document["bounds"]
    assert west < east
    assert south < north


@pytest.mark.parametrize("damage", ["missing", "no TIFF", "half"])
def test_a_file_that_cannot_be_read_is_named(
    settings: None, own_county: str, tmp_path: Path, damage: str
) -> None:
    client = create_app().test_client()
    x, y = tile_at(WEST + 512, NORTH - 512, 15)
    assert client.get(f"{PHOTO}/15/{x}/{y}.png").status_code == 200
    photo = tmp_path / "photo.tif"
    if damage == "missing":
        photo.unlink()
    else:
        whole = photo.read_bytes()
        photo.write_bytes(b"<html>" if damage == "no TIFF" else whole[: len(whole) // 2])
    health.forget()
    # A tile that this process has not drawn yet.
    for address in (
        f"/15/{x}/{y}.jpg",
        f"/16/{2 * x}/{2 * y}.png",
        ".json",
        f"/point?x={WEST + 100}&y={NORTH - 100}",
    ):
        answer = client.get(f"{PHOTO}{address}")
        assert answer.status_code == 503, address
        assert "imagery.orthophoto" in answer.json["detail"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert str(tmp_path) not in answer.text
    checks = {check["name"]: check for check in client.get("/readyz").json["checks"]}
    assert not checks["data"]["ok"]
    assert "imagery.orthophoto" in checks["data"]["detail"]
    assert client.get(f"{DEM}/12/0/0.png").status_code == 200


def test_a_row_cannot_send_us_into_the_network(settings: None, own_county: str) -> None:
    with psycopg.connect(own_county, autocommit=True) as connection:
        connection.execute("UPDATE imagery.orthophoto SET path = '/vsicurl/http://127.0.0.1:9/photo.tif'")
    health.forget()
    answer = create_app().test_client().get(f"{PHOTO}/point?x={WEST + 100}&y={NORTH - 100}")
    assert answer.status_code == 503


def test_a_narrowed_layer_is_not_there_for_others(
    settings: None,
    own_county: str,
    monkeypatch: pytest.MonkeyPatch,
    token,
) -> None:
    monkeypatch.setenv("VATRA_VISIBILITY", '{"imagery.orthophoto": "staff"}')
    client = create_app().test_client()
    for address in (".json", "/15/1/1.png", f"/point?x={WEST + 100}&y={NORTH - 100}"):
        assert client.get(f"{PHOTO}{address}").status_code == 404
        seen = client.get(f"{PHOTO}{address}", headers=bearer(token("layers:staff")))
        assert seen.status_code == 200
        assert "public" not in seen.headers["Cache-Control"]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40), st.text(max_size=80), st.text(max_size=20), st.text(max_size=20))
def test_no_address_upsets_the_door(client: FlaskClient, layer: str, line: str, x: str, crs: str) -> None:
    query = {"line": line, "x": x, "y": x, "crs": crs, "samples": x, "look": crs}
    for path in (f"{DEM}/profile", f"{DEM}/point", f"{DEM}/12/1/1.png", f"{DEM}.json"):
        assert client.get(path, query_string=query).status_code < 500
    assert client.post(f"{DEM}/profile", json={"geometry": line, "crs": crs}).status_code < 500


def test_a_file_whose_middle_is_bad_never_crashes_us(settings: None, own_county: str, tmp_path: Path) -> None:
    photo = tmp_path / "photo.tif"
    content = bytearray(photo.read_bytes())
    start = len(content) // 3
    content[start : start + 400] = b"\xff" * 400
    photo.write_bytes(content)
    health.forget()
    x, y = tile_at(WEST + 512, NORTH - 512, 16)
    answers = [
        create_app().test_client().get(f"{PHOTO}/16/{x + i}/{y + j}.png")
        for i in range(-1, 2)
        for j in range(-1, 2)
    ]
    assert {answer.status_code for answer in answers} <= {200, 503}
