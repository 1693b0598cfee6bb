"""Legend, sources and gaps: only what is drawn, and nothing silent about what is not known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from shapely.geometry import box

from tests.tiles.conftest import words
from tests.tiles.world import DAY, FROM, SQUARE, at
from tiles.plans import tables
from tiles.plans.drawing import draw as map_of
from tiles.plans.plan import Plan, draw_plan
from tiles.plans.svg import Canvas
from tiles.themes import Entry, get_theme

BAN = "Interdicție permanentă de construire"
MONUMENT = "Monument istoric de grupă B"


def titles(plan: Plan) -> list[str]:
    return [entry.title for entry in plan.legend]


def draw(world: str, theme: str, scale: int = 1000, as_of: date = DAY, land: object = SQUARE) -> Plan:
    return draw_plan(land, theme, as_of, scale=scale, address=world)


def test_legend_lists_what_is_in_the_window_and_no_more(world: str) -> None:
    told = titles(draw(world, "planning"))

    assert told[0] == "Imobilul care face obiectul extrasului"
    assert "Li – locuințe individuale și funcțiuni complementare" in told
    assert BAN in told
    assert "TF – zona forestieră" not in told, "there is one, 900 m away"
    assert "Fond forestier" not in told, "no such layer"
    assert len(told) == len(set(told))


def test_a_larger_window_shows_and_lists_more(world: str) -> None:
    gas = "Conductă de distribuție gaze naturale"

    assert gas not in titles(draw(world, "utilities", 1000))
    assert gas in titles(draw(world, "utilities", 25_000))


def test_an_outline_that_runs_outside_the_window_is_not_listed(world: str) -> None:
    assert "Limita intravilanului" not in titles(draw(world, "planning", 1000))
    assert "Limita intravilanului" in titles(draw(world, "planning", 50_000))
    assert "Limita UAT" in titles(draw(world, "planning", 50_000))


def test_what_only_touches_the_paper_s_edge_is_not_listed(world: str) -> None:
    plan = draw(world, "planning")
    # Land so placed that the ban's west edge is the window's east edge.
    west_of_ban = at(60, 70)[0] - plan.window.width_mm
    land = box(west_of_ban + 30, at(0, 60)[1], west_of_ban + plan.window.width_mm - 30, at(0, 80)[1])

    assert BAN not in titles(draw(world, "planning", land=land))
    moved = box(*(side + 3 if index % 2 == 0 else side for index, side in enumerate(land.bounds)))
    assert BAN in titles(draw(world, "planning", land=moved))


def test_only_features_in_force_are_drawn_and_listed(world: str) -> None:
    assert MONUMENT not in titles(draw(world, "planning", 2000))
    before = draw(world, "planning", 2000, date(2026, 5, 31))
    assert MONUMENT in titles(before)
    assert before.map_svg != draw(world, "planning", 2000).map_svg


def test_layers_too_fine_for_the_scale_are_not_listed(world: str) -> None:
    assert "Imobil, cu numărul cadastral" in titles(draw(world, "cadastre", 25_000))
    assert "Imobil, cu numărul cadastral" not in titles(draw(world, "cadastre", 50_000))


@pytest.mark.parametrize(("scale", "shown"), [(25_000, True), (50_000, False)])
def test_a_layer_is_drawn_up_to_its_scale_and_no_further(world: str, scale: int, shown: bool) -> None:
    window = draw(world, "cadastre", scale).window
    parcels = [Entry(layer="cadastre.parcel")]

    # The parcels alone, as the window that is otherwise empty would be.
    assert ("<path" in map_of("cadastre", window, DAY, address=world, entries=parcels)) is shown


def test_sources_give_version_day_and_title(world: str) -> None:
    plan = draw(world, "utilities")
    (lines,) = [source for source in plan.sources if source.layer == "utilities.line"]

    assert (lines.title, lines.version, lines.valid_from) == ("Rețele edilitare", 3, FROM)
    assert lines.source == "ridicare topografică"
    assert "Rețele edilitare v3 (01.01.2026)" in words(plan.sheet_svg)


def test_a_layer_without_data_is_said_to_be(world: str) -> None:
    plan = draw(world, "utilities")

    assert "utilities.node" in [missing.layer for missing in plan.missing]
    assert "Fără date:" in words(plan.sheet_svg)
    assert "Obiecte ale rețelelor" in words(plan.sheet_svg)


def test_a_uat_without_data_is_named(world: str) -> None:
    in_beta = draw(world, "utilities", land=box(*at(2020, 0), *at(2060, 40)))
    (lines,) = [missing for missing in in_beta.missing if missing.layer == "utilities.line"]

    assert lines.uats == ("Beta",)
    assert "Rețele edilitare (Beta)" in words(in_beta.sheet_svg)
    in_alfa = draw(world, "utilities")
    assert "utilities.line" not in [missing.layer for missing in in_alfa.missing]


def test_before_the_first_version_everything_is_missing(world: str) -> None:
    plan = draw(world, "planning", as_of=date(2025, 12, 31))

    assert plan.sources == ()
    assert len(plan.missing) == len(get_theme("planning").layer_ids)
    assert titles(plan) == ["Imobilul care face obiectul extrasului", "Punct de contur, cu numărul din tabel"]


@pytest.mark.parametrize(
    ("theme", "first"),
    [("planning", "planning.zone"), ("utilities", "utilities.line"), ("cadastre", "cadastre.parcel")],
)
def test_what_the_theme_is_about_comes_first_in_the_legend(world: str, theme: str, first: str) -> None:
    layers = [entry.layer for entry in draw(world, theme).legend if entry.layer]

    assert layers[0] == first


def test_a_legend_takes_narrower_columns_rather_than_another_sheet(world: str) -> None:
    entries = draw(world, "planning").legend
    short = [replace(entries[index % len(entries)], title=f"Strat {index}") for index in range(25)]
    room = tables.COLUMN * 2 + 12
    assert tables.legend(Canvas(), short[:16], (0, 0), (room, 38)) == ()
    assert tables.legend(Canvas(), short[:21], (0, 0), (room, 38)) == ()  # 8 a column, in three of 34 mm
    assert len(tables.legend(Canvas(), short, (0, 0), (room, 38))) == 1
    assert len(tables.legend(Canvas(), short, (0, 0), (tables.COLUMN, 38))) == 17  # no room for a second
