"""Landing page, conformance, API description, collections, and how every answer of the door behaves."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from axe_playwright_python.sync_playwright import Axe
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV30SpecValidator
from playwright.sync_api import Browser

from gis_app.ogc.ogcapi.conformance import CLASSES, SPEC
from gis_app.ogc.ogcapi.limits import DEFAULT_LIMIT, MAX_LIMIT
from layers import health
from layers.catalogue import catalogue
from layers.frames import FRAMES
from tests.gis_app.conftest import Served, bearer
from tests.gis_app.ogc.ogcapi import CRS84, EPSG, PAGES, PARCELS, get, link, read, refused, rows

STAFF_LAYER = "planning.scan"
MAP, RECORDS = "/collections/{collectionId}/map", "/collections/records/items"


def test_the_landing_page_links_to_all_there_is(client: FlaskClient) -> None:
    page = read(client, "/")
    rels = {one["rel"] for one in page["links"]}
    assert {"self", "alternate", "service-desc", "service-doc", "conformance", "data"} <= rels
    assert read(client, "") == page
    for one in page["links"]:
        if one["href"].startswith("http://localhost/ogcapi"):
            followed = client.get(one["href"], headers={"Accept": one["type"]})
            assert followed.status_code == 200, one
            assert followed.content_type.startswith(one["type"].partition(";")[0])


def test_conformance_lists_the_classes_that_are_kept(client: FlaskClient) -> None:
    listed = read(client, "/conformance")["conformsTo"]
    assert listed == list(CLASSES)
    assert len(set(listed)) == len(listed)
    assert not any("features-4" in name or "callback" in name for name in listed)
    assert {
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
        "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
        "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
    } <= set(listed)


# The parameters without which the standards' classes are not kept, by class and the path they belong to.
WANTED = {
    ("ogcapi-features-1/1.0/conf/core", PARCELS): {"limit", "bbox", "datetime"},
    ("ogcapi-features-2/1.0/conf/crs", PARCELS): {"crs", "bbox-crs"},
    ("ogcapi-features-3/1.0/conf/features-filter", PARCELS): {"filter", "filter-lang", "filter-crs"},
    ("ogcapi-maps-1/1.0/conf/crs", MAP): {"crs"},
    ("ogcapi-maps-1/1.0/conf/scaling", MAP): {"width", "height", "scale-denominator"},
    ("ogcapi-maps-1/1.0/conf/spatial-subsetting", MAP): {
        "bbox",
        "bbox-crs",
        "center",
        "center-crs",
        "subset",
    },
    ("ogcapi-maps-1/1.0/conf/datetime", MAP): {"datetime", "subset"},
    ("ogcapi-maps-1/1.0/conf/background", MAP): {"bgcolor", "transparent", "void-color", "void-transparent"},
    ("ogcapi-processes-1/1.0/conf/job-list", "/jobs"): {"type", "processID", "status", "datetime", "limit"},
    ("ogcapi-records-1/1.0/conf/record-core-query-parameters", RECORDS): {"q", "type", "ids", "externalIds"},
}


def test_conformance_claims_what_the_parameters_allow(client: FlaskClient) -> None:
    paths = read(client, "/openapi")["paths"]
    for (name, path), wanted in WANTED.items():
        listed = paths[path]["get"]["parameters"]
        offered = {one.get("name") or one["$ref"].rpartition("/")[2] for one in listed}
        assert (f"{SPEC}{name}" in CLASSES) == (wanted <= offered), name


def test_the_api_is_described_validly_and_by_itself(client: FlaskClient) -> None:
    answer = get(client, "/openapi")
    assert answer.content_type == "application/vnd.oai.openapi+json;version=3.0"
    OpenAPIV30SpecValidator(answer.json).validate()
    assert '"$ref":"http' not in answer.text
    limit = answer.json["components"]["parameters"]["limit"]["schema"]
    assert limit == {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
    named = answer.json["paths"][PARCELS]["get"]["parameters"]
    references = {one["$ref"].rpartition("/")[2] for one in named if "$ref" in one}
    assert {"limit", "bbox", "datetime", "crs", "filter"} <= references
    assert {"siruta", "use_category"} <= {one.get("name") for one in named}


def test_every_described_path_answers(client: FlaskClient) -> None:
    values = {
        "collectionId": "cadastre.parcel",
        "featureId": "1",
        "recordId": "cadastre.parcel",
        "tileMatrix": "14",
        "tileRow": "5870",
        "tileCol": "9240",
    }
    for path, item in read(client, "/openapi")["paths"].items():
        if "get" in item and "jobId" not in path and not path.endswith("/map"):
            answer = get(client, path.format(**values))
            assert answer.status_code in (200, 204), path


def test_every_layer_is_a_collection(client: FlaskClient) -> None:
    found = {one["id"]: one for one in read(client, "/collections")["collections"]}
    assert set(found) == {name for name, layer in catalogue().items() if layer.visibility == "public"} | {
        "records"
    }
    for name, collection in found.items():
        assert read(client, f"/collections/{name}")["id"] == name
        if name == "records":
            continue
        assert collection["itemType"] == "feature"
        assert collection["crs"] == list(FRAMES)
        assert collection["crs"][0] == CRS84
        assert collection["storageCrs"] == f"{EPSG}3844"
        assert collection["storageCrs"] in collection["crs"]
        media = {(one["rel"], one["type"]) for one in collection["links"]}
        assert ("items", "application/geo+json") in media
        assert ("http://www.opengis.net/def/rel/ogc/1.0/queryables", "application/schema+json") in media
        assert ("describedby", "application/schema+json") in media
        assert {"self", "alternate"} <= {rel for rel, _ in media}


def test_extents_are_those_of_the_data(client: FlaskClient, county: str) -> None:
    extent = read(client, "/collections/cadastre.parcel")["extent"]
    ((west, south, east, north),) = extent["spatial"]["bbox"]
    ((x0, y0, x1, y1),) = rows(
        county,
        "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM"
        " (SELECT ST_Extent(ST_Transform(geom, 4326)) AS e FROM cadastre.parcel) AS t",
    )
    # The box is drawn round the layer in Stereo70, whose north is not everywhere that of the meridians.
    assert (west, south, east, north) == pytest.approx((x0, y0, x1, y1), abs=0.02)
    assert west <= x0 <= x1 <= east
    assert south <= y0 <= y1 <= north
    ((begin, end),) = extent["temporal"]["interval"]
    assert begin == "2026-01-01T00:00:00Z"
    assert end is None


def test_a_table_without_geometry_is_a_collection_without_place(client: FlaskClient) -> None:
    collection = read(client, "/collections/planning.regulation")
    assert "spatial" not in collection["extent"]
    assert not {one["rel"] for one in collection["links"]} & {
        "http://www.opengis.net/def/rel/ogc/1.0/map",
        "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector",
    }
    schema = read(client, "/collections/planning.regulation/schema")
    assert "geometry" not in schema["properties"]
    assert read(client, "/collections/planning.regulation/items")["features"][0]["geometry"] is None
    refused(client, "/collections/planning.regulation/map", 404)
    refused(client, "/collections/planning.regulation/tiles", 404)


def test_schema_and_queryables_name_every_column_with_meaning(client: FlaskClient) -> None:
    for kind in ("schema", "queryables"):
        answer = get(client, f"/collections/utilities.line/{kind}")
        assert answer.content_type == "application/schema+json"
        named = answer.json["properties"]
        layer = catalogue()["utilities.line"]
        assert set(named) == {
            "geometry",
            "id",
            "valid_from",
            "valid_to",
            *(column.name for column in layer.served_columns),
        }
        assert named["geometry"]["format"] == "geometry-multilinestring"
        assert named["voltage_kv"]["x-ogc-unit"] == "kV"
        assert "gas" in named["network"]["enum"]
    english = read(client, "/collections/utilities.line/schema", lang="en")["properties"]["voltage_kv"][
        "title"
    ]
    assert english == layer.column("voltage_kv").meaning.en


@pytest.mark.parametrize("path", PAGES)
def test_f_and_accept_give_the_same_answer(client: FlaskClient, path: str) -> None:
    def stable(text: str) -> str:
        return text.partition('"timeStamp"')[0].replace("f=json", "").replace("?", "").replace("&", "")

    by_name, by_header = get(client, path, f="json"), get(client, path, {"Accept": "application/json"})
    assert stable(by_name.text) == stable(by_header.text)
    page = get(client, path, {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"})
    assert page.content_type.startswith("text/html")
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "style=" not in page.text
    assert 'src="http' not in page.text.replace('src="http://localhost/', "")
    assert "Accept" in page.headers["Vary"]
    english = get(client, path, {"Accept-Language": "en"}, f="html")
    assert '<html lang="en">' in english.text


@pytest.mark.parametrize("path", [path for path in PAGES if path != "/jobs"])
def test_an_unchanged_answer_is_not_sent_again(client: FlaskClient, path: str) -> None:
    first = get(client, path)
    assert {"Accept", "Accept-Encoding", "Authorization"} <= {
        part.strip() for part in first.headers["Vary"].split(",")
    }
    again = get(client, path, {"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""
    assert again.headers["ETag"] == first.headers["ETag"]
    other = get(client, path, {"If-None-Match": first.headers["ETag"]}, f="html")
    assert other.status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_unknown_and_repeated_parameters_are_refused(client: FlaskClient, path: str) -> None:
    assert "unknownQueryParameter" in refused(client, path, 400, unknownQueryParameter123="1")
    answer = client.get(f"/ogcapi{path}?lang=ro&lang=en")
    assert answer.status_code == 400
    refused(client, path, 400, f="jsonld")
    refused(client, path, 400, lang="fr")


@pytest.mark.parametrize("path", PAGES)
def test_other_methods(client: FlaskClient, path: str) -> None:
    full, head = get(client, path), client.head(f"/ogcapi{path}")
    assert head.status_code == 200
    assert head.data == b""
    assert head.headers["Content-Type"] == full.headers["Content-Type"]
    options = client.options(f"/ogcapi{path}")
    assert options.status_code == 200
    assert {"GET", "HEAD", "OPTIONS"} <= set(options.headers["Allow"].split(", "))
    assert client.put(f"/ogcapi{path}").status_code == 405
    refused_form = get(client, path, {"Accept": "image/tiff"})
    assert refused_form.status_code == 406
    assert refused_form.json["code"] == "NotAcceptable"


def test_what_is_not_there_is_404_in_the_door_s_own_words(client: FlaskClient) -> None:
    for path in (
        "/nothing",
        "/collections/nope",
        "/collections/nope/items",
        "/collections/cadastre.parcel/nope",
        f"{PARCELS}/999999999",
        f"{PARCELS}/abc",
        "/collections/records/items/nope",
        "/tileMatrixSets/Nope",
        "/collections/cadastre.parcel/tiles/Nope",
        "/processes/nope",
        "/jobs/nope",
        "/jobs/00000000-0000-4000-8000-000000000000/results",
    ):
        refused(client, path, 404)
    page = get(client, "/collections/nope", {"Accept": "text/html"})
    assert page.status_code == 404
    assert page.content_type.startswith("text/html")


def test_what_one_may_not_see_is_not_there(client: FlaskClient, token: Callable[..., str]) -> None:
    refused(client, f"/collections/{STAFF_LAYER}", 404)
    for path in ("items", "items/1", "schema", "queryables", "tiles", "map"):
        refused(client, f"/collections/{STAFF_LAYER}/{path}", 404)
    refused(client, f"/collections/records/items/{STAFF_LAYER}", 404)
    assert STAFF_LAYER not in get(client, "/collections").text
    assert STAFF_LAYER not in get(client, "/collections/records/items", limit=100).text
    assert STAFF_LAYER not in get(client, "/openapi").text
    staff = bearer(token("layers:staff"))
    assert read(client, f"/collections/{STAFF_LAYER}", staff)["id"] == STAFF_LAYER
    seen = get(client, "/collections", staff)
    assert STAFF_LAYER in seen.text
    assert seen.headers["Cache-Control"].startswith("private")
    assert STAFF_LAYER in get(client, "/openapi", staff).text
    assert "path" not in read(client, f"/collections/{STAFF_LAYER}/schema", staff)["properties"]
    assert get(client, "/collections", {"Authorization": "Bearer vatra_wrong"}).status_code == 401


def test_a_broken_layer_says_so_and_stays_listed(
    make_database: Any, demo_template: str, monkeypatch: pytest.MonkeyPatch, client: FlaskClient
) -> None:
    address = make_database("ogcapi_broken", demo_template)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("DELETE FROM planning.zone")
    monkeypatch.setenv("VATRA_DATABASE_URL", address)
    health.forget()
    try:
        assert "planning.zone" in {one["id"] for one in read(client, "/collections")["collections"]}
        answer = get(client, "/collections/planning.zone/items")
        assert answer.status_code == 503
        assert answer.json["code"] == "ServerBusy"
        assert int(answer.headers["Retry-After"]) > 0
        assert read(client, PARCELS, limit=1)["numberReturned"] == 1
    finally:
        health.forget()
        make_database.drop(address)


def test_answers_are_compressed_where_that_is_wanted(client: FlaskClient) -> None:
    plain, packed = get(client, PARCELS), get(client, PARCELS, {"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(plain.data) / 3
    assert gzip.decompress(packed.data).partition(b'"links"')[0] == plain.data.partition(b'"links"')[0]
    assert packed.headers["Content-Length"] == str(len(packed.data))


def test_links_follow_the_host_that_was_asked(client: FlaskClient) -> None:
    answer = client.get("/ogcapi/", base_url="https://gis.judet.example")
    assert link(answer.json, "data") == "https://gis.judet.example/ogcapi/collections"


@pytest.mark.parametrize("width", [1280, 360])
def test_pages_fit_their_window(served: Served, browser: Browser, width: int, tmp_path: Path) -> None:
    with browser.new_page(viewport={"width": width, "height": 900}) as page:
        problems: list[str] = []
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("requestfailed", lambda request: problems.append(request.url))
        for path in PAGES:
            page.goto(f"{served.url}/ogcapi{path}?f=html", wait_until="networkidle")
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
            assert page.locator("h1").count() == 1
        assert problems == []


@pytest.mark.parametrize(
    "path",
    ["/", "/collections", "/collections/planning.zone", PARCELS, f"{PARCELS}/1", "/processes/parcel-check"],
)
def test_axe_finds_nothing_to_object_to(served: Served, browser: Browser, path: str) -> None:
    with browser.new_page(viewport={"width": 360, "height": 900}) as page:
        page.goto(f"{served.url}/ogcapi{path}?f=html&lang=ro")
        violations = Axe().run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in violations] == []
