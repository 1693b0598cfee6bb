"""Coordinates as people type them."""

from __future__ import annotations

import pytest

from layers.coordinates import read_coordinates
from layers.search import in_stereo70

COUNTY = (328_000.0, 376_000.0, 390_000.0, 441_000.0)
EAST, NORTH = 354_580.0, 396_305.0


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("396305 354580", "north_east"),
        ("354580 396305", "east_north"),
        ("396305,354580", "north_east"),
        ("396305.00, 354580.00", "north_east"),
        ("396305,00; 354580,00", "north_east"),
        ("396.305,00 354.580,00", "north_east"),
        ("396 305 354 580", "north_east"),
        ("X 396305 Y 354580", "north_east"),
        ("Y=354580 X=396305", "north_east"),
        ("x=354580 y=396305", "east_north"),
        ("E 354580 N 396305", "north_east"),
        ("Nord: 396305 Est: 354580", "north_east"),
    ],
)
def test_stereo70_in_every_order_and_manner(text: str, reading: str) -> None:
    (found,) = read_coordinates(text, COUNTY)
    assert (found.x, found.y, found.reading) == (EAST, NORTH, reading)


def test_both_orders_are_offered_where_both_lie_inside() -> None:
    found = read_coordinates("380000 385000", COUNTY)
    assert [(one.x, one.y, one.reading) for one in found] == [
        (385_000.0, 380_000.0, "north_east"),
        (380_000.0, 385_000.0, "east_north"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "45.0516 23.1507",
        "45,0516 23,1507",
        "45.0516, 23.1507",
        "23.1507 45.0516",
        "45.0516° N 23.1507° E",
        "45°03'05.76\"N 23°09'02.52\"E",
        "45 3 5.76 23 9 2.52",
        "45°3.096' 23°9.042'",
        "N 45° 3′ 5,76″; E 23° 9′ 2,52″",
    ],
)
def test_degrees_in_every_manner(text: str) -> None:
    (found,) = read_coordinates(text, COUNTY)
    x, y = in_stereo70((23.1507, 45.0516), "EPSG:4326")
    assert found.reading == "degrees"
    assert (found.x, found.y) == pytest.approx((x, y), abs=0.02)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "30112",
        "Morii 12",
        "12 13",
        "45.05",
        "1e9 1e9",
        "45 99 1 23 1 1",
        "396305 354580 12",
        "9" * 400,
        "X Y",
        "°",
    ],
)
def test_what_is_no_place_in_romania_is_none(text: str) -> None:
    assert read_coordinates(text, COUNTY) == []


def test_outside_the_county_is_said_only_when_nothing_lies_inside() -> None:
    found = read_coordinates("500000 600000", COUNTY)
    assert [one.reading for one in found] == ["north_east", "east_north"]
