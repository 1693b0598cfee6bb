"""Signing in with a token, staying signed in, and out again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from gis_app import create_app
from gis_app.accounts import tokens

OURS = {"Sec-Fetch-Site": "same-origin"}


def signed_in(client: FlaskClient, secret: str) -> int:
    return client.post("/autentificare", data={"token": secret}, headers=OURS).status_code


def test_a_token_opens_a_session_and_leads_to_the_map(client: FlaskClient, token: Callable[..., str]) -> None:
    secret = token("layers:staff")
    answer = client.post("/autentificare", data={"token": f" {secret}\n"}, headers=OURS)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/map"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert secret not in cookie
    assert "planning.scan" in [layer["id"] for layer in client.get("/api/v1/layers").get_json()["layers"]]


def test_a_session_opened_over_https_is_sent_over_https_only(
    client: FlaskClient, token: Callable[..., str]
) -> None:
    given = {"token": token("layers:staff")}
    over_tls = client.post("/autentificare", data=given, headers=OURS, base_url="https://localhost")
    assert "; Secure" in over_tls.headers["Set-Cookie"]
    assert "; Secure" not in client.post("/autentificare", data=given, headers=OURS).headers["Set-Cookie"]


def test_nobody_brings_a_session_to_sign_in_with(client: FlaskClient, token: Callable[..., str]) -> None:
    client.set_cookie("vatra_session", "planted.by.another")
    assert signed_in(client, token("layers:staff")) == 303
    kept = client.get_cookie("vatra_session")
    assert kept is not None
    assert kept.value != "planted.by.another"


def test_a_wrong_token_opens_nothing(client: FlaskClient) -> None:
    answer = client.post("/autentificare", data={"token": "vatra_wrong"}, headers=OURS)
    assert answer.status_code == 403
    assert "Jetonul nu este cunoscut" in answer.text
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://example.org"}, {}])
@pytest.mark.parametrize("path", ["/autentificare", "/iesire", "/en/autentificare"])
def test_other_sites_sign_nobody_in_or_out(
    client: FlaskClient, token: Callable[..., str], path: str, headers: dict[str, str]
) -> None:
    answer = client.post(path, data={"token": token("layers:staff")}, headers=headers)
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_signing_out_ends_the_session(client: FlaskClient, token: Callable[..., str]) -> None:
    assert signed_in(client, token("layers:staff")) == 303
    answer = client.post("/en/iesire", headers=OURS)
    assert answer.headers["Location"] == "/en/map"
    assert "planning.scan" not in [layer["id"] for layer in client.get("/api/v1/layers").get_json()["layers"]]


def test_a_revoked_token_ends_its_session(client: FlaskClient, settings: None) -> None:
    secret = tokens.create("leaves-today", ("layers:staff",))
    assert signed_in(client, secret) == 303
    tokens.revoke("leaves-today")
    assert "planning.scan" not in [layer["id"] for layer in client.get("/api/v1/layers").get_json()["layers"]]


def test_guessing_is_slowed_down(settings: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VATRA_WEB_SIGN_INS_PER_MINUTE", "3")
    client = create_app().test_client()
    statuses = [signed_in(client, "vatra_guess") for _ in range(5)]
    assert statuses == [403, 403, 403, 429, 429]


def test_the_form_speaks_english_too(client: FlaskClient) -> None:
    answer = client.get("/en/autentificare")
    assert '<html lang="en">' in answer.text
    assert "Access token" in answer.text
    assert "Skip to the content" in answer.text
    assert "Caută" not in answer.text
