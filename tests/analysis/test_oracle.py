"""The check against an oracle of its own: the same questions answered by shapely alone, over random land.

The oracle knows nothing of pieces, indexes, statements or facts; it takes whole shapes and the definitions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

import analysis
from analysis.findings import CheckReport, Finding
from tests.analysis.world import SIRUTA, TODAY, X0, Y0, World, rule, rules

INTERSECTS = rule("test.zone", layer="environment.flood_zone", relation="intersects")
NEAR_LINE = rule("test.line", layer="transport.railway", relation="within_distance", distance_m=30)
NEAR_WATER = rule(
    "test.water",
    layer="environment.water",
    relation="within_distance",
    distance_m=15,
    offset={"column": "width_m", "factor": 0.5, "default": 3},
)
NEAR_AREA = rule("test.forest", layer="environment.forest", relation="within_distance", distance_m=50)
BOOK = rules(INTERSECTS, NEAR_LINE, NEAR_WATER, NEAR_AREA)
MILLIMETRE, AREA = 0.0011, 0.01


@dataclass(frozen=True)
class Random:
    """A random world: the land and its accuracy, and the features of each layer."""

    land: BaseGeometry
    accuracies: tuple[float, float]
    zones: list[BaseGeometry]
    lines: list[BaseGeometry]
    waters: list[tuple[BaseGeometry, float | None]]
    forests: list[BaseGeometry]


def moved(shape: BaseGeometry, x: float, y: float) -> BaseGeometry:
    """The shape at its place, on whole millimetres as surveys are."""
    return shapely.transform(shape, lambda xy: np.round(xy + np.array([X0 + x, Y0 + y]), 3))


@st.composite
def stars(draw: st.DrawFn, size: float = 60.0, spread: float = 90.0) -> BaseGeometry:
    """A simple polygon, seldom convex, with 3 to 40 vertices."""
    count = draw(st.integers(3, 40))
    radii = draw(st.lists(st.floats(size / 12, size), min_size=count, max_size=count))
    turn = draw(st.floats(0, 6.28))
    angles = turn + np.linspace(0, 2 * np.pi, count, endpoint=False)
    ring = np.column_stack([np.cos(angles) * radii, np.sin(angles) * radii])
    shape = moved(shapely.Polygon(ring), draw(st.floats(-spread, spread)), draw(st.floats(-spread, spread)))
    assume(shape.is_valid and shape.area > 1)
    return shape


@st.composite
def paths(draw: st.DrawFn, spread: float = 150.0) -> BaseGeometry:
    """A polyline of 2 to 7 corners, half of them with so many vertices that it is kept in pieces."""
    corner = st.tuples(st.floats(-spread, spread), st.floats(-spread, spread))
    shape = moved(shapely.LineString(draw(st.lists(corner, min_size=2, max_size=7))), 0, 0)
    # GEOS smooths dents shallower than a hundredth of the distance, and takes a spike back and forth for one.
    assume(shape.length > 1 and shape.is_simple)
    return shapely.segmentize(shape, 4.0) if draw(st.booleans()) else shape


WORLDS = st.builds(
    Random,
    stars(spread=20.0),
    st.tuples(st.sampled_from([0.0, 0.2, 1.0]), st.sampled_from([0.0, 0.5, 5.0])),
    st.lists(stars(), max_size=3),
    st.lists(paths(), max_size=3),
    st.lists(st.tuples(paths(), st.sampled_from([None, 4.0, 30.0])), max_size=2),
    st.lists(stars(), max_size=2),
)


def put(world: World, random: Random) -> dict[str, tuple[BaseGeometry, float]]:
    """The random world in the database; layer and feature id → whole shape, metres from axis to edge."""
    land, layer = random.accuracies
    world.uat()
    world.version("cadastre.parcel", accuracy=land)
    world.parcel("1", random.land)
    placed: dict[str, tuple[BaseGeometry, float]] = {}
    contents: list[tuple[str, BaseGeometry, dict[str, Any]]] = [
        *(("environment.flood_zone", shape, {"return_period": 100}) for shape in random.zones),
        *(("transport.railway", shape, {}) for shape in random.lines),
        *(
            ("environment.water", shape, {"kind": "river", "width_m": width})
            for shape, width in random.waters
        ),
        *(("environment.forest", shape, {}) for shape in random.forests),
    ]
    for name in ("environment.flood_zone", "transport.railway", "environment.water", "environment.forest"):
        world.version(name, accuracy=layer)
    for name, shape, values in contents:
        edge = (values.get("width_m") or 3.0) / 2
        placed[f"{name}:{world.add(name, shape, **values)}"] = (shape, edge)
    return placed


def by_feature(report: CheckReport) -> dict[str, Finding]:
    """Findings by layer and feature id."""
    return {f"{f.feature.layer}:{f.feature.id}": f for f in report.findings if f.feature}


def expect_overlap(land: BaseGeometry, feature: BaseGeometry, error: float, found: Finding | None) -> None:
    """What the definition of an overlap asks of a finding."""
    part = shapely.intersection(land, feature)
    thin = shapely.buffer(part, -error / 2).is_empty
    # Decisions that hang on less than a micrometre are left open.
    assume(
        thin
        == shapely.buffer(part, -(error / 2 + 1e-6)).is_empty
        == shapely.buffer(part, -max(error / 2 - 1e-6, 0)).is_empty
    )
    if part.area < 0.006 and shapely.buffer(part, -0.0006).is_empty:
        assume(part.area < 1e-7)
        assert found is None
        return
    assert found is not None
    assert found.overlap_m2 == pytest.approx(part.area, abs=AREA)
    assert found.overlap_share == pytest.approx(part.area / land.area, abs=1e-6)
    assert found.certainty == ("borderline" if error and thin else "certain")


def expect_distance(
    land: BaseGeometry, feature: BaseGeometry, limit: float, edge: float, error: float, found: Finding | None
) -> None:
    """What the definition of a distance asks of a finding."""
    distance = max(land.distance(feature) - edge, 0.0)
    assume(abs(distance - limit) > 0.002 and abs(abs(distance - limit) - error) > 0.002)
    if distance > limit + error:
        assert found is None
        return
    assert found is not None
    assert found.distance_m == pytest.approx(distance, abs=MILLIMETRE)
    assert found.certainty == ("borderline" if abs(distance - limit) < error else "certain")
    if distance < limit:
        zone = shapely.buffer(feature, limit + edge, quad_segs=3000)
        assert found.overlap_m2 == pytest.approx(shapely.intersection(land, zone).area, abs=AREA)


@given(random=WORLDS)
@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
    ],
)
def test_findings_are_what_the_definitions_say(connection: Any, random: Random) -> None:
    with connection.transaction(force_rollback=True):
        placed = put(World(connection), random)
        report = analysis.check(analysis.parcel(SIRUTA, "1"), TODAY, database=connection, rules=BOOK)
    assert report.subject.area_m2 == pytest.approx(random.land.area, abs=AREA)
    found = by_feature(report)
    error = float(np.hypot(*random.accuracies))
    for key, (shape, edge) in placed.items():
        layer = key.split(":")[0]
        if layer == "environment.flood_zone":
            expect_overlap(random.land, shape, error, found.get(key))
        elif layer == "transport.railway":
            expect_distance(random.land, shape, 30, 0, error, found.get(key))
        elif layer == "environment.forest":
            expect_distance(random.land, shape, 50, 0, error, found.get(key))
        else:
            expect_distance(random.land, shape, 15, edge, error, found.get(key))


@given(land=stars(spread=20.0), zones=st.lists(stars(), min_size=2, max_size=4))
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_totals_count_every_square_metre_once(
    connection: Any, land: BaseGeometry, zones: list[BaseGeometry]
) -> None:
    with connection.transaction(force_rollback=True):
        world = World(connection)
        world.uat()
        world.parcel("1", land)
        for zone in zones:
            world.add("environment.flood_zone", zone, return_period=10)
        report = analysis.check(
            analysis.parcel(SIRUTA, "1"), TODAY, database=connection, rules=rules(INTERSECTS)
        )
    joined = shapely.intersection(land, shapely.union_all(zones)).area
    total = report.totals[0].overlap_m2 if report.totals else 0.0
    assert total == pytest.approx(joined, abs=AREA)
    assert total <= land.area + AREA


@given(line=paths(60.0), zones=st.lists(stars(), min_size=1, max_size=3))
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_lines_are_measured_inside_zones(
    connection: Any, line: BaseGeometry, zones: list[BaseGeometry]
) -> None:
    assume(line.is_simple)
    with connection.transaction(force_rollback=True):
        world = World(connection)
        world.uat()
        ids = {str(world.add("environment.flood_zone", zone, return_period=10)): zone for zone in zones}
        report = analysis.check(
            analysis.line(line, accuracy_m=0.0), TODAY, database=connection, rules=rules(INTERSECTS)
        )
    found = {f.feature.id: f.overlap_length_m for f in report.findings if f.feature}
    for identifier, zone in ids.items():
        length = shapely.intersection(line, zone).length
        assume(not 0 < length < 0.002)
        assert (found.get(identifier) or 0.0) == pytest.approx(length, abs=MILLIMETRE)
