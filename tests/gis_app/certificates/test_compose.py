"""What a document says, from a report: every finding, beside its act, and nothing that only seems known."""

import dataclasses
from datetime import date

import pytest

from analysis.findings import Approval, Competence, LegalBasis, NotChecked, RoadAccess
from analysis.reference import Purpose, approval_kinds, purposes
from gis_app.certificates.compose import Request, compose
from gis_app.certificates.compose.context import Completed
from gis_app.certificates.compose.provisions import figure
from gis_app.certificates.document import Boxes, Fields, Listing, SealPlace, Signatures, Table
from gis_app.certificates.trace import sentences
from tests.gis_app.certificates import reports


def section(document, title):
    """The section of that title."""
    return next(each for each in document.sections if each.title == title)


def words(part):
    """All texts of a part, on one line."""
    return " ".join(part.words()).replace("\u00a0", " ")


def rows(document, title):
    """Pairs (provision, act) of a section's table."""
    table = next(block for block in section(document, title).blocks if isinstance(block, Table))
    return [tuple(words(cell) for cell in row.cells) for row in table.rows if not row.heading]


def headings(document, title):
    """The headings inside a section's table."""
    table = next(block for block in section(document, title).blocks if isinstance(block, Table))
    return [words(row) for row in table.rows if row.heading]


def fields(document):
    """Values of all fields by id; None is a place for a person."""
    return {
        field.id: field.value and words(field.value)
        for each in document.sections
        for block in each.blocks
        if isinstance(block, Fields)
        for field in block.fields
    }


def ticked(document):
    """Labels of the boxes that are ticked."""
    return {
        box.label
        for each in document.sections
        for block in each.blocks
        if isinstance(block, Boxes)
        for box in block.boxes
        if box.ticked
    }


@pytest.fixture
def information(context):
    """F_CU_05 of the sample report."""
    return compose(context("F_CU_05"))


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


def test_each_economic_provision_stands_beside_its_act(information):
    found = dict(rows(information, "Regimul economic"))
    assert found["Folosința actuală: curți-construcții (CC)"] == "Evidența cadastrală"
    assert next(
        act for text, act in found.items() if text.startswith("Utilizări interzise: Se interzic depozite")
    ) == ("RLU PUG, zona Li (UTR L1), art. 3, HCL 12/2019")
    assert any("Codul fiscal" in act for act in found.values())


def test_each_technical_figure_stands_beside_its_article(information):
    found = dict(rows(information, "Regimul tehnic"))
    assert found["POT maxim: 35 %"] == "RLU PUG, zona Li (UTR L1), art. 19, HCL 12/2019"
    assert found["CUT maxim: 0,9"] == "RLU PUG, zona Li (UTR L1), art. 21, HCL 12/2019"
    assert found["Înălțimea maximă admisibilă: 9 m"].endswith("art. 13, HCL 12/2019")
    parcels = (
        "Caracteristici ale parcelelor: suprafața de cel puțin 400 m²; frontul la stradă de cel puțin 12 m"
    )
    assert found[parcels].endswith("art. 4, HCL 12/2019")


def test_zones_are_told_with_area_and_share_the_largest_first(information):
    assert headings(information, "Regimul tehnic")[:2] == [
        "Zona Li – locuințe individuale și funcțiuni complementare, UTR L1 · 865,40 m² (70,10 % din imobil)",
        "Zona Ve – culoare de protecție față de infrastructura tehnică, UTR V3 · 369,10 m² (29,90 % din imobil)",
    ]


def test_what_a_unit_says_stands_before_what_its_zone_says(context):
    report = reports.report()
    zone = report.of_rule("planning.zone")[0]
    attributes = zone.feature.attributes | {
        "regulation": [
            {"article": 19, "item": "pot_max", "value_max": 35, "unit": "%", "utr": None},
            {"article": 19, "item": "pot_max", "value_max": 20, "unit": "%", "utr": "V3"},
        ]
    }
    zone = zone.model_copy(update={"feature": zone.feature.model_copy(update={"attributes": attributes})})
    document = compose(context("F_CU_05", report=report.model_copy(update={"findings": (zone,)})))
    assert [text for text, _ in rows(document, "Regimul tehnic") if text.startswith("POT")] == [
        "POT maxim: 20 %"
    ]


