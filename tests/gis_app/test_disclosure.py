"""A layer that is hidden from the caller speaks in sentences only: its attributes and shapes stay hidden."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gis_app import create_app
from gis_app.certificates import annexes
from gis_app.certificates.document import Annex
from tests.gis_app.conftest import PARCEL, bearer

HIDDEN = "planning.zone"
# Of the zone that the parcel lies in.
ZONE_COLOUR = "#f7e34a"
EXECUTION = "/ogcapi/processes/parcel-check/execution"
Report = dict[str, Any]
Ask = Callable[[FlaskClient, dict[str, str]], Report]


@pytest.fixture
def narrowed(settings: None, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A client of an installation that shows the zones to operators only."""
    monkeypatch.setenv("VATRA_VISIBILITY", json.dumps({HIDDEN: "operator"}))
    return create_app().test_client()


def by_api(client: FlaskClient, headers: dict[str, str]) -> Report:
    return read(client.post("/api/v1/checks", json={"parcel": PARCEL}, headers=headers))


def by_process(client: FlaskClient, headers: dict[str, str]) -> Report:
    return read(client.post(EXECUTION, json={"inputs": {"parcel": PARCEL}}, headers=headers))


def by_job(client: FlaskClient, headers: dict[str, str]) -> Report:
    body = {"inputs": {"parcel": PARCEL}}
    job = read(client.post(EXECUTION, json=body, headers={**headers, "Prefer": "respond-async"}))["jobID"]
    deadline = time.monotonic() + 30
    while read(client.get(f"/ogcapi/jobs/{job}?f=json"))["status"] != "successful":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return read(client.get(f"/ogcapi/jobs/{job}/results"))


def read(answer: TestResponse) -> Report:
    assert answer.status_code in {200, 201}, answer.get_data(as_text=True)
    found: Report = answer.get_json()
    return found


def on(report: Report, hidden: bool) -> list[Report]:
    """The findings that rest on the hidden layer, or the others that rest on any."""
    return [
        one for one in report["findings"] if one["feature"] and (one["feature"]["layer"] == HIDDEN) == hidden
    ]


@pytest.mark.parametrize("ask", [by_api, by_process, by_job])
def test_a_hidden_layer_gives_its_sentence_and_no_data(
    narrowed: FlaskClient, token: Callable[..., str], ask: Ask
) -> None:
    public, operator = ask(narrowed, {}), ask(narrowed, bearer(token("layers:operator")))
    assert [one["text"] for one in public["findings"]] == [one["text"] for one in operator["findings"]]
    assert any(one["geometry"] for one in on(operator, hidden=True))
    for told, whole in zip(on(public, hidden=True), on(operator, hidden=True), strict=True):
        assert whole["feature"]["attributes"]
        assert told == {
            **whole,
            "feature": {**whole["feature"], "attributes": {}},
            "geometry": None,
        }
    assert on(public, hidden=False) == on(operator, hidden=False)


def test_its_shape_is_neither_lit_nor_drawn(narrowed: FlaskClient) -> None:
    (zone, *_) = on(by_api(narrowed, {}), hidden=True)
    reference = f"{HIDDEN}:{zone['feature']['id']}"
    lit = narrowed.get("/map/shapes", query_string={"f": reference, "bbox": "0,0,1000000,1000000"})
    assert lit.get_json()["features"] == []
    asked = {**PARCEL, "finding": zone["id"], "format": "png"}
    assert narrowed.get("/api/v1/plans", query_string=asked).status_code == 404


def test_a_certificate_says_all_that_applies(narrowed: FlaskClient, token: Callable[..., str]) -> None:
    (zone, *_) = on(by_api(narrowed, bearer(token("layers:operator"))), hidden=True)
    code = zone["feature"]["attributes"]["code"]
    preview = narrowed.post(
        "/api/v1/certificates", json={"parcel": PARCEL}, headers={"Accept": "application/json"}
    )
    assert code in json.dumps(preview.get_json()["document"], ensure_ascii=False)


def test_the_plans_of_a_preview_show_what_the_caller_sees(
    narrowed: FlaskClient, token: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Annex] = []

    def kept(*given: Any, **options: Any) -> Annex:
        drawn.append(draw(*given, **options))
        return drawn[-1]

    draw = annexes.draw
    monkeypatch.setattr(annexes, "draw", kept)
    for headers in ({}, bearer(token("layers:operator"))):
        assert (
            narrowed.post("/api/v1/certificates", json={"parcel": PARCEL}, headers=headers).status_code == 200
        )
    public, operator = drawn[0], drawn[len(drawn) // 2]
    assert public.title == operator.title
    assert ZONE_COLOUR in operator.sheets[0]
    assert ZONE_COLOUR not in public.sheets[0]


def test_with_all_layers_open_nothing_is_left_out(client: FlaskClient) -> None:
    assert all(one["feature"]["attributes"] for one in on(by_api(client, {}), hidden=True))


@pytest.mark.parametrize("hidden", ["cadastre.parcel", "admin.address"])
def test_searches_give_nothing_of_a_hidden_layer(
    settings: None, monkeypatch: pytest.MonkeyPatch, token: Callable[..., str], hidden: str
) -> None:
    monkeypatch.setenv("VATRA_VISIBILITY", json.dumps({hidden: "operator"}))
    client, shown = create_app().test_client(), bearer(token("layers:operator"))
    place = {"address": "Principala 1"} if hidden == "admin.address" else PARCEL
    assert client.get("/api/v1/parcels", query_string=place, headers=shown).get_json()["features"]
    assert client.get("/api/v1/parcels", query_string=place).get_json()["features"] == []

    kinds = {"cadastre.parcel": {"parcel"}, "admin.address": {"address", "street"}}[hidden]
    typed = {"q": PARCEL["cadastral_number"]} if hidden == "cadastre.parcel" else {"q": "Principala 1"}
    operator = client.get("/map/suggestions", query_string=typed, headers=shown).get_json()
    public = client.get("/map/suggestions", query_string=typed).get_json()
    assert kinds & {one["kind"] for one in operator}
    assert not kinds & {one["kind"] for one in public}


def test_an_address_does_not_tell_a_hidden_parcel(
    settings: None, monkeypatch: pytest.MonkeyPatch, token: Callable[..., str]
) -> None:
    monkeypatch.setenv("VATRA_VISIBILITY", json.dumps({"cadastre.parcel": "operator"}))
    client, typed = create_app().test_client(), {"q": "Principala 1"}
    shown = client.get("/map/suggestions", query_string=typed, headers=bearer(token("layers:operator")))
    assert any(one["cadastral_number"] for one in shown.get_json())
    public = client.get("/map/suggestions", query_string=typed).get_json()
    assert public
    assert not any(one["cadastral_number"] for one in public)
    assert client.get("/adresa", query_string={"adresa": "Principala 1"}).status_code == 404
