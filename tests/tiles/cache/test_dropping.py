"""A publication drops exactly the tiles it touches, whatever dies on the way; against an oracle of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from datetime import timedelta
from pathlib import Path

import psycopg
import pyproj
import pytest
import shapely

from layers.catalogue import get_layer
from layers.days import today
from layers.demo import SHOWCASE
from tests.tiles.cache.conftest import Change
from tiles.cache import upkeep
from tiles.cache.engine import Engine, engine
from tiles.cache.grids import MATRIX_SETS, STEREO70
from tiles.cache.layers import tile_layers
from tiles.cache.store import StateGuarded, token

NUMBER = f"siruta = {SHOWCASE.siruta} AND cadastral_number = '{SHOWCASE.cadastral_number}'"
MOVED = f"UPDATE staged SET geom = ST_Translate(geom, 40, 0) WHERE {NUMBER}"
REACH_PX, PIXEL = 96, 0.00028
# The sets as their documents give them: corner (x = east first), denominators.
CORNERS = {
    "Stereo70": (-200_000.0, 1_100_000.0),
    "GoogleMapsCompatible": (-20037508.3427892, 20037508.3427892),
}
LEVELS = {"Stereo70": (3, 7, 9, 10, 11), "GoogleMapsCompatible": (9, 14, 16)}


def _fill(one: Engine, place: tuple[float, float], around: int = 2) -> None:
    """Draw the tiles round a place at several levels of both sets."""
    for name, levels in LEVELS.items():
        matrices = MATRIX_SETS[name]
        x, y = pyproj.Transformer.from_crs("EPSG:3844", matrices.crs, always_xy=True).transform(*place)
        for level in levels:
            column, _, row, _ = matrices.covering(level, (x, y, x, y))
            steps = range(-around, around + 1)
            for dx, dy in ((dx, dy) for dx in steps for dy in steps):
                one.tile(matrices, level, max(0, column + dx), max(0, row + dy))


def _files(one: Engine) -> dict[Path, int]:
    """Tile files with the time of their making."""
    return {path: path.stat().st_mtime_ns for path in one.store.folder.rglob("*.png")}


def _bounds(path: Path, folder: Path) -> tuple[str, int, shapely.Polygon, float]:
    """Set, level, ground and resolution of a tile, from its address and the published corner and scales."""
    name, level, column, row = path.relative_to(folder).with_suffix("").parts
    resolution = MATRIX_SETS[name].denominators[int(level)] * PIXEL
    west = CORNERS[name][0] + int(column) * 256 * resolution
    north = CORNERS[name][1] - int(row) * 256 * resolution
    return (
        name,
        int(level),
        shapely.box(west, north - 256 * resolution, west + 256 * resolution, north),
        resolution,
    )


def _meets(path: Path, one: Engine, shapes: list[shapely.Geometry]) -> bool:
    name, level, ground, resolution = _bounds(path, one.store.folder)
    scale = get_layer("cadastre.parcel").scale
    if not scale.min < MATRIX_SETS[name].denominators[level] <= scale.max:
        return False
    project = pyproj.Transformer.from_crs("EPSG:3844", MATRIX_SETS[name].crs, always_xy=True).transform
    grown = ground.buffer(REACH_PX * resolution, join_style="mitre")
    return any(shapely.transform(shape, project, interleaved=False).intersects(grown) for shape in shapes)


def _shape(address: str) -> shapely.Geometry:
    with psycopg.connect(address) as connection:
        row = connection.execute(
            f"SELECT ST_AsBinary(geom) FROM cadastre.parcel WHERE {NUMBER} AND valid_to = 'infinity'"
        ).fetchone()
    assert row
    return shapely.from_wkb(row[0])


@pytest.mark.parametrize("name", ["cadastre.parcel", "theme.cadastre"])
def test_one_changed_parcel_drops_the_tiles_that_meet_it_and_no_other(
    own_county: str, republish: Change, showcase: tuple[float, float], name: str
) -> None:
    one = engine(tile_layers("public")[name])
    _fill(one, showcase)
    before, was = _files(one), _shape(own_county)
    republish("cadastre.parcel", MOVED)
    dropped = upkeep.drop_outdated()[name]
    after = _files(one)
    expected = {path for path in before if _meets(path, one, [was, _shape(own_county)])}
    assert set(before) - set(after) == expected
    assert dropped == len(expected)
    assert 0 < len(expected) < len(before) / 2
    assert {path.parent.parent.name for path in expected} >= {"9", "10", "11", "16"}
    assert {path: before[path] for path in after} == after  # not touched, not drawn again


def test_a_version_in_which_nothing_visible_changed_drops_nothing(
    own_county: str, republish: Change, showcase: tuple[float, float]
) -> None:
    one = engine(tile_layers("public")["cadastre.parcel"])
    _fill(one, showcase, around=0)
    before = _files(one)
    republish("cadastre.parcel")
    republish("cadastre.parcel", f"UPDATE staged SET land_book_number = 'CF 1' WHERE {NUMBER}")
    upkeep.drop_outdated()
    assert _files(one) == before
    assert one.store.recorded() != ()


def test_what_a_map_shows_of_a_name_counts_as_a_change(
    own_county: str, republish: Change, showcase: tuple[float, float]
) -> None:
    one = engine(tile_layers("public")["cadastre.parcel"])
    _fill(one, showcase, around=0)
    before = _files(one)
    republish("cadastre.parcel", f"UPDATE staged SET cadastral_number = '77777' WHERE {NUMBER}")
    upkeep.drop_outdated()
    assert 0 < len(_files(one)) < len(before)


def test_tiles_of_layers_that_were_not_published_stay(
    own_county: str, republish: Change, showcase: tuple[float, float]
) -> None:
    one = engine(tile_layers("public")["cadastre.building"])
    _fill(one, showcase, around=0)
    before = _files(one)
    republish("cadastre.parcel", MOVED)
    upkeep.drop_outdated()
    assert _files(one) == before


def test_a_stale_tile_is_not_shown_though_nobody_dropped_it_after_publishing(
    own_county: str, republish: Change, showcase: tuple[float, float]
) -> None:
    one = engine(tile_layers("public")["cadastre.parcel"])
    column, _, row, _ = STEREO70.covering(10, (*showcase, *showcase))
    old = one.tile(STEREO70, 10, column, row).content
    republish("cadastre.parcel", f"DELETE FROM staged WHERE {NUMBER}")  # and the publisher dies here
    assert one.tile(STEREO70, 10, column, row).content != old


def test_a_version_of_a_later_day_changes_nothing_before_it_begins(
    own_county: str, republish: Change, showcase: tuple[float, float]
) -> None:
    one = engine(tile_layers("public")["cadastre.parcel"])
    _fill(one, showcase, around=0)
    before = _files(one)
    republish("cadastre.parcel", MOVED, day=today() + timedelta(days=1))
    upkeep.drop_outdated()
    assert _files(one) == before


def test_a_database_made_anew_leaves_no_tile(own_county: str, showcase: tuple[float, float]) -> None:
    one = engine(tile_layers("public")["cadastre.parcel"])
    _fill(one, showcase, around=0)
    with psycopg.connect(own_county) as connection:  # the same numbers, published at another time
        connection.execute(
            "UPDATE catalogue.layer_version SET published_at = published_at + interval '1 second'"
        )
    assert upkeep.drop_outdated()["cadastre.parcel"] > 0
    assert _files(one) == {}


KILLED = """
import os, pathlib, signal
from tiles.cache import upkeep
unlink, seen = pathlib.Path.unlink, []
def dying(self, missing_ok=False):
    unlink(self, missing_ok=missing_ok)
    seen.append(self)
    if len(seen) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
