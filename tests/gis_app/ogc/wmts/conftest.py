"""The application with a cache of its own, and a tile to ask for."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask_openapi3.openapi import OpenAPI

from gis_app import create_app
from tests.showcase import showcase_place
from tiles.cache.grids import STEREO70


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own."""
    monkeypatch.setenv("VATRA_HOME", str(tmp_path))
    return tmp_path / "cache" / "tiles"


@pytest.fixture
def app(settings: None, own_cache: Path) -> OpenAPI:
    """The application with a cache of its own."""
    return create_app()


@pytest.fixture
def place(county: str) -> tuple[float, float]:
    """The middle of the showcase parcel, EPSG:3844, x = east first."""
    return showcase_place(county)


@pytest.fixture
def tile(place: tuple[float, float]) -> dict[str, str]:
    """Parameters of the tile that shows the showcase parcel, 1:2000."""
    column, _, row, _ = STEREO70.covering(10, (*place, *place))
    return {
        "service": "WMTS",
        "request": "GetTile",
        "version": "1.0.0",
        "layer": "cadastre.parcel",
        "style": "default",
        "format": "image/png",
        "tilematrixset": "Stereo70",
        "tilematrix": "10",
        "tilerow": str(row),
        "tilecol": str(column),
    }
