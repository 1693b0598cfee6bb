"""Pictures for services: the right ground in every CRS, in every form, of the right day; looked at pixel by pixel."""

from __future__ import annotations

import io
import math
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import numpy as np
import psutil
import psycopg
import pytest
from PIL import Image
from pyproj import Transformer

from layers.errors import DatabaseUnavailable
from tests.tiles.world import DAY, EAST, NORTH, ZONE_COLOURS, ZONE_SIDE, at, zone_place
from tiles.legend_picture import ROW, SAMPLE
from tiles.mapserver import conninfo
from tiles.painting import legend_sizes, paint, paint_legend, pool
from tiles.picture import STANDARD_PPI, Picture
from tiles.png import pack
from tiles.references import REFERENCES, UnknownReference, reference
from tiles.service_map import entries
from tiles.themes import Entry

ZONES = (("planning.zone", "default"),)
# The zones' block with room round it, metres.
WINDOW = (*at(950, -50), *at(1300, 300))
WHITE = (255, 255, 255)


def picture(**changed: object) -> Picture:
    """The zones in Stereo70, a pixel a metre."""
    plain = Picture(ZONES, "EPSG:3844", WINDOW, 350, 350, DAY)
    return replace(plain, **changed)


def pixels(drawn: bytes, mode: str = "RGB") -> np.ndarray:
    """The picture as rows of pixels."""
    return np.asarray(Image.open(io.BytesIO(drawn)).convert(mode)).astype(int)


def in_crs(name: str, x: float, y: float) -> tuple[float, float]:
    """A place in another CRS, x = east first; EPSG:31700 has the coordinates of EPSG:3844."""
    if name == "EPSG:31700":
        return x, y
    target = "OGC:CRS84" if name == "CRS:84" else name
    return Transformer.from_crs("EPSG:3844", target, always_xy=True).transform(x, y)


def colour_at(shown: np.ndarray, bbox: tuple[float, ...], x: float, y: float) -> tuple[int, ...]:
    """The pixel over a place, found from nothing but the box and the size."""
    west, south, east, north = bbox
    height, width = shown.shape[:2]
    column = math.floor((x - west) / (east - west) * width)
    row = math.floor((north - y) / (north - south) * height)
    return tuple(int(channel) for channel in shown[row, column])


def beside_the_code(code: str) -> tuple[float, float]:
    """A place inside the zone and clear of its label and edge."""
    x, y = zone_place(code)
    return EAST + x + ZONE_SIDE * 0.25, NORTH + y + ZONE_SIDE * 0.25


@pytest.mark.parametrize("crs", list(REFERENCES))
def test_the_same_ground_comes_back_in_every_crs(world: str, crs: str) -> None:
    corners = [in_crs(crs, x, y) for x in (WINDOW[0], WINDOW[2]) for y in (WINDOW[1], WINDOW[3])]
    bbox = (
        min(x for x, _ in corners),
        min(y for _, y in corners),
        max(x for x, _ in corners),
        max(y for _, y in corners),
    )
    shown = pixels(paint(picture(crs=crs, bbox=bbox, width=500, height=400), world))
    for code, colour in ZONE_COLOURS.items():
        found = colour_at(shown, bbox, *in_crs(crs, *beside_the_code(code)))
        assert found == colour, f"{code} in {crs}"
    assert colour_at(shown, bbox, *in_crs(crs, *at(960, 290))) == WHITE


def test_pixels_need_not_be_square(world: str) -> None:
    for width, height in ((700, 350), (350, 100)):
        shown = pixels(paint(picture(width=width, height=height), world))
        assert shown.shape == (height, width, 3)
        for code, colour in ZONE_COLOURS.items():
            assert colour_at(shown, WINDOW, *beside_the_code(code)) == colour, f"{code} at {width}×{height}"


def test_the_box_runs_along_the_outer_edges_of_the_pixels(world: str) -> None:
    # The row of zones begins at x = 1000 and y = 0: a box from there on is filled from its first pixel.
    x, y = at(1000, 0)
    shown = pixels(paint(picture(bbox=(x - 10, y - 10, x + 10, y + 10), width=20, height=20), world))
    inside = (shown != WHITE).any(axis=2)
    assert inside[:9, 11:].all()
    assert not inside[12:, :].any()
    assert not inside[:, :8].any()


