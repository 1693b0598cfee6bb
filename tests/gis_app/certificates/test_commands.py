"""The commands as people run them: real processes over a demo county."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import psycopg
import pytest

from gis_app.certificates.seal import DEMO_PASSWORD, demo_seal
from layers.demo import HARD_CASES, SHOWCASE
from tests.gis_app.certificates.conftest import normalised, pdf_text

VATRA = Path(sys.executable).with_name("vatra")
SHOWN = ("--siruta", str(SHOWCASE.siruta), "--cadastral-number", SHOWCASE.cadastral_number)
# Findings of these rules are told in tables of their own, not by their text.
IN_TABLES = ("planning.zone", "utilities.available")


@pytest.fixture(scope="module")
def vatra_in(demo_database, seal_settings):
    """Runs vatra in a folder, with a seal and the demo county."""

    def run(folder, *arguments, **environment):
        settings = {
            "VATRA_DATABASE_URL": demo_database,
            "VATRA_SEAL": str(seal_settings.seal),
            "VATRA_SEAL_PASSWORD": DEMO_PASSWORD,
            "VATRA_AUTHORITY_BY_CONVENTION": "all",
            **environment,
        }
        return subprocess.run(
            [VATRA, *arguments],
            cwd=folder,
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


@pytest.fixture
def vatra(vatra_in, tmp_path):
    """Runs vatra in a folder of the test's own."""
    return partial(vatra_in, tmp_path)


@pytest.fixture(scope="module")
def issued(vatra_in, tmp_path_factory):
    """A folder with a certificate (c.pdf, c.docx), its trace (t.pdf), and what the command told of them."""
    folder = tmp_path_factory.mktemp("issued")
    done = vatra_in(
        folder, "certificate", *SHOWN,
        "--output", "c.pdf", "--docx", "c.docx", "--trace", "t.pdf", "--format", "json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout)


def some_parcel(database, siruta):
    """A parcel of that UAT, as options."""
    with psycopg.connect(database) as connection:
        (number,) = connection.execute(
            "SELECT cadastral_number FROM cadastre.parcel WHERE siruta = %s AND land_book_number IS NOT NULL"
            " ORDER BY cadastral_number LIMIT 1",
            [siruta],
        ).fetchone()
    return "--siruta", str(siruta), "--cadastral-number", number


def test_a_certificate_is_issued_and_verified(issued, vatra_in):
    folder, told = issued
    assert told["state"] == "issued"
    assert told["missing"] == []
    assert (folder / "c.docx").read_bytes().startswith(b"PK")
    assert normalised("exemplarul funcționarului") in pdf_text((folder / "t.pdf").read_bytes())

    checked = vatra_in(folder, "verify", "c.pdf")
    assert checked.returncode == 0, checked.stdout
    assert f"Nr. {told['number']}" in checked.stdout
    assert "Documentul este întreg" in checked.stdout
    assert checked.stdout.endswith("În vigoare.\n")


def test_the_certificate_says_what_the_check_found(issued, vatra):
    report = json.loads(vatra("check", *SHOWN, "--format", "json").stdout)
    printed = pdf_text((issued[0] / "c.pdf").read_bytes())
    told = [finding for finding in report["findings"] if not finding["rule"].startswith(IN_TABLES)]
    assert len(told) > 5
    for finding in told:
        assert normalised(finding["text"]) in printed, finding["rule"]
    for finding in report["findings"]:
        for provision in (finding["feature"] or {}).get("attributes", {}).get("regulation") or ():
            assert normalised(provision["body"].rstrip(".")) in printed, provision["article"]


def test_a_file_is_verified_without_our_own_seal_too(issued, vatra_in):
    checked = vatra_in(issued[0], "verify", "c.pdf", VATRA_SEAL_PASSWORD="greșit")
    assert checked.returncode == 0
    assert checked.stderr == ""
    assert "certificat emis de" in checked.stdout


def test_a_changed_file_is_not_verified(issued, vatra, tmp_path):
    changed = bytearray((issued[0] / "c.pdf").read_bytes())
    changed[2000] ^= 1
    (tmp_path / "c.pdf").write_bytes(changed)
    checked = vatra("verify", "c.pdf", "--format", "json")
    assert checked.returncode == 1
    told = json.loads(checked.stdout)
    assert (told["sealed"], told["whole"], told["valid"], told["register"]) == (True, False, False, None)


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("no_utilities", "Rețele edilitare din apropiere: nu există date"),
        ("expired_plan", "documentația de urbanism în vigoare"),
    ],
)
def test_what_is_missing_is_said_and_drafted(vatra, demo_database, tmp_path, case, said):
    parcel = some_parcel(demo_database, HARD_CASES[case].siruta)
    done = vatra("certificate", *parcel, "--output", "c.pdf")
    assert done.returncode == 3, done.stderr
    assert f"lipsește: {said}" in done.stderr
    assert normalised(said) in pdf_text((tmp_path / "c.pdf").read_bytes())
    checked = vatra("verify", "c.pdf")
    assert checked.returncode == 1
    assert "nu este sigilat" in checked.stdout


