"""The hand-made world in a database of its own, and sheets read back as pictures."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from html import unescape
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image
from shapely.geometry.base import BaseGeometry

from tests.tiles import world as hand_made
from tiles.plans.furniture import BAND
from tiles.plans.page import plan_png
from tiles.plans.plan import Plan
from tiles.plans.sheet import HEAD

if TYPE_CHECKING:
    from tests.conftest import DatabaseMaker

MADE_AT = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)
DOTS_PER_INCH = 254
DOTS_PER_MM = DOTS_PER_INCH / 25.4


@pytest.fixture(scope="session")
def world(make_database: DatabaseMaker) -> str:
    """libpq URL of the world's database; tests only read it."""
    address = make_database("tiles_world")
    hand_made.build(address)
    return address


def words(svg: str) -> str:
    """All that is written on a sheet, in one line."""
    return unescape(" ".join(re.findall(r">([^<]*)</text>", svg)))


class Picture:
    """The first page of a plan as pixels, asked for by places on the ground."""

    def __init__(self, plan: Plan, land: BaseGeometry) -> None:
        self.plan = plan
        west, south, east, north = land.bounds
        self.middle = (west + east) / 2, (south + north) / 2
        png = plan_png(plan, MADE_AT, DOTS_PER_INCH)
        self.pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)

    def place(self, east: float, north: float) -> tuple[float, float]:
        """Millimetres on the page from its upper left corner, worked out from the land's middle alone."""
        window, paper, metres_per_mm = self.plan.window, self.plan.paper, self.plan.scale / 1000
        return (
            paper.left + BAND + window.width_mm / 2 + (east - self.middle[0]) / metres_per_mm,
            paper.top + HEAD + BAND + window.height_mm / 2 - (north - self.middle[1]) / metres_per_mm,
        )

    def colour(self, east: float, north: float) -> tuple[int, int, int]:
        """Colour of the page at a place on the ground (EPSG:3844)."""
        x, y = self.place(east, north)
        red, green, blue = self.pixels[int(y * DOTS_PER_MM), int(x * DOTS_PER_MM)]
        return int(red), int(green), int(blue)
