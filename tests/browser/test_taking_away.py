"""The certificate, a plan and the geometry to take away; signing in, and what it shows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest
from playwright.sync_api import BrowserContext, Download, Locator, Page, expect

from layers.demo import SHOWCASE
from tests.browser.conftest import Opener
from tests.browser.driving import LAND, open_drawer, reported, view

Tokens = Callable[..., str]
Contexts = Callable[..., BrowserContext]


def section(page: Page, title: str) -> Locator:
    """A part of what is to be taken away, opened."""
    part = page.locator(".take details").filter(has=page.locator("summary", has_text=title))
    part.locator("summary").click()
    return part


def taken(page: Page, button: Locator) -> Download:
    with page.expect_download(timeout=60_000) as waiting:
        button.click()
    return waiting.value


def text_of(download: Download) -> str:
    return "\n".join(sheet.extract_text() for sheet in pypdf.PdfReader(Path(download.path())).pages)


def sign_in(page: Page, secret: str) -> None:
    page.get_by_role("link", name="Autentificare").click()
    page.get_by_label("Jetonul de acces").fill(secret)
    page.get_by_role("button", name="Intră").click()


def test_the_preview_is_a_marked_pdf_and_says_what_is_missing(opened: Opener) -> None:
    page = opened(f"/map{LAND}")
    reported(page)
    part = section(page, "Certificat de urbanism")
    expect(part.locator(".missing")).to_contain_text(re.compile("lipsesc|Nu lipsește nimic"), timeout=30_000)
    expect(part.get_by_role("button", name="Emite certificatul sigilat")).to_have_count(0)
    preview = taken(page, part.get_by_role("button", name="Previzualizare PDF"))
    assert preview.suggested_filename.endswith(".pdf")
    words = text_of(preview).lower()
    assert "fără valoare juridică" in words
    assert SHOWCASE.cadastral_number in words


def test_holders_of_an_issuing_token_take_the_sealed_one(opened: Opener, token: Tokens) -> None:
    page = opened(f"/map{LAND}")
    reported(page)
    sign_in(page, token("certificates:issue"))
    reported(page)
    part = section(page, "Certificat de urbanism")
    part.get_by_label("Scopul certificatului").fill("informare")
    sealed = taken(page, part.get_by_role("button", name="Emite certificatul sigilat"))
    assert "previzualizare" not in text_of(sealed).lower()
    expect(part.get_by_role("status")).to_contain_text("Emis cu numărul")
    part.get_by_role("link", name="Verifică documentul").click()
    expect(page.get_by_role("status")).to_contain_text("Document emis de această autoritate, în vigoare")


def test_what_cannot_be_sealed_says_what_is_missing(opened: Opener, token: Tokens) -> None:
    page = opened("/autentificare")
    page.get_by_label("Jetonul de acces").fill(token("certificates:issue"))
    page.get_by_role("button", name="Intră").click()
    page.goto('/map#t={"coordinates":"1 396290 354560\\n2 396290 354600\\n3 396320 354580"}')
    expect(page.locator(".report")).to_be_visible()
    part = section(page, "Certificat de urbanism")
    part.get_by_role("button", name="Emite certificatul sigilat").click()
    expect(part.locator(".missing li").first).to_be_visible(timeout=60_000)


@pytest.mark.parametrize(("form", "start"), [("PDF", b"%PDF"), ("PNG", b"\x89PNG"), ("SVG", b"<")])
def test_a_plan_extract_of_theme_scale_and_paper(opened: Opener, form: str, start: bytes) -> None:
    page = opened(f"/map{LAND}")
    reported(page)
    part = section(page, "Extras de plan")
    part.get_by_label("Tema").select_option("Cadastru")
    part.get_by_label("Scara").select_option("1:1000")
    part.get_by_label("Hârtia").select_option("A3")
    part.get_by_label("Formatul").select_option(form)
    plan = taken(page, part.get_by_role("button", name="Descarcă planul"))
    content = Path(plan.path()).read_bytes()
    assert plan.suggested_filename == f"plan-cadastre-{SHOWCASE.cadastral_number}.{form.lower()}"
    assert content.startswith(start)
    if form == "PDF":
        (width, height) = pypdf.PdfReader(Path(plan.path())).pages[0].mediabox[2:]
        assert sorted((round(float(width) / 72 * 25.4), round(float(height) / 72 * 25.4))) == [297, 420]


def test_a_plan_that_does_not_fit_says_what_to_do_in_the_language_of_the_page(context_of: Contexts) -> None:
    for address, title, advice in (
        ("/map", "Extras de plan", "Alegeți scara „potrivită”"),
        ("/en/map", "Plan extract", "1:2000 does, or a larger paper"),
    ):
        page = context_of().new_page()
        page.goto(f"{address}{LAND}")
        reported(page)
        part = section(page, title)
        part.locator("select[name=scale]").select_option("500")
        part.locator("button").click()
        expect(part.get_by_role("status")).to_contain_text(advice)


def test_a_server_that_is_gone_is_told(context_of: Contexts) -> None:
    page = context_of().new_page()
    page.goto(f"/map{LAND}")
    reported(page)
    page.context.set_offline(True)
    page.mouse.click(1000, 650)
    expect(page.get_by_role("alert")).to_contain_text("Serverul nu răspunde. Încercați din nou.")


def test_geojson_of_the_land_and_its_findings(opened: Opener) -> None:
    page = opened(f"/map{LAND}")
    reported(page)
    content = json.loads(
        Path(taken(page, page.get_by_role("button", name="Descarcă GeoJSON")).path()).read_text()
    )
    assert content["crs"]["properties"]["name"] == "urn:ogc:def:crs:EPSG::3844"
    kinds = [feature["properties"]["kind"] for feature in content["features"]]
    assert kinds[0] == "subject"
    assert kinds.count("finding") > 3
    assert content["features"][0]["properties"]["cadastral_number"] == SHOWCASE.cadastral_number
    assert all(feature["geometry"]["type"] for feature in content["features"])


def test_signing_in_shows_internal_layers_and_out_hides_them(opened: Opener, token: Tokens) -> None:
    page = opened(f"/map{LAND}")
    reported(page)
    before = view(page)
    expect(page.locator("[data-layer='planning.scan']")).to_have_count(0)
    sign_in(page, token("layers:staff"))
    reported(page)
    assert view(page) == before
    open_drawer(page, "layers")
    scan = page.locator("[data-layer='planning.scan']")
    expect(scan).to_be_visible()
    expect(scan).to_contain_text("intern")
    page.get_by_role("button", name="Ieșire").click()
    reported(page)
    expect(page.get_by_role("link", name="Autentificare")).to_be_visible()
    expect(page.locator("[data-layer='planning.scan']")).to_have_count(0)


def test_a_wrong_token_is_told_in_words(opened: Opener) -> None:
    page = opened("/autentificare")
    page.get_by_label("Jetonul de acces").fill("vatra_gresit")
    page.get_by_role("button", name="Intră").click()
    expect(page.get_by_role("alert")).to_contain_text("Jetonul nu este cunoscut")
