"""What a document says of zones: each provision beside its article, each figure in words."""

import pytest

from gis_app.certificates.compose import compose
from gis_app.certificates.compose.provisions import figure
from tests.gis_app.certificates import reports
from tests.gis_app.certificates.reading import fields, headings, rows, section, words


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


def test_words_that_hold_the_figure_are_not_said_twice(context):
    regulation = [
        {"article": 4, "item": "area_min", "value_min": 5000, "unit": "m2", "body": "Cel puțin 5000 m²."},
        {"article": 8, "item": "fence_h", "value_max": 2, "unit": "m", "body": "Gard viu."},
        {"article": 19, "item": "POT", "value_max": 35, "unit": "%", "body": "Cel mult 35 %."},
    ]
    document = compose(context("F_CU_05", report=reports.changed("planning.zone", regulation=regulation)))
    found = [text for text, _ in rows(document, "Regimul tehnic")]
    assert "Caracteristici ale parcelelor: Cel puțin 5000 m²" in found
    assert "Împrejmuiri: înălțimea de cel mult 2 m. Gard viu" in found
    assert "POT maxim: 35 %. Cel mult 35 %" in found


def test_zones_of_several_plans_say_which(context):
    document = compose(context("F_CU_05", report=reports.changed("planning.zone", plan_code="PUZ-1")))
    assert {heading.rpartition(" · ")[2] for heading in headings(document, "Regimul tehnic")[:2]} == {
        "PUZ-1",
        reports.PLAN,
    }


def test_land_inside_without_a_zone_is_not_said_to_be_outside(context):
    said = words(
        section(compose(context("F_CU_05", report=reports.without("planning.zone"))), "Regimul tehnic")
    )
    assert "Nu este cunoscută o zonă funcțională" in said
    assert "în extravilan, în afara zonelor" not in said


def test_land_outside_without_a_zone_says_so(context):
    report = reports.without("planning.zone", "admin.built-up-area")
    said = words(section(compose(context("F_CU_05", report=report)), "Regimul tehnic"))
    assert "Imobilul este în extravilan, în afara zonelor reglementate" in said


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


def test_each_use_of_several_parcels_is_named(context):
    report = reports.report()
    land = report.subject.model_copy(update={"use_category": "A, CC"})
    document = compose(context("F_CU_05", report=report.model_copy(update={"subject": land})))
    assert "Folosința actuală: arabil (A), curți-construcții (CC)" in words(
        section(document, "Regimul economic")
    )


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
