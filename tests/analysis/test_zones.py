"""Zones on the map against the check: what it finds certainly lies in the zone of that rule and feature."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import psycopg
import pytest
import shapely
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from psycopg import sql
from psycopg.rows import dict_row
from shapely.geometry.base import BaseGeometry

import analysis
from analysis.conditions import as_sql
from analysis.derived import zones
from analysis.derived.naming import as_text
from analysis.derived.parts import STAGED
from analysis.findings import Finding
from analysis.rulebook import Rule, Rulebook, rulebook
from analysis.sentences import fill
from layers import staging
from layers.catalogue import get_layer
from layers.database import Connection, reading
from layers.days import today
from tests.analysis.world import SIRUTA, TODAY, World, box, measured, point, polyline, rule, rules

ACCURACY_M = 0.1
# What chords and rounding may take from an arc.
DRAWING_M = 0.03
ZONE = {"kind": "protection", "of": "{line}"}
Drawn = list[tuple[str, str, float, BaseGeometry]]


@pytest.fixture(scope="module")
def drawn(demo_database: str) -> Drawn:
    """The zones in force in the demo county: rule, feature, distance and shape."""
    with reading(demo_database) as connection:
        rows = connection.execute(
            "SELECT rule, source_id, distance_m, ST_AsBinary(geom) FROM derived.protection_zone"
            " WHERE valid_from <= %(day)s AND %(day)s < valid_to ORDER BY rule, source_id",
            {"day": today()},
        ).fetchall()
    return [(name, feature, distance, shapely.from_wkb(shape)) for name, feature, distance, shape in rows]


@pytest.fixture(scope="module")
def tree(drawn: Drawn) -> shapely.STRtree:
    return shapely.STRtree([shape for *_, shape in drawn])


@pytest.fixture(scope="module")
def land(demo_database: str) -> BaseGeometry:
    with reading(demo_database) as connection:
        rows = connection.execute("SELECT ST_AsBinary(ST_Union(geom)) FROM admin.uat").fetchall()
    shape: BaseGeometry = shapely.from_wkb(rows[0][0])
    shapely.prepare(shape)
    return shape


@pytest.fixture(scope="module")
def accuracies(demo_database: str) -> dict[str, float]:
    with reading(demo_database) as connection:
        rows = connection.execute("SELECT layer, accuracy_m FROM catalogue.layer_version")
        return dict(rows.fetchall())


def by_rule(drawn: Drawn) -> dict[str, list[BaseGeometry]]:
    shapes: dict[str, list[BaseGeometry]] = {}
    for name, _, _, shape in drawn:
        shapes.setdefault(name, []).append(shape)
    return shapes


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32 - 1), side=st.floats(0.5, 60), off=st.floats(-4, 4))
def test_a_zone_is_where_the_check_finds_the_rule(
    demo_database: str,
    drawn: Drawn,
    tree: shapely.STRtree,
    land: BaseGeometry,
    accuracies: dict[str, float],
    seed: int,
    side: float,
    off: float,
) -> None:
    """Small squares near the edge of a zone of any rule; within the error of the edge, either answer is right."""
    place = np.random.default_rng(seed)
    shapes = by_rule(drawn)
    name = str(place.choice(sorted(shapes)))
    zone = shapes[name][place.integers(len(shapes[name]))]
    x, y = shapely.get_coordinates(zone)[place.integers(shapely.get_num_coordinates(zone))].round(2) + off
    square = shapely.box(x, y, round(x + side, 2), round(y + side, 2))
    assume(shapely.covers(land, square))
    report = analysis.check(analysis.area(square, accuracy_m=ACCURACY_M), database=demo_database)
    found = {
        (finding.rule, finding.feature.id.rpartition(":")[2]): finding
        for finding in report.findings
        if finding.feature and finding.rule in shapes
    }
    around = tree.query(square, predicate="dwithin", distance=1.0)
    near = {drawn[index][:2]: drawn[index] for index in around}
    for key, finding in found.items():
        if finding.certainty == "certain":
            assert key in near, finding
            assert shapely.distance(near[key][3], square) <= DRAWING_M
    for key, (rule_id, _, limit, shape) in near.items():
        error = math.hypot(ACCURACY_M, accuracies[rulebook().get(rule_id).layer])
        expect(found.get(key), shape, square, error, limit)


def expect(
    finding: Finding | None, zone: BaseGeometry, square: BaseGeometry, error: float, limit: float
) -> None:
    """A finding where the square reaches into the zone, certain where deeper than the error."""
    if shapely.intersects(zone, square):
        assert finding
        assert finding.limit_m == limit
        if shapely.intersects(shapely.buffer(zone, -error - DRAWING_M, quad_segs=32), square):
            assert finding.certainty == "certain"
    elif finding:
        assert finding.certainty == "borderline" or shapely.distance(zone, square) <= DRAWING_M
        assert shapely.distance(zone, square) <= error + DRAWING_M


def test_every_shape_is_valid_and_flat(drawn: Drawn) -> None:
    assert drawn
    for name, feature, _, shape in drawn:
        assert (shape.is_valid, shape.geom_type) == (True, "MultiPolygon"), (name, feature)
        assert not shape.is_empty, (name, feature)


def test_every_rule_that_draws_has_a_statement() -> None:
    parts = {part.name for part in zones.parts(rulebook().in_force(today()))}
    assert parts == {rule.id for rule in rulebook().rules.values() if rule.zone and rule.edition(today())}
    assert {"roads.protection-zone", "utilities.gas-transport", "sanitary.landfill"} <= parts
    assert not any(name.startswith("planning.") for name in parts)


@pytest.mark.parametrize(
    "drawing", [rule for rule in rulebook().rules.values() if rule.zone], ids=lambda r: r.id
)
def test_names_are_what_a_sentence_would_say(demo_database: str, drawing: Rule) -> None:
    assert drawing.zone
    columns = [column.name for column in get_layer(drawing.layer).columns]
    query = sql.SQL("SELECT {}, {} AS named FROM {} f WHERE {}").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        as_text(drawing.zone.of, drawing.labels),
        sql.Identifier(*drawing.layer.split(".")),
        as_sql(drawing.where),
    )
    with reading(demo_database) as connection:
        for row in connection.cursor(row_factory=dict_row).execute(query):
            said = fill(drawing.zone.of, row, drawing.labels).strip()
            assert row["named"] == (said or None)


def test_families_are_by_network_and_layer() -> None:
    found = {one.id: zones.family(one) for one in rulebook().rules.values() if one.zone}
    assert found["utilities.gas-distribution"] == "gas"
    assert found["utilities.substation"] == "electricity"
    assert found["sanitary.pigs"] == "sanitary"
    assert found["environment.water"] == "environment"
    assert found["transport.railway-safety"] == "railway"
    assert "other" not in found.values()


@pytest.fixture
def draw(world: World, connection: Connection) -> Callable[[Rulebook], Drawn]:
    """Draws the zones of a rulebook over the small world."""

    def drawing(book: Rulebook) -> Drawn:
        staging.create(connection, get_layer(zones.LAYER), STAGED)
        for part in zones.parts(book.in_force(TODAY)):
            connection.execute(part.statement.encode(), {"day": TODAY})
        rows = connection.execute(
            sql.SQL(
                "SELECT rule, source_title, distance_m, ST_AsBinary(geom) FROM {} ORDER BY distance_m"
            ).format(sql.Identifier(STAGED))
        ).fetchall()
        connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(STAGED)))
        return [(*row[:3], shapely.from_wkb(row[3])) for row in rows]

    return drawing


def railway(**content: Any) -> Rule:
    return rule(layer="transport.railway", relation="within_distance", zone=ZONE, **content)


def test_a_line_is_drawn_at_its_distance(world: World, draw: Callable[[Rulebook], Drawn]) -> None:
    world.add("transport.railway", polyline((0, 0), (100, 0)), line="901")
    [(_, title, distance, shape)] = draw(rules(railway(distance_m=20)))
    assert (title, distance) == ("901", 20)
    assert shape.area == pytest.approx(100 * 40 + math.pi * 400, abs=2 * math.pi * 20 * zones.CHORD_ERROR_M)
    assert shape.area < 100 * 40 + math.pi * 400


def test_distances_are_counted_from_the_edge_of_a_line_and_of_an_area(
    world: World, draw: Callable[[Rulebook], Drawn]
) -> None:
    """Half the width is added to a drawn axis, the default where it is not known, nothing to an area."""
    world.add("environment.water", polyline((0, 0), (1000, 0)), kind="river", width_m=30.0, name="lat")
    world.add("environment.water", polyline((0, 500), (1000, 500)), kind="river", name="necunoscut")
    world.add("environment.water", box(0, 1000, 1000, 10), kind="lake", width_m=30.0, name="lac")
    offset = {"column": "width_m", "factor": 0.5, "default": 3}
    zone = {"kind": "protection", "of": "{name}"}
    water = rule(
        layer="environment.water", relation="within_distance", distance_m=5, offset=offset, zone=zone
    )
    widths = {
        title: shapely.bounds(shape)[3] - shapely.bounds(shape)[1]
        for _, title, _, shape in draw(rules(water))
    }
    assert widths["lat"] == pytest.approx(2 * (15 + 5), abs=0.01)
    assert widths["necunoscut"] == pytest.approx(2 * (1.5 + 5), abs=0.01)
    assert widths["lac"] == pytest.approx(10 + 2 * 5, abs=0.01)


def test_a_zone_is_cut_where_the_built_up_area_begins(
    world: World, draw: Callable[[Rulebook], Drawn]
) -> None:
    """The figure of each place is drawn in that place only, as the check judges each part of the land apart."""
    world.uat()
    world.add("admin.built_up_area", box(0, -500, 500, 1000), siruta=SIRUTA)
    world.add("transport.railway", polyline((-200, 0), (200, 0)), line="901")
    cases = [{"place": "commune", "distance_m": 10}, {"place": "outside", "distance_m": 40}]
    inside, outside = draw(rules(railway(cases=cases)))
    assert inside[2:3] == (10,)
    assert outside[2:3] == (40,)
    assert shapely.distance(inside[3], point(100, 9.9)) == 0
    assert shapely.distance(outside[3], point(-100, 39.9)) == 0
    assert shapely.intersection(inside[3], outside[3]).area == pytest.approx(0, abs=1e-6)
    assert shapely.bounds(inside[3])[0] == pytest.approx(shapely.bounds(outside[3])[2], abs=1e-6)
    [only_inside] = draw(rules(railway(distance_m=10, place="inside")))
    assert shapely.symmetric_difference(only_inside[3], inside[3]).area < 1e-6


def test_no_built_up_area_leaves_the_land_outside(world: World, draw: Callable[[Rulebook], Drawn]) -> None:
    world.uat()
    world.add("transport.railway", polyline((-200, 0), (200, 0)), line="901")
    assert draw(rules(railway(distance_m=10, place="inside"))) == []
    [outside] = draw(rules(railway(distance_m=10, place="outside")))
    assert outside[3].area > 400 * 20


def test_the_place_of_the_feature_chooses_its_radius(world: World, draw: Callable[[Rulebook], Drawn]) -> None:
    world.uat()
    world.add("admin.built_up_area", box(0, 0, 500, 500), siruta=SIRUTA)
    world.add("heritage.monument", point(100, 100), lmi_code="în sat")
    world.add("heritage.monument", point(-900, -900), lmi_code="în câmp")
    monument = rulebook().get("heritage.monument-protection-default")
    found = {title: distance for _, title, distance, _ in draw(rules(monument))}
    assert found == {"în sat": 200, "în câmp": 500}


def test_a_road_is_drawn_flat_and_only_where_it_is_in_force(
    world: World, draw: Callable[[Rulebook], Drawn]
) -> None:
    values: dict[str, Any] = {
        "category": "DJ",
        "administrator": "CJ",
        "measure_source": "surveyed",
        "earthwork": "level",
    }
    world.add("roads.road", measured((0, 0, 0), (1000, 0, 1000)), number="DJ 663", bed_m=10.0, **values)
    world.add(
        "roads.road",
        measured((0, 900, 0), (1000, 900, 1000)),
        number="DJ 664",
        valid_from=date(2030, 1, 1),
        **values,
    )
    safety = rulebook().get("roads.safety-zone")
    [(_, title, distance, shape)] = draw(rules(safety))
    assert (title, distance) == ("DJ 663", 1.5)
    assert shapely.bounds(shape)[3] - shapely.bounds(shape)[1] == pytest.approx(2 * (5 + 1.5), abs=0.01)


def test_a_rule_without_distance_to_a_place_draws_nothing_there(
    world: World, draw: Callable[[Rulebook], Drawn]
) -> None:
    world.add("transport.railway", polyline((0, 0), (100, 0)), line="901", electrified=True)
    assert draw(rules(railway(cases=[{"where": {"electrified": [False]}, "distance_m": 20}]))) == []


def test_shapes_are_stored_for_tiles_too(demo_database: str) -> None:
    with psycopg.connect(demo_database) as connection:
        [(missing,)] = connection.execute(
            "SELECT count(*) FROM derived.protection_zone WHERE ST_SRID(geom_3857) <> 3857 OR ST_IsEmpty(geom_3857)"
        ).fetchall()
    assert missing == 0
