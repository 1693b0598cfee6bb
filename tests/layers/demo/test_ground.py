"""Roads, water and terrain: measures, crossings, a readable COG."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely

from layers.demo import County


def test_measures_are_metres_from_the_origin(county: County) -> None:
    roads = county.tables["roads.road"]
    for number, shape in zip(roads.columns["number"], roads.shapes, strict=True):
        points = shapely.get_coordinates(shape, include_m=True)
        steps = np.hypot(*np.diff(points[:, :2], axis=0).T)
        assert np.diff(points[:, 2]) == pytest.approx(steps, abs=0.002), number
        assert points[0, 2] >= 0


def test_roads_are_numbered_by_category(county: County) -> None:
    columns = county.tables["roads.road"].columns
    for number, category in zip(columns["number"], columns["category"], strict=True):
        assert category == "STR" or re.fullmatch(rf"{category} \d+[A-Z]?", number)
    assert {"DX", "DN", "DJ", "DC", "STR"} == set(columns["category"])
    numbered = [
        number
        for number, category in zip(columns["number"], columns["category"], strict=True)
        if category != "STR"
    ]
    assert len(set(numbered)) == len(numbered)


def test_bridges_stand_where_roads_cross_rivers(county: County) -> None:
    structures = county.tables["roads.structure"]
    roads = shapely.union_all(shapely.force_2d(county.tables["roads.road"].shapes))
    water = shapely.union_all(county.tables["environment.water"].shapes)
    for kind, shape, course in zip(
        structures.columns["kind"], structures.shapes, structures.columns["watercourse"], strict=True
    ):
        assert shape.distance(roads) < 0.01
        if kind != "flyover":
            assert course
            if county.ground.territory.outline.buffer(-100).contains(shape):
                assert shape.distance(water) < 1.0
    assert {"bridge", "culvert", "flyover"} == set(structures.columns["kind"])


def test_rivers_widen_downstream(county: County) -> None:
    assert all((np.diff(river.width) >= 0).all() for river in county.ground.rivers)
    main = county.ground.rivers[0]
    assert main.xy[0, 1] > main.xy[-1, 1]
    assert shapely.length(main.line) > 1.15 * np.hypot(*(main.xy[0] - main.xy[-1]))


def test_waters_of_every_kind_but_canals(county: County) -> None:
    assert set(county.tables["environment.water"].columns["kind"]) == {
        "river",
        "regularised",
        "lake",
        "reservoir",
        "dike",
        "dam",
    }
    assert set(county.tables["environment.flood_zone"].columns["return_period"]) == {10, 100, 1000}


def test_terrain_model_is_a_cloud_optimised_geotiff(county: County, county_folder: Path) -> None:
    row = county.tables["terrain.dem"]
    assert list(row.columns["path"]) == [str((county_folder / "dem.tif").resolve())]
    with rasterio.open(row.columns["path"][0]) as raster:
        assert raster.crs.to_epsg() == 3844
        assert raster.res == (25.0, 25.0)
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert shapely.box(*raster.bounds).contains(county.ground.territory.outline)
        main = county.ground.rivers[0].xy[::200]
        inside = shapely.contains_xy(county.ground.territory.outline, main)
        heights = np.array([value[0] for value in raster.sample(main[inside])])
        # down the valley, give or take the roughness of the ground
        assert (np.diff(heights) < 4).all()
        assert heights[0] > heights[-1] + 100
        seats = np.array([value[0] for value in raster.sample(county.ground.territory.seats)])
        assert ((seats > 80) & (seats < 1_500)).all()


def test_without_a_folder_there_is_no_terrain(county: County) -> None:
    from layers.demo.county import coverage_of

    assert "terrain.dem" not in coverage_of(county.places, with_terrain=False)
