"""Maps at every scale: what is drawn where, in which order, with plates, letters and labels that keep apart."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

import mapscript
import numpy as np
import psycopg
import pytest
from PIL import Image
from rasterio.features import shapes
from shapely.geometry import Point, Polygon

from layers.catalogue import catalogue
from layers.groups import drawing_order
from layers.style import ALWAYS, Primitive, StyleRule
from tests.tiles.world import ALFA, DAY, Builder, at, rectangle
from tiles.fonts import FONTSET
from tiles.mapfile import document, feature_layers, overlay_layer
from tiles.mapserver import conninfo
from tiles.picture import Picture
from tiles.plans.drawing import picture, selected
from tiles.plans.window import Window
from tiles.ranges import ROUNDING, band, bounds, shown_at
from tiles.references import reference
from tiles.selection import data
from tiles.service_map import ServiceMap
from tiles.symbols import letters
from tiles.themes import Entry

EVERYTHING = tuple(Entry(layer=layer.id) for layer in drawing_order(catalogue().values()) if layer.style)
PIXELS_PER_MM = 8.0


def shown(scale: int) -> set[str]:
    """The layers that draw anything at all at 1:scale."""
    return {entry.layer for entry in EVERYTHING if shown_at(entry, scale).rules}


def image(address: str, *layers: str, scale: int, centre: tuple[float, float] = (0, 0)) -> np.ndarray:
    """A map of 100 by 100 mm as pixels, its middle at metres from the world's corner."""
    x, y = at(*centre)
    half = 50 * scale / 1000
    window = Window(x - half, y + half, scale, 100, 100)
    entries = tuple(entry for entry in EVERYTHING if entry.layer in layers)
    drawn = picture(entries, window, DAY, address=address, form="png", pixels_per_mm=PIXELS_PER_MM)
    return np.asarray(Image.open(io.BytesIO(drawn)).convert("RGB")).astype(int)