@pytest.mark.parametrize("kind", ["cadastral", "works"])
def test_what_people_sign_is_drafted(vatra, tmp_path, kind):
    done = vatra("certificate", *SHOWN, "--kind", kind, "--purpose", "locuință P+1E", "--output", "c.pdf")
    assert done.returncode == 0, done.stderr
    assert "proiect nesigilat" in done.stdout
    assert normalised("locuință P+1E") in pdf_text((tmp_path / "c.pdf").read_bytes())


def test_the_works_ask_for_their_approvals_wherever_the_land_is(vatra, tmp_path):
    done = vatra(
        "certificate", *SHOWN, "--kind", "works", "--works", "demolition",
        "--output", "c.pdf", "--trace", "t.pdf", "--format", "json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    boxes = {
        box["label"]: box["ticked"]
        for section in json.loads(done.stdout)["document"]["sections"]
        for block in section["blocks"]
        for box in block.get("boxes", ())
    }
    assert boxes["DESFIINȚARE"]
    assert boxes["salubritate"]
    assert not boxes["CONSTRUIRE"]
    assert normalised("listă pe scop: Desființare") in pdf_text((tmp_path / "t.pdf").read_bytes())


def test_the_annex_after_a_zonal_plan(vatra, tmp_path):
    done = vatra(
        "certificate", *SHOWN, "--kind", "works", "--completes", "145/2026-09-01", "--output", "c.pdf"
    )
    assert done.returncode == 0, done.stderr
    assert "F_CU_07_1" in done.stdout
    assert normalised("01.09.2026") in pdf_text((tmp_path / "c.pdf").read_bytes())


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--kind", "works", "--works", "castle"), 1, "lucrări necunoscute: castle; se cunosc: dwelling"),
        (("--works", "dwelling"), 2, "go with --kind works"),
        (("--kind", "works", "--completes", "145"), 2, "expected NUMBER/YYYY-MM-DD, found '145'"),
    ],
)
def test_works_that_cannot_be(vatra, tmp_path, arguments, code, said):
    done = vatra("certificate", *SHOWN, *arguments, "--output", "c.pdf")
    assert done.returncode == code, done.stdout
    assert said in done.stderr
    assert not (tmp_path / "c.pdf").exists()


def test_drawn_land_gets_a_draft_because_its_land_book_is_not_known(vatra, demo_database, tmp_path):
    with psycopg.connect(demo_database) as connection:
        (shape,) = connection.execute(
            "SELECT ST_AsGeoJSON(ST_Buffer(ST_PointOnSurface(geom), 4), 3) FROM cadastre.parcel"
            " WHERE siruta = %s AND cadastral_number = %s",
            [SHOWCASE.siruta, SHOWCASE.cadastral_number],
        ).fetchone()
    (tmp_path / "teren.geojson").write_text(shape)
    done = vatra("certificate", "--geometry", "teren.geojson", "--output", "c.pdf")
    assert done.returncode == 3, done.stderr
    assert done.stderr.strip() == "lipsește: cartea funciară (titularul dreptului de proprietate)"
    issued = vatra(
        "certificate",
        "--geometry",
        "teren.geojson",
        "--output",
        "c.pdf",
        VATRA_AUTHORITY_ISSUE_UNREGISTERED="true",
    )
    assert issued.returncode == 0, issued.stderr


