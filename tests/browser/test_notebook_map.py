"""The map of a notebook, opened in a browser that reaches nothing."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, expect

import analysis
from analysis.maps import USUAL, explain
from layers.demo import SHOWCASE


def test_a_notebooks_map_opens_without_a_network(
    browser: Browser, demo_database: str, tmp_path: Path
) -> None:
    report = analysis.check(
        analysis.parcel(SHOWCASE.siruta, SHOWCASE.cadastral_number), database=demo_database
    )
    saved = tmp_path / "map.html"
    explain(report, USUAL, reach_m=100, database=demo_database).save(str(saved))
    context = browser.new_context(offline=True)
    page, asked, wrong = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(saved.as_uri())
    expect(page.locator("path.leaflet-interactive").first).to_be_attached()
    page.locator(".leaflet-control-layers").hover()
    expect(page.get_by_text("Zone funcționale")).to_be_visible()
    assert [address for address in asked if not address.startswith(("data:", "file:", "blob:"))] == []
    assert wrong == []
    context.close()
