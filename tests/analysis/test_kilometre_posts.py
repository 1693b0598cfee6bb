"""Kilometre posts: whole kilometres, and where classified roads enter or leave localities and UATs."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest
import shapely
from psycopg import sql

from analysis.derived import posts
from analysis.derived.parts import STAGED
from analysis.roads import kilometre
from layers import staging
from layers.catalogue import get_layer
from layers.database import Connection, reading
from layers.days import today
from tests.analysis.world import NEIGHBOUR, SIRUTA, TODAY, X0, Y0, World, box, measured


class Post(NamedTuple):
    road: str
    kind: str
    measure_m: float
    position: str
    place: str | None
    x: float
    y: float


@pytest.fixture
def draw(world: World, connection: Connection) -> Callable[[], list[Post]]:
    """Draws the posts of the small world, by road and measure; coordinates from its origin."""

    def drawing() -> list[Post]:
        staging.create(connection, get_layer(posts.LAYER), STAGED)
        for part in posts.parts():
            connection.execute(part.statement.encode(), {"day": TODAY})
        rows = connection.execute(
            sql.SQL(
                "SELECT road, kind, measure_m, position, place, ST_X(geom), ST_Y(geom) FROM {}"
                " ORDER BY road, measure_m, kind"
            ).format(sql.Identifier(STAGED))
        ).fetchall()
        connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(STAGED)))
        return [Post(*row[:5], x=round(row[5] - X0, 3), y=round(row[6] - Y0, 3)) for row in rows]

    return drawing


def road(
    world: World, *corners: tuple[float, float, float], number: str = "DJ 663", category: str = "DJ"
) -> None:
    world.add(
        "roads.road",
        measured(*corners),
        number=number,
        category=category,
        administrator="CJ",
        measure_source="surveyed",
    )


def village(world: World, x: float, y: float, width: float, height: float, name: str) -> None:
    world.add("admin.built_up_area", box(x, y, width, height), siruta=SIRUTA, locality=name)


def of_kind(found: list[Post], kind: str) -> list[tuple[str, str | None, float, float]]:
    return [(post.position, post.place, post.x, post.y) for post in found if post.kind == kind]


def test_whole_kilometres_stand_at_their_measures(world: World, draw: Callable[[], list[Post]]) -> None:
    """The measures count, not the drawn length: here every drawn metre is two on the posts."""
    road(world, (0, 0, 11_500), (1500, 0, 14_500))
    assert of_kind(draw(), "kilometre") == [
        ("km 12+000", None, 250, 0),
        ("km 13+000", None, 750, 0),
        ("km 14+000", None, 1250, 0),
    ]


def test_a_road_drawn_against_its_kilometres(world: World, draw: Callable[[], list[Post]]) -> None:
    road(world, (0, 0, 2000), (1000, 0, 1000))
    village(world, 100, -50, 200, 100, "Scoruș")
    found = draw()
    assert of_kind(found, "kilometre") == [("km 1+000", None, 1000, 0), ("km 2+000", None, 0, 0)]
    assert of_kind(found, "built_up_limit") == [
        ("km 1+700", "Scoruș", 300, 0),
        ("km 1+900", "Scoruș", 100, 0),
    ]


def test_streets_have_no_posts(world: World, draw: Callable[[], list[Post]]) -> None:
    road(world, (0, 0, 0), (1500, 0, 1500), number="Strada Morii", category="STR")
    village(world, 100, -50, 200, 100, "Scoruș")
    assert draw() == []


def test_a_road_that_begins_inside_leaves_only(world: World, draw: Callable[[], list[Post]]) -> None:
    road(world, (0, 0, 0), (900, 0, 900))
    village(world, -200, -200, 400, 400, "Scoruș")
    assert of_kind(draw(), "built_up_limit") == [("km 0+200", "Scoruș", 200, 0)]


def test_a_limit_between_two_localities_is_one_post(world: World, draw: Callable[[], list[Post]]) -> None:
    """Named by the one entered as kilometres go up."""
    road(world, (0, 0, 0), (900, 0, 900))
    village(world, 100, -50, 200, 100, "Scoruș")
    village(world, 300, -50, 200, 100, "Alunișul")
    assert of_kind(draw(), "built_up_limit") == [
        ("km 0+100", "Scoruș", 100, 0),
        ("km 0+300", "Alunișul", 300, 0),
        ("km 0+500", "Alunișul", 500, 0),
    ]


def test_parts_of_one_locality_are_passed_as_one(world: World, draw: Callable[[], list[Post]]) -> None:
    road(world, (0, 0, 0), (900, 0, 900))
    for x in (100, 200, 305):
        village(world, x, -50, 100, 100, "Scoruș")
    assert [position for position, *_ in of_kind(draw(), "built_up_limit")] == ["km 0+100", "km 0+405"]


def test_a_corner_barely_met_is_no_crossing(world: World, draw: Callable[[], list[Post]]) -> None:
    road(world, (0, 0, 0), (900, 0, 900))
    village(world, 100, -50, 5, 100, "Colț")
    assert of_kind(draw(), "built_up_limit") == []


def test_a_limit_that_the_road_winds_along_is_crossed_once(
    world: World, draw: Callable[[], list[Post]]
) -> None:
    """Half a metre to either side of it, forty times, before the road turns into the village."""
    wavy = [(x, 0.4 if index % 2 else -0.4, x) for index, x in enumerate(range(0, 200, 4))]
    road(world, (-300, -50, -300), *wavy, (300, 50, 300), number="DC 1", category="DC")
    village(world, -100, 0, 600, 100, "De-a lungul")
    assert of_kind(draw(), "built_up_limit") == [("km 0+002", "De-a lungul", 2, 0)]


def test_the_uat_entered_names_the_limit(world: World, draw: Callable[[], list[Post]]) -> None:
    """At the edge of what is known the post stands, but nobody is entered."""
    world.uat(box(0, -500, 500, 1000), name="Scoruș")
    world.uat(box(500, -500, 500, 1000), siruta=NEIGHBOUR, name="Alunișul")
    road(world, (-100, 0, 5000), (1100, 0, 6200))
    assert of_kind(draw(), "uat_limit") == [
        ("km 5+100", "Scoruș", 0, 0),
        ("km 5+600", "Alunișul", 500, 0),
        ("km 6+100", None, 1000, 0),
    ]


def test_a_road_in_two_features_has_each_post_once(world: World, draw: Callable[[], list[Post]]) -> None:
    """Its features meet at a whole kilometre, inside a locality."""
    road(world, (0, 0, 0), (1000, 0, 1000))
    road(world, (1000, 0, 1000), (1500, 0, 1500))
    village(world, 900, -50, 300, 100, "Scoruș")
    found = draw()
    assert [position for position, *_ in of_kind(found, "kilometre")] == ["km 0+000", "km 1+000"]
    assert [position for position, *_ in of_kind(found, "built_up_limit")] == ["km 0+900", "km 1+200"]


@pytest.fixture(scope="module")
def county(demo_database: str) -> list[tuple[str, str, float, str, str | None, shapely.Geometry]]:
    with reading(demo_database) as connection:
        rows = connection.execute(
            "SELECT road, kind, measure_m, position, place, ST_AsBinary(geom) FROM derived.kilometre_post"
            " WHERE valid_from <= %(day)s AND %(day)s < valid_to",
            {"day": today()},
        ).fetchall()
    return [(*row[:5], shapely.from_wkb(row[5])) for row in rows]


def test_positions_are_written_as_the_check_writes_them(county) -> None:
    assert {kind for _, kind, *_ in county} == {"kilometre", "built_up_limit", "uat_limit"}
    for _, _, measure, position, _, _ in county:
        assert position == kilometre(measure)


def test_every_post_stands_on_its_road_at_its_measure(county, demo_database: str) -> None:
    with reading(demo_database) as connection:
        roads = dict(connection.execute("SELECT number, ST_AsBinary(geom) FROM roads.road").fetchall())
    for number, _, measure, _, _, post in county:
        corners = shapely.get_coordinates(shapely.from_wkb(roads[number]), include_m=True)
        axis = shapely.LineString(corners[:, :2])
        assert shapely.distance(axis, post) < 0.001
        along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(corners[:, :2], axis=0).T))])
        assert np.interp(axis.project(post), along, corners[:, -1]) == pytest.approx(measure, abs=0.01)


def test_every_crossing_stands_on_a_limit_of_its_place(county, demo_database: str) -> None:
    with reading(demo_database) as connection:
        limits = {
            "built_up_limit": connection.execute(
                "SELECT locality, ST_AsBinary(geom) FROM admin.built_up_area"
            ),
            "uat_limit": connection.execute("SELECT name, ST_AsBinary(geom) FROM admin.uat"),
        }
        known = {
            kind: [(name, shapely.boundary(shapely.from_wkb(shape))) for name, shape in rows]
            for kind, rows in limits.items()
        }
    for _, kind, _, _, place, post in county:
        if kind != "kilometre":
            near = [limit for name, limit in known[kind] if place in (None, name)]
            assert min(shapely.distance(post, near)) < 0.1
