"""Each hard case is what it says, measured here."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
import shapely

from layers.demo import HARD_CASES, SHOWCASE, County, Features
from tests.layers.demo.checks import of_place, parcel

Parts = list[dict[str, Features]]


def land(parts: Parts, name: str) -> shapely.MultiPolygon:
    case = HARD_CASES[name]
    assert case.cadastral_number
    return parcel(parts, case.siruta, case.cadastral_number)[0]


def zone_shares(county: County, shape: shapely.MultiPolygon, siruta: int) -> dict[str, float]:
    zones = of_place(county.tables["planning.zone"], siruta)
    areas = shapely.area(shapely.intersection(zones.shapes, shape))
    return {str(zones.columns["code"][row]): float(areas[row]) for row in np.flatnonzero(areas > 1e-6)}


def test_two_communes(county: County, parts: Parts) -> None:
    shape = land(parts, "two_communes")
    uats = county.tables["admin.uat"]
    shares = shapely.area(shapely.intersection(uats.shapes, shape)) / shape.area
    within = shares > 1e-9
    assert within.sum() == 2
    assert shares[within].min() > 0.3
    assert shares.sum() == pytest.approx(1.0)
    assert HARD_CASES["two_communes"].siruta in uats.columns["siruta"][within]


def test_sliver(county: County, parts: Parts) -> None:
    case = HARD_CASES["sliver"]
    shape = land(parts, "sliver")
    assert set(zone_shares(county, shape, case.siruta)) == {"A", "I"}
    zones = of_place(county.tables["planning.zone"], case.siruta)
    industry = shapely.union_all(zones.shapes[zones.columns["code"] == "I"])
    thin = shapely.intersection(shape, industry)
    assert thin.area == pytest.approx(0.3 * 70, abs=0.3)
    assert thin.buffer(-0.16).is_empty
    assert not thin.buffer(-0.14).is_empty


def test_sliver_neighbour(county: County, parts: Parts) -> None:
    shape = land(parts, "sliver_neighbour")
    assert set(zone_shares(county, shape, HARD_CASES["sliver_neighbour"].siruta)) == {"I"}
    assert shape.touches(land(parts, "sliver"))


def test_buffer_limit(county: County, parts: Parts) -> None:
    shape = land(parts, "buffer_limit")
    roads = county.tables["roads.road"]
    county_roads = roads.shapes[roads.columns["category"] == "DJ"]
    assert shapely.distance(county_roads, shape).min() == pytest.approx(20.0, abs=1e-9)


def test_split_by_built_up_line(county: County, parts: Parts) -> None:
    shape = land(parts, "split_by_built_up_line")
    built = shapely.union_all(county.tables["admin.built_up_area"].shapes)
    assert shape.intersection(built).area / shape.area == pytest.approx(0.5, abs=0.001)


def test_multipart_with_a_hole_and_its_enclave(parts: Parts) -> None:
    shape, inner = land(parts, "multipart"), land(parts, "enclave")
    assert len(shape.geoms) == 2
    assert [len(part.interiors) for part in shape.geoms] == [1, 0]
    assert shape.touches(inner)
    assert shapely.Polygon(shape.geoms[0].interiors[0]).equals(inner.geoms[0])


def test_split_of_split(county: County, parts: Parts) -> None:
    case = HARD_CASES["split_of_split"]
    land(parts, "split_of_split")
    history = county.tables["cadastre.predecessor"].columns
    rows = [row for row in zip(*history.values(), strict=True) if row[0] == case.siruta]
    before = {number: (earlier, operation, day) for _, number, earlier, operation, day in rows}
    parent, operation, day = before[case.cadastral_number]
    assert (operation, day) == ("split", datetime.date(2024, 10, 2))
    assert before[parent][1:] == ("split", datetime.date(2015, 4, 9))
    assert before[parent][0] not in before


def test_no_urbanism_structure(county: County) -> None:
    uat = of_place(county.tables["admin.uat"], HARD_CASES["no_urbanism_structure"].siruta)
    assert list(uat.columns["has_urbanism_structure"]) == [False]


def test_expired_plan(county: County) -> None:
    plans = of_place(county.tables["planning.plan"], HARD_CASES["expired_plan"].siruta).columns
    assert [
        until for kind, until in zip(plans["kind"], plans["valid_until"], strict=True) if kind == "PUG"
    ] == [datetime.date(2024, 12, 31)]


def test_showcase_is_an_ordinary_plot_with_everything_known(county: County, parts: Parts) -> None:
    shape, attributes = parcel(parts, SHOWCASE.siruta, str(SHOWCASE.cadastral_number))
    assert attributes["use_category"] == "CC"
    assert set(zone_shares(county, shape, SHOWCASE.siruta)) == {"Li"}
    assert all(SHOWCASE.siruta in covered for covered in county.coverage.values())
    roads = county.tables["roads.road"]
    assert shapely.distance(roads.shapes[roads.columns["category"] == "DJ"], shape).min() < 12
    lines = county.tables["utilities.line"]
    near = shapely.distance(lines.shapes, shape) < 30
    assert {"electricity", "water", "sewer", "gas"} <= set(lines.columns["network"][near])
    buildings = [
        number
        for part in parts
        for siruta, number in zip(
            part["cadastre.building"].columns["siruta"],
            part["cadastre.building"].columns["cadastral_number"],
            strict=True,
        )
        if siruta == SHOWCASE.siruta
    ]
    assert SHOWCASE.cadastral_number in buildings


def test_cases_are_where_they_say(county: County) -> None:
    known = {place.siruta for place in county.places}
    assert {case.siruta for case in (*HARD_CASES.values(), SHOWCASE)} <= known
