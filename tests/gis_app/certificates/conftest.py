"""What certificate tests share: an authority, a seal, drawings, and ways to read a rendered document."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr
from pypdf import PdfReader

from gis_app.certificates.compose import Context, Request, compose
from gis_app.certificates.document import Annex, Document
from gis_app.certificates.form import get_form
from gis_app.certificates.issuing import Issuer
from gis_app.certificates.seal import DEMO_PASSWORD, Seal, demo_seal, open_seal
from gis_app.certificates.settings import AuthoritySettings, SealSettings
from tests.gis_app.certificates import reports

TITLES = {
    "planning": "Plan de încadrare în documentația de urbanism",
    "utilities": "Extras GIS cu rețelele edilitare",
}
# A square of 100 mm in the drawing must measure 100 mm on the page.
DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="170mm" height="150mm" viewBox="0 0 170 150">'
    '<path d="M20 20h100v100h-100z" fill="#ffcc00"/></svg>'
)


def draw(report: Any, theme: str) -> Annex:
    """A drawing of known size."""
    return Annex(title=TITLES[theme], sheets=(DRAWING,), alt=f"Desen: {theme}", width_mm=170, height_mm=150)


@pytest.fixture(scope="session")
def authority() -> AuthoritySettings:
    """A county council with everything filled in."""
    return AuthoritySettings(
        county="Gorj",
        name="Consiliul Județean Gorj",
        tax_code="4956057",
        address="Str. Victoriei nr. 2–4, Târgu Jiu",
        phone="0253 000 000",
        email="urbanism@exemplu.ro",
        public_url="https://urbanism.exemplu.ro/",
        by_convention="all",
    )


@pytest.fixture(scope="session")
def seal_settings(tmp_path_factory: pytest.TempPathFactory) -> SealSettings:
    """A throw-away seal."""
    path: Path = tmp_path_factory.mktemp("seal") / "sigiliu.p12"
    demo_seal(path)
    return SealSettings(seal=path, seal_password=SecretStr(DEMO_PASSWORD))


@pytest.fixture(scope="session")
def seal(seal_settings: SealSettings) -> Seal:
    """The same, opened."""
    return open_seal(seal_settings)


@pytest.fixture
def connect(database: str) -> Callable[[], Any]:
    """Lends connections that commit, to the worker's own database."""

    @contextmanager
    def lend() -> Any:
        with psycopg.connect(database) as connection:
            yield connection

    return lend


@pytest.fixture
def issuer(authority: AuthoritySettings, seal: Seal, connect: Callable[[], Any]) -> Issuer:
    """An authority that can issue."""
    return Issuer(authority, reports.rules(), lambda: seal, connect, draw)


@pytest.fixture
def context(authority: AuthoritySettings) -> Callable[..., Context]:
    """Makes the context of a form: ``context("F_CU_05", report=…)``."""

    def made(code: str, **changes: Any) -> Context:
        values: dict[str, Any] = {
            "report": reports.report(),
            "form": get_form(code),
            "authority": authority,
            "rules": reports.rules(),
            "produced_at": reports.CHECKED_AT,
            "state": "draft",
            "request": Request(purpose="construire locuință P+1E"),
            "annexes": ("planning", "utilities"),
        }
        return Context(**(values | changes))

    return made


def normalised(text: str) -> str:
    """Text without white space and soft hyphens: what renderers may break differently."""
    return re.sub(r"[\s\u00ad\u200b]+", "", text)


def pdf_text(pdf: bytes) -> str:
    """All text of a PDF, normalised."""
    return normalised("".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages))


@pytest.fixture
def information(context: Callable[..., Context]) -> Document:
    """F_CU_05 of the sample report."""
    return compose(context("F_CU_05"))
