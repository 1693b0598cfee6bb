"""Our rules: complete, right by the law notes, dated, and printable in every case."""

import re
from datetime import date

import pytest

from analysis.conditions import fits
from analysis.reference import acts, approval_kinds, purposes
from analysis.rulebook import read_rulebook, survey
from analysis.sentences import fields, fill
from layers.catalogue import catalogue

TODAY = date(2026, 11, 24)
CODE = date(2026, 8, 25)
LAST_DAY_BEFORE = date(2026, 8, 24)

# Without these elements a certificate is null (Code art. 253(4), (9)).
MANDATORY = {
    "admin.uat", "admin.built-up-area", "planning.plan", "planning.zone", "utilities.available",
    "heritage.monument", "heritage.monument-protection", "heritage.monument-protection-default",
    "heritage.protected-zone", "heritage.archaeology", "heritage.archaeology-accidental",
}  # fmt: skip

# Ids that other software and the documents name.
NAMED = MANDATORY | {
    "planning.zone-default", "planning.constructible", "cadastre.building", "cadastre.area", "cadastre.history",
    "roads.protection-zone", "roads.safety-zone", "roads.alignment", "roads.traffic-generator",
    "roads.bridge-works", "roads.access", "utilities.power-corridor", "utilities.power-low",
    "utilities.substation", "utilities.gas-transport", "utilities.gas-transport-approval",
    "utilities.gas-distribution", "utilities.water-main", "utilities.sewer", "utilities.telecom",
    "utilities.heat", "environment.water", "environment.water-bed", "environment.flood",
    "environment.protected-site", "environment.forest", "environment.forest-nearby",
    "environment.mountain-forest", "environment.mountain-water", "environment.coast",
    "transport.railway-safety", "transport.railway-protection", "sanitary.cemetery", "sanitary.wastewater",
    "sanitary.landfill", "sanitary.pigs", "terrain.slope",
}  # fmt: skip


@pytest.fixture(scope="module")
def book():
    return read_rulebook()


def test_no_mistake_in_any_file():
    assert survey()[1] == ()


def test_every_named_rule_is_there(book):
    assert NAMED - book.rules.keys() == set()


def test_mandatory_elements(book):
    found = {rule.id for rule in book.rules.values() if rule.mandatory}
    assert found == MANDATORY | {name for name in book.rules if name.startswith("planning.restriction-")}


def test_every_kind_of_restriction_has_exactly_one_rule(book):
    kinds = [
        kind
        for rule in book.rules.values()
        if rule.layer == "planning.restriction"
        for kind in rule.where["kind"]
    ]
    assert sorted(kinds) == sorted(catalogue()["planning.restriction"].column("kind").values)


def test_every_sanitary_source_has_a_distance(book):
    kinds = {
        kind for rule in book.rules.values() if rule.id.startswith("sanitary.") for kind in rule.where["kind"]
    }
    assert kinds == set(catalogue()["environment.sanitary_source"].column("kind").values)


def test_every_network_has_a_protection_rule(book):
    networks = {
        network
        for rule in book.rules.values()
        if rule.layer == "utilities.line" and rule.relation
        for network in rule.where["network"]
    }
    assert networks == set(catalogue()["utilities.line"].column("network").values)


def test_what_is_mandatory_says_the_negative_too(book):
    # The UAT always applies, and "outside" is an answer of its own.
    without = {
        rule.id for rule in book.rules.values() if rule.mandatory and rule.edition(TODAY).absent is None
    }
    assert without == {"admin.uat", "admin.built-up-area"}


