"""The official forms: complete, consistent with each other, and every mistake told with file and line."""

from datetime import date
from pathlib import Path

import pytest

from analysis.reference import approval_kinds
from gis_app.certificates import form as forms_module
from gis_app.certificates.errors import UnknownForm
from gis_app.certificates.form import BoxesPart, FieldsPart, form_for, forms, get_form, read_form
from layers.errors import DefinitionError

# Sections as Ordinul MDLPA 975/2026 numbers and names them.
PRINTED = {
    "F_CU_05": "1 Referințe și temei|2 Imobilul|3 Regimul juridic|4 Regimul economic|5 Regimul tehnic"
    "|6 Informații privind rețelele edilitare|7 Anexe|8 Semnătura",
    "F_CU_06": "1 Referințe și temei|2 Imobilul|3 Regimul juridic|4 Regimul economic|5 Regimul tehnic"
    "|6 Informații privind rețelele edilitare|7 Condiții privind operațiunea cadastrală|8 Anexe|9 Semnături",
    "F_CU_07_0": "1 Obiectivul|2 Referințe și temei|3 Imobilul|4 Regimul juridic|5 Regimul economic|6 Regimul tehnic"
    "|7 Regimul de modificare|8 Avize pentru planul urbanistic de detaliu"
    "|9 Avize pentru autorizația de construire/desființare|10 Studii|11 Anexe|12 Valabilitate|13 Semnături",
    "F_CU_07_1": "1 Temei|2 Regimul juridic|3 Regimul economic|4 Regimul tehnic"
    "|5 Avize pentru autorizația de construire/desființare|6 Anexe|7 Semnături",
}


@pytest.mark.parametrize(("code", "printed"), PRINTED.items())
def test_sections_are_those_of_the_order(code, printed):
    numbered = [f"{section.number} {section.title}" for section in get_form(code).sections if section.number]
    assert numbered == printed.split("|")


@pytest.mark.parametrize("form", forms().values(), ids=lambda form: form.code)
def test_every_section_holds_something_and_every_label_is_romanian_text(form):
    for section in form.sections:
        assert section.parts, section.title
        for part in section.parts:
            entries = (
                part.fields
                if isinstance(part, FieldsPart)
                else part.boxes
                if isinstance(part, BoxesPart)
                else ()
            )
            for entry in entries:
                assert entry.label.strip() == entry.label
                assert entry.label
                assert not set(entry.label) & set("şţŞŢ"), "cedilla"


def test_only_the_information_certificate_is_issued_automatically():
    assert [form.code for form in forms().values() if form.automatic] == ["F_CU_05"]
    assert [signatory.id for signatory in get_form("F_CU_05").signatories] == ["chief_architect"]


@pytest.mark.parametrize("code", ["F_CU_06", "F_CU_07_0", "F_CU_07_1"])
def test_acts_are_signed_by_three(code):
    assert [signatory.id for signatory in get_form(code).signatories] == [
        "head",
        "secretary",
        "chief_architect",
    ]


def test_registers_are_told_apart():
    codes = [form.register_code for form in forms().values()]
    assert len(set(codes)) == len(codes)


def test_approvals_tick_the_boxes_that_their_table_names():
    boxes = {
        box.id: box
        for section in get_form("F_CU_07_0").sections
        for part in section.parts
        if isinstance(part, BoxesPart)
        for box in part.boxes
    }
    for code, kind in approval_kinds(None).items():
        if kind.box:
            assert code in boxes[kind.box].tick.approvals
    ticked = {code for box in boxes.values() if box.tick for code in box.tick.approvals}
    assert ticked <= set(approval_kinds(None))


def test_the_order_spells_the_completion_annex_in_two_ways():
    assert get_form("F_CU_07_01") is get_form("F_CU_07_1")


def test_an_unknown_form_is_told_with_near_ones():
    with pytest.raises(UnknownForm, match="F_CU_05"):
        get_form("F_CU_5")


def test_no_form_is_in_force_before_the_code():
    assert form_for("information", date(2026, 8, 25)).code == "F_CU_05"
    with pytest.raises(UnknownForm):
        form_for("information", date(2026, 8, 24))


FORM = """\
code: TEST
version: "1.0"
title: Probă
certificate: information
register_code: TST
legal_basis: [{act: Legea 169/2026}]
valid_from: 2026-08-25
opening: Informează.
sections:
  - number: "1"
    title: Referințe
    parts:
      - {kind: use, block: shared}
      - kind: fields
        fields:
          - {id: plan, label: Planul}
signatories: []
"""
BLOCKS = """\
shared:
  - {kind: note, text: Text comun}
"""


def write(folder: Path, text: str, name: str = "TEST.yaml") -> Path:
    """A form and the shared blocks in a folder."""
    (folder / "blocks.yaml").write_text(BLOCKS, encoding="utf-8")
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_shared_parts_replace_their_use(tmp_path):
    form = read_form(write(tmp_path, FORM))
    assert [part.kind for part in form.sections[0].parts] == ["note", "fields"]


@pytest.mark.parametrize(
    ("before", "after", "line", "cause"),
    [
        ("title: Probă", "titlu: Probă", 3, "titlu"),
        ("label: Planul", "eticheta: Planul", 16, "eticheta"),
        ("block: shared", "block: sahred", 13, "no block 'sahred'; known: shared"),
        ("id: plan,", "id: Plan,", 16, "fields.0.id"),
        ("{kind: use, block: shared}", "{kind: tabel}", 13, "kind"),
        ("valid_from: 2026-08-25", "valid_from: ieri", 7, "valid_from"),
        ("register_code: TST", "register_code: t", 5, "register_code"),
        ('version: "1.0"', 'version: "1.0"\ntitle: Dublu', 4, "title"),
        ("label: Planul}", "label: Planul}\n          - {id: plan, label: Iar}", 1, "stands twice"),
        ("signatories: []", "signatories: [", 18, "expected"),
    ],
)
def test_a_mistake_is_told_with_file_line_and_cause(tmp_path, before, after, line, cause):
    path = write(tmp_path, FORM.replace(before, after))
    with pytest.raises(DefinitionError) as told:
        read_form(path)
    assert told.value.path == path
    assert told.value.line == line
    assert cause in told.value.cause


def test_a_table_needs_a_width_for_each_column(tmp_path):
    table = "- {kind: table, content: economic, columns: [A, B], widths: [1]}"
    with pytest.raises(DefinitionError, match="2 columns but 1 widths"):
        read_form(write(tmp_path, FORM.replace("- {kind: use, block: shared}", table)))


def test_a_file_is_named_after_its_form(tmp_path):
    with pytest.raises(DefinitionError, match=r"name it TEST\.yaml"):
        read_form(write(tmp_path, FORM, "ALTUL.yaml"))


def test_every_form_file_of_the_folder_is_read():
    files = {path.stem for path in forms_module.FORMS.glob("*.yaml")} - {"blocks"}
    assert files == set(forms())
