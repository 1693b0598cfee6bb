"""Every kind of mistake in a rule, told with its file, its line and its cause, all of them at once."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.rulebook import RULES, read_rule, read_rulebook, survey
from analysis.yaml_files import DefinitionErrors

GOOD = """\
id: roads.county-own
title: {ro: Regulă proprie, en: A rule of our own}
layer: roads.road
where: {category: [DJ]}
relation: within_distance
effect: restriction
section: legal
approvals: [road-administrator]
editions:
  - valid_from: 2026-08-25
    status: to_confirm
    legal_basis: [{act: HCJ 12/2026, article: art. 3}]
    distance_m: 30
    text: Drumul {number} este la {distance_m:m} m.
    absent: Niciun drum aproape.
"""

# What is wrong: (text replaced, by what, line of the mistake, words the message holds)
MISTAKES = {
    "unclosed bracket": ("title: {ro: Regulă proprie, en: A", "title: {ro: [Regulă proprie, en: A", 2, "expected"),
    "tab": ("    status: to_confirm", "\tstatus: to_confirm", 11, "tab character"),
    "duplicate key": ("effect: restriction", "effect: restriction\nlayer: roads.road", 7, "'layer' stands twice"),
    "unknown key": ("section: legal", "section: legal\ncolour: red", 8, "colour: unknown key"),
    "unknown key of an edition": ("    distance_m: 30", "    distance: 30", 13, "distance: unknown key"),
    "missing key": ("    status: to_confirm\n", "", 10, "editions.0.status: missing"),
    "overrides is no key": ("section: legal", "section: legal\noverrides: [x]", 8, "overrides: unknown key"),
    "unknown layer": ("layer: roads.road", "layer: roads.rod", 3, "layer 'roads.rod' is not in the catalogue"),
    "unknown needed layer": (
        "effect: r", "needs: [roads.road, roads.rod]\neffect: r",
        6, "'roads.rod' is not in the catalogue",
    ),
    "unknown column": ("where: {category: [DJ]}", "where: {categorie: [DJ]}", 4, "no column 'categorie'"),
    "unknown column of a case": (
        "    distance_m: 30",
        "    cases:\n      - {where: {category: [DJ]}, distance_m: 1}\n      - {where: {lanes: [2]}, distance_m: 2}",
        15,
        "no column 'lanes'",
    ),
    "value never held": ("[DJ]", "[DJ, XX]", 4, "roads.road.category never holds 'XX'"),
    "value of another type": ("{category: [DJ]}", "{carriageway_m: [wide]}", 4, "never holds 'wide'"),
    "number for a yes or no": ("{category: [DJ]}", "{european: [1]}", 4, "roads.road.european never holds 1"),
    "range over words": ("{category: [DJ]}", "{category: {min: 3}}", 4, "a range needs a number"),
    "offset without column": ("effect: r", "offset: {column: lat, default: 1}\neffect: r", 6, "no column 'lat'"),
    "offset over words": (
        "effect: r", "offset: {column: name, default: 1}\neffect: r",
        6, "is a text, not a number",
    ),
    "end that is no date": ("effect: r", "ends: bed_m\neffect: r", 6, "roads.road.bed_m is a number, not a date"),
    "missing distance": ("    distance_m: 30\n", "", 10, "needs 'distance_m' or 'cases'"),
    "distance without sense": ("relation: within_distance", "relation: intersects", 10, "takes no distance"),
    "negative distance": ("distance_m: 30", "distance_m: -30", 13, "greater than or equal to 0"),
    "distance in words": ("distance_m: 30", "distance_m: thirty", 13, "distance_m"),
    "overlapping editions": (
        "    absent: Niciun drum aproape.",
        "    absent: Niciun drum aproape.\n  - valid_from: 2026-09-01\n    status: to_confirm\n"
        "    legal_basis: [{act: HCJ 13/2026}]\n    distance_m: 25\n    text: Drum.",
        16,
        "two editions are in force on 2026-09-01",
    ),
    "edition that ends before it starts": (
        "    status: to_confirm", "    valid_to: 2026-08-01\n    status: to_confirm",
        11, "not after it starts on 2026-08-25",
    ),
    "day not in the calendar": ("2026-08-25", "2026-02-30", 10, "2026-02-30: day is out of range"),
    "date in words": ("2026-08-25", "25 august", 10, "editions.0.valid_from"),
    "text with an unknown field": ("{number} este", "{numbr} este", 14, "did you mean {number}?"),
    "absent with a field of a feature": ("Niciun drum", "Niciun {number}", 15, "text names {number}"),
    "text with an unknown format": ("{distance_m:m}", "{distance_m:km}", 14, "no such format"),
    "text with an open brace": ("{distance_m:m}", "{distance_m:m", 14, "the text cannot be read"),
    "text with an open bracket": ("Drumul {number}", '"[Drumul {number}', 14, "pair"),
    "text with a choice without words": ("{number} este", "{earthwork} este", 14, "no words in 'labels'"),
    "words for a value never held": (
        "effect: r", "labels: {earthwork: {flat: plat}}\neffect: r",
        6, "never holds 'flat'",
    ),
    "words for no column": ("effect: r", "labels: {colour: {red: roșu}}\neffect: r", 6, "neither a choice"),
    "unknown approval": (
        "[road-administrator]", "[road-administrator, road-owner]",
        8, "'road-owner' is not in approvals.yaml",
    ),
    "unknown effect": ("effect: restriction", "effect: ban", 6, "effect: Input should be"),
    "relation and compute": ("effect: r", "compute: slope\neffect: r", 1, "either a 'relation' or a 'compute'"),
    "neither relation nor compute": ("relation: within_distance\n", "", 1, "either a 'relation' or a 'compute'"),
    "unknown computation": ("relation: within_distance", "compute: magic", 5, "compute: Input should be"),
    "no legal basis": ("[{act: HCJ 12/2026, article: art. 3}]", "[]", 12, "legal_basis"),
    "unknown act": ("act: HCJ 12/2026", "act: Legea 999/2026", 12, "act 'Legea 999/2026' is not in acts.yaml"),
    "act no longer in force": (
        "act: HCJ 12/2026", "act: Legea 50/1991",
        12, "no longer in force from 2026-08-25 (replaced by Legea 169/2026)",
    ),
    "act not yet in force": (
        "valid_from: 2026-08-25", "valid_from: 2020-01-01",
        12, "is in force from 2026-08-25",
    ),
    "id that is no id": ("id: roads.county-own", "id: county own", 1, "id: "),
    "id of another file": ("id: roads.county-own", "id: roads.other", 1, "name it roads.other.yaml"),
    "id that is taken": ("id: roads.county-own", "id: roads.alignment", 1, "'roads.alignment' is already defined"),
}  # fmt: skip


@pytest.fixture
def county(tmp_path):
    return tmp_path


def written(county: Path, text: str) -> Path:
    path = county / "roads.county-own.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_good_rule_is_right(county):
    written(county, GOOD)
    rules, errors = survey(RULES, county)
    assert errors == ()
    assert rules["roads.county-own"].overrides == ("(a rule of its own)",)


@pytest.mark.parametrize("kind", MISTAKES)
def test_each_kind_of_mistake_names_file_line_and_cause(county, kind):
    before, after, line, words = MISTAKES[kind]
    text = GOOD
    if kind == "act not yet in force":
        text = text.replace("HCJ 12/2026", "Legea 169/2026")
    if kind == "text with an open bracket":
        text = text.replace("{distance_m:m} m.", '{distance_m:m} m."')
    broken = text.replace(before, after, 1)
    assert broken != text
    path = written(county, broken)
    _, errors = survey(RULES, county)
    assert [(error.path, error.line) for error in errors][:1] == [(path, line)], list(map(str, errors))
    assert words in errors[0].cause
    assert str(errors[0]).startswith(f"{path}:{line}: ")


def test_several_mistakes_of_one_file_and_of_several_files_are_told_together(county):
    written(
        county,
        GOOD.replace("[DJ]", "[XX]").replace("{number}", "{numbr}").replace("road-administrator", "nobody"),
    )
    (county / "roads.alignment.yaml").write_text(
        "editions:\n  - valid_from: 2026-10-01\n    basis: middle\n", encoding="utf-8"
    )
    with pytest.raises(DefinitionErrors) as caught:
        read_rulebook(RULES, county)
    found = [(error.path.name, error.line) for error in caught.value.errors]
    assert found == [
        ("roads.alignment.yaml", 3),
        ("roads.county-own.yaml", 4),
        ("roads.county-own.yaml", 8),
        ("roads.county-own.yaml", 14),
    ]


def test_a_single_rule_is_read_with_the_same_care(county):
    with pytest.raises(DefinitionErrors, match=r"roads.county-own.yaml:4: .*never holds 'XX'"):
        read_rule(written(county, GOOD.replace("[DJ]", "[XX]")))


def test_an_empty_file(county):
    path = written(county, "")
    assert [str(error) for error in survey(RULES, county)[1]] == [
        f"{path}:1: Input should be a valid dictionary or instance of Rule"
    ]


def test_a_file_in_another_encoding(county):
    path = county / "roads.county-own.yaml"
    path.write_bytes(GOOD.replace("Regulă", "Regula ţ").encode("cp1250", errors="replace"))
    (error,) = survey(RULES, county)[1]
    assert (error.line, error.cause) == (2, "not UTF-8; save the file as UTF-8")


def test_a_folder_that_is_not_there(tmp_path):
    _, (error,) = survey(RULES, tmp_path / "none")
    assert "no such folder" in error.cause


TABLES = {
    "acts.yaml": (
        "- act: Legea 1/2026\n  title: x\n  in_force_from: 2026-01-01\n"
        "  until: 2025-01-01\n",
        1, "not after it starts",
    ),
    "approvals.yaml": (
        "- code: fish\n  title: Aviz\n  body: x\n  route: direct\n  legal_basis:\n"
        "    - act: Legea 999/2026\n", 6, "is not in acts.yaml",
    ),
    "purposes.yaml": (
        "- purpose: pier\n  title: Ponton\n  approvals:\n    - fish\n"
        "  legal_basis: [{act: Legea 169/2026}]\n", 4, "is not in approvals.yaml",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_mistakes_in_a_countys_tables(county, name):
    text, line, words = TABLES[name]
    (county / name).write_text(text, encoding="utf-8")
    (error,) = survey(RULES, county)[1]
    assert (error.path.name, error.line) == (name, line)
    assert words in error.cause


def test_a_row_that_stands_twice(county):
    row = "- {act: Legea 1/2026, title: x, in_force_from: 2026-01-01}\n"
    (county / "acts.yaml").write_text(row + row, encoding="utf-8")
    (error,) = survey(RULES, county)[1]
    assert (error.line, error.cause) == (2, "act 'Legea 1/2026' stands twice")


def test_our_own_rules_are_checked_for_acts_that_ended(tmp_path):
    """A new law is a line in acts.yaml; every edition that still rests on the old one is then named."""
    folder = tmp_path / "rules"
    shutil.copytree(RULES, folder)
    county = tmp_path / "county"
    county.mkdir()
    (county / "acts.yaml").write_text(
        "- act: OUG 12/1998\n  title: x\n  in_force_from: 1998-07-08\n"
        "  until: 2027-01-01\n  replaced_by: Legea 9/2026\n",
        encoding="utf-8",
    )
    (county / "approvals.yaml").write_text("[]", encoding="utf-8")
    _, errors = survey(folder, county)
    assert {error.path.name for error in errors} == {
        "transport.railway-protection.yaml",
        "transport.railway-safety.yaml",
    }
    assert all(
        "no longer in force from 2027-01-01 (replaced by Legea 9/2026)" in error.cause for error in errors
    )


def vatra(*words, **environment):
    command = [str(Path(sys.executable).parent / "vatra"), "rules", *words]
    return subprocess.run(
        command, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin", **environment}, check=False
    )


def test_the_command_lists_them_all_and_exits_with_one(county):
    path = written(county, GOOD.replace("[DJ]", "[XX]").replace("{number}", "{numbr}"))
    done = vatra("validate", VATRA_RULES=str(county))
    assert done.returncode == 1
    assert done.stdout.splitlines()[0] == f"{path}:4: roads.road.category never holds 'XX'"
    assert done.stdout.splitlines()[1].startswith(f"{path}:14: text names {{numbr}}")
    assert "2 mistakes" in done.stdout
    assert "Traceback" not in done.stderr


def test_the_command_takes_a_folder_and_speaks_json(county):
    written(county, GOOD.replace("[DJ]", "[XX]"))
    done = vatra("validate", "--folder", str(county), "--format", "json")
    assert done.returncode == 1
    (mistake,) = json.loads(done.stdout)["mistakes"]
    assert (Path(mistake["file"]).name, mistake["line"]) == ("roads.county-own.yaml", 4)


def test_the_command_is_content_with_our_own_rules():
    done = vatra("validate")
    assert (done.returncode, done.stdout) == (
        0,
        f"{len(list(RULES.glob('*.yaml')))} rules are right, 0 mistakes\n",
    )
