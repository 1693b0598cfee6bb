"""Terrain: relief, slope and height as they must be on a hill whose shape is known; profiles and charts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import psycopg
import pytest
import rasterio
from rasterio.transform import from_origin
from rio_tiler.models import ImageData

from layers import health
from layers.catalogue import get_layer
from layers.days import today
from layers.errors import UnknownLayer
from tests.conftest import DatabaseMaker
from tiles.raster import looks, profile, reading
from tiles.vector_grid import NoSuchTile

DEM, PHOTO = get_layer("terrain.dem"), get_layer("imagery.orthophoto")
WEST, NORTH, CELL, SIDE = 400_000.0, 430_000.0, 10.0, 700
# A plane that climbs 10 % to the east and falls 5 % to the north.
EAST_SLOPE, NORTH_SLOPE = 0.10, -0.05


def height(east: float, north: float) -> float:
    return 300 + EAST_SLOPE * (east - WEST) + NORTH_SLOPE * (north - NORTH)


def write(path: Path, values: np.ndarray, west: float = WEST, cell: float = CELL, **options: object) -> None:
    with rasterio.open(
        path, "w", driver="COG", width=values.shape[-1], height=values.shape[-2], count=len(values), dtype=values.dtype,
        crs="EPSG:3844", transform=from_origin(west, NORTH, cell, cell), **options,
    ) as made:  # fmt: skip
        made.write(values)


def register(address: str, layer: str, path: Path, resolution_m: float) -> None:
    """A row for the file, with its outline."""
    with rasterio.open(path) as opened, psycopg.connect(address) as connection:
        version = connection.execute(
            "INSERT INTO catalogue.layer_version (layer, number, valid_from, accuracy_m, rows) VALUES (%s,"
            " (SELECT coalesce(max(number), 0) + 1 FROM catalogue.layer_version WHERE layer = %s), '2024-01-01', 1, 1)"
            " RETURNING id",
            [layer, layer],
        ).fetchone()
        assert version
        connection.execute(
            f"INSERT INTO {layer} (version_id, valid_from, path, resolution_m, geom) VALUES (%s, '2024-01-01', %s, %s,"
            " ST_Multi(ST_MakeEnvelope(%s, %s, %s, %s, 3844)))".encode(),
            [version[0], str(path), resolution_m, *opened.bounds],
        )
    health.forget()


@pytest.fixture(scope="module")
def hill(make_database: DatabaseMaker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """libpq URL of a database whose terrain is the plane, with a hole in the north-east."""
    address = make_database("raster_hill")
    folder = tmp_path_factory.mktemp("rasters")
    rows, columns = np.indices((SIDE, SIDE)) + 0.5
    values = height(WEST + columns * CELL, NORTH - rows * CELL).astype("float32")
    values[:50, -50:] = -9999
    write(folder / "plane.tif", values[np.newaxis], nodata=-9999)
    register(address, "terrain.dem", folder / "plane.tif", CELL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VATRA_DATABASE_URL", address)
        yield address
    make_database.drop(address)


def tile_at(east: float, north: float, z: int) -> tuple[int, int]:
    import morecantile
    import pyproj

    longitude, latitude = pyproj.Transformer.from_crs(3844, 4326, always_xy=True).transform(east, north)
    tile = morecantile.tms.get("WebMercatorQuad").tile(longitude, latitude, z)
    return tile.x, tile.y


def drawn(z: int, look: looks.Look) -> tuple[ImageData | None, int]:
    x, y = tile_at(WEST + 3500, NORTH - 3500, z)
    found = reading.files(DEM, today(), (WEST, NORTH - 7000, WEST + 7000, NORTH), 3844)
    return reading.tile(DEM, found, z, x, y, looks.edge(look)), y


def test_heights_are_those_of_the_ground(hill: str) -> None:
    places = np.array(
        [[WEST + 100, NORTH - 100], [WEST + 3333.3, NORTH - 2222.2], [WEST + 6000, NORTH - 6900]]
    )
    found = reading.files(DEM, today(), (WEST, NORTH - 7000, WEST + 7000, NORTH), 3844)
    expected = [height(east, north) for east, north in places]
    assert reading.heights(DEM, found, places) == pytest.approx(expected, abs=0.01)


def test_there_is_no_height_in_the_hole_and_outside(hill: str) -> None:
    found = reading.files(DEM, today(), (WEST, NORTH - 7000, WEST + 7000, NORTH), 3844)
    outside = np.array([[WEST + 6900, NORTH - 100], [WEST - 1, NORTH - 100], [WEST + 7001, NORTH - 3000]])
    assert np.isnan(reading.heights(DEM, found, outside)).all()
    with pytest.raises(reading.OutsideRaster, match="has no value"):
        reading.bands(DEM, found, (WEST + 6900, NORTH - 100))


def test_the_slope_of_a_plane_is_one_colour(hill: str) -> None:
    image, y = drawn(14, "slope")
    colours, mask = looks.coloured(image, "slope", 14, y)
    steepness = math.hypot(EAST_SLOPE, NORTH_SLOPE) * 100
    stops = looks.SLOPES
    expected = [np.interp(steepness, [s for s, _ in stops], [c[band] for _, c in stops]) for band in range(3)]
    inner = colours[:, 40:-40, 40:-40]
    assert mask[40:-40, 40:-40].all()
    assert np.abs(inner.reshape(3, -1).mean(axis=1) - expected).max() < 4


def test_relief_is_bright_towards_the_sun_and_dark_behind_it(hill: str) -> None:
    west_slope = looks.shade(np.zeros((1, 1)), np.full((1, 1), 0.5))
    east_slope = looks.shade(np.zeros((1, 1)), np.full((1, 1), -0.5))
    north_slope = looks.shade(np.full((1, 1), 0.5), np.zeros((1, 1)))
    south_slope = looks.shade(np.full((1, 1), -0.5), np.zeros((1, 1)))
    level = looks.shade(np.zeros((1, 1)), np.zeros((1, 1)))
    assert level[0, 0] == round(math.sin(math.radians(45)) * 255)
    # Land that rises to the east faces west, land that rises southwards (down the picture) faces north.
    assert min(west_slope, north_slope) > level > max(east_slope, south_slope)


@pytest.mark.parametrize("form", looks.FORMS)
@pytest.mark.parametrize("look", looks.TERRAIN)
def test_every_look_in_every_form(hill: str, look: looks.Look, form: looks.Form) -> None:
    image, y = drawn(13, look)
    content = looks.paint(image, look, form, 13, y)
    with rasterio.MemoryFile(content) as file, file.open() as opened:
        assert (opened.width, opened.height) == (256, 256)
        assert opened.driver == looks.DRIVERS[form]
        # WebP leaves the fourth band out where nothing is clear.
        assert opened.count in {"png": (4,), "webp": (3, 4), "jpg": (3,)}[form]
        pixels = opened.read()
    if len(pixels) == 4:
        assert (pixels[3] == 255).mean() > 0.5
    if look == "hillshade":
        plane = looks.shade(np.full((1, 1), -NORTH_SLOPE), np.full((1, 1), EAST_SLOPE))
        assert abs(np.median(pixels[0]) - int(plane[0, 0])) <= 4


def test_neighbouring_tiles_of_the_relief_fit_together(hill: str) -> None:
    z = 14
    x, y = tile_at(WEST + 3500, NORTH - 3500, z)
    found = reading.files(DEM, today(), (WEST, NORTH - 7000, WEST + 7000, NORTH), 3844)
    left, right = (
        looks.coloured(reading.tile(DEM, found, z, x + step, y, 1), "slope", z, y)[0] for step in range(2)
    )
    assert np.abs(left[:, :, -1].astype(int) - right[:, :, 0]).max() <= 6


def test_where_nothing_is_the_tile_is_clear(hill: str) -> None:
    assert reading.tile(DEM, [], 14, 0, 0) is None
    with (
        rasterio.MemoryFile(looks.paint(None, "hillshade", "png", 14, 0)) as file,
        file.open() as opened,
    ):
        assert opened.read(4).max() == 0
    with rasterio.MemoryFile(looks.paint(None, "plain", "jpg", 14, 0)) as file, file.open() as opened:
        assert opened.read().min() > 250


def test_a_line_up_a_plane_climbs_evenly(hill: str) -> None:
    start, end = (WEST + 500, NORTH - 500), (WEST + 2500, NORTH - 500)
    line = profile.check_line([start, end])
    found = profile.profile(DEM, line, 101, today())
    assert found.distances[-1] == pytest.approx(2000)
    assert found.heights == pytest.approx([height(x, y) for x, y in found.places], abs=0.01)
    assert found.slopes == pytest.approx(EAST_SLOPE * 100, abs=0.05)
    told = found.as_json()
    assert (told["climb_m"], told["fall_m"]) == (pytest.approx(200, abs=0.05), 0)
    assert len(told["samples"]) == 101
    assert told["samples"][-1]["slope_pct"] is None


def test_a_profile_has_gaps_where_heights_are_unknown(hill: str) -> None:
    line = profile.check_line([(WEST + 6000, NORTH - 100), (WEST + 7500, NORTH - 100)])
    found = profile.profile(DEM, line, 151, today())
    assert np.isnan(found.heights[60:]).all()
    assert np.isfinite(found.heights[:45]).all()
    told = found.as_json()
    assert told["samples"][-1]["height_m"] is None
    root = ElementTree.fromstring(profile.chart(found, "Profil <1>"))
    lines = root.findall("{http://www.w3.org/2000/svg}polyline")
    assert len(lines) == 1
    assert root.find("{http://www.w3.org/2000/svg}title").text == "Profil <1>"


@pytest.mark.parametrize(
    ("value", "told"),
    [(0.0, "0 m"), (2.5, "2,5 m"), (300, "300 m"), (10000.0, "10.000 m"), (200000, "200.000 m")],
)
def test_lengths_are_written_as_romanian_does(value: float, told: str) -> None:
    assert profile.metres(value).replace("\xa0", " ") == told
    with pytest.raises(reading.OutsideRaster):
        profile.profile(DEM, profile.check_line([(0, 0), (100, 100)]), 5, today())


@pytest.mark.parametrize(
    "coordinates",
    [[], [(1, 2)], [(1, 2), (1, 2)], [(0, 0), (math.inf, 0)], [(0, 0), (900_000, 0)], [(0, 0)] * 5001],
)
def test_lines_without_a_profile_are_refused(coordinates: list[tuple[float, float]]) -> None:
    with pytest.raises(profile.ProfileError):
        profile.check_line(coordinates)


def test_samples_are_bounded(hill: str) -> None:
    line = profile.check_line([(WEST, NORTH), (WEST + 100, NORTH - 100)])
    for wrong in (1, 0, -5, 2001):
        with pytest.raises(profile.ProfileError, match="samples"):
            profile.profile(DEM, line, wrong, today())


def test_the_finest_file_goes_first(hill: str, tmp_path: Path) -> None:
    write(tmp_path / "fine.tif", np.full((1, 60, 60), 1000, "float32"), west=WEST + 1000, cell=1.0)
    register(hill, "terrain.dem", tmp_path / "fine.tif", 1.0)
    box = (WEST + 1030, NORTH - 30, WEST + 1030, NORTH - 30)
    found = reading.files(DEM, today(), box, 3844)
    assert [one.resolution_m for one in found] == [1.0, 10.0]
    place = np.array([[WEST + 1030, NORTH - 30], [WEST + 1100, NORTH - 30]])
    assert reading.heights(DEM, found, place) == pytest.approx([1000, height(*place[1])], abs=0.01)
    with psycopg.connect(hill) as connection:
        connection.execute("DELETE FROM terrain.dem WHERE resolution_m = 1")


def test_looks_and_layers_that_are_none_are_refused() -> None:
    assert looks.check_look(DEM, None) == "hillshade"
    assert looks.check_look(PHOTO, None) == "plain"
    for layer, look in ((DEM, "plain"), (PHOTO, "slope"), (DEM, "HILLSHADE"), (DEM, "x" * 999)):
        with pytest.raises(looks.UnknownLook):
            looks.check_look(layer, look)
    with pytest.raises(UnknownLayer):
        reading.require_raster(get_layer("roads.road"))


def test_a_tile_of_countless_files_is_refused(hill: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_FILES", 0)
    with pytest.raises(NoSuchTile, match="zoom in"):
        reading.files(DEM, today(), (WEST, NORTH - 7000, WEST + 7000, NORTH), 3844)


def test_files_of_another_day_are_not_looked_at(hill: str) -> None:
    assert reading.files(DEM, date(2000, 1, 1), (WEST, NORTH - 7000, WEST + 7000, NORTH), 3844) == []


@pytest.mark.parametrize(("resolution", "zoom"), [(25.0, 12), (0.2, 19), (None, 17), (1e6, 0), (1e-9, 22)])
def test_the_finest_zoom_follows_the_cells(resolution: float | None, zoom: int) -> None:
    assert reading.finest_zoom(resolution) == zoom
