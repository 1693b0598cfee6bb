"""Plans of the hand-made world: true to scale, the right way up, in the standard's colours."""

from __future__ import annotations

import re
import subprocess
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from shapely.geometry import LineString, MultiPoint, Point, box
from shapely.geometry.base import BaseGeometry

from tests.tiles.conftest import MADE_AT, Picture, words
from tests.tiles.world import DAY, EAST, NORTH, SQUARE, ZONE_COLOURS, ZONE_SIDE, at, zone_place
from tiles.plans.drawing import Overlay
from tiles.plans.page import plan_pdf
from tiles.plans.plan import Plan, draw_plan
from tiles.plans.scales import PlanError
from tiles.plans.sheet import Heading
from tiles.themes import THEMES, UnknownTheme

RED = (214, 0, 28)
MM_PER_INCH = 25.4
A4_POINTS = (595.276, 841.89)


def plan(world: str, land: BaseGeometry = SQUARE, theme: str = "cadastre", **options: object) -> Plan:
    return draw_plan(land, theme, DAY, address=world, **options)


def page_of_pdf(plan: Plan, folder: Path, dots_per_inch: int) -> np.ndarray:
    """The PDF's first page as pixels, by a renderer that is none of ours."""
    (folder / "plan.pdf").write_bytes(plan_pdf(plan, MADE_AT))
    subprocess.run(
        [
            "pdftoppm",
            "-r",
            str(dots_per_inch),
            "-f",
            "1",
            "-l",
            "1",
            "-png",
            "-singlefile",
            "plan.pdf",
            "page",
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return np.asarray(Image.open(folder / "page.png").convert("RGB"))


def side_mm(pixels: np.ndarray, dots_per_inch: int) -> tuple[float, float]:
    """Width and height of the red outline between the middles of its strokes."""
    red, green, blue = (pixels[:, :, channel].astype(np.int16) for channel in range(3))
    reddish = (abs(red - RED[0]) < 25) & (abs(green - RED[1]) < 25) & (abs(blue - RED[2]) < 25)
    # The legend's sample of the outline stands lower down: the map fills the upper part of the page.
    reddish[int(pixels.shape[0] * 0.62) :] = False
    sides = []
    for axis in (0, 1):
        counts = reddish.sum(axis=axis)
        (stroke,) = np.nonzero(counts > counts.max() * 0.8)
        gap = int(np.argmax(np.diff(stroke)))
        first, second = stroke[: gap + 1], stroke[gap + 1 :]
        sides.append((second.mean() - first.mean()) * MM_PER_INCH / dots_per_inch)
    return sides[0], sides[1]


@pytest.mark.parametrize(("scale", "expected"), [(1000, 100.0), (2000, 50.0), (5000, 20.0)])
def test_a_hundred_metres_are_true_to_scale_on_the_pdf_page(
    world: str, tmp_path: Path, scale: int, expected: float
) -> None:
    pixels = page_of_pdf(plan(world, scale=scale), tmp_path, 400)

    assert side_mm(pixels, 400) == pytest.approx((expected, expected), abs=0.2)


def test_the_pdf_is_tagged_a4_in_romanian_with_a_description(world: str, tmp_path: Path) -> None:
    drawn = plan(world, theme="utilities", heading=Heading(land="Nr. cadastral 30001"))
    (tmp_path / "plan.pdf").write_bytes(plan_pdf(drawn, MADE_AT))
    told = subprocess.run(
        ["pdfinfo", "-struct-text", "plan.pdf"], cwd=tmp_path, check=True, capture_output=True, text=True
    ).stdout
    facts = subprocess.run(
        ["pdfinfo", "plan.pdf"], cwd=tmp_path, check=True, capture_output=True, text=True
    ).stdout

    assert "Tagged:          yes" in facts
    assert re.search(r"Page size:\s+595\.\d+ x 841\.\d+ pts \(A4\)", facts)
    assert "Figure" in told
    assert "Nr. cadastral 30001" in drawn.alt
    assert "cu nordul în sus" in drawn.alt


def test_the_pdf_embeds_every_font(world: str, tmp_path: Path) -> None:
    (tmp_path / "plan.pdf").write_bytes(plan_pdf(plan(world), MADE_AT))
    fonts = subprocess.run(
        ["pdffonts", "plan.pdf"], cwd=tmp_path, check=True, capture_output=True, text=True
    ).stdout

    rows = fonts.splitlines()[2:]
    assert rows
    assert all("NotoSans" in row and re.search(r"\byes\s+yes\s+yes\b", row) for row in rows)


def test_north_is_up_and_east_is_right(world: str) -> None:
    picture = Picture(plan(world, theme="planning", scale=2000), SQUARE)

    assert picture.colour(*at(-40, 180)) == ZONE_COLOURS["CS"], "to the north"
    assert picture.colour(*at(180, 50)) == ZONE_COLOURS["V"], "to the east"
    assert picture.colour(*at(-60, 20)) == ZONE_COLOURS["Li"], "to the west"


@pytest.mark.parametrize("code", ZONE_COLOURS)
def test_zones_have_the_colours_of_the_standard(zones_picture: Picture, code: str) -> None:
    x, y = zone_place(code)

    assert zones_picture.colour(*at(x + 8, y + 8)) == ZONE_COLOURS[code]
    assert zones_picture.colour(*at(x + ZONE_SIDE - 8, y + ZONE_SIDE - 8)) == ZONE_COLOURS[code]


@pytest.fixture(scope="module")
def zones_picture(world: str) -> Picture:
    land = box(*at(1000, 0), *at(1250, 250))
    return Picture(plan(world, land, "planning", scale=2000), land)


def test_networks_have_the_colours_of_the_standard(world: str) -> None:
    picture = Picture(plan(world, theme="utilities", scale=2000), SQUARE)

    along = [picture.colour(EAST + x, NORTH - 30) for x in range(-40, 120)]
    water = [picture.colour(EAST + x, NORTH + 120) for x in range(-40, 120)]
    assert along.count((0, 153, 89)) > 80, "LEA 20 kV"
    assert water.count((72, 185, 213)) > 80, "distribuție apă potabilă"


def test_a_road_is_as_wide_as_in_nature(world: str) -> None:
    drawn = plan(world, theme="cadastre", scale=1000)
    picture = Picture(drawn, SQUARE)

    def is_carriageway(metres: float) -> bool:
        return picture.colour(EAST + 3.0, NORTH - 20 + metres) == (233, 233, 233)

    wide = [step / 20 for step in range(-120, 121) if is_carriageway(step / 20)]
    assert wide[0] == pytest.approx(-3.5, abs=0.15)
    assert wide[-1] == pytest.approx(3.5, abs=0.15)


def test_coordinates_at_the_frame_are_where_they_say(world: str) -> None:
    drawn = plan(world, scale=1000)
    texts = re.findall(r'<text x="([\d.]+)" y="([\d.]+)"[^>]*>([XY]) (\d+)</text>', drawn.sheet_svg)

    assert {(axis, int(value)) for _, _, axis, value in texts} >= {
        ("Y", 500_050),
        ("X", 400_050),
        ("X", 400_100),
    }
    picture = Picture(drawn, SQUARE)
    paper = drawn.paper
    for x, y, axis, value in texts:
        place = picture.place(float(value), 0)[0] if axis == "Y" else picture.place(0, float(value))[1]
        written = float(x) + paper.left if axis == "Y" else float(y) + paper.top
        assert written == pytest.approx(place, abs=0.01)


def test_grid_ticks_are_drawn_at_round_coordinates(world: str) -> None:
    land = box(*at(7, 9), *at(47, 39))
    picture = Picture(plan(world, land, scale=1000), land)

    for step in (-1.4, 0.0, 1.4):
        assert sum(picture.colour(EAST - 50 + step, NORTH + 50)) < 300
        assert sum(picture.colour(EAST - 50, NORTH + 50 + step)) < 300
    assert picture.colour(EAST - 50 + 1, NORTH + 50 + 1) == (255, 255, 255)
    assert picture.colour(EAST - 50 + 2.5, NORTH + 50) == (255, 255, 255)


def test_vertices_are_listed_as_surveyors_write_them(world: str) -> None:
    drawn = plan(world)

    assert [(vertex.number, vertex.x_north, vertex.y_east) for vertex in drawn.vertices] == [
        (1, NORTH + 100, EAST),
        (2, NORTH + 100, EAST + 100),
        (3, NORTH, EAST + 100),
        (4, NORTH, EAST),
    ]
    for cell in ("400100,00", "500100,00", "X (nord)", "Y (est)"):
        assert f">{cell}</text>" in drawn.sheet_svg


def test_long_tables_continue_and_lose_nothing(world: str) -> None:
    circle = Point(at(50, 50)).buffer(60, 40)
    drawn = plan(world, circle, "planning")

    listed = [
        int(number)
        for sheet in drawn.sheets
        for number in re.findall(r'text-anchor="end" fill="#1e1e1e">(\d{1,3})</text>', sheet)
    ]
    assert len(drawn.sheets) > 1
    assert listed == list(range(1, 161))


def test_what_tables_leave_out_is_said(world: str) -> None:
    drawn = plan(world, Point(at(50, 50)).buffer(60, 250), "cadastre")

    assert len(drawn.vertices) == 1000
    assert "Sunt înscrise primele 600 din cele 1000 puncte de contur." in words(" ".join(drawn.sheets))


def test_heading_and_act_are_written_and_escaped(world: str) -> None:
    heading = Heading("Nr. cadastral 30001 <&>", "Alfa", "Consiliul Județean Vatra", "17", date(2026, 11, 25))
    svg = plan(world, heading=heading).sheet_svg

    assert "Nr. cadastral 30001 &lt;&amp;&gt; · Alfa" in svg
    assert "Consiliul Județean Vatra" in svg
    assert "17 / 25.11.2026" in svg
    assert "Scara 1:" in svg


def test_lines_and_points_can_be_the_subject(world: str) -> None:
    route = LineString([at(0, 0), at(300, 40), at(420, 90)])
    assert plan(world, route, "utilities").scale == 5000
    assert len(plan(world, Point(at(5, 5))).vertices) == 1


def test_overlays_are_drawn_and_told(world: str) -> None:
    strip = box(*at(0, 0), *at(100, 30))
    drawn = plan(world, overlays=[Overlay("road_protection", strip)], scale=1000)
    picture = Picture(drawn, SQUARE)

    colours = {picture.colour(EAST + 70 + step / 4, NORTH + 10) for step in range(80)}
    assert (138, 107, 112) in colours
    assert "Zona de siguranță și de protecție a drumului" in [entry.title for entry in drawn.legend]


def test_an_overlay_hidden_by_the_outline_is_not_told(world: str) -> None:
    sliver = box(*at(0, 0), *at(100, 0.2))
    drawn = plan(world, overlays=[Overlay("road_protection", sliver)], scale=1000)

    assert "road_protection" not in drawn.sheet_svg
    assert "Zona de siguranță și de protecție a drumului" not in [entry.title for entry in drawn.legend]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("paper", ["A4", "A4-landscape", "A3", "A3-landscape"])
def test_every_theme_on_every_paper(world: str, theme: str, paper: str) -> None:
    drawn = plan(world, theme=theme, paper=paper)

    assert drawn.sheet_svg.startswith("<svg")
    assert drawn.size_mm == drawn.paper.content
    assert drawn.window.width_mm < drawn.size_mm[0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scale": 700}, r"1:700 is no scale for a plan; use one of 1:500, 1:1000"),
        ({"scale": 500}, r"does not fit the sheet at 1:500; 1:1000 does"),
        ({"paper": "A9"}, r"no paper 'A9'; known: A4"),
        ({"overlays": [Overlay("nothing", SQUARE)]}, r"no overlay style 'nothing'; known: road_protection"),
        ({"land": MultiPoint([])}, r"no geometry"),
        ({"land": box(0, 0, 900_000, 900_000)}, r"too large for a plan"),
    ],
)
def test_plans_that_cannot_be(world: str, options: dict[str, object], message: str) -> None:
    with pytest.raises(PlanError, match=message):
        plan(world, **options)


def test_an_unknown_theme_names_the_known(world: str) -> None:
    with pytest.raises(UnknownTheme, match="planning, utilities, cadastre"):
        plan(world, theme="geology")
