"""Shapes are repaired, measured and promoted, or rejected with the reason."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyproj
import pytest
import shapely

from layers import shapes
from layers.report import ImportReport
from tests.layers.samples import EAST, NORTH

STEREO70 = pyproj.CRS.from_epsg(3844)
SQUARE = shapely.box(EAST, NORTH, EAST + 20, NORTH + 20)


def fitted(
    given: list[Any], kind: str = "MultiPolygon", crs: object = STEREO70
) -> tuple[shapes.Shapes, ImportReport]:
    report = ImportReport(layer="x", file="f")
    rows = np.arange(1, len(given) + 1)
    array = np.array([*given, None], dtype=object)[:-1]
    return shapes.fit(array, rows, kind, pyproj.CRS.from_user_input(crs), report), report


def at(*corners: tuple[float, float]) -> Any:
    return shapely.Polygon([(EAST + x, NORTH + y) for x, y in corners])


def test_good_shapes_pass_untouched() -> None:
    result, report = fitted([SQUARE, shapely.MultiPolygon([SQUARE])])
    assert result.kept.all()
    assert not result.touched.any()
    assert report.rejected_count == report.repaired_count == 0


@pytest.mark.parametrize(
    ("shape", "found", "expected"),
    [
        (None, "no geometry, or one that cannot be read", "a geometry"),
        (shapely.Polygon(), "an empty geometry", "a geometry with coordinates"),
        (shapely.Point(EAST, NORTH), "Point", "Polygon or MultiPolygon"),
        (shapely.GeometryCollection([SQUARE]), "collection", "Polygon or MultiPolygon"),
        (at((0, 0), (10, 0), (float("nan"), 10)), "a coordinate that is not a number", "numbers"),
        (at((0, 0), (10, 0), (float("inf"), 10)), "a coordinate that is not a number", "numbers"),
        (
            shapely.box(0, 0, 10, 10),
            "east 0, north 0",
            "a place in Romania (the coordinates were read as EPSG:3844)",
        ),
    ],
)
def test_what_is_rejected(shape: Any, found: str, expected: str) -> None:
    result, report = fitted([SQUARE, shape, SQUARE])
    assert result.kept.tolist() == [True, False, True]
    assert [(r.row, r.column, r.found, r.expected) for r in report.rejected] == [
        (2, "geometry", found, expected)
    ]


def test_million_vertices() -> None:
    angles = np.linspace(0, 2 * np.pi, 1_000_000, endpoint=False)
    circle = shapely.Polygon(np.column_stack([EAST + 500 * np.cos(angles), NORTH + 500 * np.sin(angles)]))
    _, report = fitted([circle])
    assert report.rejected[0].found == "1,000,001 vertices"
    assert report.rejected[0].expected == "at most 500,000 vertices in one shape"


def test_small_self_crossing_is_repaired_and_told() -> None:
    loop = at((0, 0), (100, 0), (100, 100), (50, 100), (50.5, 101), (49.5, 101), (50, 100), (0, 100))
    crossing = at((0, 0), (100, 0), (100, 100), (51, 100), (49, 100.5), (49, 100), (51, 100.5), (0, 100.2))
    result, report = fitted([loop, crossing])
    assert shapely.is_valid(result.geometries).all()
    entry = report.repaired[-1]
    assert entry.row == 2
    assert entry.problem.startswith("Self-intersection[")
    assert entry.method == "make_valid"
    assert entry.area_after_m2 == pytest.approx(result.geometries[1].area)
    assert abs(entry.area_after_m2 - entry.area_before_m2) < 100


def test_bow_tie_changes_the_area_too_much() -> None:
    result, report = fitted([at((0, 0), (10, 10), (10, 0), (0, 10.5))])
    assert not result.kept[0]
    assert "Self-intersection" in report.rejected[0].found
    assert "repairing it would change the area" in report.rejected[0].found


def test_heights_are_dropped_and_said() -> None:
    high = shapely.force_3d(SQUARE, 212.0)
    result, report = fitted([high])
    assert not shapely.has_z(result.geometries[0])
    assert result.touched[0]
    assert "heights (Z)" in report.notes[0]


def test_transformed_from_degrees() -> None:
    result, _ = fitted([shapely.box(23.27, 45.03, 23.28, 45.04)], crs=4326)
    x, y = shapely.get_coordinates(shapely.centroid(result.geometries[0]))[0]
    expected = pyproj.Transformer.from_crs(4326, 3844, always_xy=True).transform(23.275, 45.035)
    assert np.hypot(x - expected[0], y - expected[1]) < 2.0
    assert result.datum_accuracy_m == 3.0


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_no_number_in_degrees(bad: float) -> None:
    _, report = fitted(
        [shapely.Point(23.2, bad), shapely.LineString([(23.2, 45), (bad, 45)])], "Geometry", 4326
    )
    assert [r.found for r in report.rejected] == ["a coordinate that is not a number"] * 2


def test_stereo70_read_as_degrees_is_elsewhere() -> None:
    _, report = fitted([SQUARE], crs=4326)
    assert report.rejected[0].expected == "a place in Romania (the coordinates were read as EPSG:4326)"


def test_measures_are_counted_through_all_parts() -> None:
    road = shapely.MultiLineString(
        [[(EAST, NORTH), (EAST + 30, NORTH + 40)], [(EAST + 30, NORTH + 40), (EAST + 30, NORTH + 100)]]
    )
    result, _ = fitted([road, shapely.LineString([(EAST, NORTH), (EAST + 5, NORTH)])], "MultiLineStringM")
    assert result.computed.tolist() == [True, True]
    assert shapely.get_coordinates(result.geometries[0], include_m=True)[:, 2].tolist() == [0, 50, 50, 110]
    assert result.geometries[1].geom_type == "MultiLineString"


def test_surveyed_measures_are_kept_and_heights_dropped() -> None:
    line = shapely.from_wkt(f"LINESTRING ZM ({EAST} {NORTH} 200 1200, {EAST + 10} {NORTH} 201 1210)")
    result, report = fitted([line], "MultiLineStringM")
    assert result.computed.tolist() == [False]
    assert not result.geometries[0].has_z
    assert shapely.get_coordinates(result.geometries[0], include_m=True)[:, 2].tolist() == [1200, 1210]
    assert report.notes


def test_promotion() -> None:
    given = np.array([SQUARE, shapely.MultiPolygon([SQUARE])], dtype=object)
    assert [g.geom_type for g in shapes.as_multi(given, "MultiPolygon")] == ["MultiPolygon", "MultiPolygon"]
    assert shapes.as_multi(given, "Geometry") is given