def test_forms(world: str) -> None:
    truth = pixels(paint(picture(), world))
    for form, kind, off in (("png8", "PNG", 24), ("jpeg", "JPEG", 60)):
        drawn = paint(picture(form=form), world)
        assert Image.open(io.BytesIO(drawn)).format == kind
        if form == "png8":
            assert Image.open(io.BytesIO(drawn)).mode == "P"
        middle = np.abs(pixels(drawn) - truth)
        assert np.percentile(middle, 95) <= off
    svg = paint(picture(form="svg"), world).decode()
    assert svg.startswith("<?xml")
    assert "</svg>" in svg


def test_transparent_and_background(world: str) -> None:
    clear = pixels(paint(picture(transparent=True), world), "RGBA")
    outside = clear[0, 0]
    assert outside[3] == 0
    x, y = beside_the_code("Li")
    assert colour_at(clear, WINDOW, x, y) == (*ZONE_COLOURS["Li"], 255)
    blue = pixels(paint(picture(background=(0, 0, 255)), world))
    assert tuple(blue[0, 0]) == (0, 0, 255)
    assert tuple(pixels(paint(picture(), world))[0, 0]) == WHITE


def test_the_later_layer_lies_on_top(world: str) -> None:
    # Two looks of one layer: a grey outline beneath or on top of the black one.
    below = (("cadastre.parcel", "default"), ("planning.zone", "default"))
    above = tuple(reversed(below))
    drawn = [paint(picture(layers=order, bbox=WINDOW), world) for order in (below, above)]
    alone = paint(picture(), world)
    assert drawn[0] == alone or drawn[0] != drawn[1]
    twice = paint(picture(layers=(*ZONES, *ZONES)), world)
    assert twice == alone


def test_a_day_shows_what_was_in_force(world: str) -> None:
    before = pixels(paint(picture(as_of=date(2025, 12, 31)), world))
    assert (before == WHITE).all()
    assert (pixels(paint(picture(as_of=date(2026, 1, 1)), world)) != WHITE).any()


def test_a_higher_resolution_draws_the_same_thing_larger(world: str) -> None:
    layers = (("roads.road", "axis"),)
    bbox = (*at(-100, -60), *at(0, 20))

    def thickness(factor: int) -> int:
        asked = picture(
            layers=layers, bbox=bbox, width=200 * factor, height=160 * factor, ppi=STANDARD_PPI * factor
        )
        shown = pixels(paint(asked, world))
        return int((shown[:, 3 * factor] != WHITE).any(axis=1).sum())

    assert thickness(1) > 0
    assert thickness(3) / thickness(1) == pytest.approx(3, rel=0.35)


@pytest.mark.parametrize("crs", ["EPSG:3844", "EPSG:3857", "EPSG:3035"])
def test_a_road_is_as_wide_as_on_the_ground_in_every_plane(world: str, crs: str) -> None:
    # DJ 663 runs from west to east, 7 m wide, at y = -20.
    (west, south), (east, north) = in_crs(crs, *at(100, -60)), in_crs(crs, *at(300, 20))
    asked = picture(
        layers=(("roads.road", "bed"),), crs=crs, bbox=(west, south, east, north), width=1000, height=400
    )
    shown = pixels(paint(asked, world))
    column = (shown[:, 500] != WHITE).any(axis=1).sum()
    height = np.hypot(*np.subtract(in_crs(crs, *at(200, 20)), in_crs(crs, *at(200, -60))))
    metre = height / 80  # of the map, in metres of the ground
    assert column * (north - south) / 400 / metre == pytest.approx(7.0, abs=0.8)


def test_one_pixel_and_nothing_there(world: str) -> None:
    assert pixels(paint(picture(width=1, height=1), world)).shape == (1, 1, 3)
    for crs, bbox in (
        ("CRS:84", (-10.0, 90.0, 10.0, 110.0)),
        ("CRS:84", (-180.0, -90.0, 180.0, 90.0)),
        ("EPSG:3857", (-1e9, -1e9, 1e9, 1e9)),
        ("EPSG:3844", (-1e8, -1e8, -9e7, -9e7)),
        ("EPSG:3035", (0.0, 0.0, 1000.0, 1000.0)),
        ("EPSG:4326", (179.0, 89.0, 190.0, 95.0)),
    ):
        shown = pixels(paint(picture(crs=crs, bbox=bbox, background=(1, 2, 3)), world))
        assert (shown == (1, 2, 3)).all(), f"{crs} {bbox}"


def test_packing_changes_no_pixel(world: str) -> None:
    for asked in (picture(), picture(transparent=True), picture(width=1000, height=7)):
        packed = paint(asked, world)
        kept = io.BytesIO()
        Image.open(io.BytesIO(packed)).save(kept, "PNG", compress_level=0)
        again = pack(kept.getvalue())
        assert (pixels(again, "RGBA") == pixels(packed, "RGBA")).all()
        assert len(again) < len(kept.getvalue()) / 4


