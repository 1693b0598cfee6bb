"""Boxes: what lies round several, and where a box lies in another system."""

from __future__ import annotations

import pytest

from layers.extents import ROMANIA, around, transform


def test_a_box_round_others_reaches_their_outermost_sides() -> None:
    assert around([(0, 5, 2, 6), (1, -3, 9, 4)]) == (0, -3, 9, 6)
    assert around([(1, 2, 3, 4)]) == (1, 2, 3, 4)
    assert around(iter([])) is None


def test_a_box_in_another_system_holds_what_it_held_and_stays_east_first() -> None:
    stereo70 = transform(ROMANIA, "OGC:CRS84", "EPSG:3844")
    west, south, east, north = stereo70
    assert 100_000 < west < 140_000
    assert 880_000 < east < 1_020_000
    assert 200_000 < south < 260_000
    assert 740_000 < north < 800_000
    back = transform(stereo70, "EPSG:3844", "OGC:CRS84")
    assert back[0] < ROMANIA[0]
    assert back[2] > ROMANIA[2]
    assert back == pytest.approx(ROMANIA, abs=1)
