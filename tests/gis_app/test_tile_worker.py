"""A public tile is answered by the worker itself, with the same answer as the long way gives."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pyproj
import pytest
import requests

from gis_app.ogc import tiles_shortcut
from gis_app.ogc.shortcut import Asked, Ready
from gis_app.ogc.wmts import shortcut as wmts_shortcut
from gis_app.tile_worker import MOMENT_MS, answer_to
from layers.states import KEPT_S
from tests.gis_app.conftest import Served, bearer, start
from tests.showcase import showcase_place
from tiles.cache.grids import STEREO70
from tiles.vector_cache import FinishedTiles
from tiles.vector_grid import WORLD_M, width_m

OWN = {"X-Request-ID", "Server-Timing", "Server", "Date", "Connection"}


@pytest.fixture(scope="module")
def tile_server(county: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with one worker and an empty cache."""
    running = start(tmp_path_factory.mktemp("tiles"), {"VATRA_DATABASE_URL": county}, workers=1)
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def path(county: str) -> str:
    """The path of the tile that shows the showcase parcel."""
    place = showcase_place(county)
    column, _, line, _ = STEREO70.covering(10, (*place, *place))
    return f"/wmts/1.0.0/theme.planning/default/current/Stereo70/10/{line}/{column}.png"


def inline(answer: requests.Response) -> bool:
    """Whether the worker itself answered: neither Flask nor gunicorn left a trace."""
    return not {"X-Request-ID", "Server"} & set(answer.headers)


def until_inline(
    session: requests.Session, url: str, headers: dict[str, str] | None = None
) -> requests.Response:
    """The first answer that came from the worker itself; Flask looks at the versions once a second."""
    for _ in range(50):
        answer = session.get(url, timeout=30, headers=headers)
        if inline(answer):
            return answer
        time.sleep(0.02)
    raise AssertionError("the worker never answered itself")


@pytest.fixture(scope="module")
def vector_path(county: str) -> str:
    """The path of the vector tile that shows the showcase parcel."""
    place = pyproj.Transformer.from_crs(3844, 3857, always_xy=True).transform(*showcase_place(county))
    width = width_m(16)
    x, y = int((place[0] + WORLD_M / 2) / width), int((WORLD_M / 2 - place[1]) / width)
    return f"/tiles/cadastre.parcel,planning.zone/16/{x}/{y}.pbf"


@pytest.mark.parametrize("kind", ["path", "vector_path"])
def test_both_ways_give_the_same_answer(
    tile_server: Served, kind: str, request: pytest.FixtureRequest
) -> None:
    path: str = request.getfixturevalue(kind)
    time.sleep(KEPT_S)  # what is known of the versions is too old then, so the next answer goes the long way
    with requests.Session() as session:
        drawn = session.get(tile_server.url + path, timeout=60)
        quick = until_inline(session, tile_server.url + path)
        assert "X-Request-ID" in drawn.headers
        assert quick.content == drawn.content
        told = {name: value for name, value in quick.headers.items() if name not in OWN}
        assert told == {name: value for name, value in drawn.headers.items() if name not in OWN}
        held = {"If-None-Match": quick.headers["ETag"]}
        unchanged = until_inline(session, tile_server.url + path, headers=held)
        assert (unchanged.status_code, unchanged.content) == (304, b"")
        again = session.get(tile_server.url + path, headers={"If-None-Match": 'W/"other"'}, timeout=30)
        assert again.content == drawn.content


def test_everything_else_goes_the_usual_way_on_the_same_connection(
    tile_server: Served, path: str, token: Callable[..., str]
) -> None:
    with requests.Session() as session:
        until_inline(session, tile_server.url + path)
        usual = [
            session.get(f"{tile_server.url}/healthz", timeout=30),
            session.get(f"{tile_server.url}{path}?x=1", timeout=30),
            session.get(tile_server.url + path, headers=bearer(token("layers:staff")), timeout=30),
            session.get(tile_server.url + path, headers={"Cookie": "vatra=1"}, timeout=30),
            session.get(tile_server.url + path, headers={"X-Request-ID": "abcdefgh"}, timeout=30),
            session.head(tile_server.url + path, timeout=30),
        ]
        assert [answer.status_code for answer in usual] == [200] * 6
        assert not any(map(inline, usual))
        missing = session.get(tile_server.url + path.replace("/10/", "/99/"), timeout=30)
        assert (missing.status_code, inline(missing)) == (404, False)
        wrong = session.get(
            tile_server.url + path, headers={"Authorization": "Bearer vatra_wrong"}, timeout=30
        )
        assert wrong.status_code == 401
        until_inline(session, tile_server.url + path)


