"""Terrain under the map: tiles in Web Mercator, laid where they belong in Stereo70."""

from __future__ import annotations

import re
from io import BytesIO

import numpy as np
import pytest
import requests
from PIL import Image
from playwright.sync_api import expect

from layers.datum import transform
from tests.browser.conftest import Opener
from tests.browser.driving import open_drawer, picture, pixel, settle
from tests.gis_app.conftest import Served
from tests.tiles.test_raster import tile_at

ZOOM = 12
BLANK = "#x=360000&y=410000&s=100000&l="


def colour_of(served: Served, look: str, place: tuple[float, float]) -> np.ndarray:
    """The mean colour about a place (EPSG:3844) of the tile that holds it."""
    column, row = tile_at(*place, ZOOM)
    answer = requests.get(
        f"{served.url}/raster/terrain.dem/{ZOOM}/{column}/{row}.png?look={look}", timeout=60
    )
    longitude, latitude = transform(np.array([place]), 3844, 4326).coordinates[0]
    across = (longitude + 180) / 360 * 2**ZOOM - column
    down = (1 - np.arcsinh(np.tan(np.radians(latitude))) / np.pi) / 2 * 2**ZOOM - row
    pixels = np.asarray(Image.open(BytesIO(answer.content)).convert("RGB"), dtype=float)
    x, y = int(across * 256), int(down * 256)
    mean: np.ndarray = pixels[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2].mean((0, 1))
    return mean


@pytest.mark.parametrize("look", ["hillshade", "slope"])
def test_the_terrain_lies_where_it_does(opened: Opener, served: Served, look: str) -> None:
    page = opened(f"/map{BLANK}terrain.dem:{look}")
    settle(page)
    screen = np.asarray(Image.open(BytesIO(page.screenshot())).convert("RGB"), dtype=float)
    places = [(x, y) for x in range(357_000, 364_000, 700) for y in range(405_000, 414_000, 900)]
    shown, told = [], []
    for place in places:
        x, y = (round(number) for number in pixel(page, *place))
        shown.append(screen[y - 1 : y + 2, x - 1 : x + 2].mean())
        told.append(colour_of(served, look, place).mean())
    assert np.corrcoef(shown, told)[0, 1] > 0.9


def test_it_is_switched_on_and_off_in_the_tree(opened: Opener) -> None:
    page = opened(f"/map{BLANK}roads.road")
    before = picture(page)
    drawer = open_drawer(page, "layers")
    drawer.locator("details", has_text="Relief umbrit").locator("summary").click()
    box = drawer.get_by_role("checkbox", name="Relief umbrit")
    with page.expect_response("**/raster/terrain.dem/**"):
        box.check()
    assert picture(page) != before
    box.uncheck()
    expect(page).not_to_have_url(re.compile("hillshade"))
    assert picture(page) == before


def test_relief_darkens_the_zones_that_it_lies_over(opened: Opener) -> None:
    page = opened("/map#x=360000&y=410000&s=10000")

    def brightness() -> float:
        return float(np.asarray(Image.open(BytesIO(picture(page))).convert("L"), dtype=float).mean())

    before = brightness()
    drawer = open_drawer(page, "layers")
    drawer.locator("details", has_text="Relief umbrit").locator("summary").click()
    with page.expect_response("**/raster/terrain.dem/**"):
        drawer.get_by_role("checkbox", name="Relief umbrit").check()
    assert brightness() < before - 5
