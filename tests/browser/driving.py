"""What a person does with the map page, in few words."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, expect

from layers.demo import SHOWCASE

PIXEL_M = 0.00028
LAND = f"#t={SHOWCASE.siruta}:{SHOWCASE.cadastral_number}"


@dataclass(frozen=True)
class View:
    """What the address says of the view: the middle in EPSG:3844, metres a pixel."""

    x: float
    y: float
    resolution: float


def settle(page: Page) -> None:
    """Wait until the map stands still, drawn whole, and every answer has come."""
    # Tiles of terrain are made when they are asked for first: seconds on a busy machine.
    expect(page.locator("[aria-busy=true]")).to_have_count(0, timeout=60_000)


def view(page: Page) -> View:
    """Where the map is."""
    said = parse_qs(urlsplit(page.url).fragment)
    return View(float(said["x"][0]), float(said["y"][0]), float(said["s"][0]) * PIXEL_M)


def pixel(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where a place of EPSG:3844 is on the screen."""
    box = page.locator("#map").bounding_box()
    assert box is not None
    seen = view(page)
    return (
        box["x"] + box["width"] / 2 + (x - seen.x) / seen.resolution,
        box["y"] + box["height"] / 2 - (y - seen.y) / seen.resolution,
    )


def open_drawer(page: Page, name: str) -> Locator:
    """A drawer of the tools, opened."""
    page.locator(f"#tool-{name}").click()
    drawer = page.locator(f"#drawer-{name}")
    expect(drawer).to_be_visible()
    return drawer


def reported(page: Page, text: str = SHOWCASE.cadastral_number) -> Locator:
    """The report beside the map, once it has come."""
    report = page.locator(".report")
    expect(report.locator("h2")).to_contain_text(text)
    settle(page)
    return report


def picture(page: Page, right: int = 860) -> bytes:
    """The map between the panel and the drawers, or up to another column of pixels."""
    settle(page)
    return page.screenshot(clip={"x": 400, "y": 100, "width": right - 400, "height": 600})
