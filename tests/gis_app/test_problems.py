"""Bad input gets a clear problem, with a request id, never cached, never a stack trace."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest
import structlog
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from werkzeug.test import TestResponse

from gis_app import create_app, errors
from gis_app.settings import WebSettings
from layers.errors import DatabaseUnavailable, DefinitionError
from tests.gis_app.conftest import PARCEL

AT_ORIGIN = [[0, 0], [1000, 0], [1000, 1000], [0, 0]]
DEGREES = [[23.1, 44.9], [23.2, 44.9], [23.2, 45.0], [23.1, 44.9]]
ELSEWHERE = [[600_000, 300_000], [600_100, 300_000], [600_100, 300_100], [600_000, 300_000]]
SPIRAL = [*([i, i * i] for i in range(20_001)), [0, 0]]
HUGE = [[1e308, 1e308], [-1e308, 1e308], [0, 0], [1e308, 1e308]]
param = pytest.param
SQUARE = [[354560, 396290], [354600, 396290], [354600, 396320], [354560, 396320], [354560, 396290]]

CROSSED = [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3], SQUARE[0]]


def polygon(*rings: list[list[float]]) -> dict[str, Any]:
    """A GeoJSON polygon."""
    return {"type": "Polygon", "coordinates": list(rings)}


def is_problem(answer: TestResponse, status: int) -> dict[str, Any]:
    """Checks what every problem holds, and gives its members."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    problem: dict[str, Any] = json.loads(answer.text)
    assert problem["status"] == status
    assert problem["type"].startswith("urn:vatra:problem:")
    assert problem["title"]
    assert problem["detail"]
    assert problem["instance"]
    assert problem["request_id"] == answer.headers["X-Request-ID"]
    assert "Traceback" not in answer.text
    assert "psycopg" not in answer.text
    return problem


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        param({}, 422, "parcel, parcels, geometry or coordinates", id="nothing"),
        param({"parcel": PARCEL, "geometry": polygon(SQUARE)}, 422, "once", id="two subjects"),
        param({"parcel": PARCEL, "colour": "red"}, 422, "/colour", id="unknown member"),
        param({"parcel": {**PARCEL, "siruta": "abc"}}, 422, "/parcel/siruta", id="siruta is no number"),
        param({"parcel": {**PARCEL, "cadastral_number": " "}}, 422, "cadastral_number", id="blank number"),
        param({"parcel": PARCEL, "as_of": "2026-02-30"}, 422, "/as_of", id="no such day"),
        param({"parcel": PARCEL, "as_of": "1990-01-01"}, 422, "before the first", id="before the first version"),
        param({"parcel": PARCEL, "crs": "EPSG:3844"}, 422, "crs goes with", id="crs without coordinates"),
        param({"parcel": {**PARCEL, "cadastral_number": "1\0"}}, 422, "cadastral_number", id="a NUL"),
        param({"parcel": {**PARCEL, "siruta": 10**15}}, 422, "/parcel/siruta", id="a huge siruta"),
        param({"geometry": PARCEL}, 422, "/geometry", id="a parcel as geometry"),
        param({"geometry": {"type": "FeatureCollection", "features": None}}, 422, "empty", id="no features"),
        param({"parcels": []}, 422, "/parcels", id="no parcels"),
        param({"parcels": [PARCEL] * 201}, 422, "/parcels", id="too many parcels"),
        param({"parcel": {"siruta": 999999, "cadastral_number": "1"}}, 404, "SIRUTA 999999", id="unknown siruta"),
        param({"geometry": polygon(SQUARE), "crs": "EPSG:999999"}, 422, "EPSG:999999", id="unknown crs"),
        param({"geometry": polygon(SQUARE), "crs": "Stereo"}, 422, "/crs", id="crs by name"),
        param({"geometry": {"type": "Polygon"}}, 422, "GeoJSON", id="no coordinates"),
        param({"geometry": {"type": "Polygon", "coordinates": []}}, 422, "empty", id="empty"),
        param({"geometry": {"type": "Point", "coordinates": [1, 2]}}, 422, "Point", id="a point"),
        param({"geometry": polygon(AT_ORIGIN)}, 422, "outside Romania", id="outside Romania"),
        param({"geometry": polygon(DEGREES)}, 422, "degrees", id="degrees without saying so"),
        param({"geometry": polygon(ELSEWHERE)}, 422, "known UAT", id="in Romania, outside the county"),
        param({"geometry": polygon(CROSSED)}, 422, "Self-intersection", id="self-crossing"),
        param({"geometry": polygon(HUGE)}, 422, "", id="huge numbers"),
        param({"geometry": polygon(SPIRAL)}, 422, "vertices", id="many vertices"),
        param({"coordinates": "/etc/passwd"}, 422, "", id="a path as coordinates"),
        param({"coordinates": "1 396290 354560\n2 x y\n3 396320 354580"}, 422, "line 2", id="a bad line"),
        param({"coordinates": "1 396290 354560\n2 396320 354580"}, 422, "at least 3", id="two points"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/api/v1/checks", "/api/v1/certificates"])
def test_bad_input_is_told(
    client: FlaskClient, path: str, body: dict[str, Any], status: int, says: str
) -> None:
    problem = is_problem(client.post(path, json=body), status)
    assert says in json.dumps(problem, ensure_ascii=False)
    assert "root:" not in problem["detail"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "zero-length"),
        (b"{", "line 1"),
        (b'{"geometry": {"type": "Polygon", "coordinates": [[[NaN, 1]]]}}', "NaN"),
        (b'{"geometry": {"type": "Polygon", "coordinates": [[[-Infinity, 1]]]}}', "Infinity"),
        (b'{"parcel": ' + b"[" * 50_000, "depth"),
        (b"\xff\xfe{}", "UTF-8"),
    ],
)
def test_a_body_that_is_not_json_is_told_where(client: FlaskClient, body: bytes, says: str) -> None:
    answer = client.post("/api/v1/checks", data=body, content_type="application/json")
    assert says in is_problem(answer, 400)["detail"]


