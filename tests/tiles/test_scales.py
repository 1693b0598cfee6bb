"""Scales: the largest that leaves a margin."""

from __future__ import annotations

import pytest

from tiles.plans.scales import SMALLEST_MARGIN, PlanError, check_scale, choose_scale, fits, get_paper
from tiles.plans.sheet import window_size

WINDOW = (160.0, 140.0)


@pytest.mark.parametrize(
    ("extent", "scale"),
    [
        ((10.0, 10.0), 500),
        ((56.0, 49.0), 500),
        ((56.1, 10.0), 1000),
        ((112.0, 98.0), 1000),
        ((112.0, 98.1), 2000),
        ((225.0, 20.0), 5000),
        ((560.0, 490.0), 5000),
        ((561.0, 1.0), 10_000),
        ((0.0, 0.0), 500),
    ],
)
def test_the_largest_scale_with_fifteen_per_cent_free_on_each_side(
    extent: tuple[float, float], scale: int
) -> None:
    assert choose_scale(extent, WINDOW, SMALLEST_MARGIN) == scale


def test_a_wide_margin_gives_way_before_the_legal_scales_do() -> None:
    assert choose_scale((500.0, 480.0), WINDOW, 0.3) == 5000


def test_no_scale_is_larger_than_the_theme_s() -> None:
    assert choose_scale((10.0, 10.0), WINDOW, SMALLEST_MARGIN, 1000) == 1000


def test_the_chosen_scale_always_fits() -> None:
    for side in range(1, 4000, 7):
        scale = choose_scale((float(side), side / 2), WINDOW, SMALLEST_MARGIN)
        assert fits((float(side), side / 2), WINDOW, scale, SMALLEST_MARGIN)


def test_land_that_no_scale_holds() -> None:
    with pytest.raises(PlanError, match="too large"):
        choose_scale((100_000.0, 10.0), WINDOW, SMALLEST_MARGIN)


def test_a_scale_asked_for_must_be_ours_and_hold_the_land() -> None:
    check_scale(1000, (160.0, 140.0), WINDOW)
    with pytest.raises(PlanError, match="1:2000 does"):
        check_scale(1000, (160.1, 10.0), WINDOW)
    with pytest.raises(PlanError, match="no scale for a plan"):
        check_scale(0, (1.0, 1.0), WINDOW)


def test_a_hundred_metre_square_fits_a4_at_1_to_1000_with_its_margin() -> None:
    assert fits((100.0, 100.0), window_size(get_paper("A4").content), 1000, SMALLEST_MARGIN)