def test_a_zone_met_by_less_than_the_accuracy_is_named_without_its_articles(context):
    report = reports.report()
    small = min(report.of_rule("planning.zone"), key=lambda zone: zone.overlap_m2)
    edge = small.model_copy(update={"certainty": "borderline", "overlap_m2": 0.02, "overlap_share": 0.00002})
    found = tuple(edge if finding.id == small.id else finding for finding in report.findings)
    document = compose(context("F_CU_05", report=report.model_copy(update={"findings": found})))
    code = small.feature.attributes["code"]
    for title in ("Regimul economic", "Regimul tehnic"):
        told = [text for text, act in rows(document, title) if f"zona {code}" in act]
        assert len(told) == 1
        assert told[0].startswith(f"Partea care atinge zona {code} este sub precizia datelor")


def test_a_zone_without_regulation_is_not_passed_over(context):
    report = reports.report()
    zone = report.of_rule("planning.zone")[0]
    bare = zone.feature.model_copy(update={"attributes": {"code": "Ve", "plan_code": reports.PLAN}})
    zone = zone.model_copy(update={"feature": bare})
    document = compose(context("F_CU_05", report=report.model_copy(update={"findings": (zone,)})))
    assert "Pentru zona Ve nu există reglementări" in words(section(document, "Regimul tehnic"))


def changed(rule, **attributes):
    """The sample report with other attributes of the feature behind a rule's first finding."""
    findings = list(reports.findings())
    at = next(at for at, found in enumerate(findings) if found.rule == rule)
    feature = findings[at].feature
    feature = feature.model_copy(update={"attributes": feature.attributes | attributes})
    findings[at] = findings[at].model_copy(update={"feature": feature})
    return reports.report(findings=tuple(findings))


def without(*rules):
    """The sample report without the findings of some rules."""
    return reports.report(findings=tuple(found for found in reports.findings() if found.rule not in rules))


def test_words_that_hold_the_figure_are_not_said_twice(context):
    regulation = [
        {"article": 4, "item": "area_min", "value_min": 5000, "unit": "m2", "body": "Cel puțin 5000 m²."},
        {"article": 8, "item": "fence_h", "value_max": 2, "unit": "m", "body": "Gard viu."},
        {"article": 19, "item": "POT", "value_max": 35, "unit": "%", "body": "Cel mult 35 %."},
    ]
    document = compose(context("F_CU_05", report=changed("planning.zone", regulation=regulation)))
    found = [text for text, _ in rows(document, "Regimul tehnic")]
    assert "Caracteristici ale parcelelor: Cel puțin 5000 m²" in found
    assert "Împrejmuiri: înălțimea de cel mult 2 m. Gard viu" in found
    assert "POT maxim: 35 %. Cel mult 35 %" in found


def test_a_decision_names_its_day_once(context):
    report = changed("planning.plan", approved_by="HCL nr. 32/15.03.2019")
    assert fields(compose(context("F_CU_05", report=report)))["plan_decision"] == "HCL nr. 32/15.03.2019"


def test_a_plan_in_preparation_is_not_named_as_applicable(context):
    document = compose(context("F_CU_05", report=changed("planning.plan", state="in_preparation")))
    assert fields(document)["plan"] is None


def test_zones_of_several_plans_say_which(context):
    document = compose(context("F_CU_05", report=changed("planning.zone", plan_code="PUZ-1")))
    assert {heading.rpartition(" · ")[2] for heading in headings(document, "Regimul tehnic")[:2]} == {
        "PUZ-1",
        reports.PLAN,
    }


def test_land_inside_without_a_zone_is_not_said_to_be_outside(context):
    said = words(section(compose(context("F_CU_05", report=without("planning.zone"))), "Regimul tehnic"))
    assert "Nu este cunoscută o zonă funcțională" in said
    assert "în extravilan, în afara zonelor" not in said


def test_land_outside_without_a_zone_says_so(context):
    report = without("planning.zone", "admin.built-up-area")
    said = words(section(compose(context("F_CU_05", report=report)), "Regimul tehnic"))
    assert "Imobilul este în extravilan, în afara zonelor reglementate" in said


def test_every_uat_is_named_with_its_code(context):
    report = reports.report()
    other = report.subject.uats[0].model_copy(update={"siruta": 79317, "name": "Bălteni", "kind": "comuna"})
    subject = report.subject.model_copy(update={"uats": (*report.subject.uats, other)})
    document = compose(context("F_CU_05", report=report.model_copy(update={"subject": subject})))
    assert fields(document)["uat"] == "orașul Rovinari (SIRUTA 79308), comuna Bălteni (SIRUTA 79317)"


