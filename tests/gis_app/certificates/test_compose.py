"""What a document says, from a report: every finding, beside its act, and nothing that only seems known."""

import pytest

from analysis.findings import NotChecked
from gis_app.certificates.compose import compose
from gis_app.certificates.document import Listing
from gis_app.certificates.trace import sentences
from tests.gis_app.certificates import reports
from tests.gis_app.certificates.reading import fields, section, words


def test_it_opens_by_saying_that_it_only_informs(information):
    assert "Nu dă dreptul de a construi" in information.opening.text


@pytest.mark.parametrize("code", ["F_CU_05", "F_CU_06", "F_CU_07_0"])
def test_no_finding_is_lost(context, code):
    document = compose(context(code))
    cited = {
        source.finding
        for each in document.sections
        for sentence in sentences(each)
        for source in sentence.sources
    }
    assert {finding.id for finding in reports.findings()} <= cited


def test_every_statement_has_a_source(information):
    for each in information.sections:
        for block in each.blocks:
            found = getattr(block, "items", ()) or getattr(block, "sentences", ())
            found = [*found, *(cell for row in getattr(block, "rows", ()) for cell in row.cells)]
            assert all(sentence.sources for sentence in found), words(each)


def test_ownership_is_left_to_the_land_book(information):
    said = words(section(information, "Regimul juridic"))
    assert "înscrise în cartea funciară nr. 30112 Rovinari" in said


def test_land_without_a_land_book_says_that_the_holder_is_not_known(context):
    report = reports.report()
    subject = report.subject.model_copy(update={"land_book_number": None, "ownership": None})
    document = compose(context("F_CU_05", report=report.model_copy(update={"subject": subject})))
    said = words(section(document, "Regimul juridic"))
    assert "titularul dreptului de proprietate nu a putut fi identificat" in said
    assert fields(document)["land_book"] is None


def test_what_was_checked_and_does_not_apply_is_said(information):
    said = words(section(information, "Regimul juridic"))
    assert "nu este monument istoric" in said
    assert "nu sunt instituite interdicții" in said


def test_borderline_and_unconfirmed_findings_say_so(information):
    said = words(section(information, "Regimul juridic"))
    doubt = "(La limită: diferența de 0,70 m este sub precizia datelor.)"
    assert f"administratorului drumului. {doubt} de confirmat" in said
    assert said.count("0,70 m") == 1
    item = next(
        item
        for block in section(information, "Regimul juridic").blocks
        if isinstance(block, Listing)
        for item in block.items
        if "DJ 663" in item.text
    )
    assert item.cautions == ("borderline", "to_confirm")


def test_both_areas_are_given(information):
    assert fields(information)["area_registered"] == "1.230,00 m²"
    assert fields(information)["area_measured"] == "1.234,50 m²"


def test_every_uat_is_named_with_its_code(context):
    report = reports.report()
    other = report.subject.uats[0].model_copy(update={"siruta": 79317, "name": "Bălteni", "kind": "comuna"})
    subject = report.subject.model_copy(update={"uats": (*report.subject.uats, other)})
    document = compose(context("F_CU_05", report=report.model_copy(update={"subject": subject})))
    assert fields(document)["uat"] == "orașul Rovinari (SIRUTA 79308), comuna Bălteni (SIRUTA 79317)"


def test_networks_are_known_near_not_near_or_not_known(context, information):
    table = section(information, "Informații privind rețelele edilitare").blocks[0]
    found = [words(row) for row in table.rows]
    assert found[0] == (
        "Energie electrică distribuție, aerian, 20 kV, operator Distribuție Energie Oltenia bună nu se cunoaște 8,40 m"
    )
    assert found[1].startswith("Gaze naturale nicio rețea cunoscută la mai puțin de 100 m")
    unknown = (
        NotChecked(
            rule="utilities.available", layer="utilities.line", reason="no data for this UAT", mandatory=True
        ),
    )
    others = tuple(finding for finding in reports.findings() if not finding.rule.startswith("utilities."))
    blind = compose(context("F_CU_05", report=reports.report(findings=others, not_checked=unknown)))
    table = section(blind, "Informații privind rețelele edilitare").blocks[0]
    assert all("nu există date" in words(row) for row in table.rows)


def test_what_could_not_be_checked_is_named_with_the_reason(information):
    said = words(section(information, "Informații privind rețelele edilitare"))
    assert "Nu există date pentru această unitate administrativ-teritorială: Zone inundabile." in said
    assert "Stratul de date nu a fost încărcat: Panta terenului." in said


def test_one_time_one_rule_set_and_the_data_stand_at_the_end(information):
    said = " ".join(words(each) for each in information.colophon)
    assert "Întocmit la 24.11.2026, ora 10:15" in said
    assert "setul de reguli 2026-08" in said
    assert "Zone funcționale, Regulamentul local" in said
    assert said.endswith("– versiunea 1 din 01.09.2026.")


def test_no_cedilla_anywhere(context):
    for code in ("F_CU_05", "F_CU_06", "F_CU_07_0", "F_CU_07_1", "DJ_ACORD", "DJ_AUTORIZATIE"):
        assert not set("".join(compose(context(code)).words())) & set("şţŞŢ")