def test_a_road_permit_where_a_road_is_in_reach(vatra, tmp_path):
    for kind, title in (("agreement", "ACORD PREALABIL"), ("permit", "AUTORIZAȚIE")):
        done = vatra("road-access", *SHOWN, "--kind", kind, "--output", "a.pdf")
        assert done.returncode == 0, done.stderr
        assert normalised(title) in pdf_text((tmp_path / "a.pdf").read_bytes())


def test_no_road_permit_where_no_road_is_in_reach(vatra, demo_database):
    with psycopg.connect(demo_database) as connection:
        siruta, number = connection.execute(
            "SELECT p.siruta, p.cadastral_number FROM cadastre.parcel p WHERE NOT EXISTS"
            " (SELECT FROM roads.road r WHERE ST_DWithin(r.geom, p.geom, 60)) ORDER BY p.id LIMIT 1"
        ).fetchone()
    done = vatra("road-access", "--siruta", str(siruta), "--cadastral-number", number, "--output", "a.pdf")
    assert done.returncode == 1
    assert "niciun drum administrat" in done.stderr


def expired(folder):
    """An expired seal's file."""
    demo_seal(folder / "expirat.p12", begins=datetime.now(UTC) - timedelta(days=800))
    return {"VATRA_SEAL": str(folder / "expirat.p12")}


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        (lambda folder: {"VATRA_SEAL": str(folder / "lipsa.p12")}, "nu există; verificați VATRA_SEAL"),
        (lambda folder: {"VATRA_SEAL_PASSWORD": "altă parolă"}, "parola nu se potrivește"),
        (expired, "este valabil între"),
        (lambda folder: {"VATRA_DATABASE_URL": "postgresql:///nimic?host=/nu/exista"}, "does not answer"),
    ],
    ids=["missing", "locked", "expired", "no database"],
)
def test_what_cannot_be_issued_is_told_and_nothing_is_written(vatra, tmp_path, environment, said):
    done = vatra("certificate", *SHOWN, "--output", "c.pdf", **environment(tmp_path))
    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert not (tmp_path / "c.pdf").exists()


def test_a_file_without_a_place_takes_no_number(vatra, demo_database):
    def count():
        with psycopg.connect(demo_database) as connection:
            return connection.execute("SELECT count(*) FROM cases.issued_document").fetchone()[0]

    before = count()
    done = vatra("certificate", *SHOWN, "--output", "nu/exista/c.pdf")
    assert done.returncode == 1
    assert "dosarul nu există" in done.stderr
    assert count() == before


def test_a_full_disk_is_told_with_the_number_that_was_given(vatra):
    done = vatra("certificate", *SHOWN, "--output", "/dev/full")
    assert done.returncode == 1
    assert "este emis și se află în registru" in done.stderr


def test_unknown_land_and_wrong_usage(vatra):
    unknown = vatra(
        "certificate", "--siruta", str(SHOWCASE.siruta), "--cadastral-number", "301122", "--output", "c.pdf"
    )
    assert unknown.returncode == 1
    assert "30112" in unknown.stderr
    assert vatra("certificate", "--output", "c.pdf").returncode == 2
    assert vatra("verify", "nu-exista.pdf").returncode == 2


def test_a_file_that_is_no_pdf_is_told(vatra, tmp_path):
    (tmp_path / "text.pdf").write_text("nu este un PDF")
    done = vatra("verify", "text.pdf")
    assert done.returncode == 1
    assert "nu este un PDF" in done.stderr
