"""Styles in the catalogue: the colours of the law, every kind of feature drawn, mistakes named by line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from layers.catalogue import DEFINITIONS, catalogue, get_layer, read_definition
from layers.errors import DefinitionError
from layers.groups import drawing_order
from layers.style import Range, Scale, StyleRule

# As the plan standard prints them (Ordin MDLPA 1022/2026, standard de reprezentare grafică).
ROADS = {
    "A": (122, 28, 61),
    "DX": (148, 16, 45),
    "DN": (236, 66, 72),
    "DJ": (247, 163, 10),
    "DC": (247, 219, 23),
}
STREETS = {"I": (43, 42, 41), "II": (91, 91, 91), "III": (137, 137, 137), "IV": (178, 179, 179)}
RESTRICTIONS = {
    "building_ban_permanent": (164, 0, 0),
    "building_ban_temporary": (164, 0, 0),
    "special_destination": (222, 31, 130),
    "risk_landslide": (142, 145, 145),
    "risk_flood": (142, 145, 145),
    "risk_seveso": (164, 0, 0),
}
NETWORKS = [
    ({"network": "electricity", "voltage_kv": 400.0, "placement": "overhead"}, (51, 115, 33)),
    ({"network": "electricity", "voltage_kv": 220.0, "placement": "overhead"}, (41, 153, 38)),
    ({"network": "electricity", "voltage_kv": 110.0, "placement": "overhead"}, (0, 99, 56)),
    ({"network": "electricity", "voltage_kv": 110.0, "placement": "underground"}, (0, 99, 56)),
    ({"network": "electricity", "voltage_kv": 20.0, "placement": "overhead"}, (0, 153, 89)),
    ({"network": "electricity", "voltage_kv": 20.0, "placement": "underground"}, (0, 153, 89)),
    ({"network": "water", "subtype": "adduction"}, (184, 0, 184)),
    ({"network": "water", "subtype": "distribution"}, (72, 185, 213)),
    ({"network": "sewer", "subtype": "sanitary"}, (128, 61, 10)),
    ({"network": "sewer", "subtype": "storm"}, (150, 99, 5)),
    ({"network": "sewer", "subtype": "combined"}, (186, 87, 0)),
    ({"network": "gas", "pressure": "medium"}, (247, 209, 23)),
    ({"network": "gas", "pressure": "low"}, (255, 132, 11)),
    ({"network": "heat", "placement": "overhead"}, (227, 30, 36)),
    ({"network": "heat", "placement": "underground"}, (255, 132, 11)),
    ({"network": "telecom", "subtype": "fibre"}, (255, 0, 191)),
    ({"network": "telecom", "subtype": "cable"}, (255, 132, 11)),
]


def rule_for(layer: str, row: Mapping[str, object], variant: str = "default") -> StyleRule:
    """The first rule that fits a row, worked out in Python."""

    def fits(rule: StyleRule) -> bool:
        for column, allowed in rule.where.items():
            value = row.get(column)
            if isinstance(allowed, Range):
                if not isinstance(value, float):
                    return False
                if allowed.min is not None and value < allowed.min:
                    return False
                if allowed.below is not None and value >= allowed.below:
                    return False
            elif value not in allowed:
                return False
        return True

    return next(rule for rule in get_layer(layer).style if rule.variant == variant and fits(rule))


@pytest.mark.parametrize(("row", "colour"), NETWORKS)
def test_networks(row: dict[str, object], colour: tuple[int, int, int]) -> None:
    rule = rule_for("utilities.line", row)
    assert rule.strokes[0].colour == colour
    assert rule.source == "standard"


@pytest.mark.parametrize(("category", "colour"), ROADS.items())
def test_roads(category: str, colour: tuple[int, int, int]) -> None:
    plan = rule_for("roads.road", {"category": category}, "axis")
    assert plan.strokes[0].colour == colour
    # The carriageway may be drawn true to the ground round it, and darker edges further out.
    assert colour in [stroke.colour for stroke in rule_for("roads.road", {"category": category}).strokes]


@pytest.mark.parametrize(("street_class", "colour"), STREETS.items())
def test_streets(street_class: str, colour: tuple[int, int, int]) -> None:
    street = {"category": "STR", "street_class": street_class}
    assert rule_for("roads.road", street, "axis").strokes[0].colour == colour
    assert colour in [stroke.colour for stroke in rule_for("roads.road", street).strokes]


@pytest.mark.parametrize(("kind", "colour"), RESTRICTIONS.items())
def test_restrictions(kind: str, colour: tuple[int, int, int]) -> None:
    rule = rule_for("planning.restriction", {"kind": kind})
    assert {stroke.colour for stroke in rule.strokes} == {colour}
    assert rule.source == "standard"


@pytest.mark.parametrize("layer", [layer for layer in catalogue() if layer not in ("planning.plan",)])
def test_every_choice_of_a_layer_is_drawn(layer: str) -> None:
    definition = get_layer(layer)
    if definition.geometry is None:
        assert definition.style == ()
        return
    for column in definition.columns:
        for value in column.values:
            assert rule_for(layer, {**REST.get(layer, {}), column.name: value})


# What a row of these layers always holds besides the choice looked at.
REST: dict[str, dict[str, object]] = {
    "planning.restriction": {"kind": "reserve"},
    "environment.water": {"kind": "river"},
    "environment.mountain_zone": {"kind": "forest"},
    "environment.protected_site": {"kind": "local"},
    "utilities.line": {"network": "gas"},
    "utilities.node": {"network": "gas"},
    "derived.protection_zone": {"family": "road", "kind": "safety"},
    "derived.kilometre_post": {"kind": "kilometre", "category": "DJ"},
}


def test_kinds_are_drawn_apart() -> None:
    rules = [
        rule_for("planning.restriction", {"kind": kind})
        for kind in get_layer("planning.restriction").column("kind").values
    ]
    looks = {(rule.hatch, rule.strokes) for rule in rules}
    assert len(looks) == len(rules)


@pytest.mark.parametrize(
    ("style", "line", "cause"),
    [
        ("  - {source: own, fill: [1, 2, 3], where: {colour: [x]}}", 2, "'colour', which is no column"),
        ("  - {source: own, fill: [1, 2, 3], where: {kind: [moat]}}", 2, "kind is never 'moat'"),
        ("  - {source: own}", 2, "the rule draws nothing"),
        ("  - source: own\n    fill: [1, 2, 300]", 3, "less than or equal to 255"),
        ("  - source: own\n    strokes: [{colour: [1, 2, 3]}]", 3, "give 'width'"),
        (
            "  - source: own\n    strokes: [{colour: [1, 2, 3], width: 1, dash: [1]}]",
            3,
            "'dash' goes in pairs",
        ),
        ("  - source: own\n    label: {text: ['{name}'], size: 1.0}", 3, "greater than or equal to 2"),
        ("  - source: guess\n    fill: [1, 2, 3]", 2, "'standard' or 'own'"),
    ],
)
def test_mistakes_are_named_with_their_line(tmp_path: Path, style: str, line: int, cause: str) -> None:
    whole = (DEFINITIONS / "environment.water.yaml").read_text(encoding="utf-8")
    head = whole[: whole.index("style:")]
    path = tmp_path / "environment.water.yaml"
    path.write_text(f"{head}style:\n{style}\n", encoding="utf-8")
    first = head.count("\n") + 1

    with pytest.raises(DefinitionError, match=cause) as caught:
        read_definition(path)
    # A rule that does not fit its layer is told at the head of the file, all else where it stands.
    assert caught.value.line in (first + line - 1, 1)


# Rows of the standard for zones of protection, limits, waters, railways, heritage and works, by what we draw so.
OTHER_ROWS = [
    ("derived.protection_zone", {"family": "road", "kind": "safety"}, (138, 107, 112)),
    ("derived.protection_zone", {"family": "road", "kind": "protection"}, (138, 107, 112)),
    ("derived.protection_zone", {"family": "railway", "kind": "safety"}, (168, 38, 130)),
    ("derived.protection_zone", {"family": "railway", "kind": "protection"}, (206, 130, 181)),
    ("derived.protection_zone", {"family": "electricity", "kind": "safety"}, (247, 209, 23)),
    ("derived.protection_zone", {"family": "gas", "kind": "protection"}, (255, 132, 11)),
    ("derived.protection_zone", {"family": "water", "kind": "protection"}, (72, 185, 213)),
    ("derived.protection_zone", {"family": "sewer", "kind": "protection"}, (184, 92, 0)),
    ("derived.protection_zone", {"family": "telecom", "kind": "protection"}, (255, 0, 191)),
    ("derived.protection_zone", {"family": "sanitary", "kind": "protection"}, (43, 42, 41)),
    ("heritage.protection_zone", {"class": "UNESCO"}, (97, 12, 37)),
    ("heritage.protection_zone", {"class": "A"}, (231, 61, 58)),
    ("heritage.protection_zone", {"class": "B"}, (252, 144, 142)),
    ("heritage.protected_area", {}, (237, 102, 122)),
    ("heritage.monument", {"class": "UNESCO"}, (200, 67, 106)),
    ("heritage.monument", {"class": "A"}, (241, 66, 73)),
    ("heritage.monument", {"class": "B"}, (153, 40, 43)),
    ("heritage.archaeology", {"status": "charted"}, (166, 166, 166)),
    ("environment.protected_site", {"kind": "natura2000_sci"}, (166, 166, 166)),
    ("environment.protected_site", {"kind": "reserve"}, (166, 166, 166)),
    ("environment.flood_zone", {}, (142, 145, 145)),
    ("environment.water", {"kind": "river"}, (127, 191, 255)),
    ("transport.railway", {"electrified": True}, (43, 42, 41)),
    ("transport.railway", {"electrified": False}, (130, 130, 130)),
    ("admin.built_up_area", {}, (164, 0, 0)),
    ("admin.uat", {"kind": "comuna"}, (127, 127, 127)),
    ("utilities.node", {"network": "electricity", "subtype": "transformer"}, (41, 153, 38)),
    ("utilities.node", {"network": "gas", "subtype": "regulating_station"}, (255, 132, 11)),
    ("utilities.node", {"network": "water", "subtype": "reservoir"}, (133, 209, 229)),
    ("utilities.node", {"network": "water", "subtype": "pumping"}, (35, 101, 117)),
    ("utilities.node", {"network": "water", "subtype": "well"}, (72, 185, 213)),
    ("utilities.node", {"network": "water", "subtype": "treatment"}, (127, 197, 220)),
    ("utilities.node", {"network": "sewer", "subtype": "pumping"}, (128, 8, 32)),
    ("utilities.node", {"network": "sewer", "subtype": "treatment"}, (184, 92, 0)),
    ("utilities.node", {"network": "heat", "subtype": "heat_plant"}, (227, 30, 36)),
    ("utilities.node", {"network": "telecom", "subtype": "mast"}, (255, 132, 11)),
    ("utilities.node", {"network": "telecom", "subtype": "exchange"}, (255, 0, 191)),
]


@pytest.mark.parametrize(("layer", "row", "colour"), OTHER_ROWS)
def test_other_rows_of_the_standard(layer: str, row: dict[str, object], colour: tuple[int, int, int]) -> None:
    rule = rule_for(layer, row)
    assert rule.source == "standard"
    assert colour in {stroke.colour for stroke in rule.strokes}
    if rule.hatch:
        assert rule.hatch.colour == colour


CODES = (
    "L Li Lc Ls C M IS Isa Isi Iss Isas Isc I A CS V Va Vb1 Vb2 Vc Ve Vf Vg DS GC T Tr Tf Tn Ta"
    " TE Tea Tec Tee Teg Tet TEM Tem EE TA TF TH TN TT VE RNA RT RP"
)


def test_every_code_of_the_standard_is_a_rule_of_its_own_or_its_parent_s() -> None:
    for code in CODES.split():
        assert code in rule_for("planning.zone", {"code": code}).where["code"]
    assert rule_for("planning.zone", {"code": "ta"}).where == {}, "case matters"


def test_zones_of_the_same_field_are_told_apart_by_kind() -> None:
    for family in get_layer("derived.protection_zone").column("family").values:
        safety, protection = (
            rule_for("derived.protection_zone", {"family": family, "kind": kind})
            for kind in ("safety", "protection")
        )
        assert safety.hatch
        assert protection.hatch
        assert safety.hatch.spacing < protection.hatch.spacing
        assert [bool(stroke.dash) for stroke in safety.strokes] == [False]
        assert [bool(stroke.dash) for stroke in protection.strokes] == [True]


def test_bans_for_good_and_for_a_time_differ_in_hatch_and_outline() -> None:
    for_good, for_a_time = (
        rule_for("planning.restriction", {"kind": f"building_ban_{kind}"})
        for kind in ("permanent", "temporary")
    )
    assert for_good.hatch
    assert for_a_time.hatch
    assert for_good.hatch.angle != for_a_time.hatch.angle
    assert not any(stroke.dash for stroke in for_good.strokes)
    assert all(stroke.dash for stroke in for_a_time.strokes)


@pytest.mark.parametrize(
    ("style", "cause"),
    [
        ("  - {source: own, fill: [1, 2, 3], scale: {min: 5000, max: 5000}}", "'min' is the denominator"),
        (
            "  - {source: own, marker: {shape: letter, size: 2, colour: [1, 2, 3]}}",
            "'letter' goes with shape",
        ),
        (
            "  - {source: own, strokes: [{colour: [1, 2, 3], width: 1, scale: {max: 9000000}}]}",
            "less than or",
        ),
    ],
)
def test_mistakes_about_scales_are_named(tmp_path: Path, style: str, cause: str) -> None:
    whole = (DEFINITIONS / "environment.water.yaml").read_text(encoding="utf-8")
    path = tmp_path / "environment.water.yaml"
    path.write_text(f"{whole[: whole.index('style:')]}style:\n{style}\n", encoding="utf-8")

    with pytest.raises(DefinitionError, match=cause):
        read_definition(path)


def test_a_range_of_scales_ends_where_the_next_begins() -> None:
    near, far = Scale(max=5000), Scale(min=5000)
    assert [near.holds(scale) for scale in (500, 5000, 5001)] == [True, True, False]
    assert [far.holds(scale) for scale in (500, 5000, 5001)] == [False, False, True]


def test_every_drawn_layer_has_its_level_and_backgrounds_lie_beneath() -> None:
    order = [layer.id for layer in drawing_order(catalogue().values())]
    beneath = ["imagery.orthophoto", "environment.forest", "planning.zone", "cadastre.parcel", "roads.road"]
    above = ["utilities.line", "admin.uat", "derived.kilometre_post", "heritage.monument", "admin.address"]
    assert [layer for layer in order if layer in beneath + above] == beneath + above
    unplaced = [layer.id for layer in catalogue().values() if layer.style and layer.level == 50]
    assert unplaced == ["derived.protection_zone"]