def test_requests_sent_all_at_once_are_answered_in_order(tile_server: Served, path: str) -> None:
    parts = urlsplit(tile_server.url)
    one = f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n"
    last = f"GET /healthz HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
    with socket.create_connection((parts.hostname, parts.port)) as door:
        door.sendall((one + one + one + last).encode())
        got = b""
        while part := door.recv(65_536):
            got += part
    assert got.count(b"HTTP/1.1 200 OK") == 4
    assert got.count(b"\x89PNG") == 3
    assert got.index(b"application/json") > got.rindex(b"\x89PNG")


def test_a_client_that_reads_slowly_gets_all_and_keeps_nobody_waiting(tile_server: Served, path: str) -> None:
    parts = urlsplit(tile_server.url)
    with requests.Session() as session:
        content = until_inline(session, tile_server.url + path).content
        door = socket.socket()
        door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        door.connect((parts.hostname, parts.port))
        ask = f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode()
        with door:
            for _ in range(6):
                door.sendall(ask)
                time.sleep(0.2)  # it is answered, or as much of it as fits
                begun = time.monotonic()
                assert session.get(tile_server.url + path, timeout=5).content == content
                assert time.monotonic() - begun < 2
                got = b""
                while not got.endswith(content[-50:]):
                    got += door.recv(1024)
                assert got.partition(b"\r\n\r\n")[2] == content


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"GET /wmts/1.0.0/x",
        b"POST /wmts/1.0.0/a/default/Stereo70/1/1/1.png HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /wmts/1.0.0/a/default/Stereo70/1/1/1.png HTTP/1.0\r\nHost: a\r\n\r\n",
        b"GET /wmts/1.0.0/a/default/Stereo70/1/1/1.png HTTP/1.1\r\n\r\n",
        b"GET /wmts/1.0.0/a/default/Stereo70/1/1/1.png HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET /wmts/1.0.0/a/default/Stereo70/1/1/1.png HTTP/1.1\r\nHost: a\r\n folded: b\r\n\r\n",
        b"GET /wmts/1.0.0/%2e%2e/default/Stereo70/1/1/1.png HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /wmts/1.0.0/a/default/Stereo70/1/1/1.png?x HTTP/1.1\r\nHost: a\r\n\r\n",
        b"\xff" * 4096,
    ],
)
def test_whatever_is_not_plain_is_left_to_gunicorn(head: bytes) -> None:
    assert answer_to(head, lambda asked: Ready("200 OK", [], b"found")) is None


@pytest.mark.parametrize(
    "path", ["/wmts/1.0.0/../../../etc/passwd", "/tiles/../../16/1/1.pbf", "/healthz", "/"]
)
def test_the_short_way_knows_no_other_paths(path: str) -> None:
    asked = Asked(path, "", "")
    assert wmts_shortcut.find(asked) is None
    assert tiles_shortcut.find(FinishedTiles(0), asked) is None


def test_more_connections_than_threads_are_all_answered(tile_server: Served, path: str) -> None:
    """32 threads: none may stay at a connection while others wait."""
    place = urlsplit(tile_server.url).netloc
    doors = [HTTPConnection(place, timeout=30) for _ in range(100)]
    for pause_s in (0.0, 0.0, MOMENT_MS * 3 / 1000):
        time.sleep(pause_s)
        for door in doors:
            door.request("GET", path)
        answers = [door.getresponse() for door in doors]
        assert {(answer.status, answer.read()[:4]) for answer in answers} == {(200, b"\x89PNG")}
    for door in doors:
        door.close()


def test_a_tile_dropped_by_a_publication_is_not_answered_by_the_worker(
    tile_server: Served, path: str
) -> None:
    with requests.Session() as session:
        before = until_inline(session, tile_server.url + path)
        for file in (tile_server.log.parent / "var").rglob("*.png"):
            file.unlink()
        drawn = session.get(tile_server.url + path, timeout=60)
        assert not inline(drawn)
        assert drawn.content == before.content
        assert isinstance(tile_server.log, Path)
