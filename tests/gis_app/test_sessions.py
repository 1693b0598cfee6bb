"""Sessions in a browser, and the other ways to show a token."""

from __future__ import annotations

import base64
from collections.abc import Callable

import flask
import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI

from gis_app import access
from gis_app.accounts import sessions, tokens


@pytest.fixture
def opened(app: OpenAPI) -> FlaskClient:
    """A client of an application where a token opens a session."""

    def begin() -> str:
        known = sessions.begin(flask.request.get_data(as_text=True))
        return known.name if known else "nobody"

    app.add_url_rule("/begin", view_func=access.public(begin), methods=["POST"])
    app.add_url_rule("/circle", view_func=access.public(lambda: access.circle()), methods=["GET", "POST"])
    return app.test_client()


def test_a_session_shows_what_its_token_may_see(opened: FlaskClient, token: Callable[..., str]) -> None:
    assert opened.get("/circle").text == "public"
    opened.post("/begin", data=token("layers:staff"))
    assert opened.get("/circle").text == "staff"


def test_the_cookie_is_closed_to_scripts_and_other_sites(
    opened: FlaskClient, token: Callable[..., str]
) -> None:
    cookie = opened.post("/begin", data=token("layers:operator")).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_a_wrong_token_opens_none(opened: FlaskClient) -> None:
    assert opened.post("/begin", data="vatra_wrong").text == "nobody"
    assert opened.get("/circle").text == "public"


def test_a_revoked_token_ends_its_sessions(opened: FlaskClient, settings: None) -> None:
    opened.post("/begin", data=tokens.create("short-lived", ("layers:staff",)))
    tokens.revoke("short-lived")
    assert opened.get("/circle").text == "public"


def test_a_forged_cookie_is_nobody(opened: FlaskClient) -> None:
    opened.set_cookie(sessions.COOKIE, "eyJ0b2tlbiI6MX0.aaaa.bbbb")
    assert opened.get("/circle").text == "public"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://localhost"}, 200),
    ],
)
def test_another_sites_page_cannot_use_a_session(
    opened: FlaskClient, token: Callable[..., str], headers: dict[str, str], status: int
) -> None:
    opened.post("/begin", data=token("layers:staff"))
    assert opened.post("/circle", headers=headers).status_code == status


def test_a_gis_client_shows_its_token_as_a_password(opened: FlaskClient, token: Callable[..., str]) -> None:
    shown = base64.b64encode(f"qgis:{token('layers:operator')}".encode()).decode()
    assert opened.get("/circle", headers={"Authorization": f"Basic {shown}"}).text == "operator"


def test_the_key_outlives_a_restart(app: OpenAPI) -> None:
    from gis_app import create_app

    assert create_app().secret_key == app.secret_key
