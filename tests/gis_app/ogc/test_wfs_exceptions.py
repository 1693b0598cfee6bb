"""Errors in the words of each version, with the right status, never cached; and hostile requests."""

from __future__ import annotations

import gc
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from lxml import etree

from gis_app.ogc.wfs import features
from layers import database
from tests.gis_app.ogc.wfs import FILTER, NAMES, ask, compare, found, post, refused


def test_the_dialect_of_each_version(client: FlaskClient) -> None:
    refused(ask(client, typenames="nothing"), "InvalidParameterValue", "typeNames")
    middle = ask(client, version="1.1.0", typename="nothing")
    report = etree.fromstring(middle.data)
    assert (middle.status_code, middle.headers["Cache-Control"]) == (400, "no-store")
    assert report.tag == f"{{{NAMES['ows1']}}}ExceptionReport"
    assert report.get("version") == "1.1.0"
    assert found(report, "ows1:Exception/@locator") == ["typeName"]
    oldest = ask(client, version="1.0.0", typename="nothing")
    report = etree.fromstring(oldest.data)
    assert (oldest.status_code, oldest.headers["Cache-Control"]) == (400, "no-store")
    assert report.tag == f"{{{NAMES['ogc']}}}ServiceExceptionReport"
    assert found(report, "ogc:ServiceException/@code") == ["InvalidParameterValue"]


def test_a_posted_request_is_answered_in_its_own_version(client: FlaskClient) -> None:
    body = '<GetFeature service="WFS" version="1.1.0"><Query typeName="nothing"/></GetFeature>'
    assert etree.fromstring(post(client, body).data).get("version") == "1.1.0"


def test_an_error_is_never_json(client: FlaskClient) -> None:
    answer = ask(client, typenames="nothing", outputformat="application/json")
    refused(answer, "InvalidParameterValue")


@pytest.mark.parametrize(
    ("parameters", "code", "locator"),
    [
        ({"request": None, "typenames": "roads.road"}, "MissingParameterValue", "request"),
        ({}, "MissingParameterValue", "typeNames"),
        ({"request": "Transaction"}, "OperationNotSupported", "request"),
        ({"request": "GetFeatureWithLock"}, "OperationNotSupported", "request"),
        ({"version": "3.0.0", "typenames": "roads.road"}, "InvalidParameterValue", "version"),
        ({"request": "DescribeFeatureType", "typenames": "nothing"}, "InvalidParameterValue", "typeNames"),
        ({"request": "DescribeFeatureType", "outputformat": "csv"}, "InvalidParameterValue", "outputFormat"),
        ({"typenames": "roads.road", "filter": "<Filter"}, "OperationParsingFailed", "filter"),
        ({"typenames": "roads.road", "filter": "<a/>"}, "InvalidParameterValue", "filter"),
        ({"typenames": "roads.road", "cql_filter": "id=1"}, "OptionNotSupported", "cql_filter"),
        ({"typenames": "(roads.road"}, "InvalidParameterValue", "typeNames"),
        ({"typenames": "(roads.road)(roads.road)", "filter": "(a)(b)(c)"}, "InvalidParameterValue", "filter"),
        ({"typenames": "(roads.road)" * 41}, "InvalidParameterValue", "typeNames"),
    ],
)
def test_what_is_wrong_is_told(
    client: FlaskClient, parameters: dict[str, str], code: str, locator: str
) -> None:
    refused(ask(client, **parameters), code, locator)


def test_newer_operations_are_not_in_older_versions(client: FlaskClient) -> None:
    answer = ask(
        client, version="1.1.0", request="GetPropertyValue", typename="roads.road", valuereference="name"
    )
    assert answer.status_code == 400
    assert b"OperationNotSupported" in answer.data


# Measured are some ten milliseconds; a machine that does other things too takes longer.
SLOWEST_S = 2.0
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + ']><GetFeature service="WFS" version="2.0.0"><Query typeNames="&i;"/></GetFeature>'
)
OUTSIDE = (
    '<!DOCTYPE x [<!ENTITY file SYSTEM "file:///etc/passwd">]>'
    '<GetFeature service="WFS" version="2.0.0"><Query typeNames="&file;"/></GetFeature>'
)


@pytest.mark.parametrize(
    "body",
    [
        BOMB,
        OUTSIDE,
        "",
        "not xml",
        "<",
        "<a>" * 5_000 + "</a>" * 5_000,
        "<a>" + "<b/>" * 30_000 + "</a>",
        "<GetFeature service='WFS' version='2.0.0'>" + "x" * 1_100_000 + "</GetFeature>",
        '<?xml version="1.0" encoding="nonsense"?><GetFeature/>',
        "<Transaction service='WFS' version='2.0.0'/>",
        "<GetFeature service='WFS' version='2.0.0'/>",
        "<GetFeature service='WFS' version='2.0.0'><Query/></GetFeature>",
        "<GetFeature service='WFS' version='2.0.0'>"
        + "<Query typeNames='roads.road'/>" * 41
        + "</GetFeature>",
        "<GetFeature service='WFS' version='2.0.0'><Query typeNames='roads.road'><SortBy><SortProperty/></SortBy>"
        "</Query></GetFeature>",
    ],
)
def test_hostile_bodies(client: FlaskClient, body: str) -> None:
    begun = time.perf_counter()
    answer = post(client, body)
    assert answer.status_code == 400, answer.text
    assert time.perf_counter() - begun < SLOWEST_S
    assert b"root:" not in answer.data
    assert etree.fromstring(answer.data).get("version") == "2.0.0"


