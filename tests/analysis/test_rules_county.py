"""A county's own folder: what it changes, from when, and how that is shown."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from analysis.reference import approval_kinds
from analysis.rulebook import RULES, UnknownRule, read_rulebook, rulebook
from analysis.yaml_files import DefinitionErrors

PROTECTION = """\
editions:
  - valid_from: 2026-10-01
    status: confirmed
    legal_basis: [{act: HCJ 100/2026, article: art. 2}]
    cases:
      - {where: {category: [DJ]}, distance_m: 24}
      - {where: {category: [A, DX, DN, DC]}, distance_m: 30}
"""
TEXT_ONLY = """\
editions:
  - valid_from: 2026-10-01
    text: Cimitirul[ {name}] este la {distance_m:m} m (cel puțin {limit_m:m} m).
"""
OWN = """\
id: sanitary.stables
title: {ro: Grajduri comunale, en: Communal stables}
layer: environment.sanitary_source
where: {kind: [horses]}
relation: within_distance
effect: restriction
section: legal
approvals: [public-health]
editions:
  - valid_from: 2026-10-01
    status: confirmed
    legal_basis: [{act: HCL 5/2026}]
    distance_m: 75
    text: Grajdul este la {distance_m:m} m.
"""


@pytest.fixture
def county(tmp_path):
    (tmp_path / "roads.protection-zone.yaml").write_text(PROTECTION, encoding="utf-8")
    (tmp_path / "sanitary.cemetery.yaml").write_text(TEXT_ONLY, encoding="utf-8")
    (tmp_path / "sanitary.stables.yaml").write_text(OWN, encoding="utf-8")
    (tmp_path / "roads.alignment.yaml").write_text("approvals: [road-administrator]\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def book(county):
    return read_rulebook(RULES, county)


def distance(rule, day, category):
    return next(case.distance_m for case in rule.edition(day).cases if category in case.where["category"])


def test_a_distance_changes_from_its_day_on_and_not_before(book):
    rule = book.get("roads.protection-zone")
    assert distance(rule, date(2026, 9, 30), "DJ") == 20
    assert distance(rule, date(2026, 10, 1), "DJ") == 24
    assert rule.edition(date(2026, 9, 30)).valid_to == date(2026, 10, 1)


def test_what_the_county_does_not_say_stays_ours(book):
    ours = read_rulebook().get("roads.protection-zone")
    theirs = book.get("roads.protection-zone")
    assert theirs.edition(date(2026, 10, 1)).text == ours.edition(date(2026, 10, 1)).text
    assert theirs.title == ours.title
    assert theirs.edition(date(2026, 10, 1)).legal_basis[0].act == "HCJ 100/2026"


def test_a_text_changes_and_the_figure_stays(book):
    edition = book.get("sanitary.cemetery").edition(date(2026, 10, 1))
    assert edition.text.startswith("Cimitirul")
    assert edition.distance_m == 50


def test_a_top_level_key_replaces_ours_in_every_edition(book):
    rule = book.get("roads.alignment")
    assert rule.approvals == ("road-administrator",)
    assert rule.editions == read_rulebook().get("roads.alignment").editions


def test_a_rule_of_its_own(book):
    assert book.get("sanitary.stables").edition(date(2026, 10, 1)).distance_m == 75
    assert book.get("sanitary.stables").edition(date(2026, 9, 30)) is None


def test_everything_else_is_ours(book):
    changed = {"roads.protection-zone", "sanitary.cemetery", "sanitary.stables", "roads.alignment"}
    ours = read_rulebook()
    assert {name for name, rule in book.rules.items() if rule.overrides} == changed
    assert all(book.rules[name] == rule for name, rule in ours.rules.items() if name not in changed)


def test_the_rule_set_is_marked(book):
    assert book.version(date(2026, 11, 24)) == "2026-10+local"
    assert read_rulebook().version(date(2026, 11, 24)) == "2026-08"


def test_a_second_county_does_not_see_the_first(county, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    assert rulebook(county).get("sanitary.stables")
    with pytest.raises(UnknownRule, match="did you mean"):
        rulebook(other).get("sanitary.stable")
    with pytest.raises(UnknownRule, match="vatra rules list"):
        rulebook(None).get("xyz")


def test_two_changes_follow_one_another(tmp_path):
    later = PROTECTION + "    valid_to: 2027-01-01\n  - valid_from: 2027-01-01\n    status: to_confirm\n"
    (tmp_path / "roads.protection-zone.yaml").write_text(later, encoding="utf-8")
    rule = read_rulebook(RULES, tmp_path).get("roads.protection-zone")
    assert [edition.valid_from for edition in rule.editions] == [
        date(1998, 6, 29),
        date(2026, 10, 1),
        date(2027, 1, 1),
    ]
    assert distance(rule, date(2026, 12, 31), "DJ") == 24
    assert distance(rule, date(2027, 1, 1), "DJ") == 20


def test_one_parameter_or_sentence_changes_and_the_others_stay(tmp_path):
    (tmp_path / "cadastre.area.yaml").write_text(
        "editions:\n  - valid_from: 2026-10-01\n    parameters: {tolerance_m2: 3}\n    texts: {agrees: Corespunde.}\n",
        encoding="utf-8",
    )
    edition = read_rulebook(RULES, tmp_path).get("cadastre.area").edition(date(2026, 10, 1))
    assert edition.parameters == {"tolerance_share": 0.02, "tolerance_m2": 3}
    assert edition.texts == {"agrees": "Corespunde."}


def test_a_computed_rule_of_its_own_has_all_that_its_computation_reads(tmp_path):
    (tmp_path / "terrain.county-slope.yaml").write_text(
        OWN.replace("sanitary.stables", "terrain.county-slope")
        .replace("layer: environment.sanitary_source\nwhere: {kind: [horses]}", "layer: terrain.dem")
        .replace("relation: within_distance", "compute: slope")
        .replace("    distance_m: 75\n    text: Grajdul este la {distance_m:m} m.", "    text: Panta."),
        encoding="utf-8",
    )
    with pytest.raises(DefinitionErrors) as caught:
        read_rulebook(RULES, tmp_path)
    assert [str(error).rpartition("/")[2] for error in caught.value.errors] == [
        "terrain.county-slope.yaml:9: texts lacks 'steep', which slope reads",
        "terrain.county-slope.yaml:9: parameters lacks 'steep_pct', which slope reads",
    ]


def test_a_county_renames_an_approval(tmp_path):
    (tmp_path / "approvals.yaml").write_text(
        "- code: road-administrator\n  title: Acordul Consiliului Județean\n  body: direcția drumuri\n"
        "  route: direct\n  legal_basis: [{act: HCJ 100/2026}]\n",
        encoding="utf-8",
    )
    assert approval_kinds(tmp_path)["road-administrator"].body == "direcția drumuri"
    assert approval_kinds()["road-administrator"].body == "administratorul drumului"
    assert approval_kinds(tmp_path).keys() == approval_kinds().keys()


def vatra(*words, rules=None):
    environment = {"PATH": "/usr/bin:/bin"} | ({"VATRA_RULES": str(rules)} if rules else {})
    command = [str(Path(sys.executable).parent / "vatra"), "rules", *words]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def test_show_puts_the_countys_change_beside_ours(county):
    done = vatra("show", "roads.protection-zone", "--as-of", "2026-11-24", rules=county)
    assert done.returncode == 0
    assert "changed by the county: 2026-10-01: status" in done.stdout
    assert "* from 2026-10-01, confirmed" in done.stdout
    assert "HCJ 100/2026, art. 2" in done.stdout
    change = done.stdout.split("county override of cases from 2026-10-01\n")[1].split("county override")[0]
    ours, theirs = change.splitlines()
    assert "20.0" in ours
    assert "24.0" not in ours
    assert "24.0" in theirs
    assert '{"category": ["DJ"]}' in theirs


def test_show_in_json(county):
    done = vatra("show", "sanitary.cemetery", "--format", "json", rules=county)
    answer = json.loads(done.stdout)
    assert answer["rule"]["id"] == "sanitary.cemetery"
    (change,) = answer["overrides"]
    assert change["what"] == "text from 2026-10-01"
    assert change["county"].startswith("Cimitirul")
    assert "distanța minimă" in change["ours"]


def test_show_without_a_county_marks_nothing():
    done = vatra("show", "roads.protection-zone")
    assert done.returncode == 0
    assert "county" not in done.stdout
    assert "20 m where" in done.stdout


def test_show_of_a_rule_that_is_none():
    done = vatra("show", "roads.protection")
    assert done.returncode == 1
    assert "no rule 'roads.protection'; did you mean roads.protection-zone" in done.stderr
    assert "Traceback" not in done.stderr


def test_list_marks_what_is_mandatory_and_what_the_county_changed(county):
    lines = vatra("list", "--as-of", "2026-11-24", rules=county).stdout.splitlines()
    assert any(line.startswith("sanitary.stables") and line.endswith("[county]") for line in lines)
    assert any(line.startswith("admin.uat ") and line.endswith("[mandatory]") for line in lines)
    assert lines[-1].endswith("rule set 2026-10+local")


def test_list_of_an_earlier_day_in_json():
    answer = json.loads(vatra("list", "--as-of", "2026-08-24", "--format", "json").stdout)
    ids = {row["id"] for row in answer["rules"]}
    assert "environment.coast" not in ids
    assert "planning.zone" in ids


def test_commands_that_are_wrong_exit_with_two():
    assert vatra("list", "--as-of", "yesterday").returncode == 2
    assert vatra("show").returncode == 2
    assert vatra("validate", "--folder", "/nowhere").returncode == 2


@pytest.mark.parametrize("command", ["list", "show", "validate"])
def test_help_gives_an_example(command):
    assert f"Example: vatra rules {command}" in vatra(command, "--help").stdout
