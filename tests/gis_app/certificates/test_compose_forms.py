"""What only some forms ask for: boxes that are ticked, plans, roads, who signs."""

import dataclasses
from datetime import date

import pytest

from analysis.findings import Approval, Competence, LegalBasis, RoadAccess
from analysis.reference import Purpose, approval_kinds, purposes
from gis_app.certificates.compose import Request, compose
from gis_app.certificates.compose.context import Completed
from gis_app.certificates.document import Boxes, Listing, SealPlace, Signatures
from tests.gis_app.certificates import reports
from tests.gis_app.certificates.reading import fields, rows, section, ticked, words


def test_a_decision_names_its_day_once(context):
    report = reports.changed("planning.plan", approved_by="HCL nr. 32/15.03.2019")
    assert fields(compose(context("F_CU_05", report=report)))["plan_decision"] == "HCL nr. 32/15.03.2019"


def test_a_plan_in_preparation_is_not_named_as_applicable(context):
    document = compose(context("F_CU_05", report=reports.changed("planning.plan", state="in_preparation")))
    assert fields(document)["plan"] is None


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
