"""Derived layers follow the rules and their sources: change one, and just what follows from it is made anew."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import shapely

import analysis
from analysis import derived
from analysis.derived import posts, zones
from layers import health
from layers.database import map_url
from layers.days import today
from layers.demo.load import load_demo
from layers.importing import DerivedLayer, import_file
from tests.conftest import DEMO_PARCELS, DEMO_SEED, DatabaseMaker

CHANGE = date(2026, 10, 1)
WIDER = """\
editions:
  - valid_from: 2026-10-01
    status: confirmed
    legal_basis: [{act: HCJ 100/2026, article: art. 2}]
    cases:
      - {where: {category: [A, DX]}, distance_m: 50}
      - {where: {category: [DN]}, distance_m: 22}
      - {where: {category: [DJ]}, distance_m: 40}
      - {where: {category: [DC]}, distance_m: 18}
"""


@pytest.fixture
def county(make_database: DatabaseMaker, demo_template: str) -> Iterator[str]:
    address = make_database("derived", demo_template)
    yield address
    make_database.drop(address)


@pytest.fixture
def wider(tmp_path: Path) -> Path:
    """A county's folder in which county roads are protected on 40 m from October."""
    (tmp_path / "roads.protection-zone.yaml").write_text(WIDER, encoding="utf-8")
    return tmp_path


def query(county: str, text: str, *values: Any) -> list[Any]:
    with psycopg.connect(county) as connection:
        return connection.execute(text.encode(), values).fetchall()


def area(county: str, rule: str, day: date, title: str = "%") -> float:
    """Area of a rule's zones on a day, in m²."""
    [(found,)] = query(
        county,
        "SELECT coalesce(sum(ST_Area(geom)), 0) FROM derived.protection_zone"
        " WHERE rule = %s AND valid_from <= %s AND %s < valid_to AND source_title LIKE %s",
        rule, day, day, title,
    )  # fmt: skip
    return float(found)


def versions(county: str, layer: str) -> list[Any]:
    return query(
        county,
        "SELECT number, valid_from FROM catalogue.layer_version WHERE layer = %s ORDER BY number",
        layer,
    )


def touch(county: str, layer: str, day: date) -> None:
    """What an import leaves behind for the layers that follow: a newer version, its rows moved by half a metre."""
    with psycopg.connect(county) as connection:
        connection.execute(
            "INSERT INTO catalogue.layer_version (layer, number, valid_from, accuracy_m, rows)"
            " SELECT layer, max(number) + 1, %s, 1, max(rows) FROM catalogue.layer_version WHERE layer = %s GROUP BY 1",
            [day, layer],
        )


def made_by(county: str, rules: Path | None = None) -> list[derived.Refreshed]:
    made = derived.refresh(county, rules)
    assert made is not None
    return made


def test_up_to_date_means_nothing_to_do(county: str) -> None:
    assert derived.stale(county) == {}
    assert derived.refresh(county) == []
    began = time.perf_counter()
    derived.refresh(county)
    assert time.perf_counter() - began < 2


def test_a_changed_figure_moves_the_zone_from_its_day_on(county: str, wider: Path) -> None:
    """The map follows the rule, as the check does; what a past day showed stays, and other zones with it."""
    before = area(county, "roads.protection-zone", today(), "DJ%")
    others = area(county, "roads.protection-zone", today(), "DC%")
    assert derived.stale(county, wider) == {zones.LAYER: ["roads.protection-zone"]}
    [made] = made_by(county, wider)
    assert (made.layer, made.valid_from, made.parts) == (zones.LAYER, CHANGE, ("roads.protection-zone",))
    after = area(county, "roads.protection-zone", today(), "DJ%")
    assert after == pytest.approx(2 * before, rel=0.02)
    assert area(county, "roads.protection-zone", today(), "DC%") == pytest.approx(others)
    assert area(county, "roads.protection-zone", CHANGE - timedelta(days=1), "DJ%") == pytest.approx(before)
    assert area(county, "roads.safety-zone", today()) > 0
    assert derived.refresh(county, wider) == []
    told = query(county, "SELECT DISTINCT legal_basis FROM derived.protection_zone WHERE distance_m = 40")
    assert told == [("HCJ 100/2026, art. 2",)]


def test_the_check_and_the_map_change_together(county: str, wider: Path) -> None:
    """Land 30 m from a county road: in the zone under the county's figure, on neither side before."""
    [(x, y)] = query(
        county,
        "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(ST_Difference(ST_Buffer(geom, 30.5),"
        " ST_Buffer(geom, 29.5))) AS p FROM roads.road WHERE category = 'DJ' ORDER BY number LIMIT 1) q",
    )
    [(road,)] = query(county, "SELECT number FROM roads.road WHERE category = 'DJ' ORDER BY number LIMIT 1")
    square = analysis.area(_square(x, y))
    in_zone = "SELECT count(*) FROM derived.protection_zone WHERE rule = 'roads.protection-zone' AND source_title = %s"
    in_zone += " AND valid_to = 'infinity' AND ST_Intersects(geom, ST_SetSRID(ST_Point(%s, %s), 3844))"

    def found(rules: Path | None) -> bool:
        report = analysis.check(square, database=county, rules=rules)
        return any(
            one.rule == "roads.protection-zone" and one.feature and one.feature.attributes["number"] == road
            for one in report.findings
        )

    assert (found(None), query(county, in_zone, road, x, y)) == (False, [(0,)])
    derived.refresh(county, wider)
    assert (found(wider), query(county, in_zone, road, x, y)) == (True, [(1,)])


