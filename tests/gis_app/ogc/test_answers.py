"""What answers of all map services have in common."""

from __future__ import annotations

import gzip

import flask
import pytest
from flask.testing import FlaskClient

from gis_app.ogc.answers import WORTH_COMPRESSING, as_json, compressed, open_to_all

TEXT = b"<a/>" * WORTH_COMPRESSING


@pytest.fixture
def bare() -> flask.Flask:
    """A bare application: nothing here asks a database."""
    return flask.Flask(__name__)


@pytest.mark.parametrize("taken", ["gzip", "br, gzip;q=0.5", "*"])
def test_whoever_takes_gzip_gets_the_same_in_fewer_bytes(bare: flask.Flask, taken: str) -> None:
    with bare.test_request_context(headers={"Accept-Encoding": taken}):
        answer = compressed(flask.Response(TEXT))
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.data) < len(TEXT) / 10
    assert answer.content_length == len(answer.data)
    assert gzip.decompress(answer.data) == TEXT


@pytest.mark.parametrize("taken", ["", "br", "gzip;q=0"])
def test_whoever_does_not_gets_it_as_it_is_and_caches_know_why(bare: flask.Flask, taken: str) -> None:
    with bare.test_request_context(headers={"Accept-Encoding": taken}):
        answer = compressed(flask.Response(TEXT))
    assert "Content-Encoding" not in answer.headers
    assert answer.data == TEXT
    assert answer.headers["Vary"] == "Accept-Encoding"


def test_short_answers_are_not_compressed(bare: flask.Flask) -> None:
    with bare.test_request_context(headers={"Accept-Encoding": "gzip"}):
        assert "Content-Encoding" not in as_json({"a": 1}).headers


def test_other_sites_may_read_but_send_no_cookies(bare: flask.Flask) -> None:
    answer = open_to_all(flask.Response())
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(
    "address",
    [
        "/ows?service=WMS&request=GetCapabilities",
        "/ows?service=WFS&request=GetFeature&typenames=roads.road&count=1",
        "/ows?service=WFS&request=nothing",
        "/csw?service=CSW&request=GetCapabilities",
        "/catalog.jsonld",
        "/downloads/roads.road.csv",
        "/ogcapi/collections",
        "/tiles/style.json",
        "/wmts?service=WMTS&request=GetCapabilities",
    ],
)
def test_maps_on_other_sites_may_read_every_service(client: FlaskClient, address: str) -> None:
    assert client.get(address).headers.get("Access-Control-Allow-Origin") == "*"
