"""What was found, beside the map and on it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from analysis.rulebook import rulebook
from tests.browser.conftest import Opener
from tests.browser.driving import LAND, open_drawer, picture, pixel, reported, settle
from tests.gis_app.conftest import Served

Place = tuple[float, float]


def check(served: Served, **subject: Any) -> Any:
    return requests.post(f"{served.url}/api/v1/checks", json=subject, timeout=30).json()


def middle_of(geometry: Any) -> tuple[float, float]:
    ring = geometry["coordinates"][0] if geometry["type"] == "Polygon" else geometry["coordinates"][0][0]
    xs, ys = zip(*ring[:-1], strict=True)
    return sum(xs) / len(xs), sum(ys) / len(ys)


def test_a_click_shows_the_findings_of_the_parcel(opened: Opener, middle: Place) -> None:
    page = opened(f"/map#x={middle[0]}&y={middle[1]}&s=1000")
    page.mouse.click(*pixel(page, *middle))
    report = reported(page)
    for heading in (
        "Ce se poate construi",
        "Restricții",
        "Avize și acorduri necesare",
        "Accesul la drum",
        "taxa",
    ):
        expect(report.locator("h3").filter(has_text=heading)).to_be_visible()
    expect(report.locator(".approvals").first).to_contain_text("Emite:")
    expect(report.locator(".group.fee")).to_contain_text("lei")


def test_a_finding_lights_its_shape_and_the_shape_its_finding(opened: Opener, showcase: Any) -> None:
    # Where several lie over each other the smallest is meant.
    shaped = [one for one in showcase["findings"] if one["geometry"] and one["overlap_m2"]]
    finding = min(shaped, key=lambda one: one["overlap_m2"])
    page = opened(f"/map{LAND}")
    report = reported(page)
    sentence = report.locator(f"[data-finding={finding['id']}]")
    page.mouse.move(640, 780)
    dark = picture(page, 1200)
    sentence.hover()
    expect(sentence).to_have_class(f"finding {finding['effect']} lit")
    lit = picture(page, 1200)
    assert lit != dark
    page.mouse.move(640, 780)
    expect(sentence).not_to_have_class(f"finding {finding['effect']} lit")
    assert picture(page, 1200) == dark
    sentence.locator("summary").focus()
    assert picture(page, 1200) == lit
    page.locator("#q").focus()
    spot = pixel(page, *middle_of(finding["geometry"]))
    page.mouse.move(*spot)
    expect(page.locator(".finding.lit").first).to_be_visible()
    assert finding["id"] in page.locator(".finding.lit").evaluate_all(
        "all => all.map(one => one.dataset.finding)"
    )
    page.mouse.click(*spot)
    expect(page.locator(".finding.lit summary").first).to_be_focused()


def test_a_zone_is_not_lit_from_beside_the_land(opened: Opener, showcase: Any, middle: Place) -> None:
    wide = ("planning.zone", "admin.built_up_area", "admin.uat")
    zones = {one["id"] for one in showcase["findings"] if one["feature"] and one["feature"]["layer"] in wide}
    page = opened(f"/map{LAND}")
    reported(page)
    x, y = pixel(page, *middle)

    def lit(east: int, south: int) -> set[str]:
        page.mouse.move(x + east, y + south, steps=2)
        return set(page.locator(".finding.lit").evaluate_all("all => all.map(one => one.dataset.finding)"))

    beside = [(east, south) for east in (-200, 200) for south in (-180, 0, 180)]
    assert not any(lit(*place) & zones for place in beside)
    page.locator(".finding.zoning").first.hover()
    expect(page.locator(".finding.zoning.lit")).to_have_count(1)


def test_what_lies_beside_the_land_is_lit_too(opened: Opener) -> None:
    page = opened(f"/map{LAND}")
    report = reported(page)
    page.mouse.move(640, 780)
    dark = picture(page, 1200)
    gas = report.locator(".group.utilities .finding").filter(has_text="gaze naturale").first
    gas.hover()
    assert picture(page, 1200) != dark


def test_the_law_is_one_click_deeper(opened: Opener, showcase: Any) -> None:
    finding = next(one for one in showcase["findings"] if one["rule"] == "roads.protection-zone")
    page = opened(f"/map{LAND}")
    sentence = reported(page).locator(f"[data-finding={finding['id']}]")
    expect(sentence.locator("dl")).not_to_be_visible()
    sentence.locator("summary").click()
    law = sentence.locator("dl")
    expect(law).to_contain_text(finding["legal_basis"][0]["act"])
    expect(law).to_contain_text("limita 20,00 m")
    expect(law).to_contain_text("versiunea 1, din 01.01.2026")
    expect(law).to_contain_text(f"{finding['distance_m']:.2f} m".replace(".", ","))
    expect(law).to_contain_text("sigur")


def test_what_was_not_checked_is_said_before_the_rest(opened: Opener, served: Served) -> None:
    found = requests.get(
        f"{served.url}/api/v1/parcels?siruta=900070&cadastral_number=3&limit=1", timeout=30
    ).json()
    number = found["features"][0]["properties"]["cadastral_number"]
    page = opened(f"/map#t=900070:{number}")
    report = reported(page, number)
    notice = report.get_by_role("region", name="Nu s-a putut verifica")
    expect(notice).to_contain_text("nu există date pentru această localitate")
    expect(notice).to_contain_text("Lipsa datelor nu înseamnă că nu există restricții")
    first = report.locator("section.group").first.bounding_box()
    told = notice.bounding_box()
    assert first
    assert told
    assert told["y"] < first["y"]
    titles = {name: rule.title.ro for name, rule in rulebook().rules.items()}
    for one in check(served, parcel={"siruta": 900070, "cadastral_number": number})["not_checked"]:
        expect(notice).to_contain_text(titles[one["rule"]])


def test_enter_on_the_map_checks_the_parcel_in_the_middle(opened: Opener, middle: Place) -> None:
    page = opened(f"/map#x={middle[0]}&y={middle[1]}&s=1000")
    page.locator("#map").focus()
    page.keyboard.press("Enter")
    reported(page)


def test_the_keyboard_moves_and_zooms_the_map(opened: Opener, middle: Place) -> None:
    page = opened(f"/map#x={middle[0]}&y={middle[1]}&s=1000")
    page.locator("#map").focus()
    page.keyboard.press("ArrowRight")
    expect(page).not_to_have_url(re.compile(f"x={middle[0]:.2f}&"))
    page.keyboard.press("+")
    expect(page).to_have_url(re.compile(r"s=500\b"))


def test_where_nothing_is_registered_drawing_is_advised(opened: Opener) -> None:
    page = opened("/map#x=330000&y=378000&s=1000")
    page.mouse.click(700, 400)
    expect(page.locator("#findings")).to_contain_text("niciun imobil înscris")


def drawn(page: Page) -> None:
    expect(page.locator(".report h2")).to_contain_text("Teren desenat")
    expect(page.locator(".report .finding").first).to_be_visible()


def test_land_is_drawn_with_the_mouse(opened: Opener, middle: Place) -> None:
    page = opened(f"/map#x={middle[0]}&y={middle[1]}&s=1000")
    open_drawer(page, "draw").get_by_role("button", name="Desenează pe hartă").click()
    for x, y in ((600, 300), (700, 300), (700, 400)):
        page.mouse.click(x, y)
    page.mouse.dblclick(600, 400)
    drawn(page)
    # 100 × 100 pixels at 1:1000.
    expect(page.locator(".report header")).to_contain_text(re.compile("78[34],"))
    assert "geometry" in page.url


def test_land_is_drawn_with_the_keyboard(opened: Opener, middle: Place) -> None:
    page = opened(f"/map#x={middle[0]}&y={middle[1]}&s=1000")
    drawer = open_drawer(page, "draw")
    drawer.get_by_role("button", name="Desenează pe hartă").press("Enter")
    expect(page.locator("#map")).to_be_focused()
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft"):
        page.keyboard.press("Enter")
        page.keyboard.press(key)
        settle(page)
    page.keyboard.press("Enter")
    drawer.get_by_role("button", name="Încheie").press("Enter")
    drawn(page)


def test_land_given_by_its_corners(opened: Opener) -> None:
    page = opened("/map")
    drawer = open_drawer(page, "draw")
    drawer.get_by_label("Sau coordonate Stereo70").fill(
        "1 396290.00 354560.00\n2 396290.00 354600.00\n3 396320.00 354580.00"
    )
    drawer.get_by_role("button", name="Verifică terenul").click()
    drawn(page)


@pytest.mark.parametrize("crs", ["EPSG:3844", "EPSG:4326"])
def test_land_uploaded_as_geojson(opened: Opener, tmp_path: Path, crs: str) -> None:
    corners = {
        "EPSG:3844": [[354560, 396290], [354600, 396290], [354600, 396320], [354560, 396290]],
        "EPSG:4326": [[23.1510, 45.0514], [23.1515, 45.0514], [23.1515, 45.0517], [23.1510, 45.0514]],
    }[crs]
    path = tmp_path / "teren.geojson"
    geometry = {"type": "Polygon", "coordinates": [corners]}
    path.write_text(json.dumps({"type": "Feature", "properties": {}, "geometry": geometry}))
    page = opened("/map")
    open_drawer(page, "draw").get_by_label("Încarcă GeoJSON").set_input_files(path)
    drawn(page)
    settle(page)


def test_a_file_that_is_no_geojson_is_refused_in_words(opened: Opener, tmp_path: Path) -> None:
    path = tmp_path / "notes.json"
    path.write_text("no json")
    page = opened("/map")
    drawer = open_drawer(page, "draw")
    drawer.get_by_label("Încarcă GeoJSON").set_input_files(path)
    expect(drawer.get_by_role("alert")).to_contain_text("nu este GeoJSON")
