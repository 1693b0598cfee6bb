"""Stereo70 is known in every dress; nothing else is taken for it."""

from __future__ import annotations

import pyproj
import pytest

from layers.reading.crs import is_stereo70, recognise, suggest
from tests.layers.samples import ROMANIA_DOUBLE_STEREO

PROJ = "+proj=sterea +lat_0=46 +lon_0=25 +k=0.99975 +x_0=500000 +y_0=500000 +ellps=krass +units=m"
POLISH = "+towgs84=33.4,-146.6,-76.3,-0.359,-0.053,0.844,-0.84"


@pytest.mark.parametrize(
    "text",
    [
        "EPSG:3844",
        31700,
        ROMANIA_DOUBLE_STEREO,
        PROJ,
        f"{PROJ} {POLISH}",
        pyproj.CRS.from_epsg(3844).to_wkt("WKT1_ESRI"),
    ],
)
def test_stereo70(text: object) -> None:
    assert recognise(text).to_epsg() == 3844


@pytest.mark.parametrize(
    "text",
    [
        "EPSG:4326",
        "EPSG:32634",
        "EPSG:3035",
        ROMANIA_DOUBLE_STEREO.replace("25.0", "24.0"),
        ROMANIA_DOUBLE_STEREO.replace("0.99975", "1.0"),
        ROMANIA_DOUBLE_STEREO.replace("6378245.0,298.3", "6378137.0,298.257222101"),
    ],
)
def test_others(text: str) -> None:
    assert not is_stereo70(pyproj.CRS.from_user_input(text))
    assert recognise(text).to_epsg() != 3844


def test_suggestions() -> None:
    assert suggest((370_000, 390_000, 375_000, 396_000)) == "EPSG:3844"
    assert suggest((23.2, 44.9, 23.4, 45.1)) == "EPSG:4326"
    assert suggest((2_500_000, 5_600_000, 2_600_000, 5_700_000)) is None