def _square(x: float, y: float) -> Any:
    return shapely.box(x - 0.5, y - 0.5, x + 0.5, y + 0.5)


def test_a_rule_that_draws_no_more_leaves_the_map(county: str, tmp_path: Path) -> None:
    (tmp_path / "sanitary.cemetery.yaml").write_text("zone: null\n", encoding="utf-8")
    [made] = made_by(county, tmp_path)
    assert (made.parts, made.rows) == (("sanitary.cemetery",), 0)
    assert area(county, "sanitary.cemetery", today()) == 0
    assert health.broken(today(), map_url(county)) == {}


def test_a_new_version_of_a_source_renews_what_comes_from_it(county: str) -> None:
    day = today()
    touch(county, "transport.railway", day)
    [made] = made_by(county)
    assert made.parts == ("transport.railway-protection", "transport.railway-safety")
    assert made.valid_from == day
    touch(county, "admin.built_up_area", day)
    renewed = {one.layer: one.parts for one in made_by(county)}
    assert renewed == {
        posts.LAYER: ("built_up_limit",),
        zones.LAYER: ("heritage.monument-protection-default",),
    }
    touch(county, "cadastre.parcel", day)
    assert derived.refresh(county) == []


def test_a_source_published_for_an_earlier_day_counts_from_the_version_in_force(county: str) -> None:
    """What a past day showed is not taken back."""
    [*_, (number, since)] = versions(county, zones.LAYER)
    touch(county, "utilities.node", since - timedelta(days=30))
    made = made_by(county)
    assert [one.valid_from for one in made] == [since]
    assert versions(county, zones.LAYER)[-1] == (number + 1, since)


def test_the_first_versions_reach_back_to_the_first_data(county: str) -> None:
    """From its day on a county's data has its zones, and a rule that changed since has a version of its own."""
    [(first,)] = query(county, "SELECT min(valid_from) FROM catalogue.layer_version")
    assert [day for _, day in versions(county, zones.LAYER)] == [first, date(2026, 8, 25)]
    assert area(county, "environment.water", first) == pytest.approx(
        area(county, "environment.water", today())
    )


def test_one_process_at_a_time(county: str, wider: Path) -> None:
    with psycopg.connect(county) as other:
        other.execute("SELECT pg_advisory_xact_lock(7340523, 0)")
        assert derived.refresh(county, wider, wait=False) is None
    assert derived.refresh(county, wider, wait=False)


def test_all_or_nothing(county: str, wider: Path) -> None:
    """A statement that fails leaves everything as it was."""
    before = (versions(county, zones.LAYER), area(county, "roads.protection-zone", today()))
    with psycopg.connect(county) as connection:
        connection.execute(
            "ALTER TABLE derived.protection_zone ADD CONSTRAINT broken CHECK (distance_m <> 40) NOT VALID"
        )
    with pytest.raises(psycopg.errors.CheckViolation):
        derived.refresh(county, wider)
    assert (versions(county, zones.LAYER), area(county, "roads.protection-zone", today())) == before


def test_lost_rows_can_be_made_anew(county: str) -> None:
    with psycopg.connect(county) as connection:
        connection.execute("DELETE FROM derived.kilometre_post")
    health.forget()
    assert list(health.broken(today(), map_url(county))) == [posts.LAYER]
    assert derived.refresh(county) == []
    derived.refresh(county, anew=True)
    assert health.broken(today(), map_url(county)) == {}


def test_an_empty_database_has_nothing_to_derive(fresh_database: str) -> None:
    assert derived.refresh(fresh_database) == []
    assert derived.stale(fresh_database) == {}


def test_no_file_is_imported_into_them(county: str, tmp_path: Path) -> None:
    with pytest.raises(DerivedLayer, match="vatra layers refresh"):
        import_file(zones.LAYER, tmp_path / "zone.gpkg", address=county)


def test_the_demo_is_still_known_as_its_own(county: str, tmp_path: Path) -> None:
    (tmp_path / "dem.tif").touch()
    assert not load_demo(county, DEMO_PARCELS, DEMO_SEED, tmp_path).made


def test_sources_are_the_layers_that_are_read() -> None:
    assert {"roads.road", "admin.uat", "utilities.line"} <= derived.sources()
    assert "cadastre.parcel" not in derived.sources()
