"""The map page in Chromium over a county of 300,000 parcels: bytes of the first view, time until it answers with
the processor slowed four times, click to findings shown, and suggestions while typing."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import cycle
from typing import Any

import psycopg
import requests
from playwright.sync_api import Browser, Page, sync_playwright

from tests.benchmarks.bench_check import County, county_of, served
from tests.benchmarks.harness import alternate, median, percentile, publish

WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
SLOWED = 4
QUIET_MS = 1_000
TYPED = (
    "30112", "3", "301", "stejaris", "strada principala 12", "principala 12 stejaris", "bisericii 19",
    "bisericci", "morii", "princ", "396305 354580", "45.05, 23.15", "31712 vatra mare", "99999999",
)  # fmt: skip
# When the page answers: it says so itself, and no task of 50 ms or more comes in the second after.
WATCH = """
window.__long = 0;
new PerformanceObserver(list => {
  for (const task of list.getEntries()) window.__long = Math.max(window.__long, task.startTime + task.duration);
}).observe({type: 'longtask', buffered: true});
new MutationObserver(() => {
  if (document.documentElement?.dataset.ready && !window.__ready) window.__ready = performance.now();
}).observe(document, {subtree: true, attributes: true, childList: true});
"""
# From the click until the frame in which its findings are painted.
CLICK = """
window.__shown = new Promise(done => {
  let clicked = 0;
  addEventListener('pointerup', () => { clicked = performance.now(); }, {capture: true, once: true});
  const watch = new MutationObserver(() => {
    if (!clicked || !document.querySelector('.report .finding')) return;
    watch.disconnect();
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - clicked)));
  });
  watch.observe(document.getElementById('findings'), {childList: true});
});
0
"""


@contextmanager
def opened(browser: Browser, viewport: dict[str, int], slowed: int = 1) -> Iterator[tuple[Page, list[float]]]:
    """A page of a fresh browser profile, and the bytes that come over the network."""
    context = browser.new_context(viewport=viewport, locale="ro-RO")
    page = context.new_page()
    devtools, received = context.new_cdp_session(page), []
    devtools.send("Network.enable")
    devtools.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": slowed})
    page.add_init_script(WATCH)
    yield page, received
    context.close()


def first_view(
    browser: Browser, address: str, viewport: dict[str, int], sizes: dict[str, list[float]]
) -> float:
    """Open the page as a stranger does; kB in all."""
    with opened(browser, viewport) as (page, received):
        page.goto(address, wait_until="networkidle")
        page.wait_for_timeout(300)
        sizes.setdefault("requests", []).append(len(received))
        return sum(received) / 1000


def interactive(browser: Browser, address: str) -> float:
    """Milliseconds until the page answers, the processor slowed."""
    with opened(browser, WIDE, SLOWED) as (page, _):
        page.goto(address)
        page.wait_for_function("() => window.__ready")
        while page.evaluate("performance.now() - Math.max(window.__long, window.__ready)") < QUIET_MS:
            page.wait_for_timeout(100)
        return float(page.evaluate("Math.max(window.__long, window.__ready)"))


def clicks(browser: Browser, address: str, places: list[tuple[float, float]], shown: list[float]) -> float:
    """Click one parcel after the other; median milliseconds until its findings are shown."""
    mine = []
    with opened(browser, WIDE) as (page, _):
        for x, y in places:
            page.goto("about:blank")
            page.goto(f"{address}#x={x:.2f}&y={y:.2f}&s=1000", wait_until="networkidle")
            page.evaluate(CLICK)
            box: Any = page.locator("#map").bounding_box()
            page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            mine.append(float(page.evaluate("() => window.__shown")))
    shown += mine
    return median(mine)


def suggestions(address: str, rounds: int, taken: list[float]) -> float:
    """Ask what each text suggests; median milliseconds over kept-alive HTTP."""
    mine = []
    with requests.Session() as session:
        for text, _ in zip(cycle(TYPED), range(len(TYPED) * rounds), strict=False):
            begun = time.perf_counter()
            session.get(f"{address}/suggestions", params={"q": text}, timeout=30).raise_for_status()
            mine.append((time.perf_counter() - begun) * 1000)
    taken += mine
    return median(mine)


def places_of(county: County) -> list[tuple[float, float]]:
    """A place inside each parcel of the sample."""
    with psycopg.connect(county.address) as connection:
        rows = connection.execute(
            "SELECT ST_X(inside), ST_Y(inside) FROM unnest(%s::integer[], %s::text[]) AS s (siruta, number)"
            " JOIN cadastre.parcel p ON p.siruta = s.siruta AND p.cadastral_number = s.number,"
            " LATERAL ST_PointOnSurface(p.geom) AS inside WHERE ST_Area(p.geom) > 200",
            [[siruta for siruta, _ in county.sample], [number for _, number in county.sample]],
        ).fetchall()
    return [(x, y) for x, y in rows]


def main() -> None:
    """Measure, print and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, prog="vatra bench map_page")
    parser.add_argument("--parcels", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clicks", type=int, default=12, help="different parcels in a round")
    options = parser.parse_args()
    county = county_of(options.parcels, 60)
    places = places_of(county)[: options.clicks]
    sizes: dict[str, list[float]] = {}
    shown: list[float] = []
    taken: list[float] = []
    with served(county) as port, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        address = f"http://127.0.0.1:{port}/map"
        first_view(browser, address, WIDE, {})  # the fonts are cut, the tiles drawn, the names read
        figures = alternate(
            options.rounds,
            wide=partial(first_view, browser, address, WIDE, sizes),
            narrow=partial(first_view, browser, address, NARROW, {}),
            interactive=partial(interactive, browser, address),
            click=partial(clicks, browser, address, places, shown),
            suggestions=partial(suggestions, address, 2, taken),
        )
        browser.close()
    rows = [
        ["first view 1280×800, kB", median(figures["wide"]), max(figures["wide"]), "< 500"],
        ["first view 360×740, kB", median(figures["narrow"]), max(figures["narrow"]), "< 500"],
        [
            f"interactive, processor ÷{SLOWED}, ms",
            median(figures["interactive"]),
            max(figures["interactive"]),
            "–",
        ],
        ["click to findings shown, ms", median(shown), percentile(shown, 0.95), "< 200"],
        ["suggestions, ms", median(taken), percentile(taken, 0.95), "< 100"],
    ]
    columns = ["", "median", "worst or 95 %", "aim"]
    details = {"rounds": figures, "requests": median(sizes["requests"]), "options": vars(options)}
    print(publish("map_page", "The map page", columns, rows, details))


if __name__ == "__main__":
    main()
