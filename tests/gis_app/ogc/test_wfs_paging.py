"""Pages: no overlap, nothing left out, the same order always, and addresses that lead on."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI

from layers import states
from tests.gis_app.ogc.wfs import FILTER, ask, compare, found, ids, matched, refused, tree

LOCAL = "http://localhost"


def pages(client: FlaskClient, **parameters: object) -> Iterator[list[str]]:
    """The ids of one page after the other, by the addresses they give."""
    answer = ask(client, **parameters)
    while True:
        yield ids(answer)
        following = tree(answer).get("next")
        if following is None:
            return
        answer = client.get(following.removeprefix(LOCAL))


@pytest.mark.parametrize(
    "parameters",
    [
        {"typenames": "heritage.monument"},
        {"typenames": "heritage.monument", "sortby": "name DESC"},
        {"typenames": "heritage.monument", "sortby": "status"},
        {"typenames": "heritage.monument", "filter": FILTER % compare("PropertyIsEqualTo", "class", "B")},
        {
            "typenames": "heritage.monument",
            "propertyname": "name",
            "srsname": "EPSG:4326",
            "as_of": "2030-01-01",
        },
        {"typenames": "(heritage.monument)(roads.structure)"},
    ],
)
def test_all_pages_together_are_the_whole(client: FlaskClient, parameters: dict[str, str]) -> None:
    whole = ids(ask(client, **parameters))
    paged = list(pages(client, **parameters, count=7))
    assert [one for page in paged for one in page] == whole
    assert len(set(whole)) == len(whole) > 7
    assert {len(page) for page in paged[:-1]} == {7}


def test_the_order_is_that_of_the_ids_unless_asked_otherwise(client: FlaskClient) -> None:
    numbers = [int(one.rpartition(".")[2]) for one in ids(ask(client, typenames="roads.road"))]
    assert numbers == sorted(numbers)


def test_sorting(client: FlaskClient) -> None:
    answer = ask(client, typenames="cadastre.parcel", sortby="siruta DESC,area_legal_m2 ASC", count=200)
    told = tree(answer)
    keys = zip(
        [-int(one) for one in found(told, "//vatra:siruta/text()")],
        [float(one) for one in found(told, "//vatra:area_legal_m2/text()")],
        strict=True,
    )
    listed = list(keys)
    assert listed == sorted(listed)
    older = ask(client, version="1.1.0", typename="cadastre.parcel", sortby="siruta D", maxfeatures=1)
    assert ids(older)
    for bad in ("nothing", "siruta UP", "geom", "siruta;DROP TABLE"):
        refused(ask(client, typenames="cadastre.parcel", sortby=bad), "InvalidParameterValue", "sortBy")


def test_previous_leads_back(client: FlaskClient) -> None:
    second = tree(ask(client, typenames="roads.road", count=5, startindex=5))
    back = client.get(second.get("previous").removeprefix(LOCAL))
    assert ids(back) == ids(ask(client, typenames="roads.road", count=5))
    assert tree(back).get("previous") is None


def test_numbers_are_told(client: FlaskClient) -> None:
    count = matched(client, "roads.road")
    told = tree(ask(client, typenames="roads.road", count=2, startindex=count - 1))
    assert (told.get("numberMatched"), told.get("numberReturned")) == (str(count), "1")
    assert told.get("next") is None
    beyond = tree(ask(client, typenames="roads.road", count=2, startindex=count + 10))
    assert beyond.get("numberReturned") == "0"
    none = tree(ask(client, typenames="roads.road", count=0))
    assert (none.get("numberMatched"), none.get("numberReturned")) == (str(count), "0")


@pytest.mark.parametrize("bad", ["-1", "x", "1.5", "9" * 30, "٣"])
def test_bad_numbers(client: FlaskClient, bad: str) -> None:
    refused(ask(client, typenames="roads.road", count=bad), "InvalidParameterValue", "count")
    refused(ask(client, typenames="roads.road", startindex=bad), "InvalidParameterValue", "startindex")


def test_the_default_page_leads_on(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gis_app.ogc.wfs.requests.COUNT_DEFAULT", 50)
    small = FILTER % compare("PropertyIsLessThan", "area_legal_m2", "500")
    assert len(list(pages(client, typenames="cadastre.parcel", filter=small))) > 1
    first = ask(client, typenames="roads.road")
    assert len(ids(first)) == 50
    assert tree(first).get("next")
    older = ask(client, version="1.1.0", typename="cadastre.parcel")
    assert len(ids(older)) == matched(client, "cadastre.parcel")


def test_pages_are_right_in_whatever_order_they_are_asked(client: FlaskClient) -> None:
    whole = ids(ask(client, typenames="cadastre.parcel"))
    filtered = {"filter": FILTER % compare("PropertyIsEqualTo", "use_category", "CC")}
    chosen = ids(ask(client, typenames="cadastre.parcel", **filtered))
    for start in (1500, 20, 0, 1490, 1500, 700, 30, 1499):
        page = ask(client, typenames="cadastre.parcel", count=10, startindex=start)
        assert ids(page) == whole[start : start + 10]
        page = ask(client, typenames="cadastre.parcel", count=7, startindex=start // 3, **filtered)
        assert ids(page) == chosen[start // 3 : start // 3 + 7]


def test_bookmarks_do_not_outlive_a_version(client: FlaskClient, county: str) -> None:
    before = [one for page in pages(client, typenames="roads.structure", count=4) for one in page]
    with psycopg.connect(county, autocommit=True) as connection:
        connection.execute(
            "UPDATE roads.structure SET valid_to = '2020-01-01', valid_from = '2020-01-01' WHERE id = 2"
        )
        connection.execute(
            "INSERT INTO catalogue.layer_version (layer, number, valid_from, accuracy_m, rows)"
            " VALUES ('roads.structure', 900, current_date, 1, 0)"
        )
        try:
            states.forget()
            after = [one for page in pages(client, typenames="roads.structure", count=4) for one in page]
        finally:
            connection.execute(
                "UPDATE roads.structure SET (valid_from, valid_to) ="
                " (SELECT valid_from, valid_to FROM roads.structure WHERE id = 1) WHERE id = 2"
            )
            connection.execute(
                "DELETE FROM catalogue.layer_version WHERE layer = 'roads.structure' AND number = 900"
            )
            states.forget()
    assert after == [one for one in before if one != "roads.structure.2"]


def test_many_at_once_do_not_mix(app: OpenAPI) -> None:
    questions = [
        {"typenames": layer, "count": str(count), "startindex": str(start), "outputformat": form}
        for layer in ("cadastre.parcel", "roads.road", "utilities.node", "heritage.monument")
        for count, start in ((3, 0), (5, 7), (2, 20))
        for form in ("json", "csv")
    ]

    def answer(parameters: dict[str, str]) -> str:
        return ask(app.test_client(), **parameters).text

    alone = [answer(one) for one in questions]
    with ThreadPoolExecutor(8) as threads:
        for _ in range(4):
            assert list(threads.map(answer, questions)) == alone
