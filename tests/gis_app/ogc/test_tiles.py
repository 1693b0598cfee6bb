"""The door ``/tiles``: status, headers, states, circles, and what happens to wrong requests."""

from __future__ import annotations

import gzip
import json
import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import mapbox_vector_tile
import psycopg
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from gis_app import create_app
from gis_app.settings import WebSettings
from layers import health, states, timing
from layers.catalogue import catalogue
from layers.days import today
from tests.conftest import DatabaseMaker
from tests.gis_app.conftest import bearer
from tiles.vector import MEDIA_TYPE
from tiles.vector_grid import DEEPEST, WORLD_M, width_m

EMPTY = "/tiles/cadastre.parcel/14/1/1.pbf"


def tile_of_parcels(address: str, z: int) -> tuple[int, int]:
    """The tile of that zoom in which most parcels have their middle."""
    width, half = width_m(z), WORLD_M / 2
    with psycopg.connect(address) as connection:
        row = connection.execute(
            "SELECT floor((ST_X(p) + %s) / %s)::int, floor((%s - ST_Y(p)) / %s)::int, count(*)"
            " FROM (SELECT ST_Centroid(geom_3857) AS p FROM cadastre.parcel) s GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 1",
            [half, width, half, width],
        ).fetchone()
    assert row
    return row[0], row[1]


@pytest.fixture(scope="session")
def place(county: str) -> str:
    """A tile full of parcels, as its address ends."""
    x, y = tile_of_parcels(county, 14)
    return f"14/{x}/{y}.pbf"


def test_a_tile_is_told_what_it_is_and_how_long_it_may_be_kept(client: FlaskClient, place: str) -> None:
    answer = client.get(f"/tiles/cadastre.parcel/{place}")
    assert answer.status_code == 200
    assert answer.content_type == MEDIA_TYPE
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert {"Authorization", "Cookie", "Accept-Encoding"} <= set(answer.headers["Vary"].split(", "))
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Content-Encoding" not in answer.headers
    assert mapbox_vector_tile.decode(answer.data)["cadastre.parcel"]["features"]