@pytest.mark.parametrize(
    ("article", "provision", "expected"),
    [
        (4, {"item": "area_min", "value_min": 400, "unit": "m2"}, "suprafața de cel puțin 400 m²"),
        (8, {"item": "fence_h", "value_max": 2, "unit": "m"}, "înălțimea de cel mult 2 m"),
        (9, {"item": "setback_street", "value_min": 5, "value_max": 5, "unit": "m"}, "retragerea de 5 m"),
        (9, {"item": "setback_street", "value_min": 5, "value_max": 8, "unit": "m"}, "retragerea de 5–8 m"),
        (19, {"item": "pot_max", "value_max": 35, "unit": "%"}, "35 %"),
        (21, {"item": "cut_max", "value_max": 0.9}, "0,9"),
        (20, {"item": "cut_min", "value_min": 0}, "0"),
        (16, {"body": "Text."}, ""),
        (14, {"item": "levels", "value_min": 1, "unit": "niveluri"}, "1 nivel"),
        (21, {"item": "CUT", "value_max": 0.9, "unit": "ADC/m2"}, "0,9"),
        (6, {"item": "altceva_nou", "value_min": 2}, "altceva nou cel puțin 2"),
    ],
)
def test_figures_in_words(context, article, provision, expected):
    assert figure(context("F_CU_05"), article, provision).replace("\u00a0", " ") == expected


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


def test_approvals_tick_their_boxes_and_the_others_are_written_out(context):
    culture = Approval(code="culture", title="Avizul Ministerului Culturii", route="direct", because=("f1",))
    report = reports.report(approvals=(*reports.report().approvals, culture))
    document = compose(context("F_CU_07_0", report=report))
    assert "alimentare cu energie electrică" in ticked(document)
    assert "Ministerul Culturii/serviciul public deconcentrat" in ticked(document)
    assert "gaze naturale" not in ticked(document)
    assert "Acordul administratorului drumului DJ 663" in words(
        section(document, "Avize pentru autorizația de construire/desființare")
    )


def test_what_only_a_person_decides_is_marked(context):
    document = compose(context("F_CU_07_0"))
    boxes = [
        box
        for block in section(document, "Regimul de modificare").blocks
        if isinstance(block, Boxes)
        for box in block.boxes
    ]
    assert all(box.undecided for box in boxes)
    assert not any(box.ticked for box in boxes)
    assert fields(document)["validity_months"] is None


def test_the_works_tick_their_boxes_and_the_approvals_they_ask_for_everywhere(context):
    kinds, works = approval_kinds(), purposes()["building"]
    asked = tuple(kinds[code] for code in works.approvals)
    made = compose(context("F_CU_07_0", purposes=(works,), purpose_approvals=asked))
    expected = {
        "CONSTRUIRE",
        "clădiri și amenajări",
        "autoritatea pentru protecția mediului",
        "sănătatea populației",
        "securitate la incendiu",
        "salubritate",
    }
    assert expected <= ticked(made)
    assert not expected & ticked(compose(context("F_CU_07_0")))
    assert "DESFIINȚARE" not in ticked(made)


def test_an_approval_of_the_works_without_a_box_is_written_out(context):
    pier = Purpose(
        purpose="pier",
        title="Ponton",
        approvals=("forest",),
        legal_basis=(LegalBasis(act="Legea 331/2024"),),
    )
    forest = approval_kinds()["forest"]
    made = compose(context("F_CU_07_0", purposes=(pier,), purpose_approvals=(forest,)))
    said = section(made, "Avize pentru autorizația de construire/desființare")
    assert forest.title in words(said)
    (reason,) = {source for one in _listed(said) if one.text == forest.title for source in one.sources}
    assert (reason.author, reason.act) == ("listă pe scop: Ponton", "Legea 331/2024")


def _listed(made):
    return [item for block in made.blocks if isinstance(block, Listing) for item in block.items]


def test_the_annex_names_the_certificate_it_completes(context):
    completed = Completed(number="145", day=date(2026, 9, 1))
    made = fields(compose(context("F_CU_07_1", request=Request(completes=completed))))
    assert (made["completed_certificate"], made["completed_certificate_date"]) == ("145", "01.09.2026")
    assert made["plan"] is None  # only a general plan is in force here