pathlib.Path.unlink = dying
upkeep.drop_outdated()
"""


def test_a_process_killed_while_it_drops_leaves_no_stale_tile(
    own_county: str, republish: Change, showcase: tuple[float, float]
) -> None:
    one = engine(tile_layers("public")["cadastre.parcel"])
    _fill(one, showcase, around=1)
    before, was, state = _files(one), _shape(own_county), one.store.recorded()
    republish("cadastre.parcel", MOVED)
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(KILLED)], env=os.environ, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(before) - len(_files(one)) == 2
    assert one.store.recorded() == state
    upkeep.drop_outdated()
    expected = {path for path in before if _meets(path, one, [was, _shape(own_county)])}
    assert set(before) - set(_files(one)) == expected


def test_what_was_begun_before_a_change_is_not_stored_after_it(
    own_county: str, republish: Change, showcase: tuple[float, float]
) -> None:
    one = engine(tile_layers("public")["cadastre.parcel"])
    column, _, row, _ = STEREO70.covering(10, (*showcase, *showcase))
    one.refresh()
    begun_in = token(one.store.recorded() or ())
    republish("cadastre.parcel", MOVED)
    upkeep.drop_outdated()
    content = one._make(one.managers[STEREO70.id], (column, row, 10), begun_in, today())
    assert content.startswith(b"\x89PNG")
    assert isinstance(one.managers[STEREO70.id].cache, StateGuarded)
    assert not one.store.path(STEREO70.id, 10, column, row).exists()
    one.tile(STEREO70, 10, column, row)
    assert one.store.path(STEREO70.id, 10, column, row).exists()
