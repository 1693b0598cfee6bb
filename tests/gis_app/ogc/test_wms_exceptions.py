"""Failures in the WMS's own words: forms, versions, status; hostile requests; a drawing that is lost or too much."""

from __future__ import annotations

import io
import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient
from lxml import etree
from PIL import Image

from gis_app import create_app
from tests.gis_app.conftest import Served, bearer
from tests.gis_app.ogc.schemas import faults, schema
from tests.gis_app.ogc.test_wms_capabilities import SCHEMAS
from tests.gis_app.ogc.wms import INFO, LEGEND, MAP, NAMES, ask, found, pixels, refused
from tiles import painting

EXCEPTIONS = (NAMES["ogc"], SCHEMAS / "wms/1.3.0/exceptions_1_3_0.xsd")
PATIENCE_S = 0.1


def test_xml_is_the_default_and_valid(client: FlaskClient) -> None:
    for form in (None, "XML", "text/xml", "nonsense"):
        answer = ask(client, MAP, layers="nothing", exceptions=form)
        refused(answer, "LayerNotDefined")
        assert faults(schema(EXCEPTIONS), answer.data) == []


def test_the_older_version_has_its_own_words(client: FlaskClient) -> None:
    older = {**MAP, "version": "1.1.1", "crs": None, "srs": "EPSG:9"}
    answer = ask(client, older, exceptions="application/vnd.ogc.se_xml")
    assert (answer.status_code, answer.mimetype) == (400, "application/vnd.ogc.se_xml")
    root = etree.fromstring(answer.data)
    assert root.get("version") == "1.1.1"
    assert found(root, "/ServiceExceptionReport/ServiceException/@code") == ["InvalidSRS"]


@pytest.mark.parametrize(
    ("version", "form"), [("1.3.0", "INIMAGE"), ("1.1.1", "application/vnd.ogc.se_inimage")]
)
@pytest.mark.parametrize("kind", ["image/png", "image/jpeg"])
def test_written_on_a_picture(client: FlaskClient, version: str, form: str, kind: str) -> None:
    answer = ask(client, MAP, layers="nothing", version=version, exceptions=form, format=kind)
    assert answer.content_type == kind
    assert answer.headers["Cache-Control"] == "no-store"
    shown = pixels(answer)
    assert shown.shape == (300, 300, 3)
    assert (shown < 200).any(), "nothing is written"


@pytest.mark.parametrize(("version", "form"), [("1.3.0", "BLANK"), ("1.1.1", "application/vnd.ogc.se_blank")])
def test_blank_pictures(client: FlaskClient, version: str, form: str) -> None:
    opaque = pixels(ask(client, MAP, layers="nothing", version=version, exceptions=form))
    assert (opaque == 255).all()
    clear = ask(client, MAP, layers="nothing", version=version, exceptions=form, transparent="TRUE")
    assert clear.content_type == "image/png"
    assert (pixels(clear, "RGBA")[..., 3] == 0).all()
    ground = pixels(ask(client, MAP, layers="nothing", version=version, exceptions=form, bgcolor="0x00FF00"))
    assert (ground == (0, 255, 0)).all()
    tiny = ask(client, MAP, layers="nothing", exceptions=form, width="abc", bgcolor="green")
    assert Image.open(io.BytesIO(tiny.data)).size == (400, 100)


HOSTILE: list[tuple[str, str]] = [
    ("twice", "layers=a&layers=b"),
    ("twice in other case", "LAYER=planning.zone&layer=roads.road&request=GetLegendGraphic&format=image/png"),
    ("too many", "&".join(f"p{number}=1" for number in range(150))),
    ("too long", "styles=" + "x" * 7_000 + "&layers=" + "y" * 200),
    ("NUL", "layers=planning.zone%00"),
    ("line ends", "layers=planning.zone%0d%0aSet-Cookie:%20a=b"),
    ("other letters", "layers=z%C8%99%C8%9Bone"),
    ("not UTF-8", "layers=%ff%fe"),
    ("script", "layers=<script>alert(1)</script>"),
    ("SQL", "layers=planning.zone';DROP%20TABLE%20planning.zone;--"),
    ("SQL in time", "time=2026-01-01';SELECT%201;--"),
    ("NaN", "bbox=NaN,1,2,3"),
    ("Inf", "bbox=0,0,Infinity,1"),
    ("huge", "bbox=0,0,1e400,1"),
    ("no width", "width=0"),
    ("negative width", "width=-1"),
    ("wide", "width=1e9"),
    ("resolution", "dpi=0"),
    ("SLD", "sld=http://169.254.169.254/latest"),
    ("SLD body", "sld_body=%3Cx/%3E"),
    ("days", "time=" + ",".join(["2026-01-01"] * 600)),
    ("colour", "bgcolor=0x12345"),
    ("colour text", "bgcolor=%25var%25"),
    ("format", "format=image/png%3Bscript"),
    ("CRS", "crs=EPSG:3844%20AND%201=1"),
    ("CRS file", "crs=+init=/etc/passwd"),
]


