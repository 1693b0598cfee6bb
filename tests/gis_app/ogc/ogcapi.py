"""What tests of the OGC API share: asking, paging, and the truth of the tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import psycopg
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
HYPHENS = {name.replace("-", "_"): name for name in ("bbox-crs", "filter-crs", "filter-lang")}
PARCELS = "/collections/cadastre.parcel/items"
# Every page of the door, as paths below /ogcapi.
PAGES = (
    "/",
    "/conformance",
    "/openapi",
    "/collections",
    "/collections/cadastre.parcel",
    "/collections/records",
    "/collections/planning.regulation",
    "/collections/cadastre.parcel/schema",
    "/collections/cadastre.parcel/queryables",
    "/collections/cadastre.parcel/items",
    "/collections/planning.regulation/items",
    "/collections/cadastre.parcel/items/1",
    "/collections/cadastre.parcel/tiles",
    "/collections/cadastre.parcel/tiles/WebMercatorQuad",
    "/collections/records/items",
    "/collections/records/items/cadastre.parcel",
    "/collections/records/queryables",
    "/tileMatrixSets",
    "/tileMatrixSets/WebMercatorQuad",
    "/processes",
    "/processes/parcel-check",
    "/jobs",
)


def get(
    client: FlaskClient, path: str, headers: dict[str, str] | None = None, /, **parameters: Any
) -> TestResponse:
    """The answer to a request; underscores of ``_crs`` and ``_lang`` are hyphens."""
    query = urlencode({HYPHENS.get(name, name): value for name, value in parameters.items()})
    return client.get(f"/ogcapi{path}{'?' if query else ''}{query}", headers=headers)


def read(client: FlaskClient, path: str, headers: dict[str, str] | None = None, /, **parameters: Any) -> Any:
    """The JSON of an answer that must succeed."""
    answer = get(client, path, headers, **parameters)
    assert answer.status_code == 200, answer.text
    return answer.json


def refused(client: FlaskClient, path: str, status: int, /, **parameters: Any) -> str:
    """The description of an answer that must fail with that status, in the door's own dialect."""
    answer = get(client, path, **parameters)
    assert answer.status_code == status, answer.text[:500]
    assert answer.content_type == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert {"type", "title", "status", "detail", "code", "description", "request_id"} <= set(answer.json)
    assert "Traceback" not in answer.text
    return str(answer.json["description"])


def link(document: Any, rel: str) -> str | None:
    """The address of the first link of that relation, without the host."""
    for one in document["links"]:
        if one["rel"] == rel:
            return str(one["href"]).removeprefix("http://localhost/ogcapi")
    return None


def walk(client: FlaskClient, path: str) -> Iterator[Any]:
    """Pages from that one on, following ``next`` word for word."""
    following: str | None = path
    while following:
        page = read(client, following)
        yield page
        following = link(page, "next")


def rows(address: str, query: str, *values: Any) -> list[Any]:
    """What the tables say."""
    with psycopg.connect(address) as connection:
        return connection.execute(query.encode(), values or None).fetchall()


def ids(document: Any) -> list[int]:
    """Ids of a page's features."""
    return [feature["id"] for feature in document["features"]]
