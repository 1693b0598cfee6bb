"""The map page in Hungarian and English beside Romanian: the same page, and what stays Romanian is said and marked."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from gis_app.map.texts import LANGUAGES, texts
from layers.catalogue import catalogue
from tests.browser.conftest import NARROW, WIDE, Opener
from tests.browser.driving import LAND, open_drawer, pixel, reported, view
from tests.browser.test_accessibility import objections

HU = texts("hu")
PATHS = {"ro": "", "hu": "/hu", "en": "/en"}
DRAWERS = ("layers", "draw", "measure", "share", "services")
NBSP = "\u00a0"
# Elements whose content is wider than they are, and those that reach over the edge of the window.
TOO_WIDE = """
() => [...document.querySelectorAll("body *")]
  .filter((one) => one.checkVisibility() && !one.closest("#map, svg, .hidden, .skip, .brand, input, textarea, select"))
  .filter((one) => getComputedStyle(one).display !== "inline")
  .filter((one) => one.scrollWidth > one.clientWidth + 1 || one.getBoundingClientRect().right > innerWidth + 1)
  .map((one) => `${one.tagName} ${one.className} ${one.textContent.slice(0, 60)}`)
"""


def too_wide(page: Page) -> list[str]:
    found: list[str] = page.evaluate(TOO_WIDE)
    # A long name of who is signed in is cut by design.
    return [one for one in found if not one.startswith("SPAN user")]


def plain(text: str) -> str:
    """The words, whatever spaces stand between them and whether or not they begin a sentence."""
    return " ".join(text.split()).casefold()


def test_a_click_shows_the_findings_in_hungarian(opened: Opener, middle: tuple[float, float]) -> None:
    page = opened(f"/hu/map#x={middle[0]}&y={middle[1]}&s=1000")
    expect(page.locator("html")).to_have_attribute("lang", "hu")
    page.mouse.click(*pixel(page, *middle))
    report = reported(page)
    for name in ("build", "restrictions", "approvals", "access", "fee"):
        heading = report.locator("h3").filter(has_text=HU[f"group.{name}"])
        expect(heading).to_be_visible()
    assert not re.search(r"\{\w*\}|undefined|\bgroup\.|\blaw\.", report.inner_text())
    report.get_by_text(HU["group.clear"]).click()
    expect(report.get_by_text("Tengerparti övezet", exact=True)).to_be_visible()


def test_figures_and_days_are_written_as_hungarians_do(opened: Opener, showcase: Any) -> None:
    page = opened(f"/hu/map{LAND}")
    facts = reported(page).locator("header .quiet").text_content() or ""
    year, month, day = showcase["as_of"].split("-")
    whole, decimals = f"{showcase['subject']['area_m2']:.2f}".split(".")
    assert int(whole) >= 1000
    assert re.search(rf"\b{whole[:-3]}{NBSP}{whole[-3:]},{decimals}\sm² mért", facts)
    assert f"állapot: {year}.{NBSP}{month}.{NBSP}{day}." in facts


def test_layers_have_their_hungarian_titles(opened: Opener) -> None:
    drawer = open_drawer(opened("/hu/map"), "layers")
    for name in ("cadastre.parcel", "planning.zone", "admin.uat"):
        shown = drawer.locator(f"[data-layer='{name}'] label span")
        expect(shown).to_have_text(catalogue()[name].title.hu)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_stays_romanian_is_said_once_and_marked(opened: Opener, showcase: Any, language: Any) -> None:
    report = reported(opened(f"{PATHS[language]}/map{LAND}"))
    said = texts(language)["report.romanian"]
    expect(report.locator(":scope > p.quiet")).to_have_text([said] if said else [])
    parts = report.locator("[lang=ro]").evaluate_all("all => all.map(one => one.textContent)")
    marked = {plain(text) for text in parts}
    for finding in showcase["findings"]:
        assert plain(finding["text"]) in marked
        for basis in finding["legal_basis"]:
            assert any(plain(basis["act"]) in text for text in marked)
    for approval in showcase["approvals"]:
        assert plain(approval["title"]) in marked
    assert plain(showcase["competence"]["reason"]) in marked
    for road in showcase["road_access"]:
        assert plain(road["administrator"]) in marked
    unmarked = report.evaluate(
        "report => { const rest = report.cloneNode(true);"
        " rest.querySelectorAll('[lang=ro]').forEach(one => one.remove()); return rest.textContent; }"
    )
    assert not re.search(r"\b(Terenul|Legea|Avizul|Consiliul)\b", unmarked)


def test_three_languages_keep_place_land_layers_and_day(opened: Opener) -> None:
    page = opened(f"/map{LAND}")
    reported(page)
    open_drawer(page, "layers").locator("[data-layer='planning.zone'] input[type=checkbox]").uncheck()
    before, hash_before = view(page), page.url.partition("#")[2]
    for language, name in (("hu", "Magyar"), ("en", "English"), ("ro", "Română")):
        page.get_by_role("link", name=name).click()
        page.locator(f"html[lang={language}][data-ready=yes]").wait_for()
        expect(page.get_by_role("link", name=name)).to_have_attribute("aria-current", "page")
        reported(page)
        assert view(page) == before
        assert page.url.partition("#")[2] == hash_before
        assert page.url.partition("#")[0].endswith(f"{PATHS[language]}/map")


def test_signing_in_in_hungarian_keeps_the_place(opened: Opener, token: Callable[..., str]) -> None:
    page = opened(f"/hu/map{LAND}")
    reported(page)
    before = view(page)
    page.get_by_role("link", name=HU["nav.signin"]).click()
    page.get_by_label(HU["signin.token"]).fill("vatra_rossz")
    page.get_by_role("button", name=HU["signin.submit"]).click()
    expect(page.get_by_role("alert")).to_have_text(HU["signin.wrong"])
    assert objections(page) == []
    page.get_by_label(HU["signin.token"]).fill(token("layers:staff"))
    page.get_by_role("button", name=HU["signin.submit"]).click()
    reported(page)
    assert view(page) == before
    expect(page.locator("html")).to_have_attribute("lang", "hu")
    scan = open_drawer(page, "layers").locator("[data-layer='planning.scan']")
    expect(scan).to_contain_text(HU["layers.restricted"])
    page.get_by_role("button", name=HU["nav.signout"]).click()
    expect(page.get_by_role("link", name=HU["nav.signin"])).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "hu")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_axe_has_nothing_to_say_of_the_hungarian_page(opened: Opener, size: dict[str, int]) -> None:
    page = opened(f"/hu/map{LAND}", size)
    report = reported(page)
    for part in report.locator("details").all():
        part.evaluate("details => { details.open = true; }")
    expect(page.locator(".missing")).not_to_contain_text(HU["take.missing.loading"], timeout=30_000)
    assert objections(page) == []
    page.get_by_role("button", name=HU["panel.close"]).click()
    for name in DRAWERS:
        drawer = open_drawer(page, name)
        assert objections(page) == []
        drawer.get_by_role("button", name=HU["tool.close"]).click()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_words_are_too_long_for_a_telephone(
    opened: Opener, token: Callable[..., str], language: Any
) -> None:
    words, root = texts(language), PATHS[language]
    page = opened(f"{root}/autentificare", NARROW)
    assert too_wide(page) == []
    page.get_by_label(words["signin.token"]).fill(token("layers:staff"))
    page.get_by_role("button", name=words["signin.submit"]).click()
    page.locator("html[data-ready=yes]").wait_for()
    page.goto(f"{root}/map{LAND}")
    report = reported(page)
    brand: Any = page.locator(".bar .brand").bounding_box()
    links: Any = page.locator(".bar nav").bounding_box()
    search: Any = page.locator(".search").bounding_box()
    assert links["y"] < brand["y"] + brand["height"], "the links stand beside the sign, not below"
    assert links["y"] + links["height"] <= search["y"]
    for name in ("#scale", "#credit"):
        expect(page.locator(name)).to_be_in_viewport(ratio=1)
    page.locator("#grip").click()
    for part in report.locator("details").all():
        part.evaluate("details => { details.open = true; }")
    assert too_wide(page) == []
    page.get_by_role("button", name=words["panel.close"]).click()
    for name in DRAWERS:
        drawer = open_drawer(page, name)
        for part in drawer.locator(".tree details").all():
            part.evaluate("details => { details.open = true; }")
        assert too_wide(page) == []
        drawer.get_by_role("button", name=words["tool.close"]).click()
