"""The pages in a real browser: found, read and verified, wide and narrow, with and without a mouse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args
from urllib.parse import urlsplit

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response, expect

from analysis import findings
from analysis.rulebook import rulebook
from gis_app.pages.report import EFFECTS, ISSUERS, REASONS, SECTIONS, SIDES
from tests.gis_app.conftest import PARCEL, Served

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
PARCEL_PATH = f"/imobil?uat={PARCEL['siruta']}&numar={PARCEL['cadastral_number']}"
PATHS = [
    "/",
    PARCEL_PATH,
    "/imobil?uat=xyz&numar=1",
    "/adresa?adresa=Morii+1",
    "/verify/CUI-1999-00001",
    "/api/v1/docs",
    "/nu-exista",
]


@pytest.fixture(params=[WIDE, NARROW], ids=["wide", "narrow"])
def page(browser: Browser, served: Served, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page that fails the test when anything is loaded from elsewhere or refused by the policy."""
    context = browser.new_context(viewport=request.param, base_url=served.url, locale="ro-RO")
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("response", lambda response: complaints.extend(_complaint(response, served)))
    opened.on("console", lambda message: complaints.extend(_refused(message.text)))
    yield opened
    context.close()
    assert complaints == []


@pytest.mark.parametrize("path", PATHS)
def test_pages_fit_the_screen_and_have_one_heading(page: Page, path: str) -> None:
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    expect(page.locator("h1")).to_have_count(1)
    expect(page.locator("main")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "ro"
    assert page.locator("script").count() == 0
    for picture in page.locator("img").all():
        assert picture.get_attribute("alt") is not None
        # Those further down are loaded when somebody comes to them.
        picture.scroll_into_view_if_needed()
        picture.evaluate("image => image.decode()")
        assert picture.evaluate("image => image.naturalWidth > 0")
    for field in page.locator("input").all():
        identifier = field.get_attribute("id")
        expect(page.locator(f"label[for={identifier}]")).to_be_visible()


@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing_to_object_to(page: Page, path: str) -> None:
    page.goto(path)
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


def test_a_parcel_is_found_by_name_and_number_with_the_keyboard(page: Page, served: Served) -> None:
    report = requests.post(f"{served.url}/api/v1/checks", json={"parcel": PARCEL}, timeout=30).json()
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.get_by_label("Comuna, orașul sau codul SIRUTA").focus()
    page.keyboard.type(_without_diacritics(report["subject"]["uat"]).upper())
    page.get_by_label("Numărul cadastral").focus()
    page.keyboard.type(PARCEL["cadastral_number"])
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text(report["subject"]["uat"])
    for finding in report["findings"]:
        expect(page.get_by_text(finding["text"], exact=True).first).to_be_visible()
    for approval in report["approvals"]:
        expect(page.get_by_text(approval["title"]).first).to_be_visible()
    expect(page.locator(".summary")).to_contain_text(f"{len(report['not_applicable'])} verificate")
    page.get_by_text("Verificat și nu se aplică").click()
    titles = {identifier: rule.title.ro for identifier, rule in rulebook().rules.items()}
    for rule in report["not_applicable"]:
        expect(page.get_by_text(titles[rule], exact=True).first).to_be_visible()


def test_what_was_not_checked_stands_before_what_was(page: Page, served: Served) -> None:
    found = requests.get(
        f"{served.url}/api/v1/parcels?siruta=900070&cadastral_number=3&limit=1", timeout=30
    ).json()
    number = found["features"][0]["properties"]["cadastral_number"]
    page.goto(f"/imobil?uat=900070&numar={number}")
    notice = page.get_by_role("region", name="Nu s-a putut verifica")
    expect(notice).to_contain_text("nu există date pentru această localitate")
    expect(notice).to_contain_text("Lipsa datelor nu înseamnă că nu există restricții")
    assert notice.bounding_box()["y"] < page.get_by_role("region", name="Regimul juridic").bounding_box()["y"]


def test_a_slip_of_the_finger_is_helped(page: Page) -> None:
    page.goto(f"/imobil?uat={PARCEL['siruta']}&numar={PARCEL['cadastral_number'][:-1]}x")
    expect(page.get_by_role("alert")).to_contain_text("nu există niciun imobil")
    expect(page.get_by_label("Numărul cadastral")).to_have_value(f"{PARCEL['cadastral_number'][:-1]}x")
    page.get_by_role("alert").get_by_role("link", name=PARCEL["cadastral_number"], exact=True).click()
    expect(page.locator("h1")).to_contain_text(PARCEL["cadastral_number"])


def test_an_unknown_place_keeps_what_was_typed(page: Page) -> None:
    page.goto("/imobil?uat=Timbuktu&numar=77")
    expect(page.get_by_role("alert")).to_contain_text("„Timbuktu”")
    expect(page.get_by_label("Numărul cadastral")).to_have_value("77")


def test_an_address_leads_to_its_parcel(page: Page, served: Served) -> None:
    page.goto("/adresa?adresa=Principala+1")
    first = page.locator(".results a").first
    expect(first).to_contain_text("Principală")
    first.click()
    expect(page.get_by_role("link", name="Certificatul, ca previzualizare (PDF)")).to_be_visible()


def test_the_preview_of_the_certificate_opens(page: Page, served: Served) -> None:
    page.goto(PARCEL_PATH)
    link = page.get_by_role("link", name="Certificatul, ca previzualizare (PDF)").get_attribute("href")
    answer = requests.get(f"{served.url}{link}", timeout=60)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    for plan in page.locator("figcaption a").all():
        drawn = requests.get(f"{served.url}{plan.get_attribute('href')}", timeout=60)
        assert drawn.content.startswith(b"%PDF")


def test_an_unknown_document_is_not_vouched_for(page: Page) -> None:
    page.goto("/verify/CUI-1999-00001")
    expect(page.get_by_role("status")).to_contain_text("nu există în registrul autorității")


def test_what_is_typed_is_never_taken_for_markup(page: Page) -> None:
    page.goto("/imobil?uat=%3Cimg+src%3Dx%3E&numar=%3Cb%3E1%3C%2Fb%3E")
    assert page.locator("main img, main b").count() == 0
    expect(page.get_by_label("Numărul cadastral")).to_have_value("<b>1</b>")


@pytest.mark.parametrize("path", PATHS)
def test_every_page_carries_the_security_headers(served: Served, path: str) -> None:
    headers = requests.get(f"{served.url}{path}", headers={"Accept": "text/html"}, timeout=30).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers


def test_words_are_there_for_every_code() -> None:
    """A report may hold any of these; a page must not stumble over one."""
    assert set(EFFECTS) == set(get_args(findings.Effect))
    assert set(SECTIONS) == set(get_args(findings.Section))
    assert set(REASONS) == set(get_args(findings.NotChecked.model_fields["reason"].annotation))
    assert set(ISSUERS) == set(get_args(findings.Competence.model_fields["issuer"].annotation))
    assert set(SIDES) == set(get_args(findings.RoadAccess.model_fields["side"].annotation))


def _complaint(response: Response, served: Served) -> list[str]:
    if urlsplit(response.url).netloc != urlsplit(served.url).netloc:
        return [f"loaded from elsewhere: {response.url}"]
    return [f"{response.status} {response.url}"] if response.status >= 500 else []


def _refused(text: str) -> list[str]:
    return [text] if "Content Security Policy" in text or "Refused" in text else []


def _without_diacritics(text: str) -> str:
    return text.translate(str.maketrans("ăâîșțĂÂÎȘȚ", "aaistAAIST"))