def test_every_layer_in_every_look_is_drawn_at_every_scale(world: str) -> None:
    everything = tuple((entry.layer, entry.variant) for entry in entries())
    for metres in (50, 500, 5_000, 50_000, 500_000):
        x, y = at(500, 0)
        bbox = (x - metres, y - metres, x + metres, y + metres)
        for crs in ("EPSG:3844", "EPSG:3857"):
            if crs == "EPSG:3857":
                bbox = (*in_crs(crs, *bbox[:2]), *in_crs(crs, *bbox[2:]))
            assert paint(picture(layers=everything, crs=crs, bbox=bbox, width=200, height=200), world)


def test_many_at_once_are_each_what_they_are_alone(world: str) -> None:
    asked = [
        picture(layers=layers, crs=crs, bbox=bbox, form=form, as_of=day)
        for layers in (ZONES, (("cadastre.parcel", "default"), ("roads.road", "default")))
        for crs, bbox in (
            ("EPSG:3844", WINDOW),
            ("EPSG:3857", (*in_crs("EPSG:3857", *WINDOW[:2]), *in_crs("EPSG:3857", *WINDOW[2:]))),
        )
        for form in ("png", "jpeg")
        for day in (DAY, date(2025, 1, 1))
    ]
    alone = [paint(one, world) for one in asked]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda one: paint(one, world), asked * 3))
    for one, other in zip(alone * 3, together, strict=True):
        # Another process may smooth letters a shade otherwise.
        assert np.abs(pixels(one) - pixels(other)).mean() < 0.02


@pytest.fixture
def drawers(world: str) -> list[psutil.Process]:
    """The running drawing processes."""
    paint(picture(), world)
    mine = [
        child for child in psutil.Process().children(recursive=True) if str(pool().path) in child.cmdline()
    ]
    return [child for child in mine if child.ppid() in {one.pid for one in mine}]


def test_killed_drawers_come_back(world: str, drawers: list[psutil.Process]) -> None:
    before = paint(picture(), world)
    assert drawers
    for drawer in drawers:
        os.kill(drawer.pid, signal.SIGKILL)
    assert paint(picture(), world) == before


def test_a_lost_connection_is_opened_again(world: str) -> None:
    before = paint(picture(), world)
    with psycopg.connect(world, autocommit=True) as connection:
        ended = connection.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name LIKE 'vatra-drawing-%'"
        ).fetchone()
    assert ended is not None
    assert ended[0] >= 1
    for _ in range(4):  # each process has a connection of its own
        assert paint(picture(), world) == before


def test_no_database_is_said_so(world: str) -> None:
    nowhere = psycopg.conninfo.make_conninfo(world, host="/nowhere", dbname="none")
    with pytest.raises(DatabaseUnavailable, match="database does not answer"):
        paint(picture(), nowhere)
    assert paint(picture(), world)


def test_an_unknown_crs_is_refused(world: str) -> None:
    with pytest.raises(UnknownReference, match="EPSG:9999"):
        reference("EPSG:9999")
    with pytest.raises(UnknownReference):
        paint(picture(crs="EPSG:9999"), world)


def test_legends_are_as_large_as_they_say_and_show_each_sample() -> None:
    sizes = legend_sizes()
    for entry in entries():
        shown = pixels(paint_legend(entry, "png"))
        assert (shown.shape[1], shown.shape[0]) == sizes[entry.layer, entry.variant]
        for top in range(0, shown.shape[0], ROW):
            sample = shown[top : top + ROW, : SAMPLE[0] + 8]
            assert (sample != 255).any(), f"{entry.key}: line {top // ROW} has no sample"


def test_a_legend_shows_the_colours_of_the_map() -> None:
    shown = {
        tuple(map(int, pixel))
        for row in pixels(paint_legend(Entry(layer="planning.zone"), "png"))
        for pixel in row
    }
    assert set(ZONE_COLOURS.values()) <= shown


def test_a_legend_for_a_scale_holds_what_is_drawn_at_it() -> None:
    roads = Entry(layer="roads.road")
    large, small = (pixels(paint_legend(roads, "png", scale)) for scale in (1_000.0, 400_000.0))
    assert small.shape[0] < large.shape[0]
    assert paint_legend(Entry(layer="cadastre.parcel"), "png", 4_000_000.0)


def test_the_role_that_an_address_takes_on_is_kept() -> None:
    told = psycopg.conninfo.conninfo_to_dict(conninfo("host=db user=x options='-c role=vatra_map'"))
    assert str(told["options"]).startswith("-c role=vatra_map -c jit=off")