@pytest.mark.parametrize("query", [query for _, query in HOSTILE], ids=[name for name, _ in HOSTILE])
def test_hostile_words_are_refused_at_once(client: FlaskClient, query: str) -> None:
    given = {part.split("=")[0].lower() for part in query.split("&")}
    rest = "&".join(f"{name}={value}" for name, value in MAP.items() if name not in given)
    ask(client, MAP)
    begun = time.perf_counter()
    answer = client.get(f"/ows?{rest}&{query}")
    assert time.perf_counter() - begun < PATIENCE_S * 3  # the machine may be busy
    assert answer.status_code == 400
    assert answer.mimetype == "text/xml"
    assert answer.headers["Cache-Control"] == "no-store"
    assert b"<script" not in answer.data
    assert "Set-Cookie" not in answer.headers
    assert faults(schema(EXCEPTIONS), answer.data) == []


@pytest.mark.parametrize(
    "query",
    ["map=/etc/passwd", "S_LAYERS=x", "x=%25var%25", "map_layer[x]_data=1", "service=WMS&offset=<script>"],
)
def test_words_that_mapserver_would_heed_do_nothing(client: FlaskClient, query: str) -> None:
    rest = "&".join(f"{name}={value}" for name, value in MAP.items() if name not in query)
    answer = client.get(f"/ows?{rest}&{query}")
    assert answer.status_code == 200
    assert answer.content_type == "image/png"


def test_a_request_that_names_no_service(client: FlaskClient) -> None:
    for query in ("", "service=WPS", "request=GetCapabilities"):
        answer = client.get(f"/ows?{query}")
        assert answer.status_code == 400
        assert b"ExceptionReport" in answer.data
        assert answer.headers["Cache-Control"] == "no-store"


def test_posted_bodies(client: FlaskClient) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>'
    answer = client.post("/ows?service=WMS&version=1.3.0&request=GetMap", data=bomb, content_type="text/xml")
    refused(answer, "MissingParameterValue")
    assert client.post("/ows", data=bomb, content_type="text/xml").status_code == 400
    assert client.put("/ows").status_code == 405


def test_a_bad_token_is_told_in_the_service_s_words(client: FlaskClient) -> None:
    answer = ask(client, MAP, bearer("vatra_wrong"))
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert etree.QName(etree.fromstring(answer.data)).localname == "ServiceExceptionReport"


def test_without_a_database(settings: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VATRA_DATABASE_URL", "postgresql:///none?host=/nowhere&connect_timeout=1")
    client = create_app().test_client()
    told = refused(ask(client, MAP), None, 503)
    assert "/nowhere" not in told


def test_a_layer_whose_table_is_gone_is_told_of(
    make_database: Any, demo_template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = make_database("wms_broken", demo_template)
    monkeypatch.setenv("VATRA_DATABASE_URL", address)
    with psycopg.connect(address) as connection:
        connection.execute("ALTER TABLE roads.road RENAME TO lost")
    client = create_app().test_client()
    refused(ask(client, MAP, layers="planning.zone,roads.road"), "LayerNotAvailable", 503)
    assert ask(client, MAP).status_code == 200
    listed = ask(client, {"service": "WMS", "request": "GetCapabilities"})
    assert b"roads.road" in listed.data


def test_of_a_crowd_some_are_served_and_the_others_asked_to_come_back(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = replace(painting.pool(), name="crowd", size=1, queue=2, wait_s=0.5)
    monkeypatch.setattr(painting, "pool", lambda: small)
    clients = [app.test_client() for _ in range(12)]
    ask(clients[0], MAP)
    with ThreadPoolExecutor(12) as threads:
        answers = list(
            threads.map(
                lambda one: ask(one, MAP, layers="planning.zone,roads.road", width=2000, height=2000), clients
            )
        )
    turned_away = [answer for answer in answers if answer.status_code != 200]
    assert 0 < len(turned_away) < len(answers)
    for answer in turned_away:
        refused(answer, None, 503)
        assert answer.headers["Retry-After"] == "2"
    assert ask(clients[0], MAP).status_code == 200


def test_drawers_killed_under_a_running_server_come_back(county: str, tmp_path: Path, served: Served) -> None:
    import psutil

    before = served.session.get(f"{served.url}/ows", params=MAP, timeout=30)
    assert before.status_code == 200
    drawers = [
        child
        for child in psutil.Process(served.process.pid).children(recursive=True)
        if "tiles.supervisor" in child.cmdline()
        and "tiles.supervisor" in psutil.Process(child.ppid()).cmdline()
    ]
    assert drawers
    for drawer in drawers:
        os.kill(drawer.pid, signal.SIGKILL)
    after = served.session.get(f"{served.url}/ows", params=MAP, timeout=30)
    assert after.status_code == 200


def test_every_operation_fails_in_xml(client: FlaskClient, token: Callable[..., str]) -> None:
    for words in (MAP, INFO, LEGEND):
        refused(ask(client, words, layers="nothing", layer="nothing"), "LayerNotDefined")
    refused(ask(client, {"service": "WMS", "request": "GetStyles"}), "MissingParameterValue")
    refused(ask(client, {"service": "WMS"}), "OperationNotSupported")
