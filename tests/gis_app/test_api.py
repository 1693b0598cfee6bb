"""What the API promises: each path answers as the contract says."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
import shapely
from flask.testing import FlaskClient
from pypdf import PdfReader
from shapely.geometry import shape

import analysis
from analysis.findings import CheckReport
from gis_app.certificates.seal import demo_seal
from gis_app.negotiation import DOCX, PDF
from layers.datum import transform
from layers.demo import HARD_CASES
from tests.gis_app.conftest import PARCEL, bearer

JSON = "application/json"


def timings(header: str) -> dict[str, float]:
    """Server-Timing as milliseconds by name."""
    parts = (part.split(";dur=") for part in header.split(", "))
    return {name: float(value) for name, value in parts}


def test_a_check_is_the_report_of_the_analysis(client: FlaskClient, settings: None) -> None:
    answer = client.post("/api/v1/checks", json={"parcel": PARCEL, "as_of": "2026-11-23"})
    assert answer.status_code == 200
    assert answer.content_type == JSON
    report = CheckReport.model_validate_json(answer.data)
    expected = analysis.check(analysis.parcel(**PARCEL), "2026-11-23")
    assert report.model_dump(exclude={"checked_at"}) == CheckReport.model_validate_json(
        expected.model_dump_json(by_alias=True)
    ).model_dump(exclude={"checked_at"})
    assert answer.json["schema"] == "vatra.check/1"
    assert len(report.findings) > 3
    assert {"db", "total"} <= timings(answer.headers["Server-Timing"]).keys()


def test_every_way_to_name_the_land(client: FlaskClient) -> None:
    whole = client.post("/api/v1/checks", json={"parcel": PARCEL}).json
    drawn = {"geometry": whole["subject"]["geometry"]}
    by_geometry = client.post("/api/v1/checks", json=drawn).json
    assert by_geometry["subject"]["area_m2"] == pytest.approx(whole["subject"]["area_m2"], abs=0.01)
    ring = shape(whole["subject"]["geometry"]).geoms[0].exterior.coords[:-1]
    listed = "\n".join(f"{number} {y:.3f} {x:.3f}" for number, (x, y) in enumerate(ring, 1))
    by_list = client.post("/api/v1/checks", json={"coordinates": listed}).json
    assert by_list["subject"]["area_m2"] == pytest.approx(whole["subject"]["area_m2"], abs=0.5)
    together = client.post("/api/v1/checks", json={"parcels": [PARCEL, _case("sliver")]}).json
    assert together["subject"]["cadastral_numbers"] == [
        PARCEL["cadastral_number"],
        _case("sliver")["cadastral_number"],
    ]
    corner = shape(whole["subject"]["geometry"]).centroid
    route = {"type": "LineString", "coordinates": [[corner.x, corner.y], [corner.x + 50, corner.y]]}
    line = client.post("/api/v1/checks", json={"geometry": route}).json
    assert line["subject"]["length_m"] == pytest.approx(50)


def test_degrees_come_to_the_same_land(client: FlaskClient) -> None:
    found = client.get("/api/v1/parcels?crs=EPSG:4326&point=23.15,45.05").json
    assert found["type"] == "FeatureCollection"
    here = client.post("/api/v1/checks", json={"parcel": PARCEL}).json["subject"]["geometry"]
    centre = shapely.point_on_surface(shape(here))
    degrees = _to_degrees(centre)
    at = client.get(f"/api/v1/parcels?crs=EPSG:4326&point={degrees.x:.9f},{degrees.y:.9f}").json
    assert [feature["id"] for feature in at["features"]] == [
        f"{PARCEL['siruta']}:{PARCEL['cadastral_number']}"
    ]


def test_parcels_are_found(client: FlaskClient) -> None:
    exact = client.get("/api/v1/parcels", query_string=PARCEL)
    assert exact.content_type == "application/geo+json"
    feature = exact.json["features"][0]
    assert feature["properties"]["match"] == "exact"
    assert feature["properties"]["area_m2"] == pytest.approx(shape(feature["geometry"]).area, abs=0.05)
    east, south, west, north = shape(feature["geometry"]).bounds
    boxed = client.get(f"/api/v1/parcels?bbox={east},{south},{west},{north}&limit=100").json
    assert feature["id"] in {other["id"] for other in boxed["features"]}
    assert (
        len(client.get(f"/api/v1/parcels?bbox={east},{south},{west},{north}&limit=1").json["features"]) == 1
    )


def test_a_preview_says_on_every_page_that_it_is_one(client: FlaskClient) -> None:
    answer = client.post("/api/v1/certificates", json={"parcel": PARCEL}, headers={"Accept": PDF})
    assert answer.status_code == 200
    assert answer.content_type == PDF
    pages = PdfReader(BytesIO(answer.data)).pages
    assert len(pages) >= 3
    for page in pages:
        assert "fără valoare juridică" in page.extract_text().casefold()
    assert b"/ByteRange" not in answer.data
    assert "Link" not in answer.headers
    spans = timings(answer.headers["Server-Timing"])
    assert {"db", "draw", "pdf", "document", "total"} <= spans.keys()
    assert "seal" not in spans


def test_a_token_of_the_wrong_scope_gets_a_preview(client: FlaskClient, token: Callable[..., str]) -> None:
    headers = {**bearer(token("layers:write")), "Accept": JSON}
    answer = client.post("/api/v1/certificates", json={"parcel": PARCEL}, headers=headers)
    assert (answer.json["state"], answer.json["number"]) == ("preview", None)


def test_a_certificate_is_issued_verified_and_recorded(
    client: FlaskClient, token: Callable[..., str]
) -> None:
    headers = {**bearer(token("certificates:issue")), "Accept": PDF}
    answer = client.post(
        "/api/v1/certificates", json={"parcel": PARCEL, "purpose": "informare"}, headers=headers
    )
    assert answer.status_code == 200, answer.text
    assert b"/ByteRange" in answer.data
    assert "seal" in timings(answer.headers["Server-Timing"])
    number = answer.headers["Content-Disposition"].removesuffix('.pdf"').split("F_CU_05-")[1]
    assert answer.headers["Link"] == f'</verify/{number}>; rel="describedby"'
    assert number in PdfReader(BytesIO(answer.data)).pages[0].extract_text()

    verified = client.get(f"/verify/{number}", headers={"Accept": JSON})
    assert verified.status_code == 200
    assert (verified.json["ours"], verified.json["whole"], verified.json["in_force"]) == (True, True, True)
    assert "cadastral_numbers" not in verified.json

    compared = _upload(client, number, answer.data)
    assert "În vigoare." in compared
    changed = bytearray(answer.data)
    changed[len(changed) // 2] ^= 1
    assert "În vigoare." not in _upload(client, number, bytes(changed))


def test_the_code_of_a_document_opens_its_particulars(client: FlaskClient, token: Callable[..., str]) -> None:
    headers = {**bearer(token("certificates:issue")), "Accept": JSON}
    issued = client.post("/api/v1/certificates", json={"parcel": PARCEL}, headers=headers).json
    code = issued["document"]["verification"]["code"]
    path = f"/verify/{issued['number']}"
    holder = client.get(f"{path}?code={code}", headers={"Accept": JSON}).json
    assert holder["cadastral_numbers"] == [PARCEL["cadastral_number"]]
    assert "cadastral_numbers" not in client.get(f"{path}?code=guess", headers={"Accept": JSON}).json
    assert client.get(f"{path}/document?code=guess").status_code == 403
    original = client.get(f"{path}/document?code={code}")
    assert original.content_type == PDF
    assert "În vigoare." in _upload(client, issued["number"], original.data)


def test_an_unknown_number_is_not_ours(client: FlaskClient) -> None:
    answer = client.get("/verify/CUI-1999-00001", headers={"Accept": JSON})
    assert answer.status_code == 404
    assert answer.json == {"number": "CUI-1999-00001", "ours": False, "whole": None, "in_force": False}


def test_what_is_missing_is_named_instead_of_issuing(client: FlaskClient, token: Callable[..., str]) -> None:
    siruta = HARD_CASES["no_utilities"].siruta
    found = client.get(f"/api/v1/parcels?siruta={siruta}&cadastral_number=3&limit=1").json["features"][0]
    body = {"parcel": {"siruta": siruta, "cadastral_number": found["properties"]["cadastral_number"]}}
    headers = bearer(token("certificates:issue"))
    answer = client.post("/api/v1/certificates", json=body, headers=headers)
    assert answer.status_code == 409, answer.text
    problem = json.loads(answer.text)
    assert answer.content_type == "application/problem+json"
    assert problem["type"] == "urn:vatra:problem:not-issuable"
    assert any(one["rule"] == "utilities.available" for one in problem["missing"])
    works = client.post("/api/v1/certificates", json={"parcel": PARCEL, "kind": "works"}, headers=headers)
    assert works.status_code == 409


@pytest.mark.parametrize("kind", ["information", "cadastral", "works"])
def test_an_officer_gets_the_draft_to_complete(
    client: FlaskClient, token: Callable[..., str], kind: str
) -> None:
    headers = bearer(token("certificates:issue")) | {"Accept": JSON}
    body = {"parcel": PARCEL, "kind": kind, "draft": True}
    answer = client.post("/api/v1/certificates", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert (answer.json["state"], answer.json["number"]) == ("draft", None)


def test_works_go_with_their_kind_and_must_be_known(client: FlaskClient) -> None:
    body = {"parcel": PARCEL, "kind": "works", "works": ["castle"]}
    unknown = client.post("/api/v1/certificates", json=body)
    assert unknown.status_code == 422
    assert "se cunosc: dwelling" in json.loads(unknown.text)["detail"]
    assert client.post("/api/v1/certificates", json=body | {"kind": "cadastral"}).status_code == 422


@pytest.mark.parametrize("seal", ["missing", "locked", "expired"])
def test_without_a_usable_seal_nothing_is_issued(
    client: FlaskClient,
    county: str,
    token: Callable[..., str],
    seal: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    before = _issued(county)
    path = tmp_path / "seal.p12"
    if seal == "expired":
        demo_seal(path, begins=datetime(2020, 1, 1, tzinfo=UTC))
    if seal == "locked":
        demo_seal(path, "another password")
    monkeypatch.setenv("VATRA_SEAL", str(path))
    answer = client.post(
        "/api/v1/certificates", json={"parcel": PARCEL}, headers=bearer(token("certificates:issue"))
    )
    assert answer.status_code == 503
    assert json.loads(answer.text)["type"] == "urn:vatra:problem:no-seal"
    assert str(tmp_path) not in answer.text
    assert _issued(county) == before
    ready = client.get("/readyz")
    assert ready.status_code == 503
    assert [check["name"] for check in ready.json["checks"] if not check["ok"]] == ["seal"]


@pytest.mark.parametrize(("accept", "kind"), [(DOCX, DOCX), (JSON, JSON), ("*/*", PDF), ("", PDF)])
def test_the_form_of_a_certificate_is_chosen_by_accept(client: FlaskClient, accept: str, kind: str) -> None:
    headers = {"Accept": accept} if accept else {}
    answer = client.post("/api/v1/certificates", json={"parcel": PARCEL}, headers=headers)
    assert answer.content_type == kind


@pytest.mark.parametrize("theme", ["planning", "utilities", "cadastre"])
@pytest.mark.parametrize(
    ("form", "kind", "begins"),
    [("pdf", PDF, b"%PDF"), ("png", "image/png", b"\x89PNG"), ("svg", "image/svg+xml", b"<svg")],
)
def test_plans_are_drawn(client: FlaskClient, theme: str, form: str, kind: str, begins: bytes) -> None:
    answer = client.get(
        "/api/v1/plans", query_string={**PARCEL, "theme": theme, "format": form, "scale": 1000}
    )
    assert answer.status_code == 200
    assert answer.mimetype == kind
    assert answer.data.startswith(begins)
    assert answer.headers["Vatra-Scale"] == "1:1000"


def test_layers_are_described(client: FlaskClient) -> None:
    listed = client.get("/api/v1/layers").json["layers"]
    parcels = next(layer for layer in listed if layer["id"] == "cadastre.parcel")
    assert parcels["versions"][0]["rows"] > 100
    assert parcels["municipalities"] > 1
    detail = client.get("/api/v1/layers/cadastre.parcel").json
    assert {"siruta", "cadastral_number"} <= {column["name"] for column in detail["columns"]}


def _case(name: str) -> dict[str, Any]:
    case = HARD_CASES[name]
    return {"siruta": case.siruta, "cadastral_number": case.cadastral_number}


def _to_degrees(point: shapely.Point) -> shapely.Point:
    return shapely.Point(*transform(np.array([[point.x, point.y]]), "EPSG:3844", "EPSG:4326").coordinates[0])


def _upload(client: FlaskClient, number: str, content: bytes) -> str:
    answer = client.post(f"/verify/{number}", data={"fisier": (BytesIO(content), "certificat.pdf")})
    return answer.text


def _issued(county: str) -> tuple[object, ...] | None:
    with psycopg.connect(county) as connection:
        return connection.execute(
            "SELECT count(*), (SELECT sum(last) FROM cases.register_counter) FROM cases.issued_document"
        ).fetchone()