FIGURES = [
    ("roads.protection-zone", {"category": "DX"}, 50),
    ("roads.protection-zone", {"category": "DN"}, 22),
    ("roads.protection-zone", {"category": "DJ"}, 20),
    ("roads.protection-zone", {"category": "DC"}, 18),
    ("roads.safety-zone", {"category": "DJ", "earthwork": "level"}, 1.5),
    ("roads.safety-zone", {"category": "DJ", "earthwork": "embankment"}, 2),
    ("roads.safety-zone", {"category": "DJ", "earthwork": "cutting"}, 3),
    ("roads.safety-zone", {"category": "DJ", "earthwork": "deep_cutting"}, 5),
    ("roads.safety-zone", {"category": "DJ", "earthwork": None}, None),
    ("roads.safety-zone-unknown", {"category": "DJ", "earthwork": None}, 5),
    ("roads.alignment", {"category": "DJ"}, 12),
    ("roads.traffic-generator", {"category": "DJ"}, 30),
    ("roads.traffic-generator", {"category": "DN", "european": True}, 50),
    ("roads.traffic-generator", {"category": "DN", "european": False}, 30),
    ("utilities.power-corridor", {"network": "electricity", "placement": "overhead", "voltage_kv": 1}, None),
    ("utilities.power-corridor", {"network": "electricity", "placement": "overhead", "voltage_kv": 20}, 12),
    ("utilities.power-corridor", {"network": "electricity", "placement": "overhead", "voltage_kv": 110}, 18.5),
    ("utilities.power-corridor", {"network": "electricity", "placement": "overhead", "voltage_kv": 220}, 27.5),
    ("utilities.power-corridor", {"network": "electricity", "placement": "overhead", "voltage_kv": 400}, 37.5),
    ("utilities.power-corridor", {"network": "electricity", "placement": "underground", "voltage_kv": 20}, None),
    ("utilities.power-low", {"network": "electricity", "placement": "underground", "voltage_kv": 20}, 0.6),
    ("utilities.power-low", {"network": "electricity", "placement": "overhead", "voltage_kv": 0.4}, 2),
    ("utilities.power-low", {"network": "electricity", "placement": "overhead", "voltage_kv": 20}, None),
    ("utilities.gas-transport", {"network": "gas", "subtype": "transport", "pressure": None}, 20),
    ("utilities.gas-transport-approval", {"network": "gas", "subtype": None, "pressure": "transport"}, 200),
    ("utilities.gas-distribution", {"network": "gas", "pressure": "reduced"}, 2),
    ("utilities.gas-distribution", {"network": "gas", "pressure": "medium"}, 5),
    ("utilities.gas-distribution", {"network": "gas", "pressure": None, "subtype": "transport"}, None),
    ("utilities.water-main", {"network": "water", "subtype": "adduction"}, 10),
    ("utilities.water-main", {"network": "water", "subtype": None}, 3),
    ("environment.water", {"kind": "river", "width_m": 9.9}, 5),
    ("environment.water", {"kind": "river", "width_m": 10}, 15),
    ("environment.water", {"kind": "river", "width_m": 50}, 15),
    ("environment.water", {"kind": "river", "width_m": 50.1}, 20),
    ("environment.water", {"kind": "river", "width_m": None}, None),
    ("environment.water-unknown-width", {"kind": "river", "width_m": None}, 20),
    ("environment.water", {"kind": "regularised", "width_m": 4}, 2),
    ("environment.water", {"kind": "dam"}, 20),
    ("environment.water", {"kind": "reservoir"}, None),
    ("sanitary.pigs", {"kind": "pigs", "heads": 50}, 100),
    ("sanitary.pigs", {"kind": "pigs", "heads": 51}, 200),
    ("sanitary.pigs", {"kind": "pigs", "heads": 10_001}, 1500),
    ("sanitary.pigs", {"kind": "pigs", "heads": None}, None),
    ("sanitary.unknown-size", {"kind": "pigs", "heads": None}, 1500),
    ("sanitary.cattle", {"kind": "cattle", "heads": 500}, 200),
    ("sanitary.sheep", {"kind": "sheep", "heads": 299}, None),
    ("sanitary.sheep", {"kind": "sheep", "heads": 300}, 100),
    ("sanitary.wastewater", {"kind": "wastewater_closed"}, 150),
    ("transport.railway-protection", {}, 100),
    ("environment.coast", {}, 300),
]  # fmt: skip


@pytest.mark.parametrize(("rule_id", "attributes", "expected"), FIGURES)
def test_figures(book, rule_id, attributes, expected):
    rule = book.get(rule_id)
    edition = rule.edition(TODAY)
    found = None
    if fits(rule.where, attributes):
        fitting = [case.distance_m for case in edition.cases if fits(case.where, attributes)]
        found = fitting[0] if fitting else None if edition.cases else edition.distance_m
    assert found == expected


