"""Finding land on the map page by what one knows of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from layers.demo import SHOWCASE
from tests.browser.conftest import Opener
from tests.browser.driving import LAND, pixel, reported, settle, view

Place = tuple[float, float]


def typed(page: Page, text: str) -> None:
    page.locator("#q").fill("")
    page.locator("#q").press_sequentially(text, delay=10)


def test_a_cadastral_number_by_keyboard_alone(opened: Opener, showcase: Any) -> None:
    page = opened("/map")
    page.keyboard.press("Tab")
    expect(page.locator(".skip").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type(SHOWCASE.cadastral_number)
    options = page.locator("#suggestions [role=option]")
    expect(options.first).to_contain_text(SHOWCASE.cadastral_number)
    expect(page.locator("#q")).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    chosen = options.first.get_attribute("id")
    expect(page.locator("#q")).to_have_attribute("aria-activedescendant", chosen or "")
    page.keyboard.press("Enter")
    report = reported(page)
    expect(page.locator("#land")).to_be_focused()
    for finding in showcase["findings"]:
        expect(report.get_by_text(finding["text"], exact=True).first).to_be_visible()
    for approval in showcase["approvals"]:
        expect(report.get_by_text(approval["title"], exact=True)).to_be_visible()
    assert page.url.endswith(f"t={SHOWCASE.siruta}%3A{SHOWCASE.cadastral_number}")


def test_escape_and_arrows_work_the_list(opened: Opener) -> None:
    page = opened("/map")
    typed(page, "30")
    options = page.locator("#suggestions [role=option]")
    expect(options.nth(2)).to_be_visible()
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(options.first).not_to_be_visible()
    expect(page.locator("#q")).to_have_value("30")
    page.keyboard.press("Escape")
    expect(page.locator("#q")).to_have_value("")


def test_a_municipality_is_shown_without_diacritics(opened: Opener, middle: Place) -> None:
    page = opened("/map")
    typed(page, "stejaris")
    page.locator("#suggestions [role=option]").filter(has_text="Localitate").first.click()
    page.wait_for_url(re.compile(r"s=(10000|25000|50000|100000)\b"))
    x, y = pixel(page, *middle)
    assert 0 < x < 1280
    assert 0 < y < 800


def test_an_answer_that_comes_late_does_not_open_the_list_again(opened: Opener) -> None:
    page = opened("/map")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/map/suggestions?*", hold)
    with page.expect_request("**/map/suggestions?*"):
        typed(page, "30")
    expect(page.locator("#suggestions")).to_have_attribute("aria-busy", "true")
    page.keyboard.press("Escape")
    settle(page)
    with page.expect_request_finished():
        held[0].continue_()
    page.evaluate("() => new Promise(done => setTimeout(done, 50))")  # what never comes has no other sign
    expect(page.locator("#suggestions")).to_be_hidden()


def test_enter_takes_the_first_suggestion(opened: Opener) -> None:
    page = opened("/map")
    page.locator("#q").fill(f"stejaris {SHOWCASE.cadastral_number}")
    page.keyboard.press("Enter")
    reported(page)


def test_nothing_found_is_said(opened: Opener) -> None:
    page = opened("/map")
    typed(page, "zzzzqqq")
    expect(page.locator("#search-news")).to_contain_text("Nimic găsit")
    expect(page.locator("#search-news")).to_be_visible()


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("{north:.1f} {east:.1f}", "citite ca X (nord), Y (est)"),
        ("{east:.1f}, {north:.1f}", "citite ca est, nord"),
        ("X {north:.1f} Y {east:.1f}", "citite ca X (nord), Y (est)"),
    ],
)
def test_coordinates_say_how_they_were_read(opened: Opener, middle: Place, text: str, reading: str) -> None:
    page = opened("/map")
    typed(page, text.format(east=middle[0], north=middle[1]))
    settle(page)  # somebody who types slowly is suggested what the first of the digits say
    option = page.locator("#suggestions [role=option]")
    expect(option).to_contain_text(reading)
    option.click()
    reported(page)
    expect(page).to_have_url(re.compile(f"x={middle[0]:.2f}&y={middle[1]:.2f}&"))


def test_the_degrees_that_are_shown_lead_back_to_the_place(opened: Opener, middle: Place) -> None:
    page = opened(f"/map#x={middle[0]}&y={middle[1]}&s=1000&t={LAND[3:]}")
    reported(page)
    page.mouse.move(*pixel(page, middle[0] - 20, middle[1] + 15))
    shown = page.locator("#pointer").inner_text()
    metres = re.search(r"X ([\d.]+,\d) +Y ([\d.]+,\d)", shown)
    degrees = re.search(r"([\d.]+)° N ([\d.]+)° E", shown)
    assert metres
    assert degrees
    place = [float(part.replace(".", "").replace(",", ".")) for part in metres.groups()]
    assert place == pytest.approx([middle[1] + 15, middle[0] - 20], abs=0.5)
    typed(page, f"{degrees[1]}, {degrees[2]}")
    settle(page)
    page.locator("#suggestions [role=option]").click()
    settle(page)
    assert (view(page).y, view(page).x) == pytest.approx(place, abs=0.3)


def test_where_no_parcel_is_the_place_is_marked(opened: Opener) -> None:
    page = opened("/map")
    typed(page, "380000 335000")
    settle(page)
    page.locator("#suggestions [role=option]").first.click()
    page.wait_for_url(re.compile(r"x=335000\.00"))
    expect(page.locator(".report")).to_have_count(0)
