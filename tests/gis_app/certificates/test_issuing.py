"""From a report to an issued, sealed and registered document, a draft, or a preview."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from pydantic import SecretStr

from analysis.findings import NotChecked
from analysis.rulebook import rulebook
from gis_app.certificates import registry
from gis_app.certificates.compose import Request
from gis_app.certificates.errors import SealExpired, SealMissing, UnknownForm
from gis_app.certificates.issuing import issue, no_seal
from gis_app.certificates.seal import DEMO_PASSWORD, demo_seal, open_seal
from gis_app.certificates.settings import SealSettings
from gis_app.certificates.trace import trace
from gis_app.certificates.verify import verify
from tests.gis_app.certificates import reports
from tests.gis_app.certificates.conftest import normalised, pdf_text

UNKNOWN = NotChecked(
    rule="heritage.monument", layer="heritage.monument", reason="no data for this UAT", mandatory=True
)


def lookup(database):
    """Finds register entries by digest."""

    def find(digest):
        with psycopg.connect(database) as connection:
            return registry.find(connection, digest=digest)

    return find


def count(database):
    """How many documents are registered."""
    with psycopg.connect(database) as connection:
        return connection.execute("SELECT count(*) FROM cases.issued_document").fetchone()[0]


def test_a_complete_report_is_issued_sealed_and_registered(issuer, seal, database):
    issued = issue(issuer, reports.report(), "information")
    assert issued.state == "issued"
    assert issued.missing == ()
    verdict = verify(issued.pdf, lookup(database), seal)
    assert verdict.valid
    assert verdict.entry.number == issued.number
    assert verdict.entry.cadastral_numbers == ["30112"]
    printed = pdf_text(issued.pdf)
    assert normalised(issued.number) in printed
    assert normalised(issued.document.verification.code) in printed
    assert "https://urbanism.exemplu.ro/verify/" + issued.number in printed


def test_the_register_keeps_what_the_document_was_made_from(issuer, database):
    issued = issue(issuer, reports.report(), "information", Request(purpose="vânzare"))
    with psycopg.connect(database) as connection:
        row = connection.execute(
            "SELECT purpose, siruta, land_book_number, report->>'rule_set', document->>'form', ST_Area(geom),"
            " fee_ron, layers->0->>'id', kind FROM cases.issued_document WHERE number = %s",
            [issued.number],
        ).fetchone()
        stored = registry.stored_pdf(connection, issued.number)
    assert row[:5] == ("vânzare", 79308, "30112", "2026-08", "F_CU_05")
    assert row[5] == pytest.approx(1234.5)
    assert row[6:] == (14, "admin.built_up_area", "information")
    assert stored == issued.pdf


def test_a_withdrawn_document_is_whole_but_no_longer_in_force(issuer, seal, database):
    issued = issue(issuer, reports.report(), "information")
    with psycopg.connect(database) as connection:
        assert registry.withdraw(connection, issued.number, "eroare materială")
        assert not registry.withdraw(connection, issued.number, "încă o dată")
    verdict = verify(issued.pdf, lookup(database), seal)
    assert verdict.whole
    assert not verdict.valid
    assert "RETRAS" in verdict.lines()[-1]


@pytest.fixture
def addresses(database):
    """Adds addresses on (or off) the sample land, and takes them away."""
    with psycopg.connect(database, autocommit=True) as connection:
        version = connection.execute(
            "INSERT INTO catalogue.layer_version (layer, number, valid_from, accuracy_m)"
            " VALUES ('admin.address', 1, '2026-01-01', 1) RETURNING id"
        ).fetchone()[0]

        def add(street, number, east=370010.0):
            connection.execute(
                "INSERT INTO admin.address (version_id, valid_from, siruta, street, number, postcode, geom)"
                " VALUES (%s, '2026-01-01', 79308, %s, %s, '215400', ST_SetSRID(ST_MakePoint(%s, 400010), 3844))",
                [version, street, number, east],
            )

        yield add
        connection.execute("DELETE FROM admin.address WHERE version_id = %s", [version])
        connection.execute("DELETE FROM catalogue.layer_version WHERE id = %s", [version])


def property_fields(issued):
    """Street, numbers and postcode as printed."""
    section = next(each for each in issued.document.sections if each.title == "Imobilul")
    found = {field.id: field for block in section.blocks for field in getattr(block, "fields", ())}
    return tuple(
        found[name].value and found[name].value.text for name in ("street", "street_number", "postcode")
    )


def test_the_address_on_the_land_is_filled_in(issuer, addresses):
    addresses("Strada Florilor", "12")
    addresses("Strada Florilor", "14", 370020.0)
    addresses("Strada Alta", "1", 380000.0)
    issued = issue(issuer, reports.report(), "information", preview=True)
    assert property_fields(issued) == ("Strada Florilor", "12, 14", "215400")


def test_land_on_two_streets_has_no_one_address(issuer, addresses):
    addresses("Strada Florilor", "12")
    addresses("Strada Mare", "2", 370020.0)
    issued = issue(issuer, reports.report(), "information", preview=True)
    assert property_fields(issued) == (None, None, None)


def test_the_address_in_the_request_counts_more(issuer, addresses):
    addresses("Strada Florilor", "12")
    asked = Request(street="Aleea Teilor", street_number="3")
    issued = issue(issuer, reports.report(), "information", asked, preview=True)
    assert property_fields(issued)[:2] == ("Aleea Teilor", "3")


def test_what_is_missing_makes_a_draft_that_lists_it(issuer, database):
    before = count(database)
    draft = issue(issuer, reports.report(not_checked=(UNKNOWN,)), "information")
    assert (draft.state, draft.number) == ("draft", None)
    assert [gap.rule for gap in draft.missing] == ["heritage.monument"]
    printed = pdf_text(draft.pdf)
    assert normalised("ELEMENTE OBLIGATORII CARE LIPSESC") in printed
    assert normalised(draft.missing[0].printed) in printed
    assert not verify(draft.pdf, lookup(database)).sealed
    assert count(database) == before


def test_without_its_drawings_a_certificate_is_not_issued(issuer):
    draft = issue(dataclasses.replace(issuer, draw=None), reports.report(), "information")
    assert draft.state == "draft"
    assert "rețelele edilitare" in " ".join(gap.printed for gap in draft.missing)


def test_a_preview_is_never_numbered_and_never_sealed(issuer, database):
    before = count(database)
    preview = issue(dataclasses.replace(issuer, seal=no_seal), reports.report(), "information", preview=True)
    assert (preview.state, preview.number) == ("preview", None)
    assert not verify(preview.pdf, lookup(database)).sealed
    assert preview.document.verification is None
    assert count(database) == before


@pytest.mark.parametrize(
    "kind", ["cadastral", "works", "works_completion", "road_prior_agreement", "road_access_permit"]
)
def test_what_people_sign_is_drafted(issuer, kind):
    draft = issue(issuer, reports.report(), kind, Request(purpose="locuință"))
    assert (draft.state, draft.number, draft.missing) == ("draft", None, ())


def test_without_a_seal_no_number_is_taken(issuer, database):
    first = issue(issuer, reports.report(), "information").number
    with pytest.raises(SealMissing):
        issue(dataclasses.replace(issuer, seal=no_seal), reports.report(), "information")
    second = issue(issuer, reports.report(), "information").number
    assert int(second[-5:]) == int(first[-5:]) + 1


def test_an_expired_seal_issues_nothing(issuer, database, tmp_path):
    demo_seal(tmp_path / "vechi.p12", begins=datetime.now(UTC) - timedelta(days=800))
    settings = SealSettings(seal=tmp_path / "vechi.p12", seal_password=SecretStr(DEMO_PASSWORD))
    before = count(database)
    with pytest.raises(SealExpired):
        issue(dataclasses.replace(issuer, seal=lambda: open_seal(settings)), reports.report(), "information")
    assert count(database) == before


def test_an_unknown_kind_is_told(issuer):
    with pytest.raises(UnknownForm, match="altceva"):
        issue(issuer, reports.report(), "altceva")


def test_many_at_once_get_each_its_own_number_and_text(issuer, seal, database):
    numbers = [str(40000 + at) for at in range(24)]

    def one(number):
        base = reports.report()
        subject = base.subject.model_copy(update={"cadastral_number": number, "cadastral_numbers": (number,)})
        return issue(issuer, base.model_copy(update={"subject": subject}), "information")

    with ThreadPoolExecutor(6) as workers:
        issued = list(workers.map(one, numbers))
    sequences = sorted(int(each.number[-5:]) for each in issued)
    assert sequences == list(range(sequences[0], sequences[0] + len(numbers)))
    for number, each in zip(numbers, issued, strict=True):
        entry = verify(each.pdf, lookup(database), seal).entry
        assert entry.cadastral_numbers == [number]
        assert number in pdf_text(each.pdf)


def test_what_no_feature_caused_is_traced_to_the_layer_that_was_looked_into(issuer):
    report = reports.report()
    outside = tuple(
        one.model_copy(update={"feature": None}) if one.rule == "admin.built-up-area" else one
        for one in report.findings
    )
    issuer = dataclasses.replace(issuer, rules=rulebook())
    issued = issue(issuer, report.model_copy(update={"findings": outside}), "information", draft=True)
    rows = [
        [cell.text for cell in row.cells]
        for section in trace(issued.document, issued.context).sections
        for block in section.blocks
        for row in block.rows
    ]
    (layer,) = {row[3] for row in rows if row[1].endswith("admin.built-up-area")}
    assert layer == "admin.built_up_area v1"


def test_the_officer_s_copy_traces_each_sentence(issuer):
    issued = issue(issuer, reports.report(), "information")
    printed = pdf_text(issued.trace_pdf())
    for piece in (
        "f5: roads.protection-zone",
        "OG 43/1997, anexa nr. 1 lit. c)",
        "roads.road v1, obiectul 21",
        "la 14,23 m (limita 20,00 m)",
        "la limită, ±0,70 m",
        "planning.regulation v1",
        "POT maxim: 35 %",
        "exemplarul funcționarului",
    ):
        assert normalised(piece) in printed, piece
