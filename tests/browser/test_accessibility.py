"""Axe has nothing to object to, in any state of the page, wide or narrow; motion is spared those who ask."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, WIDE, Opener
from tests.browser.driving import LAND, open_drawer, reported

SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])


def objections(page: Page) -> list[tuple[str, str]]:
    return [(one["id"], one["nodes"][0]["html"]) for one in Axe().run(page).response["violations"]]


@SIZES
@pytest.mark.parametrize(
    "path", ["/map", "/hu/map", "/en/map", "/autentificare", "/hu/autentificare", "/en/autentificare"]
)
def test_pages_as_they_open(opened: Opener, path: str, size: dict[str, int]) -> None:
    assert objections(opened(path, size)) == []


@SIZES
def test_with_a_report_unfolded(opened: Opener, size: dict[str, int]) -> None:
    page = opened(f"/map{LAND}", size)
    reported(page)
    for part in page.locator(".report details").all():
        part.evaluate("details => { details.open = true; }")
    page.locator(".finding").first.hover()
    expect(page.locator(".missing")).not_to_contain_text("Se caută", timeout=30_000)
    assert objections(page) == []


@SIZES
@pytest.mark.parametrize("name", ["layers", "draw", "measure", "share", "services"])
def test_with_a_drawer_open(opened: Opener, name: str, size: dict[str, int]) -> None:
    page = opened("/map", size)
    open_drawer(page, name)
    assert objections(page) == []


def test_with_suggestions(opened: Opener) -> None:
    page = opened("/map")
    page.locator("#q").press_sequentially("30")
    expect(page.locator("#suggestions [role=option]").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    assert objections(page) == []


def test_the_whole_page_is_reached_by_tab_and_focus_shows(opened: Opener) -> None:
    page = opened("/map")
    reached: list[str] = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.className"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        if page.evaluate("document.activeElement !== document.body"):
            assert outline != "none", reached[-1]
    for name in ("q", "map", "tool-zoomin", "tool-layers", "tool-services"):
        assert name in reached
