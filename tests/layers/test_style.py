"""Styles in the catalogue: the colours of the law, every kind of feature drawn, mistakes named by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from layers.catalogue import DEFINITIONS, catalogue, get_layer, read_definition
from layers.errors import DefinitionError
from layers.style import Range, StyleRule

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


def rule_for(layer: str, row: dict[str, object], variant: str = "default") -> StyleRule:
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