@pytest.mark.parametrize(
    "parameters",
    [
        {"typenames": "roads.road' OR '1'='1"},
        {"typenames": "catalogue.layer_version"},
        {"typenames": "accounts.token"},
        {"typenames": "roads.road_piece"},
        {"typenames": "x" * 8_000},
        {"typenames": "roads.road\ufffe"},
        {"typenames": "roads.road", "map": "/etc/passwd", "version": "%00"},
        {"typenames": "roads.road", "srsname": "x" * 4_000},
        {"typenames": "roads.road", "propertyname": "'; DROP TABLE roads.road; --"},
        {"typenames": "roads.road", "sortby": "number,(SELECT pg_sleep(10))"},
        {"typenames": "roads.road", "valuereference": "x", "request": "GetPropertyValue"},
        {"typenames": "roads.road", "count": "0x10"},
        {"typenames": "<script>alert(1)</script>"},
        {"typenames": "roads.road", "filter": FILTER % "<fes:Not>" * 200 + "</fes:Not>" * 200},
        {"typenames": "roads.road", "filter": FILTER % compare("PropertyIsEqualTo", "number", "&#1;")},
        {"resourceid": ",".join(f"roads.road.{n}" for n in range(700)) + ",x"},
        {
            "typenames": "roads.road",
            "filter": FILTER % compare("PropertyIsLike", "number", "x", "wildCard=''"),
        },
    ],
)
def test_hostile_parameters(client: FlaskClient, parameters: dict[str, str]) -> None:
    begun = time.perf_counter()
    answer = ask(client, **parameters)
    assert answer.status_code == 400, answer.text
    assert time.perf_counter() - begun < SLOWEST_S
    etree.fromstring(answer.data)
    assert b"<script>" not in answer.data
    assert ask(client, typenames="roads.road", count=1).status_code == 200


def test_hosts_with_quotes_stay_inside_their_quotes(client: FlaskClient) -> None:
    answer = ask(client, {"X-Forwarded-Host": 'a"b<script>'}, request="GetCapabilities")
    assert b"<script>" not in answer.data
    etree.fromstring(answer.data)


@pytest.mark.parametrize("patience", ["VATRA_STATEMENT_TIMEOUT_MS", "VATRA_LOCK_TIMEOUT_MS"])
def test_a_slow_question_is_given_up(
    client: FlaskClient, county: str, monkeypatch: pytest.MonkeyPatch, patience: str
) -> None:
    """Somebody holds the table; sessions of the test's own wait for less long than others."""
    impatient = psycopg.conninfo.make_conninfo(database.map_url(county), application_name=patience)
    monkeypatch.setenv("VATRA_MAP_DATABASE_URL", impatient)
    monkeypatch.setenv(patience, "300")
    with psycopg.connect(county) as holder:
        holder.execute("LOCK TABLE roads.road IN ACCESS EXCLUSIVE MODE")
        answer = ask(client, typenames="roads.road")
        refused(answer, "NoApplicableCode", status=503)
        assert answer.headers["Retry-After"]
        holder.rollback()
    assert ask(client, typenames="roads.road", count=1).status_code == 200
    database.pool(impatient).close()


def test_an_answer_that_grows_too_large_is_refused_whole(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gis_app.ogc.wfs.features.MOST_BYTES", 10_000)
    for form in ("gml32", "csv", "json", "gpkg"):
        refused(ask(client, typenames="cadastre.parcel", outputformat=form), "OperationProcessingFailed")


def test_an_answer_given_up_half_way_leaves_the_connection_usable(
    app: OpenAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tiles.wfs.reading.BATCH_ROWS", 50)

    def given_up(_: int) -> None:
        monkeypatch.setattr("gis_app.ogc.wfs.features.MOST_BYTES", 20_000)
        for form in ("gml32", "csv", "json", "gpkg", "SHAPE-ZIP"):
            refused(
                ask(app.test_client(), typenames="cadastre.parcel", outputformat=form),
                "OperationProcessingFailed",
            )
            gc.collect()
            assert ask(app.test_client(), typenames="roads.junction", count=2).status_code == 200

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(given_up, range(8)))


def test_large_answers_wait_for_their_turn(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gis_app.ogc.wfs.features.LARGE", 100)
    monkeypatch.setattr("gis_app.ogc.wfs.features.TURN_S", 0.05)
    with features._large, features._large:
        for form in ("gml32", "gpkg"):
            answer = ask(client, typenames="cadastre.parcel", outputformat=form)
            refused(answer, "NoApplicableCode", status=503)
            assert answer.headers["Retry-After"] == "30"
        assert ask(client, typenames="cadastre.parcel", count=50).status_code == 200
    assert ask(client, typenames="cadastre.parcel").status_code == 200


def test_a_day_too_long_a_reading_is_refused(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tiles.wfs.reading.LIMIT_S", -1.0)
    monkeypatch.setattr("tiles.wfs.reading.BATCH_ROWS", 100)
    refused(ask(client, typenames="cadastre.parcel"), "OperationProcessingFailed")


@pytest.mark.parametrize(
    "query",
    [
        "typeNames=roads.road&typeNames=cadastre.parcel",
        "&".join(f"p{number}=1" for number in range(150)),
        "typeNames=roads.road%00",
        "typeNames=roads.road%0d%0aSet-Cookie:x",
        "typeNames=" + "x" * 9_000,
    ],
)
def test_garbled_parameters_are_told_in_our_words(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/ows?service=WFS&version=2.0.0&request=GetFeature&{query}")
    refused(answer, "InvalidParameterValue")


def test_a_wrong_token_is_told_in_our_words(client: FlaskClient) -> None:
    answer = ask(client, {"Authorization": "Bearer vatra_wrong"}, typenames="roads.road")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].lower().startswith("bearer")