def test_the_code_counts_from_its_first_day_and_the_replaced_acts_until_the_day_before(book):
    replaced = {"Legea 350/2001", "Legea 50/1991"}
    for rule, edition in book.in_force(CODE):
        assert not {basis.act for basis in edition.legal_basis} & replaced, rule.id
    for rule, edition in book.in_force(LAST_DAY_BEFORE):
        assert "Legea 169/2026" not in {basis.act for basis in edition.legal_basis}, rule.id


def test_no_rule_in_force_before_the_code_is_lost_by_it(book):
    before = {rule.id for rule, _ in book.in_force(LAST_DAY_BEFORE)}
    after = {rule.id for rule, _ in book.in_force(CODE)}
    assert before <= after
    assert after - before == {
        "planning.constructible", "planning.restriction-no-intravilan", "cadastre.history",
        "environment.mountain-forest", "environment.mountain-water", "environment.coast", "heritage.unesco",
    }  # fmt: skip


def every_text(book):
    for rule in book.rules.values():
        for edition in rule.editions:
            yield from ((rule, edition, text) for text in (edition.text, *edition.texts.values()))


def sampled(rule, text):
    sample = {"date": TODAY, "pct": 0.25, "m": 12.5, "m2": 1234.5, "n": 110.0, "de": 20, "": "x"}
    return {field: next(iter(rule.labels.get(field, ())), sample[form]) for field, form in fields(text)}


def test_texts_print_with_the_least_known_and_with_all_known(book):
    for rule, _, text in every_text(book):
        least = re.sub(r"\[[^\]]*\]", "", text)
        for values in (sampled(rule, least), sampled(rule, text)):
            sentence = fill(text, values, rule.labels)
            assert not set("{}[]") & set(sentence), f"{rule.id}: {sentence}"
            assert "  " not in sentence, f"{rule.id}: {sentence}"
            assert sentence[0].isupper(), f"{rule.id}: {sentence}"
            assert sentence.rstrip().endswith((".", "x", "%", "m")), f"{rule.id}: {sentence}"


def test_texts_are_in_the_right_letters(book):
    for rule, edition, text in every_text(book):
        assert not set("şţŞŢ") & set(text + (edition.absent or "") + rule.title.ro), rule.id


def test_figures_in_texts_come_from_the_figures(book):
    """A county that changes a distance changes the sentence with it."""
    for rule, edition, text in every_text(book):
        if rule.relation == "within_distance":
            assert any(field == "limit_m" for field, _ in fields(text)) or rule.effect == "approval", rule.id
        if rule.relation and text == edition.text:
            distances = [case.distance_m for case in edition.cases]
            for figure in {*distances, edition.distance_m} - {None}:
                assert f" {figure:g} m" not in text.replace(".", ","), rule.id


def test_restrictions_with_an_end_stop_at_it(book):
    assert all(
        rule.ends == "valid_until" for rule in book.rules.values() if rule.layer == "planning.restriction"
    )


def test_unknown_size_is_told_apart_from_small_size(book):
    for rule_id in (
        "roads.safety-zone-unknown",
        "environment.water-unknown-width",
        "utilities.power-unknown",
        "sanitary.unknown-size",
    ):
        assert "nu este înregistrat" in book.get(rule_id).edition(TODAY).text


def test_every_approval_is_called_for_or_belongs_to_a_purpose(book):
    called = {code for rule in book.rules.values() for code in rule.approvals}
    asked = {code for purpose in purposes().values() for code in purpose.approvals}
    by_hand = {"civil-protection", "neighbours", "heat", "public-transport"}
    assert approval_kinds().keys() == called | asked | by_hand


def test_acts_are_cited_in_one_form():
    for name in acts():
        assert name.split()[0] in {"Legea", "OG", "OUG", "HG", "NP", "Ordinul"}, name


def test_a_replaced_act_names_its_successor():
    assert [act.act for act in acts().values() if (act.until is None) != (act.replaced_by is None)] == []


def test_status_is_honest_where_the_notes_only_know_from_hearsay(book):
    doubtful = [
        "roads.protection-zone",
        "roads.alignment",
        "utilities.sewer",
        "transport.railway-protection",
        "environment.forest-nearby",
    ]
    assert {book.get(rule_id).edition(TODAY).status for rule_id in doubtful} == {"to_confirm"}


def test_the_rule_set_is_named_by_its_latest_change(book):
    assert book.version(TODAY) == "2026-08"
    assert book.version(date(2026, 8, 1)) == "2025-01"