def test_compressed_only_for_those_who_ask(client: FlaskClient, place: str) -> None:
    plain = client.get(f"/tiles/cadastre.parcel/{place}")
    squeezed = client.get(f"/tiles/cadastre.parcel/{place}", headers={"Accept-Encoding": "gzip, br"})
    assert squeezed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(squeezed.data) == plain.data
    assert len(squeezed.data) < 0.8 * len(plain.data)
    assert squeezed.headers["ETag"] == plain.headers["ETag"]
    refused = client.get(f"/tiles/cadastre.parcel/{place}", headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers


def test_equal_requests_have_one_tag_and_a_known_one_is_not_sent_again(
    client: FlaskClient, place: str
) -> None:
    address = f"/tiles/cadastre.parcel/{place}"
    tags = {client.get(address).headers["ETag"] for _ in range(20)}
    assert len(tags) == 1
    again = client.get(address, headers={"If-None-Match": tags.pop()})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(EMPTY).headers["ETag"] not in tags


def test_an_empty_tile_is_no_content_always(client: FlaskClient) -> None:
    for _ in range(2):
        answer = client.get(EMPTY, headers={"Accept-Encoding": "gzip"})
        assert (answer.status_code, answer.data) == (204, b"")
        assert "Content-Encoding" not in answer.headers
        assert answer.headers["ETag"]


@pytest.mark.parametrize(
    "address",
    [
        "cadastre.parcel/14/16384/0.pbf", "cadastre.parcel/14/0/16384.pbf", "cadastre.parcel/99/0/0.pbf",
        f"cadastre.parcel/{DEEPEST + 1}/0/0.pbf", "cadastre.parcel/3/1/1.pbf", "cadastre.parcel/-1/0/0.pbf",
        "cadastre.parcel/14/-1/0.pbf", "cadastre.parcel/14/1.5/0.pbf", "cadastre.parcel/nan/0/0.pbf",
        f"cadastre.parcel/14/{10**40}/0.pbf", "cadastre.parcel/14/1/1.mvt", "nothing.here/14/1/1.pbf",
        "cadastre.parcel,nothing/14/1/1.pbf", "planning.scan/14/1/1.pbf", "cadastre.predecessor/14/1/1.pbf",
        "nothing.json", "planning.scan.json", "%00.json", "../tiles/14/1/1.pbf", "fonts/Arial/0-255.pbf",
        "fonts/Noto%20Sans%20Regular/1-256.pbf", "fonts/Noto%20Sans%20Regular/0-65535.pbf", "sprite@3x.png",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found_and_never_kept(client: FlaskClient, address: str) -> None:
    answer = client.get(f"/tiles/{address}", headers={"Accept": "*/*"})
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", "", "0000-00-00", "2026-01-01'; DROP TABLE x"])
def test_a_day_that_is_none_is_refused(client: FlaskClient, day: str, place: str) -> None:
    answer = client.get(f"/tiles/cadastre.parcel/{place}", query_string={"as_of": day})
    assert answer.status_code == 400
    assert "as_of" in answer.json["detail"]


def test_another_day_is_another_tile(client: FlaskClient, place: str) -> None:
    now, long_ago = (client.get(f"/tiles/cadastre.parcel/{place}{day}") for day in ("", "?as_of=1990-01-01"))
    assert (now.status_code, long_ago.status_code) == (200, 204)
    assert now.headers["ETag"] != long_ago.headers["ETag"]
    document = client.get("/tiles/cadastre.parcel.json?as_of=2026-03-01").json
    assert document["tiles"][0].endswith("/{z}/{x}/{y}.pbf?as_of=2026-03-01")


def test_tile_json_says_what_the_tiles_hold(client: FlaskClient, county: str, place: str) -> None:
    document = client.get("/tiles/cadastre.parcel.json").json
    assert document["tilejson"] == "3.0.0"
    assert document["tiles"] == ["http://localhost/tiles/cadastre.parcel/{z}/{x}/{y}.pbf"]
    west, south, east, north = document["bounds"]
    with psycopg.connect(county) as connection:
        outside = connection.execute(
            "SELECT count(*) FROM cadastre.parcel WHERE NOT ST_Contains(ST_MakeEnvelope(%s, %s, %s, %s, 4326),"
            " ST_Transform(geom_3857, 4326))",
            [west - 1e-4, south - 1e-4, east + 1e-4, north + 1e-4],
        ).fetchone()
    assert outside == (0,)
    assert document["minzoom"] <= 14 <= document["maxzoom"]
    assert west <= document["center"][0] <= east
    assert "CC-BY-4.0" in document["attribution"]
    (layer,) = document["vector_layers"]
    assert layer["id"] == "cadastre.parcel"
    assert list(layer["fields"]) == [column.name for column in catalogue()["cadastre.parcel"].served_columns]
    address = document["tiles"][0].replace("{z}/{x}/{y}.pbf", place)
    features = mapbox_vector_tile.decode(client.get(address).data)["cadastre.parcel"]["features"]
    assert set(features[0]["properties"]) <= set(layer["fields"])


def test_the_address_in_tile_json_honours_a_trusted_proxy_only(settings: None) -> None:
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "harti.judet.ro"}
    trusting = create_app(WebSettings(trusted_proxies=1)).test_client()
    told = trusting.get("/tiles/cadastre.json", headers=forwarded).json["tiles"][0]
    assert told.startswith("https://harti.judet.ro/tiles/cadastre/")
    direct = create_app(WebSettings(trusted_proxies=0)).test_client()
    assert (
        direct.get("/tiles/cadastre.json", headers=forwarded).json["tiles"][0].startswith("http://localhost/")
    )


def test_every_source_symbol_and_letter_of_the_style_is_there(client: FlaskClient) -> None:
    style = client.get("/tiles/style.json").json
    sources = {name: client.get(source["url"]).json for name, source in style["sources"].items()}
    held = {layer["id"] for source in sources.values() for layer in source["vector_layers"]}
    drawn = [layer for layer in style["layers"] if "source-layer" in layer]
    assert {layer["source-layer"] for layer in drawn} <= held
    index = client.get(f"{style['sprite']}.json").json
    assert client.get(f"{style['sprite']}@2x.png").content_type == "image/png"
    named = set(
        re.findall(
            r'"((?:hatch|plate|circle|square|triangle|diamond|letter|tick|cross)[.-][^"]+)"',
            json.dumps(style),
        )
    )
    assert named
    assert named <= set(index)
    for face in {
        layer["layout"]["text-font"][0] for layer in drawn if "text-font" in layer.get("layout", {})
    }:
        glyphs = style["glyphs"].replace("{fontstack}", face).replace("{range}", "512-767")
        assert client.get(glyphs).status_code == 200


def test_every_layer_with_a_style_is_drawn_in_the_style_document(client: FlaskClient) -> None:
    drawn = {layer.get("source-layer") for layer in client.get("/tiles/style.json").json["layers"]}
    wanted = {
        layer.id
        for layer in catalogue().values()
        if layer.geometry
        and layer.visibility == "public"
        and not any(column.internal for column in layer.columns)
    }
    assert wanted <= drawn


def test_staff_see_more_and_no_shared_cache_keeps_it(
    client: FlaskClient, token: Callable[..., str], place: str
) -> None:
    staff = bearer(token("layers:staff"))
    assert client.get("/tiles/planning.scan.json").status_code == 404
    assert client.get("/tiles/planning.scan.json", headers=staff).status_code == 200
    group = [layer["id"] for layer in client.get("/tiles/planning.json").json["vector_layers"]]
    more = [layer["id"] for layer in client.get("/tiles/planning.json", headers=staff).json["vector_layers"]]
    assert set(more) - set(group) == {"planning.scan"}
    answer = client.get(f"/tiles/planning/{place}", headers=staff)
    assert answer.headers["Cache-Control"].startswith("private")


@pytest.fixture
def own_county(make_database: DatabaseMaker, demo_template: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A county of this test's own, for damage."""
    address = make_database("tiles_damaged", demo_template)
    monkeypatch.setenv("VATRA_DATABASE_URL", address)
    health.forget()
    states.forget()
    yield address
    make_database.drop(address)
    health.forget()


def test_a_layer_whose_data_is_gone_says_so(settings: None, own_county: str) -> None:
    client = create_app().test_client()
    x, y = tile_of_parcels(own_county, 14)
    assert client.get(f"/tiles/cadastre.parcel/14/{x}/{y}.pbf").status_code == 200
    with psycopg.connect(own_county, autocommit=True) as connection:
        connection.execute("DROP TABLE cadastre.building CASCADE")
    health.forget()
    for address in (
        f"cadastre.building/14/{x}/{y}.pbf",
        f"cadastre/14/{x}/{y}.pbf",
        "cadastre.building.json",
    ):
        answer = client.get(f"/tiles/{address}")
        assert answer.status_code == 503
        assert "cadastre.building" in answer.json["detail"]
        assert answer.headers["Cache-Control"] == "no-store"
    assert client.get(f"/tiles/cadastre.parcel/14/{x}/{y}.pbf").status_code == 200
    checks = {check["name"]: check for check in client.get("/readyz").json["checks"]}
    assert "cadastre.building" in checks["data"]["detail"]


def test_a_published_version_changes_the_tag_and_the_tile(settings: None, own_county: str) -> None:
    client = create_app().test_client()
    x, y = tile_of_parcels(own_county, 14)
    address = f"/tiles/cadastre.parcel/14/{x}/{y}.pbf"
    before = client.get(address)
    with psycopg.connect(own_county, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO catalogue.layer_version (layer, number, valid_from, accuracy_m, rows)"
            " SELECT layer, max(number) + 1, max(valid_from), 0.2, 0 FROM catalogue.layer_version"
            " WHERE layer = 'cadastre.parcel' GROUP BY layer"
        )
        connection.execute("DELETE FROM cadastre.parcel WHERE id % 2 = 0")
    states.forget()
    after = client.get(address, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.headers["ETag"] != before.headers["ETag"]
    assert len(after.data) < len(before.data)


def test_a_tile_is_one_statement_and_a_kept_one_none(settings: None, place: str) -> None:
    address = f"/tiles/cadastre.parcel,planning.zone/{place}"
    create_app().test_client().get(address)  # versions and health are known for a moment from here on
    client = create_app(WebSettings()).test_client()  # and no tile is kept in this one
    client.get(address)
    assert timing.current()["db"].count == 1
    client.get(address)
    assert "db" not in timing.current()


@pytest.mark.parametrize("taken", ["", "gzip, br", "gzip;q=0"])
@pytest.mark.parametrize("where", ["full", "empty"])
def test_the_short_way_gives_the_answer_of_the_long_way(
    client: FlaskClient, token: Callable[..., str], place: str, taken: str, where: str
) -> None:
    address = EMPTY if where == "empty" else f"/tiles/cadastre.parcel,planning.zone/{place}"
    asking = {"Accept-Encoding": taken}
    client.get(f"{address}?as_of={today()}")  # versions and health are known for a moment from here on
    short = client.get(address, headers=asking)
    long = client.get(f"{address}?as_of={today()}", headers=asking)
    assert [_went_the_long_way(answer) for answer in (short, long)] == [False, True]
    assert (short.status_code, short.data) == (long.status_code, long.data)
    assert _told(short) == _told(long)
    held = {**asking, "If-None-Match": short.headers["ETag"]}
    short, long = client.get(address, headers=held), client.get(f"{address}?as_of={today()}", headers=held)
    assert (short.status_code, short.data, _told(short)) == (long.status_code, long.data, _told(long))
    assert short.status_code == 304
    assert _went_the_long_way(client.get(address, headers=bearer(token("layers:staff"))))
    client.set_cookie("any", "1")
    assert _went_the_long_way(client.get(address))


def _went_the_long_way(answer: TestResponse) -> bool:
    return "X-Request-ID" in answer.headers


def _told(answer: TestResponse) -> dict[str, str]:
    return {
        name: value for name, value in answer.headers.items() if name not in ("X-Request-ID", "Server-Timing")
    }


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(max_size=60),
    st.text(max_size=30),
    st.text(max_size=30),
    st.text(max_size=30),
    st.text(max_size=60),
)
def test_no_address_upsets_the_door(
    client: FlaskClient, names: str, z: str, x: str, y: str, day: str
) -> None:
    begun = time.perf_counter()
    path = "/".join(quote(part, safe="") for part in (names, z, x, y))
    answer = client.get(f"/tiles/{path}.pbf?as_of={quote(day, safe='')}")
    assert 300 <= answer.status_code < 500
    assert time.perf_counter() - begun < 1
    assert client.get(f"/tiles/{quote(names, safe='')}.json").status_code < 500
