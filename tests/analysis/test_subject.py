"""What may be asked about, and every way in which it cannot: clear errors, nothing changed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

import analysis
from analysis.subject import SubjectError, UnknownParcel, subject_of
from tests.analysis.world import FIRST_DAY, NEIGHBOUR, SIRUTA, TODAY, World, box, polyline, rule, rules

FOREST = rules(rule(layer="environment.forest", relation="intersects"))
# Seven points of the same square, X = north first.
LIST = "1 390000.000 360000.000\n2 390000.000 360050.000\n3 390020.000 360050.000\n4 390020.000 360000.000\n"


def check(world: World, subject: Any, day: date = TODAY) -> Any:
    """Check against one rule."""
    return analysis.check(subject, day, database=world.connection, rules=FOREST)


class TestUnknown:
    @pytest.fixture
    def land(self, world: World) -> World:
        world.uat(name="Runcu")
        world.uat(box(5000, -5000, 1000, 10_000), siruta=NEIGHBOUR, name="Peștișani")
        for number in ("30112", "30113", "40112"):
            world.parcel(number, box(0, 0, 50, 20))
        world.parcel("30999", box(5100, 0, 50, 20), siruta=NEIGHBOUR)
        return world

    def test_an_unknown_number_names_similar_ones(self, land: World) -> None:
        with pytest.raises(UnknownParcel, match=r"no parcel '30114' in 79308 \(Runcu\)") as caught:
            check(land, analysis.parcel(SIRUTA, "30114"))
        assert {"30112", "30113"} <= set(caught.value.near)

    def test_a_wrong_first_digit_is_found_too(self, land: World) -> None:
        with pytest.raises(UnknownParcel) as caught:
            check(land, analysis.parcel(SIRUTA, "50112"))
        assert {"30112", "40112"} <= set(caught.value.near)

    def test_a_number_of_another_uat_says_where_it_is(self, land: World) -> None:
        with pytest.raises(UnknownParcel, match=r"the same number exists in: 79317 \(Peștișani\)") as caught:
            check(land, analysis.parcel(SIRUTA, "30999"))
        assert caught.value.elsewhere == (NEIGHBOUR,)

    def test_an_unknown_siruta_names_near_ones(self, land: World) -> None:
        with pytest.raises(UnknownParcel, match=r"no UAT with SIRUTA 79309; near: .*79308 \(Runcu\)"):
            check(land, analysis.parcel(79309, "30112"))

    def test_one_unknown_of_several_is_named(self, land: World) -> None:
        with pytest.raises(UnknownParcel, match="'999'"):
            check(land, analysis.parcels([(SIRUTA, "30112"), (SIRUTA, "999")]))

    def test_a_day_before_the_first_version(self, land: World) -> None:
        with pytest.raises(
            SubjectError, match="2025-12-31 is before the first data: parcels are known from 2026-01-01"
        ):
            check(land, analysis.parcel(SIRUTA, "30112"), date(2025, 12, 31))
        assert check(land, analysis.parcel(SIRUTA, "30112"), FIRST_DAY).subject.cadastral_number == "30112"

    def test_a_drawn_area_on_such_a_day(self, land: World) -> None:
        with pytest.raises(
            SubjectError, match="2025-12-31 is before the first data: UATs are known from 2026-01-01"
        ):
            check(land, box(0, 0, 50, 20), date(2025, 12, 31))

    def test_a_parcel_that_ceased_to_be(self, land: World) -> None:
        land.close("cadastre.parcel", date(2026, 6, 1))
        assert check(land, analysis.parcel(SIRUTA, "30112"), date(2026, 5, 31)).subject.area_m2 == 1000
        with pytest.raises(UnknownParcel):
            check(land, analysis.parcel(SIRUTA, "30112"), date(2026, 6, 1))

    def test_before_any_import(self, world: World) -> None:
        with pytest.raises(SubjectError, match="no parcel is known yet"):
            check(world, analysis.parcel(SIRUTA, "1"))

    def test_land_in_no_known_uat(self, land: World) -> None:
        with pytest.raises(SubjectError, match="lies in no known UAT"):
            check(land, box(50_000, 0, 50, 20))

    def test_a_list_with_swapped_axes_is_told_by_the_outlines(self, land: World) -> None:
        swapped = shapely.transform(box(0, 0, 50, 20), lambda xy: xy[:, ::-1])
        with pytest.raises(SubjectError, match="with the axes swapped it lies in Runcu"):
            check(land, swapped)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (shapely.Polygon(), "empty"),
        (shapely.Point(360_000, 390_000), "found a Point; expected Polygon"),
        (
            shapely.Polygon([(360_000, 390_000), (360_050, 390_020), (360_050, 390_000), (360_000, 390_020)]),
            r"Self-intersection\[360025 390010\]",
        ),
        (shapely.LineString([(360_000, 390_000), (360_000, 390_000)]), "no extent"),
        (shapely.Polygon([(0, 0), (np.nan, 1), (1, 1)]), "vertex 2: found"),
        (shapely.Polygon([(0, 0), (np.inf, 1), (1, 1)]), "vertex 2: found"),
        (shapely.buffer(shapely.Point(360_000, 390_000), 100, quad_segs=3000), "12,001 vertices; at most 10,000"),
        (shapely.box(2_000_000, 390_000, 2_000_050, 390_020), "outside Romania: x 2000000 to 2000050"),
        (shapely.box(23.2, 45.0, 23.3, 45.1), "look like degrees: say crs='EPSG:4326'"),
        (shapely.box(2_560_000, 5_600_000, 2_560_050, 5_600_020), "web map coordinates: say crs='EPSG:3857'"),
        (shapely.box(700_000, 150_000, 700_050, 150_020), "the axes look swapped"),
    ],
)  # fmt: skip
def test_shapes_that_cannot_be_checked(shape: Any, message: str) -> None:
    with pytest.raises(SubjectError, match=message):
        subject_of(shape)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (42, "expected a parcel, a geometry or GeoJSON, found int"),
        ({"type": "Polygon"}, "not a GeoJSON geometry"),
        ({"type": "Polygon", "coordinates": "x"}, "not a GeoJSON geometry"),
        ({"type": "FeatureCollection", "features": []}, "FeatureCollection is empty"),
        ({"type": "Feature", "geometry": None}, "found NoneType"),
        ({"siruta": 79308}, "'cadastral_number'"),
    ],
)
def test_other_things_than_shapes(given: Any, message: str) -> None:
    with pytest.raises(SubjectError, match=message):
        subject_of(given)


@pytest.mark.parametrize(
    "numbers", [[], [(SIRUTA, "")], [("x", "1")], [1, 2], [(SIRUTA, n) for n in range(201)]]
)
def test_lists_of_parcels_that_are_none(numbers: Any) -> None:
    with pytest.raises(SubjectError):
        analysis.parcels(numbers)


def test_several_parcels_name_all_their_land_books_and_uses(world: World) -> None:
    world.uat()
    for number, book, use in (("1", "101", "CC"), ("2", "102", "A"), ("3", "102", None)):
        world.parcel(number, box(60 * int(number), 0, 50, 20), land_book_number=book, use_category=use)
    two = check(world, analysis.parcels([(SIRUTA, "1"), (SIRUTA, "2")])).subject
    assert (two.land_book_number, two.use_category) == ("101, 102", "CC, A")
    three = check(world, analysis.parcels([(SIRUTA, "1"), (SIRUTA, "2"), (SIRUTA, "3")])).subject
    assert (three.land_book_number, three.use_category) == ("101, 102", None)


def test_a_million_vertices_are_refused_before_anything_else() -> None:
    angles = np.linspace(0, 2 * np.pi, 1_000_000)
    ring = np.column_stack([360_000 + np.cos(angles), 390_000 + np.sin(angles)])
    with pytest.raises(SubjectError, match="at most 10,000"):
        analysis.area(shapely.Polygon(ring))


def test_heights_are_dropped() -> None:
    flat = analysis.area(shapely.force_3d(box(0, 0, 50, 20), 217.0))
    assert not shapely.has_z(flat.shape)
    assert flat.shape.equals(box(0, 0, 50, 20))


def test_the_same_parcel_twice_is_one() -> None:
    assert analysis.parcels([(SIRUTA, "1"), (SIRUTA, 1), (SIRUTA, " 1 ")]).numbers == ((SIRUTA, "1"),)


def test_degrees_come_to_stereo70_with_the_accuracy_of_the_way() -> None:
    there = {
        "type": "Polygon",
        "coordinates": [[[23.2, 45.0], [23.201, 45.0], [23.201, 45.001], [23.2, 45.0]]],
    }
    drawn = analysis.area(there, crs="EPSG:4326", accuracy_m=0.4)
    x, y = drawn.shape.centroid.coords[0]
    assert (x, y) == pytest.approx((358_000, 388_000), abs=10_000)
    assert drawn.accuracy_m > 0.4


def test_latitude_first_is_told() -> None:
    with pytest.raises(SubjectError, match="the axes look swapped"):
        analysis.area(shapely.box(45.0, 23.2, 45.001, 23.201), crs="EPSG:4326")


class TestCoordinateList:
    def test_x_is_north(self) -> None:
        assert analysis.coordinate_list(LIST).shape.equals(box(0, 0, 50, 20))

    @pytest.mark.parametrize(
        "text",
        [
            LIST.replace(" ", "\t"),
            LIST.replace(" ", ";"),
            LIST.replace(".", ","),
            LIST.replace(" ", ",").replace(".000", ""),
            "nr X Y\n" + LIST,
            "# ridicat 2026\n" + LIST,
            "\n".join(line.split(" ", 1)[1] for line in LIST.splitlines()),
            "\n".join(line + " 217.5" for line in LIST.splitlines()),
            LIST + LIST.splitlines()[0],
            "\n" + LIST + "\n\n",
        ],
    )
    def test_the_ways_surveyors_write(self, text: str) -> None:
        assert analysis.coordinate_list(text).shape.equals(box(0, 0, 50, 20))

    def test_from_a_file(self, tmp_path: Path) -> None:
        path = tmp_path / "inventar.txt"
        path.write_text(LIST, encoding="utf-8-sig")
        assert analysis.coordinate_list(path).shape.area == 1000

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            (
                "1 390000 360000\n2 390000 36x050\n3 390020 360050",
                "line 2: found '2 390000 36x050', expected",
            ),
            ("1 390000 360000\n2 390000\n3 390020 360050 1 2 3", "line 3"),
            ("1 390000 360000\n2 390000 360050", "2 points in the list; an area takes at least 3"),
            ("", "0 points"),
            (LIST.replace("39", "79"), "outside Romania"),
        ],
    )
    def test_mistakes_name_their_line(self, text: str, message: str) -> None:
        with pytest.raises(SubjectError, match=message):
            analysis.coordinate_list(text)


def test_a_line_is_no_area_and_an_area_no_line() -> None:
    with pytest.raises(SubjectError, match="found a LineString; expected Polygon"):
        analysis.area(polyline((0, 0), (10, 0)))
    with pytest.raises(SubjectError, match="found a Polygon; expected LineString"):
        analysis.line(box(0, 0, 10, 10))
