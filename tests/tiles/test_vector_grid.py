"""The grid of vector tiles and the zooms at which the style draws, against another library's grid."""

from __future__ import annotations

import math
from itertools import pairwise

import morecantile
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.catalogue import catalogue
from tiles.vector_bands import LAST_ZOOM, bands, bands_in, first_zoom
from tiles.vector_grid import DEEPEST, NoSuchTile, box, scale_of_zoom, width_m, zoom_of_scale

GRID = morecantile.tms.get("WebMercatorQuad")


@given(
    st.integers(0, DEEPEST).flatmap(
        lambda z: st.tuples(st.just(z), st.integers(0, 2**z - 1), st.integers(0, 2**z - 1))
    )
)
def test_tiles_lie_where_another_library_says(place: tuple[int, int, int]) -> None:
    z, x, y = place
    assert box(z, x, y) == pytest.approx(tuple(GRID.xy_bounds(morecantile.Tile(x, y, z))), abs=1e-3)


@pytest.mark.parametrize(
    "place", [(0, 1, 0), (3, 8, 0), (3, 0, 8), (DEEPEST + 1, 0, 0), (10, 10**30, 5), (2, -1, 0)]
)
def test_there_are_no_tiles_outside_the_grid(place: tuple[int, int, int]) -> None:
    with pytest.raises(NoSuchTile, match="there is no tile"):
        box(*place)


@given(st.floats(0, 24))
def test_scale_and_zoom_are_each_others_inverse(zoom: float) -> None:
    assert zoom_of_scale(scale_of_zoom(zoom)) == pytest.approx(zoom, abs=1e-9)


def test_a_pixel_of_the_standard_measures_as_much_on_the_ground() -> None:
    metres_per_px = width_m(13) / 512 * math.cos(math.radians(46))
    assert scale_of_zoom(13) == pytest.approx(metres_per_px / 0.00028)


@pytest.mark.parametrize("layer_id", [layer.id for layer in catalogue().values() if layer.style])
def test_bands_follow_each_other_and_keep_to_the_layers_scales(layer_id: str) -> None:
    layer, found = catalogue()[layer_id], bands(layer_id)
    assert found
    assert all(band.first < band.last <= LAST_ZOOM and band.shown.rules for band in found)
    assert all(one.last <= other.first for one, other in pairwise(found))
    assert found[0].first >= zoom_of_scale(layer.scale.max) - 1e-9
    assert first_zoom(layer) == math.floor(found[0].first)
    # A tile of any zoom from there on is drawn in at least one band.
    assert all(bands_in(layer_id, z) for z in range(first_zoom(layer), DEEPEST + 1))
