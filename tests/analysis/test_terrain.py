"""Slope from elevation models that are planes, so that the answer is known; and models that cannot be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

import analysis
from analysis.rulebook import Rulebook, rulebook
from analysis.terrain import Unreadable, slope
from tests.analysis.world import SIRUTA, TODAY, X0, Y0, World, box

SLOPE = Rulebook(rules={"terrain.slope": rulebook().rules["terrain.slope"]})


def write(path: Path, east_pct: float, north_pct: float, nodata_west_of: float | None = None) -> Path:
    """A model of 400 m by 400 m around the origin in cells of 2 m, rising by so many per cent."""
    x, y = np.meshgrid(np.arange(200) * 2.0 - 199, 199 - np.arange(200) * 2.0)
    heights = (300 + x * east_pct / 100 + y * north_pct / 100).astype("float32")
    if nodata_west_of is not None:
        heights[x < nodata_west_of] = -9999
    with rasterio.open(
        path, "w", driver="GTiff", width=200, height=200, count=1, dtype="float32", crs="EPSG:3844", nodata=-9999,
        transform=from_origin(X0 - 200, Y0 + 200, 2, 2),
    ) as model:  # fmt: skip
        model.write(heights, 1)
    return path


@pytest.mark.parametrize(("east", "north", "expected"), [(10, 0, 10), (0, -20, 20), (30, 40, 50), (0, 0, 0)])
def test_the_slope_of_a_plane(tmp_path: Path, east: float, north: float, expected: float) -> None:
    found = slope(str(write(tmp_path / "dem.tif", east, north)), box(0, 0, 50, 20))
    assert (found.mean_pct, found.max_pct) == pytest.approx((expected, expected), abs=0.05)


def test_land_smaller_than_a_cell_takes_the_cells_it_touches(tmp_path: Path) -> None:
    assert slope(str(write(tmp_path / "dem.tif", 10, 0)), box(0.1, 0.1, 0.2, 0.2)).max_pct == pytest.approx(
        10, abs=0.05
    )


def test_land_across_the_models_edge_is_measured_where_there_are_heights(tmp_path: Path) -> None:
    assert slope(str(write(tmp_path / "dem.tif", 10, 0)), box(150, 0, 200, 20)).mean_pct == pytest.approx(
        10, abs=0.05
    )


def test_cells_without_height_do_not_count(tmp_path: Path) -> None:
    path = write(tmp_path / "dem.tif", 10, 0, nodata_west_of=25)
    assert slope(str(path), box(0, 0, 50, 20)).max_pct == pytest.approx(10, abs=0.05)


@pytest.mark.parametrize("land", [box(5000, 0, 50, 20), box(-150, 0, 50, 20)])
def test_a_place_without_heights_is_unreadable(tmp_path: Path, land: Any) -> None:
    with pytest.raises(Unreadable):
        slope(str(write(tmp_path / "dem.tif", 10, 0, nodata_west_of=0)), land)


def test_missing_and_broken_files_are_unreadable(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="No such file"):
        slope(str(tmp_path / "none.tif"), box(0, 0, 50, 20))
    broken = tmp_path / "broken.tif"
    broken.write_bytes(b"II*\0 this is no image")
    with pytest.raises(Unreadable):
        slope(str(broken), box(0, 0, 50, 20))


class TestRule:
    @pytest.fixture
    def land(self, world: World) -> World:
        world.uat()
        world.parcel("1", box(0, 0, 50, 20))
        return world

    def check(self, world: World, path: Path) -> analysis.CheckReport:
        world.add("terrain.dem", box(-200, -200, 400, 400), path=str(path), resolution_m=2.0)
        return analysis.check(analysis.parcel(SIRUTA, "1"), TODAY, database=world.connection, rules=SLOPE)

    @pytest.mark.parametrize(("percent", "text"), [(14.0, "14"), (16.0, "16")])
    def test_it_says_how_steep(self, land: World, tmp_path: Path, percent: float, text: str) -> None:
        (finding,) = self.check(land, write(tmp_path / "dem.tif", percent, 0)).findings
        assert text in finding.text
        assert ("geotehnic" in finding.text) == (percent > 15)

    def test_an_unreadable_model_is_not_checked(self, land: World, tmp_path: Path) -> None:
        report = self.check(land, tmp_path / "none.tif")
        assert report.findings == ()
        assert [(gap.layer, gap.reason) for gap in report.not_checked] == [("terrain.dem", "unreadable")]
