"""Plans, zones and the local regulation: official codes, exact tiling, 22 articles."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
import shapely

from layers.catalogue import get_layer
from layers.demo import County
from tests.layers.demo.checks import of_place, overlaps

# Ordin MDLPA 1022/2026, tables 2 and 3; case-sensitive
OFFICIAL = {
    *("L", "Li", "Lc", "Ls", "C", "M", "IS", "Isa", "Isi", "Iss", "Isas", "Isc", "I", "A", "CS"),
    *("V", "Va", "Vb1", "Vb2", "Vc", "Ve", "Vf", "Vg", "DS", "GC", "T", "Tr", "Tf", "Tn", "Ta"),
    *("TE", "Tea", "Tec", "Tee", "Teg", "Tet", "TEM", "EE", "TA", "TF", "TH", "TN", "TT", "VE"),
}


def test_only_official_zone_codes(county: County) -> None:
    codes = set(county.tables["planning.zone"].columns["code"])
    assert codes <= OFFICIAL
    assert {"Li", "C", "Isa", "Isi", "Va", "GC", "A", "I", "Tr", "TA", "TF", "TH", "TT"} <= codes


def test_zones_tile_each_commune(county: County) -> None:
    zones = county.tables["planning.zone"]
    for place in county.places:
        own = of_place(zones, place.siruta)
        assert shapely.area(own.shapes).sum() == pytest.approx(place.land.area, rel=1e-6)
        assert overlaps(own).max(initial=0.0) < 0.01


def test_zones_cover_the_built_up_area_exactly(county: County) -> None:
    zones, built = county.tables["planning.zone"], county.tables["admin.built_up_area"]
    for place in county.places:
        own = of_place(zones, place.siruta)
        inside = own.take(np.flatnonzero([utr is not None for utr in own.columns["utr"]]))
        lands = of_place(built, place.siruta).shapes
        assert (
            shapely.symmetric_difference(shapely.union_all(inside.shapes), shapely.union_all(lands)).area
            < 0.01
        )


def test_built_up_areas_stay_in_their_commune_and_apart(county: County) -> None:
    built = county.tables["admin.built_up_area"]
    assert overlaps(built).max(initial=0.0) < 0.01
    for place in county.places:
        own = of_place(built, place.siruta)
        assert len(own) >= 1
        assert shapely.area(shapely.difference(own.shapes, place.land)).max() < 0.01


def test_every_commune_has_a_general_plan_and_every_zone_a_plan(county: County) -> None:
    plans, zones = county.tables["planning.plan"].columns, county.tables["planning.zone"].columns
    general = {
        (siruta, code)
        for siruta, code, kind, status in zip(
            plans["siruta"], plans["code"], plans["kind"], plans["status"], strict=True
        )
        if kind == "PUG" and status == "in_force"
    }
    assert {siruta for siruta, _ in general} == {place.siruta for place in county.places}
    known = dict(zip(plans["code"], plans["status"], strict=True))
    assert all(known[code] == "in_force" for code in zones["plan_code"])
    assert {"PUG", "PUZ", "PUD"} == set(plans["kind"])
    assert {"in_force", "in_preparation", "annulled"} == set(plans["status"])


def test_old_plans_lapse_in_2029(county: County) -> None:
    """Legea 169/2026 art. 573: general plans older than seven years on 2026-08-25 lapse on 2029-08-25."""
    plans = county.tables["planning.plan"].columns
    expired = county.hard_cases["expired_plan"].siruta
    for siruta, kind, day, until in zip(
        plans["siruta"], plans["kind"], plans["approved_on"], plans["valid_until"], strict=True
    ):
        if kind == "PUG" and day and day < datetime.date(2019, 1, 1) and siruta != expired:
            assert until == datetime.date(2029, 8, 25)


def test_every_zone_is_regulated_by_22_articles(county: County) -> None:
    zones, rules = county.tables["planning.zone"].columns, county.tables["planning.regulation"].columns
    articles: dict[tuple[str, str], set[int]] = {}
    for plan, code, article in zip(rules["plan_code"], rules["zone_code"], rules["article"], strict=True):
        articles.setdefault((plan, code), set()).add(article)
    assert set(articles) == set(zip(zones["plan_code"], zones["code"], strict=True))
    assert all(found == set(range(1, 23)) for found in articles.values())


def test_regulation_speaks_in_modal_words(county: County) -> None:
    """Ordin 1022/2026: only "se permite", "se interzice", "este obligatoriu"; figures carry a unit."""
    rules = county.tables["planning.regulation"].columns
    words = {"permis": "permit", "conditionat": "permit", "interzis": "interzic", "obligatoriu": "obligatori"}
    for modality, body, low, high, unit in zip(
        rules["modality"], rules["body"], rules["value_min"], rules["value_max"], rules["unit"], strict=True
    ):
        assert words[modality] in body, body
        assert (unit is not None) == (low is not None or high is not None)
        assert not any(vague in body for vague in ("se recomandă", "se propune", "este posibil"))


def test_restrictions_of_every_kind(county: County) -> None:
    kinds = get_layer("planning.restriction").column("kind").values
    columns = county.tables["planning.restriction"].columns
    assert set(columns["kind"]) == set(kinds)
    ends = [
        day
        for kind, day in zip(columns["kind"], columns["valid_until"], strict=True)
        if kind == "building_ban_temporary"
    ]
    assert min(ends) < datetime.date(2026, 1, 1) < max(ends)
