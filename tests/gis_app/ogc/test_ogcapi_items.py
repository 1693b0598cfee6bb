"""Items: pages, boxes, days, coordinates and counts, held against the tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import chain

import psycopg
import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from pyproj import Transformer

from layers import states
from layers.catalogue import catalogue
from tests.conftest import DatabaseMaker
from tests.gis_app.ogc.ogcapi import CRS84, EPSG, PARCELS, get, ids, link, read, refused, rows, walk

PUBLIC = [name for name, layer in catalogue().items() if layer.visibility == "public"]
IN_FORCE = "valid_from <= current_date AND valid_to > current_date"
ROADS = "/collections/roads.junction/items"


@pytest.mark.parametrize("layer", PUBLIC)
def test_a_layer_is_read_whole_page_by_page(client: FlaskClient, county: str, layer: str) -> None:
    pages = list(walk(client, f"/collections/{layer}/items?limit=700"))
    expected = rows(county, f"SELECT id FROM {layer} WHERE {IN_FORCE} ORDER BY id")
    assert [number for page in pages for number in ids(page)] == [row[0] for row in expected]
    for page in pages:
        assert page["numberMatched"] == len(expected)
        assert page["numberReturned"] == len(page["features"])
        assert datetime.fromisoformat(page["timeStamp"])
    assert link(pages[0], "next") is not None or len(pages) == 1
    assert all(page["features"] for page in pages[1:])


@pytest.mark.parametrize("layer", PUBLIC)
def test_features_are_as_in_the_table(client: FlaskClient, county: str, layer: str) -> None:
    names = [column.name for column in catalogue()[layer].served_columns]
    listed = ", ".join(f'"{name}"' for name in names)
    expected = rows(county, f"SELECT id, {listed} FROM {layer} WHERE {IN_FORCE} ORDER BY id LIMIT 50")
    page = read(client, f"/collections/{layer}/items", limit=50)
    for feature, row in zip(page["features"], expected, strict=True):
        assert feature["type"] == "Feature"
        assert feature["id"] == row[0]
        shown = [feature["properties"][name] for name in names]
        assert shown == [value.isoformat() if hasattr(value, "isoformat") else value for value in row[1:]]
        assert feature["properties"]["valid_to"] is None


def test_pages_by_offset_and_by_order_do_not_overlap(client: FlaskClient) -> None:
    every = [number for page in walk(client, f"{ROADS}?limit=9") for number in ids(page)]
    skipped = [ids(read(client, ROADS, limit=10, offset=start)) for start in range(0, len(every) + 10, 10)]
    assert list(chain.from_iterable(skipped)) == every
    second = read(client, ROADS, limit=10, offset=10)
    assert link(second, "prev") is not None
    sorted_pages = list(walk(client, f"{ROADS}?limit=9&sortby=-id"))
    assert [number for page in sorted_pages for number in ids(page)] == every[::-1]


def test_limits(client: FlaskClient) -> None:
    assert read(client, PARCELS)["numberReturned"] == 100
    assert read(client, PARCELS, limit=1)["numberReturned"] == 1
    clipped = read(client, PARCELS, limit=100_000)
    assert clipped["numberReturned"] == min(clipped["numberMatched"], 5_000)
    for bad in ("unlimited", "0", "-1", "1.5", "", "1e3", "٣", "9" * 30):
        refused(client, PARCELS, 400, limit=bad)
    for bad in ("-1", "x"):
        refused(client, PARCELS, 400, offset=bad)
        refused(client, PARCELS, 400, after=bad)


@pytest.mark.parametrize(
    ("uri", "epsg", "north_first"),
    [
        (CRS84, 4326, False),
        (f"{EPSG}4326", 4326, True),
        (f"{EPSG}4258", 4326, True),
        (f"{EPSG}3857", 3857, False),
        (f"{EPSG}3844", 3844, True),
        (f"{EPSG}31700", 3844, True),
    ],
)
def test_coordinates_are_in_the_crs_and_its_axis_order(
    client: FlaskClient, county: str, uri: str, epsg: int, north_first: bool
) -> None:
    """Judged by PROJ in Python from what is stored, not by the database that answered."""
    answer = get(client, ROADS, crs=uri, limit=200)
    assert answer.headers["Content-Crs"] == f"<{uri}>"
    stored = {
        row[0]: row[1:] for row in rows(county, "SELECT id, ST_X(geom), ST_Y(geom) FROM roads.junction")
    }
    # PostGIS and PROJ's newest database may choose ways to the other datum that are centimetres apart.
    tolerance = {4326: 5e-7, 3857: 0.05, 3844: 0.0006}[epsg]
    for feature in answer.json["features"]:
        x, y = stored[feature["id"]]
        if epsg != 3844:
            x, y = Transformer.from_crs(3844, epsg, always_xy=True).transform(x, y)
        expected = (y, x) if north_first else (x, y)
        assert feature["geometry"]["coordinates"] == pytest.approx(expected, abs=tolerance)
    single = get(client, f"{ROADS}/{answer.json['features'][0]['id']}", crs=uri)
    assert single.headers["Content-Crs"] == f"<{uri}>"
    assert single.json["geometry"] == answer.json["features"][0]["geometry"]


def test_without_crs_the_answer_is_in_crs84_and_says_so(client: FlaskClient) -> None:
    assert get(client, ROADS).headers["Content-Crs"] == f"<{CRS84}>"
    assert get(client, f"{ROADS}/1").headers["Content-Crs"] == f"<{CRS84}>"
    assert (
        read(client, ROADS, crs="[EPSG:3844]")["features"]
        == read(client, ROADS, crs=f"{EPSG}3844")["features"]
    )
    for name in ("crs", "bbox-crs", "filter-crs"):
        others = {"bbox-crs": {"bbox": "23,45,24,46"}, "filter-crs": {"filter": "id>1"}}.get(name, {})
        refused(client, ROADS, 400, **{name: f"{EPSG}9999"}, **others)
    refused(client, ROADS, 400, bbox_crs=CRS84)
    refused(client, ROADS, 400, filter_crs=CRS84)


@pytest.mark.parametrize(
    "uri", [CRS84, f"{EPSG}4326", f"{EPSG}4258", f"{EPSG}3857", f"{EPSG}3844", f"{EPSG}31700"]
)
def test_a_box_finds_what_was_given_out_in_its_crs(client: FlaskClient, uri: str) -> None:
    """A point on the edge is in, one just outside is out, in every CRS."""
    features = read(client, ROADS, crs=uri, limit=60)["features"]
    step = 0.002 if uri.endswith(("3857", "3844", "31700")) else 2e-8
    for feature in features[::12]:
        a, b = feature["geometry"]["coordinates"]
        box = {"bbox_crs": uri, "limit": 1_000}
        on_the_edge = (
            f"{a},{b},{a},{b}",
            f"{a},{b},{a + 10 * step},{b + 10 * step}",
            f"{a - step},{b - step},{a},{b}",
        )
        for edge in on_the_edge:
            assert feature["id"] in ids(read(client, ROADS, bbox=edge, **box))
        outside = f"{a + step},{b + step},{a + 5 * step},{b + 5 * step}"
        assert feature["id"] not in ids(read(client, ROADS, bbox=outside, **box))


def test_a_box_means_shapes_and_not_their_boxes(client: FlaskClient, county: str) -> None:
    box = "23.10,45.00,23.16,45.06"
    expected = rows(
        county,
        "SELECT id FROM roads.road WHERE ST_Intersects(ST_Transform(ST_Force2D(geom), 4326),"
        " ST_MakeEnvelope(23.10, 45.00, 23.16, 45.06, 4326)) ORDER BY id",
    )
    found = read(client, "/collections/roads.road/items", bbox=box, limit=1_000)
    assert ids(found) == [row[0] for row in expected]
    assert 0 < found["numberMatched"] < read(client, "/collections/roads.road/items")["numberMatched"]
    higher = "23.10,45.00,-5,23.16,45.06,900"
    assert ids(read(client, "/collections/roads.road/items", bbox=higher, limit=1_000)) == ids(found)


def test_boxes_across_the_antimeridian_and_round_the_world(client: FlaskClient) -> None:
    every = read(client, ROADS)["numberMatched"]
    assert read(client, ROADS, bbox="-180,-90,180,90")["numberMatched"] == every
    assert read(client, ROADS, bbox="160,-20,-160,20")["numberMatched"] == 0
    assert read(client, ROADS, bbox="22,40,-160,60")["numberMatched"] == every
    assert read(client, ROADS, bbox="30,40,21,60")["numberMatched"] == 0
    for bad in ("1,2,3", "1,2,3,4,5", "a,b,c,d", "1,2,3,nan", "1,2,3,inf", "23,46,24,45", "", "1,2,3,1e400"):
        refused(client, ROADS, 400, bbox=bad)
    assert read(client, "/collections/planning.regulation/items", bbox="20,40,30,50")["numberMatched"] == 0


@pytest.fixture
def versioned(
    make_database: DatabaseMaker, demo_template: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """A county where junction 1 ended and another took its place on 1 June 2026."""
    address = make_database("ogcapi_days", demo_template)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO catalogue.layer_version (layer, number, valid_from, accuracy_m)"
            " VALUES ('roads.junction', 2, '2026-06-01', 1.0)"
        )
        connection.execute("UPDATE roads.junction SET valid_to = '2026-06-01' WHERE id = 1")
        connection.execute(new_junction().encode())
    monkeypatch.setenv("VATRA_DATABASE_URL", address)
    states.forget()
    yield address
    states.forget()
    make_database.drop(address)


def new_junction() -> str:
    """A statement that puts a junction beside the first one, in force from the second version on."""
    named = ", ".join(f'"{column.name}"' for column in catalogue()["roads.junction"].columns)
    return (
        f"INSERT INTO roads.junction (version_id, valid_from, {named}, geom)"
        f" SELECT (SELECT max(id) FROM catalogue.layer_version WHERE layer = 'roads.junction'), '2026-06-01',"
        f" {named}, ST_Translate(geom, 5, 5) FROM roads.junction WHERE id = 1"
    )


def test_days_ask_for_what_was_in_force(client: FlaskClient, versioned: str) -> None:
    (fresh,) = rows(versioned, "SELECT max(id) FROM roads.junction")[0]

    def seen(**parameters: str) -> set[int]:
        return set(ids(read(client, ROADS, limit=5_000, **parameters)))

    for day in ("2026-03-01", "2026-03-01T12:00:00Z", "2026-05-31T20:59:59Z", "../2026-05-31", "/2026-05-31"):
        assert 1 in seen(datetime=day), day
        assert fresh not in seen(datetime=day), day
    # Midnight in Romania comes three hours before it does in Greenwich.
    for day in ("2026-06-01", "2026-05-31T21:00:00Z", "2026-06-01/..", "2026-06-01/2026-12-31"):
        assert 1 not in seen(datetime=day), day
        assert fresh in seen(datetime=day), day
    assert {1, fresh} <= seen(datetime="2026-05-01/2026-07-01")
    assert {1, fresh} <= seen(datetime="../..")
    assert seen() == seen(datetime="2026-11-01")
    assert seen(datetime="2020-01-01") == set()
    both = read(client, ROADS, datetime="2026-03-01", bbox="20,40,30,50", limit=1)
    assert both["numberMatched"] == len(seen(datetime="2026-03-01"))
    assert read(client, f"{ROADS}/1")["properties"]["valid_to"] == "2026-06-01"
    for bad in ("yesterday", "2026-13-01", "2026-02-30", "2026-07-01/2026-06-01", "a/b", "", "2026-01-01/x"):
        refused(client, ROADS, 400, datetime=bad)


def test_a_publication_changes_tags_and_counts(client: FlaskClient, versioned: str) -> None:
    first = get(client, ROADS)
    before = first.json["numberMatched"]
    with psycopg.connect(versioned, autocommit=True) as connection:
        connection.execute("UPDATE roads.junction SET valid_to = '2026-07-01' WHERE id = 2")
        connection.execute(
            "INSERT INTO catalogue.layer_version (layer, number, valid_from, accuracy_m)"
            " VALUES ('roads.junction', 3, '2026-07-01', 1.0)"
        )
    states.forget()
    after = get(client, ROADS, {"If-None-Match": first.headers["ETag"]})
    assert after.status_code == 200
    assert after.json["numberMatched"] == before - 1
    assert read(client, ROADS, datetime="2026-06-15")["numberMatched"] == before


def test_a_page_that_was_begun_ends_well_when_rows_come_and_go(client: FlaskClient, versioned: str) -> None:
    """Pages follow ids, so a feature that ends meanwhile moves no other over the edge of a page."""
    first = read(client, ROADS, limit=20)
    with psycopg.connect(versioned, autocommit=True) as connection:
        connection.execute("UPDATE roads.junction SET valid_to = '2026-07-01' WHERE id BETWEEN 3 AND 8")
    following = link(first, "next")
    assert following is not None
    seen = ids(first) + [number for page in walk(client, following) for number in ids(page)]
    expected = [
        row[0]
        for row in rows(versioned, "SELECT id FROM roads.junction WHERE valid_to > '2026-07-01' ORDER BY id")
    ]
    assert [number for number in seen if not 3 <= number <= 8] == expected


def test_properties_and_order(client: FlaskClient, county: str) -> None:
    page = read(client, PARCELS, properties="cadastral_number,siruta", limit=5)
    assert all(set(one["properties"]) == {"cadastral_number", "siruta"} for one in page["features"])
    assert read(client, PARCELS, properties="", limit=1)["features"][0]["properties"] == {}
    ordered = read(client, PARCELS, sortby="-area_legal_m2,cadastral_number", limit=50)
    expected = rows(
        county,
        f"SELECT id FROM cadastre.parcel WHERE {IN_FORCE}"
        " ORDER BY area_legal_m2 DESC NULLS LAST, cadastral_number, id LIMIT 50",
    )
    assert ids(ordered) == [row[0] for row in expected]
    assert ids(read(client, PARCELS, sortby="+area_legal_m2", limit=5)) == ids(
        read(client, PARCELS, sortby="area_legal_m2", limit=5)
    )
    refused(client, PARCELS, 400, properties="nope")
    refused(client, PARCELS, 400, sortby="nope")
    refused(client, PARCELS, 400, sortby="geom")


def test_properties_are_parameters(client: FlaskClient, county: str) -> None:
    ((siruta, number, identifier),) = rows(
        county, "SELECT siruta, cadastral_number, id FROM cadastre.parcel WHERE id = 7"
    )
    assert ids(read(client, PARCELS, siruta=siruta, cadastral_number=number)) == [identifier]
    assert ids(read(client, PARCELS, id=7)) == [7]
    assert read(client, PARCELS, use_category="A' OR 1=1 --")["numberMatched"] == 0
    assert read(client, PARCELS, valid_from="2026-01-01", limit=1)["numberMatched"] > 0
    for bad in ({"siruta": "x"}, {"area_legal_m2": "nan"}, {"valid_from": "soon"}, {"id": "1e999"}):
        refused(client, PARCELS, 400, **bad)


def test_internal_columns_stay_inside(client: FlaskClient) -> None:
    refused(client, "/collections/terrain.dem/items", 400, path="x")
    refused(client, "/collections/terrain.dem/items", 400, filter="path LIKE '%'")
    refused(client, "/collections/terrain.dem/items", 400, sortby="path")
    refused(client, "/collections/terrain.dem/items", 400, properties="path")
    assert not re.search(r'"path"', get(client, "/collections/terrain.dem/items").text)


def test_answers_do_not_mix_under_threads(app: OpenAPI) -> None:
    """Many different questions at once, each answered as when it is asked alone."""
    questions = [
        f"/ogcapi{path}{'&' if '?' in path else '?'}lang={language}"
        for layer in ("cadastre.parcel", "roads.road", "admin.uat", "planning.regulation")
        for path in (
            f"/collections/{layer}",
            f"/collections/{layer}/queryables",
            f"/collections/{layer}/items?limit=3&crs={EPSG}3844",
            f"/collections/{layer}/items?limit=4&filter=id%20%3E%20{len(layer)}",
            f"/collections/{layer}/items/2?crs={EPSG}3857",
        )
        for language in ("ro", "en")
    ]

    def asked(address: str) -> str:
        answer = app.test_client().get(address)
        assert answer.status_code == 200, answer.text
        return re.sub(r'"timeStamp":"[^"]*"', "", answer.text)

    alone = [asked(one) for one in questions]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(asked, questions * 4)) == alone * 4