@pytest.mark.parametrize("body", [b"[]", b"null", b"3", b'"text"', b'"{}"'])
def test_json_that_is_no_object_is_refused(client: FlaskClient, body: bytes) -> None:
    is_problem(client.post("/api/v1/checks", data=body, content_type="application/json"), 422)


def test_a_three_dimensional_geometry_is_taken_flat(client: FlaskClient) -> None:
    flat = client.post("/api/v1/checks", json={"geometry": polygon(SQUARE)})
    high = client.post("/api/v1/checks", json={"geometry": polygon([[*point, 210.5] for point in SQUARE])})
    assert flat.status_code == high.status_code == 200
    assert flat.json["findings"] == high.json["findings"]


def test_another_media_type_is_refused(client: FlaskClient) -> None:
    is_problem(client.post("/api/v1/checks", data="siruta=1"), 415)


def test_a_large_body_is_refused_unread(client: FlaskClient) -> None:
    million = b'{"geometry": {"type": "Polygon", "coordinates": [[' + b"[354560.123,396290.123]," * 1_000_000
    is_problem(client.post("/api/v1/checks", data=million, content_type="application/json"), 413)


def test_near_cadastral_numbers_are_offered(client: FlaskClient) -> None:
    body = {"parcel": {**PARCEL, "cadastral_number": PARCEL["cadastral_number"][:-1] + "x"}}
    problem = is_problem(client.post("/api/v1/checks", json=body), 404)
    assert problem["type"] == "urn:vatra:problem:unknown-parcel"
    assert PARCEL["cadastral_number"] in problem["near"]


def test_several_faults_are_told_at_once(client: FlaskClient) -> None:
    body = {"parcel": {"siruta": 0, "cadastral_number": "1"}, "as_of": "yesterday", "extra": 1}
    problem = is_problem(client.post("/api/v1/checks", json=body), 422)
    assert {fault["pointer"] for fault in problem["errors"]} == {"/parcel/siruta", "/as_of", "/extra"}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/nothing", 404),
        ("/api/v1/layers/no.such_layer", 404),
        ("/api/v1/parcels", 422),
        ("/api/v1/parcels?cadastral_number=1&colour=red", 422),
        ("/api/v1/parcels?cadastral_number=%00", 422),
        ("/api/v1/parcels?address=a%00b", 422),
        ("/api/v1/layers/%00", 404),
        ("/api/v1/parcels?point=here", 422),
        ("/api/v1/parcels?point=1,2,3", 422),
        ("/api/v1/parcels?bbox=1,2,3", 422),
        ("/api/v1/parcels?point=1,2&limit=0", 422),
        ("/api/v1/parcels?point=1,2&limit=501", 422),
        ("/api/v1/parcels?point=1,2&crs=EPSG:999999", 422),
        ("/api/v1/parcels?point=900,900&crs=EPSG:4326", 422),
        ("/api/v1/plans?siruta=900060", 422),
        ("/api/v1/plans?siruta=900060&cadastral_number=nothing", 404),
        ("/api/v1/plans?siruta=900060&cadastral_number=30112&theme=weather", 422),
        ("/api/v1/plans?siruta=900060&cadastral_number=30112&paper=A0", 422),
    ],
)  # fmt: skip
def test_bad_addresses_are_told(client: FlaskClient, path: str, status: int) -> None:
    is_problem(client.get(path), status)


