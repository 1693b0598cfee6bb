"""Maps glued from pieces, as tiles are: no text is cut at a seam, and none is there twice."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import psycopg
import pytest
from PIL import Image

from layers import demo
from tests.tiles.pieces import SIDE, Place, Sheet, Texts, inked, texts, theme
from tests.tiles.world import DAY, SQUARE, at
from tiles import classes, looks
from tiles.cache.layers import tile_layers
from tiles.painting import paint
from tiles.picture import STANDARD_PPI, Form, Picture
from tiles.references import reference
from tiles.service_map import ServiceMap

SCALES = (1_000, 2_000, 5_000, 25_000, 100_000)
PARCELS = (("cadastre.parcel", "default"),)
MIDDLE = SQUARE.centroid.x, SQUARE.centroid.y


@pytest.fixture(scope="module")
def only_texts() -> Texts:
    """A map of texts."""
    return Texts()


@pytest.fixture(scope="module")
def places(demo_database: str) -> list[Place]:
    """Middles of the town, of the village of the showcase, and of some others."""
    with psycopg.connect(demo_database) as connection:
        found = connection.execute(
            "SELECT ST_X(c), ST_Y(c) FROM (SELECT ST_Centroid(geom) c, siruta, ST_Area(geom) a"
            " FROM admin.built_up_area) s ORDER BY siruta <> %s, a DESC LIMIT 4",
            [demo.SHOWCASE.siruta],
        )
        return [(x, y) for x, y in found]


def on_seams(shape: tuple[int, ...]) -> np.ndarray:
    """The pixels on both sides of the seams of a block."""
    marked = np.zeros(shape[:2], dtype=bool)
    marked[SIDE - 1 : SIDE + 1] = True
    marked[:, SIDE - 1 : SIDE + 1] = True
    return marked


def differing(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Where two pictures differ to the eye."""
    return np.asarray(np.abs(one - other).max(axis=2) > 40)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("name", ["planning", "cadastre", "utilities"])
def test_texts_on_a_seam_are_those_of_one_large_picture(
    demo_database: str, places: list[Place], only_texts: Texts, name: str, scale: int
) -> None:
    sheet = Sheet(only_texts, demo_database, theme(name), scale)
    seen = 0
    for corner in dict.fromkeys(sheet.corner(place) for place in places[:2]):
        glued, whole = sheet.block(corner), sheet.whole(corner)
        numbers = texts(inked(glued) | inked(whole))
        seen += numbers.max()
        changed = set(np.unique(numbers[differing(glued, whole)])) - {0}
        assert not changed & set(np.unique(numbers[on_seams(glued.shape)])), "a text is cut, or moved"
        # A picture that sees more may now and then leave out another of two texts that collide.
        assert len(changed) <= 0.01 * numbers.max()
    assert seen


def test_there_are_texts_on_seams(demo_database: str, places: list[Place], only_texts: Texts) -> None:
    """Or else the test before this one would prove nothing."""
    sheet = Sheet(only_texts, demo_database, theme("cadastre"), 1_000)
    blocks = [sheet.block(sheet.corner(place)) for place in places]
    assert sum(len(np.unique(texts(inked(block))[on_seams(block.shape)])) - 1 for block in blocks) > 5


@pytest.mark.parametrize("name", ["planning", "utilities"])
@pytest.mark.parametrize("scale", SCALES)
def test_a_picture_across_a_seam_shows_the_same(
    demo_database: str, places: list[Place], name: str, scale: int
) -> None:
    """With all that is drawn, letters on lines too; only the dashes of outlines begin elsewhere."""
    drawing = ServiceMap(reference("EPSG:3844"), pieces=True)
    sheet = Sheet(drawing, demo_database, theme(name), scale)
    corner, half = sheet.corner(places[0]), SIDE // 2
    glued, strip = sheet.block(corner), 24
    across = sheet.piece((corner[0] - half * sheet.pixel, corner[1] + half * sheet.pixel))
    middle = glued[half : half + SIDE, half : half + SIDE]
    changed = differing(middle, across)
    assert changed[half - strip : half + strip].mean() < 0.01
    assert changed[:, half - strip : half + strip].mean() < 0.01


@pytest.mark.parametrize("shift", [(0, 0), (3, -2), (-4, 1)])
def test_an_area_bears_its_text_once_wherever_the_seams_run(
    world: str, only_texts: Texts, shift: Place
) -> None:
    sheet = Sheet(only_texts, world, PARCELS, 500)
    glued = sheet.block((MIDDLE[0] + shift[0], MIDDLE[1] + shift[1]))
    # The square and its narrow neighbour; the third parcel lies two kilometres off.
    assert texts(inked(glued)).max() == 2


