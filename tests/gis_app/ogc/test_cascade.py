"""Foreign map services passed on, against a real one that becomes slow, wrong and dead, and well again."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from PIL import Image
from pyproj import Transformer
from werkzeug.test import TestResponse

from gis_app import create_app
from layers.errors import DefinitionError
from tests.gis_app.conftest import bearer
from tests.gis_app.ogc.foreign_wms import SQUARE, Line, start_line, start_map_server
from tiles.cache import engine as engines
from tiles.cache.cascade import foreign
from tiles.cache.grids import MATRIX_SETS, STEREO70
from tiles.cache.layers import tile_layers

CASCADE = """
- name: ancpi.square
  title: {{ro: Pătrat, hu: Négyzet, en: Square}}
  url: "{url}"
  layers: [square]
  version: {version}
  crs: {crs}
  transparent: false
  attribution: {{text: "Agenția altora", url: "https://example.org/"}}
  licence: CC-BY-4.0
  visibility: {visibility}
  timeout_s: 1
  keep_s: 3600
"""
WRONG = [
    "slow",
    "dripping",
    "dripping_head",
    "failing",
    "page",
    "page_called_png",
    "exception",
    "truncated",
    "cut_off",
    "elsewhere",
    "dead",
]
EDGE = ((SQUARE[0] + 10, SQUARE[1] + 10), (SQUARE[0] - 10, SQUARE[1] + 10))


@pytest.fixture(scope="module")
def upstream() -> Iterator[str]:
    """The foreign server."""
    process, address = start_map_server()
    yield address
    process.kill()
    process.wait()


@pytest.fixture
def line(upstream: str) -> Iterator[Line]:
    """A line to it."""
    found, server = start_line(upstream)
    yield found
    server.shutdown()
    server.server_close()


Configure = Callable[..., FlaskClient]


@pytest.fixture
def configured(settings: None, line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Configure:
    """The application with that service in its file, and a cache of its own."""

    def configure(
        version: str = "1.3.0", crs: str = "[EPSG:3844]", visibility: str = "public"
    ) -> FlaskClient:
        path = tmp_path / "cascade.yaml"
        path.write_text(CASCADE.format(url=line.url, version=version, crs=crs, visibility=visibility))
        monkeypatch.setenv("VATRA_CASCADE", str(path))
        monkeypatch.setenv("VATRA_HOME", str(tmp_path))
        monkeypatch.setattr(engines, "REST_S", 0.0)
        app: OpenAPI = create_app()
        return app.test_client()

    return configure


def address(
    level: int = 10, east: float = SQUARE[0], north: float = SQUARE[1], name: str = "Stereo70"
) -> str:
    """The address of the tile that holds that place."""
    matrices = MATRIX_SETS[name]
    x, y = Transformer.from_crs("EPSG:3844", matrices.crs, always_xy=True).transform(east, north)
    column, _, row, _ = matrices.covering(level, (x, y, x, y))
    return f"/wmts/1.0.0/ancpi.square/default/{name}/{level}/{row}/{column}.png"


def colour(answer: TestResponse, place: tuple[float, float], url: str) -> tuple[int, ...]:
    """The colour of a place (EPSG:3844) on the tile of that address."""
    name, level, row, column = url.rpartition(".")[0].split("/")[-4:]
    matrices = MATRIX_SETS[name]
    west, _, _, north = matrices.tile(int(level), int(column), int(row))
    x, y = Transformer.from_crs("EPSG:3844", matrices.crs, always_xy=True).transform(*place)
    resolution = matrices.matrices[int(level)].resolution
    pixels = np.asarray(Image.open(io.BytesIO(answer.data)).convert("RGB"))
    return tuple(int(v) for v in pixels[int((north - y) / resolution), int((x - west) / resolution)])


@pytest.mark.parametrize("version", ["1.1.1", "1.3.0"])
@pytest.mark.parametrize(("crs", "name", "level"), [
    ("[EPSG:3844]", "Stereo70", 10), ("[EPSG:3857]", "GoogleMapsCompatible", 16),
    ("[EPSG:3844]", "GoogleMapsCompatible", 16), ("[EPSG:4326]", "Stereo70", 10),
])  # fmt: skip
def test_a_foreign_map_lies_where_it_belongs(
    configured: Configure, line: Line, version: str, crs: str, name: str, level: int
) -> None:
    client = configured(version, crs)
    for place, expected in zip(EDGE, [(220, 20, 30), (255, 255, 255)], strict=True):
        url = address(level, *place, name=name)
        answer = client.get(url)
        assert (answer.status_code, answer.mimetype) == (200, "image/png")
        assert colour(answer, place, url) == expected
    assert parse_qs(urlsplit(line.asked[0]).query)["VERSION"] == [version]


def test_a_tile_is_asked_for_once_and_with_its_neighbours(configured: Configure, line: Line) -> None:
    client = configured()
    first = client.get(address())
    assert client.get(address()).data == first.data
    assert len(line.asked) == 1
    assert parse_qs(urlsplit(line.asked[0]).query)["map"] == ["cadastru"]


def test_it_is_named_with_whom_it_is_from(configured: Configure) -> None:
    client = configured()
    assert "Agenția altora" in client.get("/wmts/1.0.0/WMTSCapabilities.xml").text
    found = {layer["id"]: layer for layer in client.get("/wmts/layers.json").json["layers"]}["ancpi.square"]
    assert found["attribution"] == {"text": "Agenția altora", "url": "https://example.org/"}
    asked = client.get(address().replace(".png", "/1/1.json"))
    assert (asked.status_code, b"OperationNotSupported" in asked.data) == (501, True)
    assert (found["kind"], found["licence"], found["format"]) == ("foreign", "CC-BY-4.0", "image/png")


@pytest.mark.parametrize("mood", WRONG)
def test_a_service_gone_wrong_gives_an_error_that_nobody_keeps(
    configured: Configure, line: Line, mood: str, tmp_path: Path
) -> None:
    client = configured()
    line.mood = mood
    begun = time.monotonic()
    answer = client.get(address())
    assert answer.status_code == 502
    assert b"NoApplicableCode" in answer.data
    assert line.url.encode() not in answer.data
    assert (answer.headers["Cache-Control"], answer.headers["Retry-After"]) == ("no-store", "20")
    assert time.monotonic() - begun < 2.5
    assert list(tmp_path.rglob("*.png")) == []
    line.mood = "well"
    assert client.get(address()).status_code == 200


@pytest.mark.parametrize("mood", WRONG)
def test_an_old_tile_is_shown_while_the_service_is_gone_and_renewed_after(
    configured: Configure, line: Line, mood: str, tmp_path: Path
) -> None:
    client = configured()
    good = client.get(address())
    files = list(tmp_path.rglob("*.png"))
    long_ago = time.time() - 7200
    for file in files:
        os.utime(file, (long_ago, long_ago))
    line.mood = mood
    old = client.get(address())
    assert (old.status_code, old.data) == (200, good.data)
    assert "last good tile" in old.headers["X-Vatra-Stale"]
    assert old.headers["Cache-Control"] == "no-store"
    line.mood = "well"
    renewed = client.get(address())
    assert renewed.data == good.data
    assert "X-Vatra-Stale" not in renewed.headers
    assert all(file.stat().st_mtime > long_ago + 3600 for file in files)


def test_a_dead_service_is_left_alone_for_a_while(
    configured: Configure, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = configured()
    monkeypatch.setattr(engines, "REST_S", 60.0)
    line.mood = "slow"
    assert client.get(address()).status_code == 502
    begun = time.monotonic()
    assert [client.get(address(row)).status_code for row in (8, 9, 10)] == [502] * 3
    assert time.monotonic() - begun < 0.5
    assert len(line.asked) == 1


def test_nothing_in_a_request_changes_what_is_asked_and_of_whom(configured: Configure, line: Line) -> None:
    client = configured()
    hostile = (
        "url=http://169.254.169.254/&map=http://10.0.0.1/&SLD=http://10.0.0.1/&LAYERS=other&http://10.0.0.1/"
    )
    assert client.get(f"{address()}?{hostile}").status_code == 200
    given = "service=WMTS&request=GetTile&version=1.0.0&layer=ancpi.square&style=default&format=image/png"
    level, row, column = address().rpartition(".")[0].split("/")[-3:]
    place = f"tilematrixset=Stereo70&tilematrix={int(level) - 1}&tilerow=2&tilecol=2"
    client.get(f"/wmts?{given}&{place}&{hostile}")
    expected = {
        "map",
        "SERVICE",
        "VERSION",
        "REQUEST",
        "LAYERS",
        "CRS",
        "BBOX",
        "WIDTH",
        "HEIGHT",
        "FORMAT",
        "TRANSPARENT",
    }
    for path in line.asked:
        asked = parse_qs(urlsplit(path).query)
        assert set(asked) == expected
        assert (asked["map"], asked["LAYERS"]) == (["cadastru"], ["square"])
    assert {row, column}


def test_only_those_it_is_for_see_it(configured: Configure, line: Line, token: Callable[..., str]) -> None:
    client = configured(visibility="operator")
    refused = client.get(address())
    assert refused.status_code == 404
    assert b"InvalidParameterValue" in refused.data
    assert b"ancpi" not in client.get("/wmts/1.0.0/WMTSCapabilities.xml").data
    allowed = bearer(token("layers:operator"))
    answer = client.get(address(), headers=allowed)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"].startswith("private")
    assert client.get(address()).status_code == 404  # though it is in the cache now
    assert b"ancpi.square" in client.get("/wmts/1.0.0/WMTSCapabilities.xml", headers=allowed).data


@pytest.mark.parametrize(
    ("change", "line_number", "cause"),
    [
        (("keep_s: 3600", "keep: 3600"), 13, "keep"),
        (("timeout_s: 1", "timeout_s: 600"), 12, "less than or equal to 60"),
        (("name: ancpi.square", "name: cadastre.parcel"), 2, "a layer of our own"),
        (("http://x/", "file:///etc/passwd"), 4, "http or https"),
        (("licence: CC-BY-4.0\n", "\n"), 2, "licence"),
        (("crs: [EPSG:3844]", "crs: [Stereo70]"), 7, "crs"),
    ],
)
def test_a_wrong_file_is_told_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: tuple[str, str], line_number: int, cause: str
) -> None:
    text = CASCADE.format(url="http://x/", version="1.3.0", crs="[EPSG:3844]", visibility="public")
    path = tmp_path / "cascade.yaml"
    path.write_text(text.replace(*change))
    monkeypatch.setenv("VATRA_CASCADE", str(path))
    with pytest.raises(DefinitionError, match=cause) as told:
        foreign()
    assert (told.value.line, told.value.path) == (line_number, path)


def test_without_a_file_nothing_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VATRA_CASCADE", raising=False)
    assert foreign() == {}
    assert not [layer for layer in tile_layers("staff").values() if layer.foreign]
    assert STEREO70.id == "Stereo70"
