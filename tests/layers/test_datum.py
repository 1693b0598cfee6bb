"""ETRS89 and Stereo70: ANCPI's points to three millimetres, both ways, alone and in shapes."""

from __future__ import annotations

import csv
import struct
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.subject import Drawn, subject_of
from layers import datum
from layers.datum import DatumError, Grid, transform
from layers.measures import measured_multiline
from layers.search import in_stereo70

TOLERANCE_M = 0.003


@pytest.fixture
def grid_folder(real_data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = real_data / "transdatro"
    monkeypatch.setenv("VATRA_DATUM_GRID", str(folder))
    return folder


@pytest.fixture
def official(real_data: Path) -> tuple[np.ndarray, np.ndarray]:
    """The seven points: (east, north) in metres and (longitude, latitude) in degrees."""
    with (real_data / "transdatro/puncte_control_stereo70_etrs89.csv").open() as file:
        rows = list(csv.DictReader(file))
    metres = np.array([[float(r["est_stereo70_m"]), float(r["nord_stereo70_m"])] for r in rows])
    degrees = np.degrees([[float(r["lon_etrs89_rad"]), float(r["lat_etrs89_rad"])] for r in rows])
    return metres, degrees


def on_the_ground(degrees: np.ndarray) -> np.ndarray:
    """Degrees as metres in a conformal plane, to compare positions in metres."""
    return np.column_stack(pyproj.Proj(datum.STEREO_GRS80)(*degrees.T))


@pytest.mark.real_data
def test_official_points_forward(grid_folder: Path, official: tuple[np.ndarray, np.ndarray]) -> None:
    metres, degrees = official
    moved = transform(degrees, 4258, 3844)
    assert (moved.method, moved.accuracy_m) == ("transdatro", 0.05)
    assert np.abs(moved.coordinates - metres).max() < TOLERANCE_M


@pytest.mark.real_data
def test_official_points_backward(grid_folder: Path, official: tuple[np.ndarray, np.ndarray]) -> None:
    metres, degrees = official
    moved = transform(metres, "EPSG:3844", "EPSG:4326")
    assert moved.method == "transdatro"
    assert np.abs(on_the_ground(moved.coordinates) - on_the_ground(degrees)).max() < TOLERANCE_M


@pytest.mark.real_data
def test_subjects_and_points_asked_for_go_through_the_grid(
    grid_folder: Path, official: tuple[np.ndarray, np.ndarray]
) -> None:
    """Wherever coordinates come in: a land drawn in degrees, and a point or box of the API."""
    metres, degrees = official
    drawn = subject_of(shapely.LineString(degrees), "EPSG:4258")
    assert isinstance(drawn, Drawn)
    assert np.abs(shapely.get_coordinates(drawn.shape) - metres).max() < TOLERANCE_M
    assert drawn.accuracy_m < 1.0, "three metres belong to PROJ alone"
    for point, expected in zip(degrees, metres, strict=True):
        assert in_stereo70(point.tolist(), "EPSG:4326") == pytest.approx(tuple(expected), abs=TOLERANCE_M)


@pytest.mark.real_data
def test_the_grid_file_may_be_named_itself(
    grid_folder: Path, official: tuple[np.ndarray, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VATRA_DATUM_GRID", str(grid_folder / "ETRS89_KRASOVSCHI42_2DJ.GRD"))
    assert transform(official[1], 4326).method == "transdatro"


@pytest.mark.real_data
@settings(max_examples=50, deadline=None)
@given(st.floats(21.5, 28.0), st.floats(44.2, 47.5))
def test_there_and_back(real_data: Path, longitude: float, latitude: float) -> None:
    grid = datum._load(real_data / "transdatro")
    degrees = np.array([[longitude, latitude]])
    metres = datum.etrs89_to_stereo70(degrees, grid)
    if not np.isnan(metres).any():
        back = datum.stereo70_to_etrs89(metres, grid)
        assert np.abs(on_the_ground(back) - on_the_ground(degrees)).max() < 1e-5


@pytest.mark.real_data
def test_proj_alone_is_up_to_a_metre_off(
    official: tuple[np.ndarray, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VATRA_DATUM_GRID", raising=False)
    metres, degrees = official
    moved = transform(degrees, 4258, 3844)
    off = np.hypot(*(moved.coordinates - metres).T)
    assert (moved.method, moved.accuracy_m) == ("proj", 3.0)
    assert 0.05 < off.max() < 1.5


@pytest.mark.real_data
def test_utm_goes_through_the_grid(grid_folder: Path, official: tuple[np.ndarray, np.ndarray]) -> None:
    metres, degrees = official
    utm = np.column_stack(pyproj.Transformer.from_crs(4326, 32635, always_xy=True).transform(*degrees.T))
    moved = transform(utm, 32635, 3844)
    assert moved.method == "transdatro"
    assert np.abs(moved.coordinates - metres).max() < TOLERANCE_M
    back = transform(metres, 3844, 32635)
    assert np.abs(back.coordinates - utm).max() < TOLERANCE_M


@pytest.mark.real_data
def test_one_coordinate_outside_takes_proj_for_all(grid_folder: Path) -> None:
    moved = transform(np.array([[23.3, 45.0], [12.5, 41.9]]), 4326)
    assert (moved.method, moved.accuracy_m) == ("proj", 3.0)


@pytest.mark.real_data
def test_shapes_with_holes_keep_their_structure(grid_folder: Path) -> None:
    shape = shapely.Polygon(
        [(23.2, 45.0), (23.3, 45.0), (23.3, 45.1), (23.2, 45.1)],
        [[(23.23, 45.03), (23.25, 45.03), (23.25, 45.05)]],
    )
    given = np.array([shape, shapely.MultiPoint([(23.2, 45.0), (23.3, 45.1)])])
    moved = transform(given, 4326)
    assert len(moved.coordinates[0].interiors) == 1
    corner = transform(np.array([[23.2, 45.0]]), 4326).coordinates[0]
    assert moved.coordinates[1].geoms[0].coords[0] == pytest.approx(tuple(corner))
    assert given[0] is shape
    assert shape.exterior.coords[0] == (23.2, 45.0)


def test_measures_survive() -> None:
    line = measured_multiline([np.array([[23.2, 45.0, 1200.0], [23.3, 45.0, 9100.0]])])
    moved = transform(np.array([line]), 4326).coordinates[0]
    assert shapely.get_coordinates(moved, include_m=True)[:, 2].tolist() == [1200.0, 9100.0]


def test_same_system_is_untouched() -> None:
    given = np.array([[372_000.0, 395_000.0]])
    moved = transform(given, 31700, 3844)
    assert (moved.method, moved.accuracy_m) == ("none", 0.0)
    assert moved.coordinates is given


def test_projections_of_one_datum_cost_no_accuracy() -> None:
    moved = transform(np.array([[23.3, 45.0]]), 4326, 32635)
    assert (moved.method, moved.accuracy_m) == ("proj", 0.0)


def made(path: Path, rows: int, columns: int, values: np.ndarray) -> Path:
    header = struct.pack("<6d", 0, (columns - 1) * 1000, 0, (rows - 1) * 1000, 1000, 1000)
    path.write_bytes(header + values.astype("<f8").tobytes())
    return path


def test_interpolation_is_exact_for_a_plane_and_at_the_nodes(tmp_path: Path) -> None:
    east, north = np.meshgrid(np.arange(8) * 1000.0, np.arange(6) * 1000.0)
    values = np.stack([0.001 * east + 0.002 * north, 1 - 0.003 * north], axis=-1)
    grid = Grid.read(made(tmp_path / "made.GRD", 6, 8, values))
    found = grid.distortion(np.array([2500.0, 3000.0, 1234.5]), np.array([1500.0, 2000.0, 3210.0]))
    assert found[:, 0] == pytest.approx([5.5, 7.0, 7.6545])
    assert found[:, 1] == pytest.approx([-3.5, -5.0, -8.63])


def test_no_data_and_margins_are_outside(tmp_path: Path) -> None:
    values = np.zeros((6, 8, 2))
    values[3, 4] = 999.0
    grid = Grid.read(made(tmp_path / "made.GRD", 6, 8, values))
    found = grid.distortion(np.array([1500.0, 4500.0, 500.0, 1e9]), np.array([1500.0, 2500.0, 2500.0, 0.0]))
    assert np.isnan(found[:, 0]).tolist() == [False, True, True, True]


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"short", "5 bytes, a header takes 48"),
        (bytes(48), "its header makes no sense"),
        (
            struct.pack("<6d", 0, 1000, 0, 1000, 1000, 1000) + bytes(10),
            "58 bytes found, 112 expected for 2 × 2 nodes",
        ),
    ],
)
def test_what_is_no_grid_says_so(tmp_path: Path, content: bytes, cause: str) -> None:
    path = tmp_path / "false.GRD"
    path.write_bytes(content)
    with pytest.raises(DatumError, match=cause):
        Grid.read(path)


def test_a_missing_grid_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VATRA_DATUM_GRID", str(tmp_path))
    with pytest.raises(DatumError, match=r"no \*2D\*.GRD file"):
        transform(np.array([[23.3, 45.0]]), 4326)
    monkeypatch.setenv("VATRA_DATUM_GRID", str(tmp_path / "missing"))
    with pytest.raises(DatumError, match="no such file or folder"):
        transform(np.array([[23.3, 45.0]]), 4326)
