"""MapLibre GL in Chromium draws our style: no error, no missing symbol, the colours of the plan standard."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from layers.catalogue import get_layer
from tests.gis_app.conftest import Served

LIBRARY = Path(__file__).parents[2] / "gis_app/map/frontend/node_modules/maplibre-gl/dist"
KINDS = {".mjs": "text/javascript", ".css": "text/css", ".html": "text/html"}
HATCHED = ("derived.protection_zone", "heritage.protection_zone", "planning.restriction")
PAGE = b"""<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<link rel="stylesheet" href="/maplibre-gl.css"><style>html, body, #map { margin: 0; height: 100% }</style>
<div id="map"></div>
<script type="module">
import * as maplibregl from '/maplibre-gl.mjs'
const asked = new URLSearchParams(location.search)
window.problems = []
window.map = new maplibregl.Map({container: 'map', style: asked.get('style'), fadeDuration: 0,
  center: [Number(asked.get('x')), Number(asked.get('y'))], zoom: Number(asked.get('zoom')), attributionControl: false})
map.on('error', event => problems.push(String(event.error?.message ?? event.error)))
map.on('styleimagemissing', event => problems.push('no image ' + event.id))
map.on('idle', () => { window.drawn = true })
</script>"""


class Files(BaseHTTPRequestHandler):
    """The library and a page of another site."""

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        content = PAGE if path == "/" else (LIBRARY / Path(path).name).read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", KINDS.get(Path(path).suffix, "text/html"))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """Address of a page on another site than ours."""
    assert LIBRARY.exists(), "MapLibre is not installed: `make frontend` does it"
    server = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium that draws WebGL without a graphics card."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
        )
        yield launched
        launched.close()


@pytest.fixture
def show(browser: Browser, site: str, full_server: Served, tmp_path: Path) -> Iterator[Any]:
    """Draws the style at a place (degrees) and zoom; the page, once nothing moves any more."""
    pages: list[Page] = []

    def draw(x: float, y: float, zoom: float) -> Page:
        page = browser.new_page(viewport={"width": 800, "height": 600})
        pages.append(page)
        said: list[str] = []
        page.on(
            "console",
            lambda message: said.append(message.text) if message.type in ("error", "warning") else None,
        )
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(f"{site}?style={full_server.url}/tiles/style.json&x={x}&y={y}&zoom={zoom}")
        page.wait_for_function("window.drawn", timeout=90_000)
        page.screenshot(path=tmp_path / f"{zoom}.png")
        # Chromium complains of its own slowness without a graphics card.
        assert [text for text in said if "GPU stall" not in text and "GL Driver" not in text] == []
        assert page.evaluate("problems") == []
        return page

    yield draw
    for page in pages:
        page.close()


def degrees(address: str, statement: str) -> tuple[float, float]:
    with psycopg.connect(address) as connection:
        row = connection.execute(
            "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_Transform(ST_PointOnSurface(geom), 4326) AS p"
            f" {statement}) s".encode()
        ).fetchone()
    assert row
    return row[0], row[1]


def seen(page: Page) -> dict[str, int]:
    """How many features of each layer are drawn."""
    counts: dict[str, int] = page.evaluate(
        "map.queryRenderedFeatures().reduce((n, f) => ({...n, [f.sourceLayer]: (n[f.sourceLayer] ?? 0) + 1}), {})"
    )
    return counts


def drawn_by(page: Page, condition: str) -> int:
    """How many features are drawn by the style layers that satisfy a condition."""
    chosen = f"map.getStyle().layers.filter(l => {condition}).map(l => l.id)"
    return int(page.evaluate(f"map.queryRenderedFeatures({{layers: {chosen}}}).length"))


@pytest.mark.parametrize(
    ("zoom", "layers"),
    [
        (8.0, {"admin.uat", "roads.road", "environment.forest"}),
        (11.2, {"admin.uat", "roads.road", "admin.built_up_area"}),
        (13.5, {"planning.zone", "cadastre.parcel", "roads.road"}),
        (17.2, {"cadastre.parcel", "cadastre.building", "planning.zone", "roads.road"}),
    ],
)
def test_the_style_draws_at_every_scale(show: Any, full_county: str, zoom: float, layers: set[str]) -> None:
    place = degrees(full_county, "FROM cadastre.building ORDER BY id LIMIT 1")
    page = show(*place, zoom)
    assert layers <= set(seen(page))
    assert drawn_by(page, "l.layout?.['text-field']") > 0


BARE = """code => {
  const found = []
  for (let y = 8; y < 600; y += 16) for (let x = 8; x < 800; x += 16) {
    const there = map.queryRenderedFeatures([[x - 5, y - 5], [x + 5, y + 5]])
    const zone = f => f.sourceLayer === 'planning.zone' && f.layer.type === 'fill' && f.properties.code === code
    if (there.length && there.every(zone)) found.push([x, y])
  }
  return found
}"""


@pytest.mark.parametrize("code", ["Li", "TA", "C"])
def test_zones_have_the_colour_of_the_standard(show: Any, full_county: str, code: str) -> None:
    """Wherever nothing is drawn but a zone: a small zone lies whole under the hatches of what it protects."""
    hatched = " UNION ALL ".join(f"SELECT geom FROM {layer}" for layer in HATCHED)
    place = degrees(
        full_county,
        "FROM (SELECT coalesce(ST_Difference(geom, (SELECT ST_Union(h.geom) FROM"
        f" ({hatched}) AS h WHERE ST_Intersects(h.geom, z.geom))), geom) AS geom"
        f" FROM planning.zone AS z WHERE code = '{code}') AS bare ORDER BY ST_Area(geom) DESC LIMIT 1",
    )
    page = show(*place, 17.5)
    pixels = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB")).astype(int)
    rule = next(rule for rule in get_layer("planning.zone").style if code in (rule.where.get("code") or ()))
    places = page.evaluate(BARE, code)
    assert len(places) > 20
    for x, y in places:
        assert np.abs(pixels[y, x] - rule.fill).max() <= 3, (x, y, pixels[y, x])


def test_hatches_and_plates_are_drawn(show: Any, full_county: str) -> None:
    page = show(*degrees(full_county, "FROM planning.restriction ORDER BY ST_Area(geom) DESC LIMIT 1"), 15.2)
    assert drawn_by(page, "l.paint?.['fill-pattern']") > 0
    assert page.evaluate("map.listImages().filter(name => name.startsWith('plate-')).length") > 3
