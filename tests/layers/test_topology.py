"""Overlaps and gaps: the quick search finds what comparing every pair finds."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers import spool, topology
from layers.spool import Spool
from tests.layers.samples import EAST, NORTH, squares


def found(
    polygons: list[object] | np.ndarray, tolerance: float = 0.1, gaps: bool = False
) -> dict[tuple[str, int, int], float]:
    shapes = np.array(polygons, dtype=object)
    return {(p.kind, p.first, p.second): p.size for p in topology.problems(shapes, tolerance, gaps)}


def every_pair(polygons: np.ndarray, tolerance: float) -> dict[tuple[str, int, int], float]:
    """The oracle: intersect each pair."""
    result = {}
    for a, b in itertools.combinations(range(len(polygons)), 2):
        common = shapely.intersection(polygons[a], polygons[b])
        if 2 * common.area > tolerance * common.length:
            result["overlap", a, b] = common.area
    return result


def box(x: float, y: float, width: float, height: float) -> object:
    return shapely.box(x, y, x + width, y + height)


def test_neighbours_that_touch_are_clean() -> None:
    assert found(squares(8, 8), gaps=True) == {}


def test_corners_without_a_vertex_opposite_are_clean() -> None:
    assert found([box(0, 0, 30, 10), box(0, 10, 12, 10), box(12, 10, 18, 10)], gaps=True) == {}


def test_overlap_of_neighbours() -> None:
    assert found([box(0, 0, 10, 10), box(9, 0, 10, 10)]) == {("overlap", 0, 1): pytest.approx(10.0)}


def test_sliver_below_the_tolerance_is_let_pass() -> None:
    pair = [box(0, 0, 10, 10), box(9.95, 0, 10, 10)]
    assert found(pair, tolerance=0.1) == {}
    assert found(pair, tolerance=0.01) == {("overlap", 0, 1): pytest.approx(0.5)}


def test_one_polygon_twice() -> None:
    assert found([*squares(3, 3), squares(3, 3)[4]]) == {("overlap", 4, 9): pytest.approx(400.0)}


def test_island_inside_another_polygon() -> None:
    assert found([box(0, 0, 100, 100), box(40, 40, 10, 10)]) == {("overlap", 0, 1): pytest.approx(100.0)}


def test_a_hole_filled_exactly_is_clean() -> None:
    ring = shapely.difference(box(0, 0, 100, 100), box(40, 40, 10, 10))
    assert found([ring, box(40, 40, 10, 10)], gaps=True) == {}


def test_block_laid_over_many_polygons_finds_each() -> None:
    block = box(EAST + 10, NORTH + 10, 60, 60)
    clean = squares(6, 6)
    assert set(found([*clean, block])) == set(every_pair(np.array([*clean, block]), 0.1))


def test_same_corners_another_way_between() -> None:
    straight = shapely.Polygon([(0, 0), (10, 0), (10, 10), (0, 10)])
    bulging = shapely.Polygon([(10, 0), (20, 0), (20, 10), (10, 10), (8, 5)])
    assert list(found([straight, bulging])) == [("overlap", 0, 1)]


def test_multipolygons_and_clockwise_rings() -> None:
    pair = shapely.MultiPolygon([box(0, 0, 10, 10), box(50, 0, 10, 10)])
    clockwise = shapely.Polygon([(5, 0), (5, 10), (20, 10), (20, 0)])
    assert found([pair, clockwise]) == {("overlap", 0, 1): pytest.approx(50.0)}


def test_empty_parts_do_no_harm() -> None:
    parts = shapely.from_wkt("MULTIPOLYGON (EMPTY, ((0 0, 10 0, 10 10, 0 10, 0 0)))")
    assert found([parts, box(9, 0, 10, 10)]) == {("overlap", 0, 1): pytest.approx(10.0)}


def test_gap_between_neighbours() -> None:
    pair = [box(0, 0, 10, 10), box(10.3, 0, 10, 10)]
    assert found(pair, gaps=True) == {("gap", 0, 1): pytest.approx(0.3)}
    assert found(pair, gaps=False) == {}


@pytest.mark.parametrize("width", [0.05, 1.5, 4.0])
def test_too_narrow_and_too_wide_are_no_gaps(width: float) -> None:
    assert found([box(0, 0, 10, 10), box(10 + width, 0, 10, 10)], gaps=True) == {}


def test_no_gap_where_something_lies_between() -> None:
    assert found([box(0, 0, 10, 10), box(10, 0, 0.6, 10), box(10.6, 0, 10, 10)], gaps=True) == {}


coordinates = st.integers(0, 12)
sizes = st.integers(1, 6)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(coordinates, coordinates, sizes, sizes, st.booleans()), min_size=1, max_size=12))
def test_random_boxes_and_triangles_as_every_pair(parts: list[tuple[int, int, int, int, bool]]) -> None:
    """On a coarse lattice corners, edges and whole polygons coincide all the time."""
    shapes = [
        shapely.Polygon([(x, y), (x + w, y), (x, y + h)]) if triangle else box(x, y, w, h)
        for x, y, w, h, triangle in parts
    ]
    polygons = np.array(shapes, dtype=object)
    expected = every_pair(polygons, 0.05)
    quick = found(polygons, 0.05)
    assert set(quick) == set(expected)
    assert all(quick[key] == pytest.approx(expected[key]) for key in expected)


@pytest.mark.parametrize("in_memory", [50, 1_000])
def test_spool_in_squares_gives_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_memory: int
) -> None:
    monkeypatch.setattr(spool, "IN_MEMORY", in_memory)
    monkeypatch.setattr(spool, "PENDING", 70)
    monkeypatch.setattr(spool, "SQUARE_M", 100.0)
    shapes = squares(20, 20)
    shapes[45] = shapely.buffer(shapes[45], 1.0, join_style="mitre")
    expected = {key[1:] for key in found(shapes)}
    rows = np.arange(1, 401)
    pairs = set()
    with Spool(tmp_path) as kept:
        for start in range(0, 400, 40):
            part = slice(start, start + 40)
            kept.add(rows[part], shapes[part])
        sizes = []
        for numbers, polygons in kept.chunks():
            sizes.append(len(numbers))
            pairs |= {
                tuple(sorted((int(numbers[p.first]) - 1, int(numbers[p.second]) - 1)))
                for p in topology.problems(polygons, 0.1, False)
            }
    assert pairs == expected
    assert max(sizes) < 60
    assert list(tmp_path.iterdir()) == []
