"""Vector tiles of the demo county: whole where they are whole, small everywhere, and nothing invented."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import mapbox_vector_tile
import pytest

from layers import database
from layers.catalogue import Layer, catalogue
from layers.days import today
from layers.errors import UnknownLayer
from layers.groups import groups
from layers.visibility import visible
from tiles import vector
from tiles.vector_grid import DEEPEST, TILE_PX, WHOLE_FROM, WORLD_M, NoSuchTile, width_m
from tiles.vector_sql import SMALLEST_AREA_PX, columns

DRAWN = {group: vector.chosen(group, visible("public")) for group in groups()}
Rows = list[tuple[Any, ...]]


def ask(address: str, statement: str, *values: object) -> Rows:
    with database.reading(address) as connection:
        return connection.execute(statement, values).fetchall()


def occupied(address: str, layers: tuple[Layer, ...], z: int) -> Iterator[tuple[int, int]]:
    """Tiles in which a feature of the layers has its middle."""
    width, half = width_m(z), WORLD_M / 2
    tables = " UNION ALL ".join(f"SELECT geom_3857 AS g FROM {layer.id}" for layer in layers)
    yield from ask(
        address,
        "SELECT DISTINCT floor((ST_X(p) + %s) / %s)::int, floor((%s - ST_Y(p)) / %s)::int"
        f" FROM (SELECT ST_Centroid(g) AS p FROM ({tables}) t) s ORDER BY 1, 2",
        half, width, half, width,
    )  # fmt: skip


def draw(address: str, names: str, z: int, x: int, y: int, day: date | None = None) -> dict[str, Any]:
    asked = vector.tile(vector.chosen(names, visible("staff")), z, x, y, day or today())
    content = vector.draw(asked, address)
    return mapbox_vector_tile.decode(content) if content else {}


@pytest.fixture(scope="module")
def busiest(demo_database: str) -> dict[int, tuple[int, int]]:
    """By zoom, the tile that most parcels have their middle in."""
    found = {}
    for z in (12, 13, 14, 16):
        width, half = width_m(z), WORLD_M / 2
        rows = ask(
            demo_database,
            "SELECT floor((ST_X(p) + %s) / %s)::int, floor((%s - ST_Y(p)) / %s)::int, count(*)"
            " FROM (SELECT ST_Centroid(geom_3857) AS p FROM cadastre.parcel) s GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 1",
            half, width, half, width,
        )  # fmt: skip
        found[z] = rows[0][:2]
    return found


@pytest.mark.parametrize("group", [name for name, layers in DRAWN.items() if layers])
def test_no_tile_is_larger_than_it_may_be(demo_database: str, group: str) -> None:
    layers = DRAWN[group]
    first, last = vector.zooms(layers)
    for z in range(first, last + 1):
        for x, y in itertools.islice(occupied(demo_database, layers, z), 60):
            content = vector.draw(vector.tile(layers, z, x, y, today()), demo_database)
            assert len(content) <= vector.LARGEST, (group, z, x, y)


def test_equal_requests_give_equal_bytes(demo_database: str, busiest: dict[int, tuple[int, int]]) -> None:
    layers = vector.chosen("cadastre", visible("public"))
    asked = vector.tile(layers, 14, *busiest[14], today())
    assert len({vector.draw(asked, demo_database) for _ in range(20)}) == 1


def test_a_tile_of_several_layers_holds_what_each_alone_holds(
    demo_database: str, busiest: dict[int, tuple[int, int]]
) -> None:
    place = (14, *busiest[14])
    together = draw(demo_database, "planning.zone,cadastre.parcel", *place)
    assert list(together) == ["cadastre.parcel", "planning.zone"]
    for name in together:
        assert draw(demo_database, name, *place)[name] == together[name]


def test_whole_tiles_hold_every_feature_that_meets_them(
    demo_database: str, busiest: dict[int, tuple[int, int]]
) -> None:
    z, (x, y) = 16, busiest[16]
    tile = draw(demo_database, "cadastre.parcel", z, x, y)["cadastre.parcel"]["features"]
    rows = ask(
        demo_database,
        "SELECT id, cadastral_number, area_legal_m2 FROM cadastre.parcel"
        " WHERE ST_Intersects(geom_3857, ST_TileEnvelope(%s, %s, %s)) AND valid_to = 'infinity'",
        z, x, y,
    )  # fmt: skip
    found = {feature["id"]: feature["properties"] for feature in tile}
    assert {row[0] for row in rows} <= set(found)
    for identifier, number, area in rows:
        assert found[identifier]["cadastral_number"] == number
        assert found[identifier]["area_legal_m2"] == area
        assert "version_id" not in found[identifier]


def test_generalised_tiles_leave_out_only_what_is_tiny_and_invent_nothing(
    demo_database: str, busiest: dict[int, tuple[int, int]]
) -> None:
    z, (x, y) = 12, busiest[12]
    features = draw(demo_database, "cadastre.parcel", z, x, y)["cadastre.parcel"]["features"]
    kept = {feature["id"] for feature in features}
    rows = ask(
        demo_database,
        "SELECT id, ST_Area(geom_3857) FROM cadastre.parcel WHERE ST_Contains(ST_TileEnvelope(%s, %s, %s), geom_3857)",
        z, x, y,
    )  # fmt: skip
    smallest = SMALLEST_AREA_PX * (width_m(z) / TILE_PX) ** 2
    areas = dict(rows)
    assert {identifier for identifier, area in rows if area > smallest * 1.001} <= kept
    assert all(areas[identifier] >= smallest * 0.999 for identifier in kept & set(areas))
    assert 0 < len(kept) < len(rows) + 500
    # What the style does not read at this zoom is not carried along.
    assert set().union(*(feature["properties"] for feature in features)) <= set(columns("cadastre.parcel", z))
    assert "land_book_number" not in columns("cadastre.parcel", z)
    assert "land_book_number" in columns("cadastre.parcel", WHOLE_FROM)


def test_of_a_tile_that_would_be_too_large_the_smallest_features_are_left_out(
    demo_database: str, busiest: dict[int, tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = (14, *busiest[14])
    whole = draw(demo_database, "cadastre.parcel", *place)["cadastre.parcel"]["features"]
    monkeypatch.setattr(vector, "LARGEST", 2_500)
    small = draw(demo_database, "cadastre.parcel", *place)["cadastre.parcel"]["features"]
    kept = {feature["id"] for feature in small}
    assert kept < {feature["id"] for feature in whole}
    area = dict(ask(demo_database, "SELECT id, ST_Area(geom_3857) FROM cadastre.parcel"))
    left_out = {feature["id"] for feature in whole} - kept
    assert min(area[one] for one in kept) > max(area[one] for one in left_out)


def test_points_are_thinned_out_where_they_would_be_too_many(
    demo_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers = vector.chosen("admin.address", visible("public"))
    z = vector.zooms(layers)[0]
    crowded = Counter(occupied(demo_database, layers, z)).most_common(1)[0][0]
    asked = vector.tile(layers, z, *crowded, today())
    whole = vector.draw(asked, demo_database)
    monkeypatch.setattr(vector, "LARGEST", len(whole) - 1)
    thinned = vector.draw(asked, demo_database)
    assert len(thinned) < len(whole)
    before = {one["id"] for one in mapbox_vector_tile.decode(whole)["admin.address"]["features"]}
    after = mapbox_vector_tile.decode(thinned).get("admin.address", {"features": []})["features"]
    assert {one["id"] for one in after} < before


def test_a_tile_shows_the_day_it_is_asked_for(
    demo_database: str, busiest: dict[int, tuple[int, int]]
) -> None:
    assert draw(demo_database, "cadastre.parcel", 14, *busiest[14], date(1990, 1, 1)) == {}


def test_a_name_means_a_layer_or_a_group_or_nothing() -> None:
    seen = visible("public")
    assert [layer.id for layer in vector.chosen("cadastre", seen)] == ["cadastre.building", "cadastre.parcel"]
    twice = vector.chosen("planning.zone,cadastre.parcel,planning.zone", seen)
    assert [layer.id for layer in twice] == ["cadastre.parcel", "planning.zone"]
    for wrong in (
        "",
        ",",
        "parcel",
        "cadastre.predecessor",
        "planning.scan",
        "cadastre.parcel,x",
        "x" * 9000,
        "a," * 4000,
    ):
        with pytest.raises(UnknownLayer):
            vector.chosen(wrong, seen)
    assert "planning.scan" in [layer.id for layer in vector.chosen("planning", visible("staff"))]
    assert "planning.scan" not in [layer.id for layer in vector.chosen("planning", seen)]


def test_a_layer_is_not_there_before_its_style_begins() -> None:
    layers = vector.chosen("cadastre.parcel,admin.uat", visible("public"))
    assert vector.tile(layers, 8, 144, 91, today()).layers == ("admin.uat",)
    with pytest.raises(NoSuchTile, match="not drawn at zoom 8"):
        vector.tile(vector.chosen("cadastre.parcel", visible("public")), 8, 144, 91, today())
    assert vector.zooms(layers)[1] == DEEPEST


def test_every_served_column_and_no_internal_one_is_in_whole_tiles() -> None:
    for layer in catalogue().values():
        if layer.geometry:
            assert columns(layer.id, WHOLE_FROM) == tuple(column.name for column in layer.served_columns)
    assert "path" not in columns("terrain.dem", WHOLE_FROM)
