"""Corners of the land: numbered clockwise from the north-west, X = north."""

from __future__ import annotations

import pytest
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from tiles.plans.vertices import vertices


def numbered(geometry: object) -> list[tuple[int, float, float]]:
    return [(corner.number, corner.y_east, corner.x_north) for corner in vertices(geometry)]


@pytest.mark.parametrize("ccw", [True, False])
def test_clockwise_from_the_north_west_however_it_was_drawn(ccw: bool) -> None:
    assert numbered(box(0, 0, 10, 5, ccw=ccw)) == [(1, 0, 5), (2, 10, 5), (3, 10, 0), (4, 0, 0)]


def test_holes_and_parts_go_on_counting() -> None:
    holed = Polygon(box(0, 0, 10, 10).exterior, [box(4, 4, 6, 6).exterior])
    corners = numbered(MultiPolygon([holed, box(20, 0, 30, 10)]))

    assert [corner[0] for corner in corners] == list(range(1, 13))
    assert corners[4] == (5, 4, 6)
    assert corners[8] == (9, 20, 10)


def test_lines_keep_their_direction_and_heights_are_left_out() -> None:
    assert numbered(LineString([(5, 5, 9), (0, 0, 9), (7, 1, 9)])) == [(1, 5, 5), (2, 0, 0), (3, 7, 1)]
    assert numbered(Point(3, 4)) == [(1, 3, 4)]


def test_numbers_are_put_outside_of_the_land() -> None:
    # An L with one corner that points inwards.
    bent = Polygon([(0, 0), (10, 0), (10, 4), (4, 4), (4, 10), (0, 10)], [box(1, 1, 2, 2).exterior])
    for corner in vertices(bent):
        east, north = corner.outwards
        assert not bent.contains(Point(corner.y_east + east * 0.1, corner.x_north + north * 0.1))
        assert bent.contains(Point(corner.y_east - east * 0.1, corner.x_north - north * 0.1))
