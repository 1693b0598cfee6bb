"""Layers, days, measuring, sharing and the addresses for other programs."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import psycopg
import pytest
import requests
from PIL import Image
from playwright.sync_api import Page, Request, expect

from layers.demo import SHOWCASE
from tests.browser.conftest import NARROW, Opener
from tests.browser.driving import LAND, open_drawer, picture, pixel, reported, settle, view
from tests.gis_app.conftest import Served

Place = tuple[float, float]
SQUARE_COLOUR = (220, 20, 30)


def maps_asked(page: Page) -> list[dict[str, str]]:
    """The parameters of every GetMap from now on."""
    asked: list[dict[str, str]] = []

    def note(request: Request) -> None:
        given = {name: values[0] for name, values in parse_qs(urlsplit(request.url).query, True).items()}
        if given.get("REQUEST") == "GetMap":
            asked.append(given)

    page.on("request", note)
    return asked


def toggle(page: Page, layer: str) -> None:
    item = page.locator(f"[data-layer='{layer}']")
    group = item.locator("xpath=ancestor::details")
    if group.get_attribute("open") is None:
        group.locator("summary").click()
    item.get_by_role("checkbox").click()


def difference(one: bytes, other: bytes) -> float:
    """The share of pixels that are visibly not the same."""
    first, second = (np.asarray(Image.open(BytesIO(png)).convert("L"), dtype=int) for png in (one, other))
    return float((abs(first - second) > 40).mean())


def test_a_layer_that_is_switched_on_changes_the_picture(opened: Opener) -> None:
    page = opened(f"/map{LAND}")
    reported(page)
    before = picture(page)
    asked = maps_asked(page)
    open_drawer(page, "layers")
    toggle(page, "utilities.line")
    after = picture(page)
    assert after != before
    assert [one["LAYERS"] for one in asked] == ["utilities.line"]
    toggle(page, "utilities.line")
    assert picture(page) == before


def test_a_layer_that_is_switched_off_is_gone(opened: Opener) -> None:
    page = opened(f"/map{LAND}")
    reported(page)
    before = picture(page)
    asked = maps_asked(page)
    open_drawer(page, "layers")
    toggle(page, "planning.zone")
    assert picture(page) != before
    (one,) = asked
    assert "planning.zone" not in one["LAYERS"].split(",")
    assert "cadastre.parcel" in one["LAYERS"].split(",")
    # North before east, as WMS 1.3.0 has it of EPSG:3844.
    south, west, north, east = (float(part) for part in one["BBOX"].split(","))
    assert south < view(page).y < north
    assert west < view(page).x < east


def test_opacity_and_legend_of_a_layer(opened: Opener) -> None:
    page = opened(f"/map{LAND}")
    reported(page)
    before = picture(page)
    drawer = open_drawer(page, "layers")
    drawer.get_by_role("button", name="Legenda stratului Zone funcționale").click()
    legend = drawer.get_by_role("img", name="Legenda stratului Zone funcționale")
    expect(legend).to_be_visible()
    expect(legend).to_have_js_property("complete", True)
    assert legend.evaluate("image => image.naturalWidth") > 20
    slider = drawer.get_by_role("slider", name="Opacitatea stratului Zone funcționale")
    slider.focus()
    for _ in range(10):
        page.keyboard.press("ArrowLeft")
    expect(slider).to_have_value("50")
    faint = picture(page)
    assert faint != before
    expect(page).to_have_url(re.compile(r"planning\.zone\*0\.5"))


def test_a_foreign_map_lies_under_ours_and_its_owner_is_named(opened: Opener) -> None:
    page = opened("/map#x=355000&y=397000&s=10000")
    open_drawer(page, "layers")
    expect(page.locator("#credit")).not_to_contain_text("Agenția altora")
    toggle(page, "others.square")
    toggle(page, "planning.zone")
    expect(page.locator("#credit")).to_contain_text("Agenția altora")
    pixels = np.asarray(Image.open(BytesIO(picture(page))).convert("RGB"))
    assert (pixels == SQUARE_COLOUR).all(axis=2).mean() > 0.3
    expect(page).to_have_url(re.compile(r"others\.square"))


def test_the_day_changes_map_and_findings(opened: Opener, served: Served) -> None:
    page = opened(f"/map{LAND}")
    report = reported(page)
    assert report.get_by_text("monumentul istoric").count() == 0
    asked = maps_asked(page)
    drawer = open_drawer(page, "layers")
    slider = drawer.get_by_role("slider", name="Ziua arătată")
    slider.focus()
    page.keyboard.press("Home")
    expect(drawer.locator("#day-shown")).to_have_text("01.01.2026")
    expect(page.locator("#past")).to_contain_text("01.01.2026")
    expect(report.get_by_text("monumentul istoric").first).to_be_visible()
    expect(report.locator("header")).to_contain_text("la 01.01.2026")
    settle(page)
    assert {one["TIME"] for one in asked} == {"2026-01-01"}
    expect(page).to_have_url(re.compile(r"d=2026-01-01"))
    page.get_by_role("button", name="Înapoi la azi").click()
    expect(page.locator("#past")).not_to_be_visible()
    expect(report.get_by_text("monumentul istoric")).to_have_count(0)


def test_only_days_that_exist_can_be_chosen(opened: Opener, changed_county: str) -> None:
    with psycopg.connect(changed_county) as connection:
        rows = connection.execute(
            "SELECT DISTINCT valid_from FROM catalogue.layer_version ORDER BY 1 DESC"
        ).fetchall()
    page = opened("/map")
    drawer = open_drawer(page, "layers")
    slider = drawer.get_by_role("slider", name="Ziua arătată")
    slider.focus()
    shown = [drawer.locator("#day-shown").inner_text()]
    for _ in range(len(rows) + 2):
        page.keyboard.press("ArrowLeft")
        if (text := drawer.locator("#day-shown").inner_text()) != shown[-1]:
            shown.append(text)
    assert shown[0].startswith("azi, ")
    assert shown[1:] == [f"{day:%d.%m.%Y}" for (day,) in rows]
    assert len(rows) >= 2


def test_a_known_distance_and_area_are_measured(opened: Opener, middle: Place) -> None:
    page = opened(f"/map#x={middle[0]}&y={middle[1]}&s=1000")
    drawer = open_drawer(page, "measure")
    x, y = middle
    corners = [pixel(page, *place) for place in ((x, y), (x + 28, y), (x + 28, y - 28), (x, y - 28))]
    page.mouse.click(*corners[0])
    page.mouse.move(*corners[1], steps=4)
    expect(drawer.locator("#measured")).to_have_text(re.compile(r"^28,0\d m$|^27,9\d m$"))
    page.mouse.dblclick(*corners[1])
    expect(drawer.locator("#measured")).to_have_text(re.compile(r"^28,0\d m$|^27,9\d m$"))
    drawer.get_by_label("Suprafață").check()
    for corner in corners[:-1]:
        page.mouse.click(*corner)
    page.mouse.dblclick(*corners[-1])
    expect(drawer.locator("#measured")).to_have_text(
        re.compile(r"^78[345],\d\d m², perimetru 11[12],\d\d m$")
    )
    expect(page.locator(".report")).to_have_count(0)
    drawer.get_by_role("button", name="Închide").click()
    page.mouse.click(*pixel(page, *middle))
    reported(page)


def test_measuring_by_keyboard(opened: Opener, middle: Place) -> None:
    page = opened(f"/map#x={middle[0]}&y={middle[1]}&s=1000", reduced_motion="reduce")
    drawer = open_drawer(page, "measure")
    page.locator("#map").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    expect(page).not_to_have_url(re.compile(f"x={middle[0]:.2f}&"))
    page.keyboard.press("Enter")
    drawer.get_by_role("button", name="Încheie").press("Enter")
    went = abs(view(page).x - middle[0])
    shown = float(drawer.locator("#measured").inner_text().removesuffix(" m").replace(",", "."))
    assert shown == pytest.approx(went, abs=0.1)
    assert shown > 5


def test_a_shared_link_shows_the_same(opened: Opener) -> None:
    page = opened(f"/map{LAND}")
    report = reported(page)
    drawer = open_drawer(page, "layers")
    toggle(page, "planning.zone")
    toggle(page, "utilities.line")
    drawer.get_by_role("slider", name="Ziua arătată").focus()
    page.keyboard.press("Home")
    expect(report.get_by_text("monumentul istoric").first).to_be_visible()
    page.locator("#tool-zoomout").click()
    expect(page).to_have_url(re.compile(r"s=2000\b"))
    link = open_drawer(page, "share").get_by_label("Legătura").input_value()
    assert link == page.url
    page.locator("#tool-share").click()
    shown = picture(page)
    other = opened(link)
    expect(reported(other).get_by_text("monumentul istoric").first).to_be_visible()
    assert view(other) == view(page)
    assert difference(picture(other), shown) < 0.02
    open_drawer(other, "layers")
    expect(other.locator("[data-layer='planning.zone'] input[type=checkbox]")).not_to_be_checked()
    expect(other.locator("[data-layer='utilities.line'] input[type=checkbox]")).to_be_checked()


def test_a_link_that_says_nonsense_opens_the_map(opened: Opener) -> None:
    page = opened("/map#x=abc&y=&s=-1&l=no.layer,planning.zone*7&d=1800-01-01&t=%7Bnothing")
    open_drawer(page, "layers")
    expect(page.locator("[data-layer='planning.zone'] input[type=checkbox]")).to_be_checked()


def test_the_link_is_copied(opened: Opener) -> None:
    page = opened("/map", permissions=["clipboard-read", "clipboard-write"])
    drawer = open_drawer(page, "share")
    drawer.get_by_role("button", name="Copiază").click()
    expect(drawer.get_by_role("button", name="Copiat")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url


def test_every_service_address_answers(opened: Opener, served: Served) -> None:
    page = opened("/map", permissions=["clipboard-read", "clipboard-write"])
    drawer = open_drawer(page, "services")
    addresses = [field.input_value() for field in drawer.get_by_role("textbox").all()]
    assert len(addresses) >= 6
    for address in addresses:
        assert address.startswith(served.url)
        more = "&request=GetCapabilities" if "service=" in address else "?service=CSW&request=GetCapabilities"
        asked = address + (more if "service=" in address or address.endswith("/csw") else "")
        assert requests.get(asked, timeout=60).status_code == 200, asked
    drawer.get_by_role("button", name="Copiază adresa WMS", exact=True).click()
    assert page.evaluate("navigator.clipboard.readText()") == addresses[0]


def test_one_drawer_at_a_time_and_escape_closes(opened: Opener) -> None:
    page = opened("/map")
    layers = open_drawer(page, "layers")
    share = open_drawer(page, "share")
    expect(layers).not_to_be_visible()
    share.get_by_label("Legătura").focus()
    page.keyboard.press("Escape")
    expect(share).not_to_be_visible()
    expect(page.locator("#tool-share")).to_be_focused()


def test_zoom_and_whole_county(opened: Opener) -> None:
    page = opened("/map")
    start = view(page).resolution
    page.locator("#tool-zoomin").click()
    settle(page)
    assert view(page).resolution < start
    page.locator("#tool-home").click()
    settle(page)
    assert view(page).resolution == pytest.approx(start)


def test_the_list_for_those_who_cannot_use_a_map_and_back(opened: Opener) -> None:
    page = opened(f"/map{LAND}")
    heading = reported(page).locator("h2").inner_text()
    page.get_by_role("link", name="Fără hartă").click()
    expect(page.locator("h1")).to_have_text(heading.replace(" ", " "), use_inner_text=True)
    page.get_by_role("link", name="Vezi pe hartă").click()
    reported(page)


def test_without_scripts_the_plain_page_is_offered(opened: Opener) -> None:
    page = opened("/map", java_script_enabled=False)
    expect(page.get_by_role("link", name="Caută un imobil")).to_be_visible()
    page.get_by_role("link", name="Caută un imobil").click()
    expect(page.locator("h1")).to_contain_text("Ce se poate construi")


def test_english_keeps_the_place(opened: Opener) -> None:
    page = opened(f"/map{LAND}")
    reported(page)
    before = view(page)
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    report = reported(page)
    expect(report.get_by_role("heading", name="What may be built")).to_be_visible()
    expect(report.locator(".finding summary span").first).to_have_attribute("lang", "ro")
    assert view(page) == before


def test_narrow_screens_have_a_sheet(opened: Opener) -> None:
    page = opened(f"/map{LAND}", NARROW)
    expect(page.locator("#credit")).to_be_in_viewport(ratio=1)  # whose data it is, whatever the width
    reported(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    panel, grip = page.locator("#panel"), page.locator("#grip")
    half: Any = panel.bounding_box()
    assert half["y"] > 300
    grip.click()
    expect(grip).to_have_attribute("aria-expanded", "true")
    full: Any = panel.bounding_box()
    assert full["height"] > half["height"] + 150
    page.get_by_role("button", name="Închide rezultatele").click(trial=True)  # nothing lies over it
    grip.click()
    for name in ("layers", "draw", "measure", "share", "services"):
        drawer: Any = open_drawer(page, name).bounding_box()
        assert drawer["x"] >= 0
        assert drawer["x"] + drawer["width"] <= 360
        page.locator(f"#drawer-{name} .close").click()


def test_a_shared_address_counts_in_an_open_page_though_a_move_ends_just_then(opened: Opener) -> None:
    page = opened("/map")
    moved = page.url.partition("#")[2]
    # What the end of a move does, between the new address and the browser's word of it.
    page.evaluate(
        "([shared, moved]) => { location.hash = shared; history.replaceState(null, '', '#' + moved); }",
        [LAND, moved],
    )
    reported(page)
    expect(page).to_have_url(re.compile(f"t={SHOWCASE.siruta}%3A{SHOWCASE.cadastral_number}"))


def test_skipping_to_a_part_of_the_page_leaves_day_and_address(opened: Opener) -> None:
    page = opened("/map#d=2026-01-01")
    expect(page).to_have_url(re.compile("d=2026-01-01"))
    before = page.url
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#q")).to_be_focused()
    expect(page).to_have_url(before)