def test_the_annex_names_the_zonal_plan(context):
    report = reports.report()
    (general,) = report.of_rule("planning.plan")
    about = general.feature.attributes | {"kind": "PUZ", "code": "PUZ-7", "title": "Zona gării"}
    feature = general.feature.model_copy(update={"attributes": about})
    zonal = general.model_copy(update={"id": "f99", "feature": feature})
    both = report.model_copy(update={"findings": (*report.findings, zonal)})
    assert fields(compose(context("F_CU_07_1", report=both)))["plan"] == "PUZ-7 – Zona gării"


def test_each_use_of_several_parcels_is_named(context):
    report = reports.report()
    land = report.subject.model_copy(update={"use_category": "A, CC"})
    document = compose(context("F_CU_05", report=report.model_copy(update={"subject": land})))
    assert "Folosința actuală: arabil (A), curți-construcții (CC)" in words(
        section(document, "Regimul economic")
    )


@pytest.mark.parametrize(
    ("issuer", "head"),
    [("mayor", "Primar"), ("county_council_president", "Președintele consiliului județean")],
)
def test_the_head_is_of_the_authority_that_is_competent(context, issuer, head):
    report = reports.report(competence=Competence(issuer=issuer, reason="Temei."))
    document = compose(context("F_CU_06", report=report))
    places = next(block for block in section(document, "Semnături").blocks if isinstance(block, Signatures))
    assert [place.role for place in places.places] == [head, "Secretar general", "Arhitect-șef"]


def test_road_acts_say_where_the_land_meets_the_road(context):
    document = compose(context("DJ_ACORD"))
    found = fields(document)
    assert (found["road"], found["road_position"], found["road_side"]) == ("DJ 663", "km 12+340", "stânga")
    assert found["road_length"] == "25,30 m"
    assert found["fee"] is None, "the fee of a certificate is not the fee of a road act"
    distances = rows(document, "Drumul și imobilul")
    assert distances == [
        ("DJ 663", "km 12+340", "stânga", "14,23 m", "11,23 m", "Zona de protecție a drumului")
    ]


def test_a_road_act_is_about_the_nearest_county_road(context):
    street = RoadAccess(
        road="Str. Mare",
        category="STR",
        position="km 0+100",
        measure_m=100,
        side="right",
        distance_to_axis_m=3,
        frontage_m=10,
    )
    report = reports.report(road_access=(street, *reports.report().road_access))
    assert fields(compose(context("DJ_ACORD", report=report)))["road"] == "DJ 663"


def test_an_issued_certificate_shows_its_seal_and_a_draft_places_to_sign(context):
    issued = dataclasses.replace(
        context("F_CU_05", state="issued"), number="CUI-2026-00001", seal_lines=("Sigiliu",)
    )
    closing = section(compose(issued), "Semnătura").blocks[0]
    assert isinstance(closing, SealPlace)
    assert isinstance(section(compose(context("F_CU_05")), "Semnătura").blocks[0], Signatures)


def test_one_time_one_rule_set_and_the_data_stand_at_the_end(information):
    said = " ".join(words(each) for each in information.colophon)
    assert "Întocmit la 24.11.2026, ora 10:15" in said
    assert "setul de reguli 2026-08" in said
    assert "Zone funcționale, Regulamentul local" in said
    assert said.endswith("– versiunea 1 din 01.09.2026.")


def test_a_line_has_lengths_and_its_zones_all_the_same(context):
    report = reports.report()
    line = report.subject.model_copy(update={"area_m2": 0.0, "area_legal_m2": None, "length_m": 300.0})
    findings = tuple(
        one.model_copy(update={"overlap_m2": None, "overlap_length_m": 120.0, "overlap_share": 0.4})
        if one.rule == "planning.zone"
        else one
        for one in report.findings
    )
    document = compose(
        context("F_CU_07_0", report=report.model_copy(update={"subject": line, "findings": findings}))
    )
    assert fields(document)["area_measured"] == "traseu de 300,00 m"
    assert any("120,00 m (40,00 % din traseu)" in one for one in headings(document, "Regimul tehnic"))
    assert "Nu este cunoscută o zonă funcțională" not in words(section(document, "Regimul tehnic"))


def test_no_cedilla_anywhere(context):
    for code in ("F_CU_05", "F_CU_06", "F_CU_07_0", "F_CU_07_1", "DJ_ACORD", "DJ_AUTORIZATIE"):
        assert not set("".join(compose(context(code)).words())) & set("şţŞŢ")
