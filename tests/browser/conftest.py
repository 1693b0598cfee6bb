"""The map page in Debian's Chromium, over a county whose monuments changed in June."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import geopandas as gpd
import psycopg
import pytest
import requests
import shapely
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, expect

from gis_app.accounts import tokens
from gis_app.certificates.seal import DEMO_PASSWORD
from gis_app.map.assets import MANIFEST
from layers.demo import SHOWCASE
from layers.importing import ImportOptions, import_file
from tests.conftest import DatabaseMaker
from tests.gis_app.conftest import Served, browser, seal_file, start
from tests.gis_app.ogc.foreign_wms import start_map_server

__all__ = ["browser", "seal_file"]  # fixtures that live beside the other tests of the application

# A machine that runs other tests beside these is slow, not wrong.
expect.set_options(timeout=15_000)
JUNE = date(2026, 6, 1)
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
# The monument whose protection reaches the showcase parcel.
REACH_M = 200.0
Opener = Callable[..., Page]
CASCADE = """
- name: others.square
  title: {{ro: Pătratul altora, hu: Mások négyzete, en: Square of others}}
  url: "{url}"
  layers: [square]
  transparent: false
  attribution: {{text: "Agenția altora"}}
  licence: CC-BY-4.0
"""


@pytest.fixture(scope="session")
def changed_county(
    make_database: DatabaseMaker, demo_template: str, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """libpq URL of a demo county where monuments near the showcase parcel are gone since June."""
    address = make_database("map", demo_template)
    with psycopg.connect(address) as connection:
        rows = connection.execute(
            "SELECT m.lmi_code, m.name, m.class, m.status, m.has_drawn_zone, ST_AsText(m.geom)"
            " FROM heritage.monument m, cadastre.parcel p WHERE p.siruta = %s AND p.cadastral_number = %s"
            " AND ST_Distance(m.geom, p.geom) > %s",
            [SHOWCASE.siruta, SHOWCASE.cadastral_number, REACH_M],
        ).fetchall()
    columns = ["lmi_code", "name", "class", "status", "has_drawn_zone", "shape"]
    frame = gpd.pd.DataFrame(rows, columns=columns)
    path = tmp_path_factory.mktemp("monuments") / "monuments.gpkg"
    gpd.GeoDataFrame(
        frame.drop(columns="shape"), geometry=gpd.GeoSeries.from_wkt(frame["shape"]), crs="EPSG:3844"
    ).to_file(path)
    import_file("heritage.monument", path, ImportOptions(valid_from=JUNE), address=address)
    return address


@pytest.fixture(scope="session")
def cascade(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The file that names a foreign map service, which runs."""
    process, address = start_map_server()
    path = tmp_path_factory.mktemp("cascade") / "cascade.yaml"
    path.write_text(CASCADE.format(url=address), encoding="utf-8")
    yield path
    process.kill()
    process.wait()


@pytest.fixture(scope="session")
def served(
    changed_county: str, cascade: Path, seal_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """The server over that county. The page must be built: `make frontend`."""
    assert MANIFEST.is_file(), "the map page is not built: `make frontend`"
    running = start(
        tmp_path_factory.mktemp("map"),
        {
            "VATRA_CASCADE": str(cascade),
            "VATRA_DATABASE_URL": changed_county,
            "VATRA_SEAL": str(seal_file),
            "VATRA_SEAL_PASSWORD": DEMO_PASSWORD,
            "VATRA_AUTHORITY_BY_CONVENTION": "all",
            "VATRA_WEB_PREVIEWS_PER_MINUTE": "0",
            "VATRA_WEB_SIGN_INS_PER_MINUTE": "0",
            "VATRA_WEB_DRAWING_WAIT_S": "120",
        },
    )
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="session")
def showcase(served: Served) -> Any:
    """What the API finds on the showcase parcel."""
    asked = {"siruta": SHOWCASE.siruta, "cadastral_number": SHOWCASE.cadastral_number}
    return requests.post(f"{served.url}/api/v1/checks", json={"parcel": asked}, timeout=60).json()


@pytest.fixture(scope="session")
def middle(showcase: Any) -> tuple[float, float]:
    """A place on it, in EPSG:3844, to a decimetre."""
    inside = shapely.geometry.shape(showcase["subject"]["geometry"]).representative_point()
    return round(inside.x, 1), round(inside.y, 1)


@pytest.fixture
def token(
    changed_county: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Callable[..., str]:
    """Makes tokens of the scopes asked for."""
    monkeypatch.setenv("VATRA_DATABASE_URL", changed_county)
    return lambda *scopes: tokens.create(f"{request.node.name}-{'-'.join(scopes)}", scopes)


@pytest.fixture
def context_of(browser: Browser, served: Served) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browser contexts of a size; closes them."""
    made: list[BrowserContext] = []

    def make(viewport: dict[str, int] = WIDE, **options: object) -> BrowserContext:
        context = browser.new_context(viewport=viewport, base_url=served.url, locale="ro-RO", **options)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()


@pytest.fixture
def opened(context_of: Callable[..., BrowserContext], served: Served) -> Iterator[Opener]:
    """Opens a path of the server in a context of its own; fails the test where a page complains.

    A complaint is anything loaded from elsewhere, a server's error, and whatever the console calls an error.
    """
    complaints: list[str] = []

    def told(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    def answered(response: Response) -> None:
        if urlsplit(response.url).netloc not in ("", urlsplit(served.url).netloc):
            complaints.append(f"loaded from elsewhere: {response.url}")
        elif response.status >= 400 and response.status not in (403, 409):
            complaints.append(f"{response.status} {response.url}")

    def open_page(path: str, viewport: dict[str, int] = WIDE, **options: object) -> Page:
        page = context_of(viewport, **options).new_page()
        page.set_default_timeout(15_000)
        page.on("console", told)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("response", answered)
        page.goto(path)
        if options.get("java_script_enabled", True) and "/map" in path:
            page.locator("html[data-ready=yes]").wait_for()
        return page

    yield open_page
    # A refused sign-in or issue is told by its status; the browser notes it as an error too.
    assert [one for one in complaints if "status of 403" not in one and "status of 409" not in one] == []
