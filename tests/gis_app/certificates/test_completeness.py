"""What a certificate may not go without."""

import pytest

from analysis.findings import Competence, NotChecked
from gis_app.certificates.completeness import NOT_DETERMINED, missing, out_of_competence
from gis_app.certificates.settings import AuthoritySettings
from tests.gis_app.certificates import reports


def elements(report, **options):
    """The missing elements, as printed."""
    return [gap.printed for gap in missing(report, reports.rules(), **options)]


def without(*rules):
    """The sample report without the findings of some rules."""
    return reports.report(findings=tuple(found for found in reports.findings() if found.rule not in rules))


def test_a_complete_report_lacks_nothing():
    assert elements(reports.report()) == []


def test_what_is_not_mandatory_or_only_unconfirmed_does_not_block():
    assert reports.report().not_checked
    assert any(finding.status == "to_confirm" for finding in reports.report().findings)
    assert elements(reports.report()) == []


@pytest.mark.parametrize(
    "reason", ["no data for this UAT", "layer never imported", "out of validity", "unreadable"]
)
def test_a_mandatory_rule_that_was_not_checked_blocks_and_says_why(reason):
    entry = NotChecked(rule="heritage.monument", layer="heritage.monument", reason=reason, mandatory=True)
    (gap,) = missing(reports.report(not_checked=(entry,)), reports.rules())
    assert (gap.rule, gap.layer, gap.reason) == ("heritage.monument", "heritage.monument", reason)
    assert gap.printed.startswith("Monumente istorice: ")


def test_no_plan_in_force_blocks():
    assert elements(without("planning.plan")) == ["documentația de urbanism în vigoare"]


@pytest.mark.parametrize(
    ("standing", "counts"),
    [
        ({"status": "annulled"}, False),
        ({"status": "in_force", "state": "expired"}, False),
        ({"status": "in_force", "state": "in_preparation"}, False),
        ({"status": "in_force", "state": "lapsing"}, True),
        ({"status": None}, True),
    ],
)
def test_only_a_plan_in_force_counts(standing, counts):
    findings = []
    for found in reports.findings():
        if found.rule == "planning.plan":
            attributes = found.feature.attributes | standing
            found = found.model_copy(
                update={"feature": found.feature.model_copy(update={"attributes": attributes})}
            )
        findings.append(found)
    expected = [] if counts else ["documentația de urbanism în vigoare"]
    assert elements(reports.report(findings=tuple(findings))) == expected


def test_land_inside_the_built_up_area_needs_a_zone():
    assert elements(without("planning.zone")) == ["zona funcțională și regulile ei"]


def test_land_outside_needs_none():
    assert elements(without("planning.zone", "admin.built-up-area")) == []
    outside = next(found for found in reports.findings() if found.rule == "admin.built-up-area")
    outside = outside.model_copy(update={"feature": None, "text": "Terenul se află în extravilan."})
    others = without("planning.zone", "admin.built-up-area").findings
    assert elements(reports.report(findings=(*others, outside))) == []


def test_a_zone_needs_its_regulation():
    zone = next(found for found in reports.findings() if found.rule == "planning.zone")
    bare = zone.feature.model_copy(update={"attributes": {"code": "Ve", "regulation": []}})
    others = tuple(found for found in reports.findings() if found.rule != "planning.zone")
    report = reports.report(findings=(*others, zone.model_copy(update={"feature": bare})))
    assert elements(report) == ["reglementările zonei Ve"]


def test_an_unchecked_rule_is_named_once():
    entry = NotChecked(
        rule="planning.zone", layer="planning.zone", reason="no data for this UAT", mandatory=True
    )
    report = without("planning.zone").model_copy(update={"not_checked": (entry,)})
    assert len(missing(report, reports.rules())) == 1


def test_land_without_a_land_book_is_the_authority_s_choice():
    report = reports.report()
    report = report.model_copy(
        update={"subject": report.subject.model_copy(update={"land_book_number": None})}
    )
    (gap,) = missing(report, reports.rules())
    assert gap.reason == NOT_DETERMINED
    assert "cartea funciară" in gap.printed
    assert elements(report, land_book_needed=False) == []


MAYOR = Competence(issuer="mayor", reason="terenul se află în UAT Stejăriș")
PRESIDENT = Competence(issuer="county_council_president", reason="terenul se află în două UAT")


@pytest.mark.parametrize(
    ("settings", "competence", "may"),
    [
        ({"kind": "county_council"}, PRESIDENT, True),
        ({"kind": "county_council"}, MAYOR, False),
        ({"kind": "county_council", "by_convention": "900060, 900070"}, MAYOR, True),
        ({"kind": "county_council", "by_convention": "900070"}, MAYOR, False),
        ({"kind": "county_council", "by_convention": "all"}, MAYOR, True),
        ({"kind": "town_hall", "siruta": 900060}, MAYOR, True),
        ({"kind": "town_hall", "siruta": 900070}, MAYOR, False),
        ({"kind": "town_hall"}, MAYOR, False),
        ({"kind": "town_hall", "siruta": 900060, "by_convention": "all"}, PRESIDENT, False),
    ],
)
def test_an_authority_issues_only_what_is_its_own_or_was_conferred_on_it(settings, competence, may):
    report = reports.report().model_copy(update={"competence": competence})
    report = report.model_copy(update={"subject": report.subject.model_copy(update={"siruta": 900060})})
    found = out_of_competence(report, AuthoritySettings(**settings))
    assert (found == ()) is may
    assert all("convenție" in gap.element for gap in found)


def test_a_wrong_list_of_conventions_is_told():
    with pytest.raises(ValueError, match="separated by commas"):
        AuthoritySettings(by_convention="Stejăriș")