def test_each_parcel_has_its_number_once(demo_database: str, places: list[Place], only_texts: Texts) -> None:
    sheet = Sheet(only_texts, demo_database, PARCELS, 1_000)
    corner, side = sheet.corner(places[-1]), SIDE * sheet.pixel
    glued, whole = sheet.block(corner), sheet.whole(corner)
    with psycopg.connect(demo_database) as connection:
        row = connection.execute(
            "SELECT count(*) FROM cadastre.parcel WHERE valid_from <= %s AND valid_to > %s"
            " AND ST_Intersects(geom, ST_MakeEnvelope(%s, %s, %s, %s, 3844))",
            [DAY, DAY, corner[0] - side, corner[1] - side, corner[0] + side, corner[1] + side],
        ).fetchone()
    assert row
    assert 10 < texts(inked(glued)).max() <= row[0]
    assert texts(inked(glued)).max() == texts(inked(whole)).max()


def test_a_picture_that_stands_alone_has_its_texts_within(world: str) -> None:
    """What sees a corner of an area only says there what it is; a piece leaves that to its neighbour."""
    corner = at(2, 2)
    asked = Picture(PARCELS, "EPSG:3844", (*corner, corner[0] + 30, corner[1] + 30), 300, 300, DAY, ppi=254)
    alone, piece = (
        np.asarray(Image.open(io.BytesIO(paint(replace(asked, piece=piece), world))).convert("RGB"))
        for piece in (False, True)
    )
    # Without their outlines.
    alone, piece = (texts(inked(shown.astype(int))[10:-10, 10:-10]) for shown in (alone, piece))
    assert alone.max() >= 1
    assert piece.max() == 0


@pytest.mark.parametrize("ppi", [STANDARD_PPI, 2 * STANDARD_PPI])
def test_small_tiles_of_a_service_fit_together(world: str, ppi: float) -> None:
    x, y = MIDDLE
    whole = Picture(PARCELS, "EPSG:3844", (x - 25.6, y - 12.8, x + 25.6, y + 12.8), 512, 256, DAY, ppi=ppi)
    whole = replace(whole, piece=True)
    left = replace(whole, width=256, bbox=(x - 25.6, y - 12.8, x, y + 12.8))
    right = replace(whole, width=256, bbox=(x, y - 12.8, x + 25.6, y + 12.8))
    shown = [
        np.asarray(Image.open(io.BytesIO(paint(one, world))).convert("RGB")).astype(int)
        for one in (left, right, whole)
    ]
    assert inked(shown[2])[:, 250:262].any(), "the number stands on the seam"
    assert not differing(np.hstack(shown[:2]), shown[2]).any()


@pytest.mark.parametrize(("form", "kind"), [("png", "PNG"), ("png8", "PNG"), ("jpeg", "JPEG")])
def test_a_piece_has_the_size_and_form_asked_for(world: str, form: Form, kind: str) -> None:
    asked = Picture(PARCELS, "EPSG:3844", (*at(0, 0), *at(100, 50)), 200, 100, DAY, form=form, piece=True)
    with Image.open(io.BytesIO(paint(asked, world))) as drawn:
        assert (drawn.size, drawn.format) == ((200, 100), kind)
    assert b"<svg" in paint(replace(asked, form="svg"), world)[:400]


@pytest.fixture
def fresh_looks() -> Iterator[None]:
    """Looks are worked out anew, before and after."""
    known = (looks._common, looks._of_one, tile_layers.__globals__["_tile_layers"])
    for function in known:
        function.cache_clear()
    yield
    for function in known:
        function.cache_clear()


@pytest.mark.usefixtures("fresh_looks")
def test_another_look_has_another_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """The code that draws is part of the look: the same style drawn otherwise never shows old tiles."""
    before = {name: layer.digest for name, layer in tile_layers("staff").items()}
    monkeypatch.setattr(classes, "PLATE_MM", 1.2)
    looks._of_one.cache_clear()
    tile_layers.__globals__["_tile_layers"].cache_clear()
    after = {name: layer.digest for name, layer in tile_layers("staff").items()}
    assert before["roads.road"] != after["roads.road"]
    assert before["theme.planning"] != after["theme.planning"]
    assert before["cadastre.parcel"] == after["cadastre.parcel"]