def near(pixels: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    close: np.ndarray = (np.abs(pixels - np.array(colour)) <= 3).all(axis=2)
    return close


def test_a_map_of_the_county_shows_its_skeleton_only() -> None:
    assert shown(500_000) == {
        "admin.uat",
        "admin.built_up_area",
        "roads.road",
        "environment.water",
        "environment.forest",
        "environment.protected_site",
        "environment.coast_line",
        "transport.railway",
        "imagery.orthophoto",
        "terrain.dem",
    }
    categories = {
        value
        for rule in shown_at(Entry(layer="roads.road"), 500_000).rules.values()
        for value in rule.where["category"]
    }
    assert categories == {"A", "DX", "DN", "DJ"}


def test_the_closer_the_more_is_shown() -> None:
    scales = (500_000, 100_000, 50_000, 25_000, 10_000, 2_500)
    for far, close in pairwise(scales):
        assert shown(far) <= shown(close), f"lost between 1:{far} and 1:{close}"
    drawn = {layer.id for layer in catalogue().values() if layer.style}
    assert shown(500) == drawn


@pytest.mark.parametrize("scale", [500, 2_000, 5_000, 25_000, 100_000, 500_000])
def test_no_statement_runs_for_what_is_not_shown(scale: int) -> None:
    statements = selected(EVERYTHING, DAY, scale)
    assert {name.split(":")[0] for name in statements} == shown(scale)
    read = {statement.split(" FROM ")[1].split()[0] for statement in statements.values()}
    assert "cadastre.parcel" not in read or scale <= 25_000


@pytest.mark.parametrize("entry", EVERYTHING, ids=lambda entry: entry.layer)
def test_the_statement_and_mapserver_agree_on_the_scale(entry: Entry) -> None:
    """A rule that the SQL gives numbers of is one whose class MapServer draws, on both sides of every bound."""
    read = mapscript.fromstring(document("one", feature_layers(entry)))
    layers = {read.getLayer(i).name: read.getLayer(i) for i in range(read.numlayers)}
    for scale in (edge * step for edge in bounds(entry) if edge > 1 for step in (0.99, 1, 1.01)):
        if not entry.definition.scale.holds(scale):
            assert not shown_at(entry, scale).rules
            continue
        for name, layer in layers.items():
            classes = [layer.getClass(i) for i in range(layer.numclasses)]
            drawn = {
                int(one.getExpressionString().strip('"'))
                for one in classes
                if (one.minscaledenom <= 0 or scale > one.minscaledenom)
                and (one.maxscaledenom <= 0 or scale <= one.maxscaledenom)
            }
            kind: Primitive = name.rpartition(":")[2]
            wanted = {number for number, rule in shown_at(entry, scale).rules.items() if rule.draws(kind)}
            assert wanted <= drawn


def test_a_scale_as_mapserver_works_it_out_is_the_scale_that_was_meant() -> None:
    parcels = Entry(layer="cadastre.parcel")
    assert band(parcels, 2000.0005) == band(parcels, 2000)
    assert data(parcels, "polygon", DAY, 25_000.004)
    assert data(parcels, "polygon", DAY, 25_000 * ROUNDING + 1) is None


def test_a_kind_that_is_not_drawn_is_not_taken_for_another() -> None:
    """At 1:100,000 low voltage is not drawn, and must not look like the unknown voltage that comes after it."""
    statement = data(Entry(layer="utilities.line"), "line", DAY, 60_000)
    assert statement is not None
    rules = shown_at(Entry(layer="utilities.line"), 60_000)
    assert all(
        rule.where.get("network") != ("electricity",) or "voltage_kv" in rule.where
        for rule in rules.rules.values()
    )
    before = [number for rule, number in rules.kinds if rule.where.get("network") == ("electricity",)]
    assert None in before, "kinds that are left out are still told apart"


def test_the_day_and_the_scale_are_all_that_a_statement_takes_in() -> None:
    first = data(Entry(layer="admin.uat"), "polygon", date(2026, 1, 2), 70_000)
    assert first is not None
    assert "2026-01-02" in first
    assert "@" not in first


@pytest.mark.parametrize("scale", [500, 10_000, 250_000])
def test_every_layer_is_drawn_without_complaint(world: str, scale: int) -> None:
    """Every statement of every layer runs on PostGIS as it is: a slip in one would fail the whole map."""
    for entry in EVERYTHING:
        pixels = image(world, entry.layer, scale=scale)
        assert pixels.shape == (800, 800, 3)


def test_a_road_bears_its_number_on_a_plate_again_and_again(world: str) -> None:
    plates = near(image(world, "roads.road", scale=10_000), (0, 78, 152))
    columns = np.flatnonzero(plates.sum(axis=0) > 10)
    runs = 1 + (np.diff(columns) > 8 * PIXELS_PER_MM).sum()
    # The road is 1,600 m long: 100 mm of paper see 1,000 m of it, a plate every 60 mm.
    assert 1 <= runs <= 3
    white = near(image(world, "roads.road", scale=10_000), (255, 255, 255))
    rows = np.flatnonzero(plates.any(axis=1))
    band_of_plate = white[rows.min() : rows.max(), columns.min() : columns.max()]
    assert band_of_plate.any(), "the number is white on blue"


def test_roads_are_true_to_the_ground_up_close_and_lines_further_out(world: str) -> None:
    bed = (244, 244, 242)
    close = near(image(world, "roads.road", scale=1000, centre=(20, -20)), bed)[:, 700]
    # 7 m are 7 mm at 1:1000, without the coloured axis in the middle.
    assert 5.5 * PIXELS_PER_MM < close.sum() < 7.2 * PIXELS_PER_MM
    # Next to none: the edges of letters may have that colour too.
    assert near(image(world, "roads.road", scale=25_000, centre=(20, -20)), bed).sum() < 60


def test_a_road_past_the_edge_shows_as_far_as_it_is_wide(world: str) -> None:
    """Whatever the map drew before: by the first picture MapServer knows no width of a road yet."""
    beyond = Picture((("roads.road", "default"),), "EPSG:3844", (*at(-19, 100), *at(-9, 110)), 200, 200, DAY)
    around = replace(beyond, bbox=(*at(-29, 90), *at(1, 120)), width=600, height=600)
    fresh = ServiceMap(reference("EPSG:3844"), pieces=False)
    edge, whole = (
        np.asarray(Image.open(io.BytesIO(fresh.draw(asked, conninfo(world)))).convert("RGB")).astype(int)
        for asked in (beyond, around)
    )
    assert (edge[:, 0] != 255).any(), "the axis lies a metre beyond, the street is wider"
    assert np.abs(edge - whole[200:400, 200:400]).max() <= 1


def test_zones_lie_beneath_parcels_and_these_beneath_bans(world: str) -> None:
    together = image(
        world, "planning.zone", "cadastre.parcel", "planning.restriction", scale=1000, centre=(60, 60)
    )
    ban = near(together, (164, 0, 0))
    assert ban.any()
    assert near(together, (40, 40, 40)).any(), "parcels are seen over the fill of the zone"
    alone = image(world, "planning.restriction", scale=1000, centre=(60, 60))
    assert near(alone, (164, 0, 0)).sum() * 0.9 < ban.sum(), "the ban is not hidden"


def test_letters_stand_on_the_lines_of_networks() -> None:
    used = Counter(
        rule.marker.letter
        for layer in catalogue().values()
        for rule in layer.style
        if rule.marker and rule.marker.letter
    )
    assert set(used) == set(letters())
    assert {"A", "C", "G", "T"} <= set(used)
    networks = {
        tuple(rule.where["network"]): (rule.strokes[0].colour, rule.strokes[0].dash, rule.marker)
        for rule in catalogue()["utilities.line"].style
    }
    assert len(set(map(repr, networks.values()))) == len(networks)


def boxes(rules: dict[str, StyleRule], points: Sequence[tuple[str, float, float, str]]) -> list[Polygon]:
    """The boxes of the labels placed for points (rule, mm right, mm down, text) on 100 by 100 mm, in mm.

    Drawn with the rule's own label, but its box filled and all else left out.
    """
    blocks = []
    for name, rule in rules.items():
        block = overlay_layer(name, rule, "point")
        (only,) = block["classes"]
        only["styles"] = []
        for label in only["labels"]:
            label["styles"] = [{"__type__": "style", "geomtransform": "labelpoly", "color": [0, 0, 0]}]
            label["color"] = [0, 0, 0]
            label.pop("outlinecolor", None)
        blocks.append(block)
    drawing = mapscript.fromstring(document("labels", blocks, "png"))
    drawing.setFontSet(str(FONTSET))
    drawing.setSize(1000, 1000)
    drawing.setExtent(0.05, 0.05, 99.95, 99.95)
    for name, right, down, text in points:
        feature = mapscript.shapeObj.fromWKT(f"POINT({right} {100 - down})")
        feature.text = text
        drawing.getLayerByName(f"{name}:point").addFeature(feature)
    pixels = np.asarray(Image.open(io.BytesIO(drawing.draw().getBytes())).convert("L"))
    dark = (pixels < 200).astype(np.uint8)
    return [Polygon(found["coordinates"][0]) for found, value in shapes(dark, connectivity=8) if value == 1]


def labelled(layer: str) -> StyleRule:
    """The first rule of the layer, with its label at any scale."""
    rule = catalogue()[layer].style[0]
    assert rule.label
    return rule.model_copy(update={"label": rule.label.model_copy(update={"scale": ALWAYS, "halo": None})})


def test_labels_keep_apart_however_crowded() -> None:
    crowd = [
        ("house", 20 + 2.1 * i, 20 + 1.7 * j, str(100 + 10 * i + j)) for i in range(20) for j in range(20)
    ]
    placed = boxes({"house": labelled("admin.address")}, crowd)

    assert 40 < len(placed) < 400, "some are left out, most of the room is used"
    # Two boxes that overlapped would be one outline with more than four corners.
    for box in placed:
        assert box.area > 0.93 * box.envelope.area
    for index, box in enumerate(placed):
        assert all(box.distance(other) >= 2 for other in placed[index + 1 :])


def test_plates_keep_apart_by_their_borders() -> None:
    road = next(rule for rule in catalogue()["roads.road"].style if rule.shield)
    assert road.shield
    plate = road.shield.model_copy(update={"scale": ALWAYS, "every": None})
    road = road.model_copy(update={"scale": ALWAYS, "label": None, "shield": plate})
    crowd = [("road", 20 + 4 * i, 20 + 2.5 * j, f"DJ {100 + 10 * i + j}") for i in range(9) for j in range(9)]
    placed = boxes({"road": road}, crowd)

    assert len(placed) > 4
    for index, box in enumerate(placed):
        # A plate is 0.75 mm larger than the box of its number on every side; 10 pixels are a millimetre.
        assert all(box.distance(other) >= 15 for other in placed[index + 1 :])


def test_the_more_important_label_has_the_room() -> None:
    house, town = labelled("admin.address"), labelled("admin.uat")
    crowd = [("house", 46 + i, 48 + j, "88888") for i in range(9) for j in range(5)]
    with_town = boxes({"house": house, "town": town}, [*crowd, ("town", 50, 50, "Vatra")])

    (middle,) = [box for box in with_town if box.contains(Point(500, 500))]
    (alone,) = boxes({"town": town}, [("town", 50, 50, "Vatra")])
    assert middle.symmetric_difference(alone).area < 0.02 * alone.area


@pytest.mark.parametrize("town_first", [True, False])
def test_a_town_is_named_before_its_detached_pieces(fresh_database: str, town_first: bool) -> None:
    town, piece = rectangle(-600, -600, 1200, 1200), rectangle(650, -50, 60, 60)
    with psycopg.connect(fresh_database) as connection:
        world = Builder(connection)
        order = ((town, "Vatra"), (piece, "Trupul 7"))
        for shape, name in order if town_first else reversed(order):
            world.add("admin.built_up_area", shape, siruta=ALFA, locality=name)

    def drawn() -> np.ndarray:
        return image(fresh_database, "admin.built_up_area", scale=100_000)

    both = drawn()
    with psycopg.connect(fresh_database) as connection:
        connection.execute("UPDATE admin.built_up_area SET locality = NULL WHERE locality = 'Trupul 7'")
    town_only = drawn()
    with psycopg.connect(fresh_database) as connection:
        connection.execute("UPDATE admin.built_up_area SET locality = NULL")

    assert (both == town_only).all()
    assert (town_only != drawn()).any(), "the town has its name"


def test_no_label_is_cut_by_the_edge_or_forced() -> None:
    text = document("all", [block for entry in EVERYTHING for block in feature_layers(entry)])
    read = mapscript.fromstring(text)
    seen = 0
    for layer in (read.getLayer(i) for i in range(read.numlayers)):
        for one in (layer.getClass(i) for i in range(layer.numclasses)):
            for label in (one.getLabel(i) for i in range(one.numlabels)):
                seen += 1
                assert label.partials == mapscript.MS_FALSE
                assert label.force == mapscript.MS_FALSE
                assert 1 <= label.priority <= 10
    assert seen > 60
    at_edge = boxes(
        {"house": labelled("admin.address")},
        [("house", 99.8, 50, "12345")],
    )
    for box in at_edge:
        assert box.bounds[2] < 999, "moved inwards or left out"