def test_the_wrong_method_is_told(client: FlaskClient) -> None:
    answer = client.get("/api/v1/checks")
    is_problem(answer, 405)
    assert "POST" in answer.headers["Allow"]


def test_a_form_that_is_not_offered_is_told(client: FlaskClient) -> None:
    answer = client.post("/api/v1/certificates", json={"parcel": PARCEL}, headers={"Accept": "text/csv"})
    is_problem(answer, 406)


def test_what_happened_inside_stays_inside(app: OpenAPI) -> None:
    """The caller gets a request id; the log has, under it, what the caller must not see."""
    raised: list[Exception] = [
        ZeroDivisionError("secret"),
        psycopg.OperationalError("secret"),
        DefinitionError(__file__, 3, "secret"),
    ]
    for number, error in enumerate(raised):
        app.add_url_rule(f"/api/v1/broken{number}", f"broken{number}", _raising(error))
        app.view_functions[f"broken{number}"].vatra_access = "public"
    for number in range(len(raised)):
        with structlog.testing.capture_logs() as logged:
            answer = app.test_client().get(
                f"/api/v1/broken{number}", headers={"X-Request-ID": "incident-0042"}
            )
        assert "secret" not in answer.text
        assert is_problem(answer, 500)["request_id"] == "incident-0042"
        assert any(entry["log_level"] == "error" and entry["exc_info"] is raised[number] for entry in logged)


def test_the_database_s_own_words_are_withheld() -> None:
    problem = errors.describe(DatabaseUnavailable("connection to server at 10.0.0.7 as user vatra failed"))
    assert problem.kind.status == 503
    assert "10.0.0.7" not in problem.detail


def test_a_statement_that_takes_too_long_is_told(app: OpenAPI, county: str) -> None:
    def slow() -> str:
        with psycopg.connect(county, options="-c statement_timeout=20") as connection:
            connection.execute("SELECT pg_sleep(5)")
        return "done"

    slow.vatra_access = "public"
    app.add_url_rule("/api/v1/slow", view_func=slow)
    answer = app.test_client().get("/api/v1/slow")
    assert is_problem(answer, 503)["type"] == "urn:vatra:problem:too-long"
    assert int(answer.headers["Retry-After"]) > 0


def test_people_get_a_page(client: FlaskClient) -> None:
    answer = client.get("/nu-exista", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert answer.content_type.startswith("text/html")
    assert "Pagina nu există" in answer.text
    assert "Porniți de la căutarea imobilului" in answer.text
    assert answer.headers["X-Request-ID"] in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/imobil?uat=900060&numar=1%00", 404),
        ("/imobil?uat=%FF%FE&numar=1", 404),
        ("/imobil?uat=99999999999999999999&numar=1", 404),
        ("/imobil", 422),
        ("/imobil/certificat.pdf", 422),
        ("/imobil/certificat.pdf?uat=900060&numar=%00", 422),
        ("/imobil/harta.png?uat=99999999999999999&numar=1", 422),
        ("/adresa?adresa=%00", 404),
        ("/verify/%00", 404),
        ("/fonturi/%00.woff", 404),
        ("/static/../settings.py", 404),
        ("/static/%2e%2e/routes.py", 404),
    ],
)
def test_odd_addresses_get_a_page(client: FlaskClient, path: str, status: int) -> None:
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == status
    assert answer.content_type.startswith("text/html")


def test_previews_are_counted_by_address(settings: None) -> None:
    client = create_app(WebSettings(previews_per_minute=1)).test_client()
    answers = [client.post("/api/v1/certificates", json={"parcel": PARCEL}) for _ in range(3)]
    # The minute may turn between two of them, but not twice.
    assert 429 in [answer.status_code for answer in answers]
    refused = next(answer for answer in answers if answer.status_code == 429)
    is_problem(refused, 429)
    assert 0 < int(refused.headers["Retry-After"]) <= 61


def test_a_kind_of_problem_is_not_replaced() -> None:
    with pytest.raises(ValueError, match="already"):
        errors.register(DatabaseUnavailable, errors.INTERNAL)


def _raising(error: Exception) -> Any:
    def view() -> str:
        raise error

    return view
