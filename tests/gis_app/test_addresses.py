"""The address a request says it was sent to: what is none is refused, whoever says it."""

from __future__ import annotations

import pytest

from gis_app import create_app
from gis_app.settings import WebSettings

DOORS = ["/ows?service=WMS&request=GetCapabilities", "/wmts/1.0.0/WMTSCapabilities.xml", "/tiles/style.json",
         "/raster/terrain.dem.json", "/ogcapi/", "/catalog.jsonld", "/map"]  # fmt: skip
ODD = ["a.ro/x?y=", "x'y&z", 'a"b', "a b", "<script>", "a.ro\\@b.ro"]


@pytest.mark.parametrize("host", ODD)
def test_a_host_that_is_none_is_refused(settings: None, host: str) -> None:
    client = create_app().test_client()
    for door in DOORS:
        answer = client.get(door, headers={"Host": host})
        assert answer.status_code == 400, door
        assert answer.headers["Cache-Control"] == "no-store"
        assert host not in answer.text


@pytest.mark.parametrize("told", [{"X-Forwarded-Proto": "javascript"}, {"X-Forwarded-Host": "a.ro/x?y="}])
def test_a_proxy_that_passes_on_nonsense_is_refused_too(settings: None, told: dict[str, str]) -> None:
    behind = create_app(WebSettings(trusted_proxies=1)).test_client()
    alone = create_app(WebSettings(trusted_proxies=0)).test_client()
    for door in DOORS:
        assert behind.get(door, headers=told).status_code == 400, door
        plain = alone.get(door, headers=told)
        assert plain.status_code == 200, door
        assert "javascript:" not in plain.text
        assert "a.ro" not in plain.text
