"""``vatra plan`` by real process, on the hand-made world."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from shapely.geometry import mapping

from tests.conftest import DatabaseMaker
from tests.tiles import world as hand_made

PARCEL = ("--siruta", str(hand_made.ALFA), "--cadastral-number", "30001", "--as-of", "2026-11-24")


@pytest.fixture(scope="module")
def address(make_database: DatabaseMaker) -> str:
    made = make_database("plan_command")
    hand_made.build(made)
    return made


def vatra(address: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).with_name("vatra")), "plan", *arguments],
        env={**os.environ, "VATRA_DATABASE_URL": address},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "start"),
    [("p.pdf", b"%PDF-1.7"), ("p.png", b"\x89PNG"), ("p.svg", b"<svg"), ("P.PDF", b"%PDF-1.7")],
)
def test_a_file_of_the_kind_its_name_says(address: str, tmp_path: Path, name: str, start: bytes) -> None:
    done = vatra(address, *PARCEL, "--theme", "cadastre", "--output", str(tmp_path / name))

    assert done.returncode == 0, done.stderr
    assert (tmp_path / name).read_bytes().startswith(start)
    assert "Plan de încadrare cadastrală, 1:1000, A4" in done.stdout


def test_what_is_not_known_is_told(address: str, tmp_path: Path) -> None:
    done = vatra(address, *PARCEL, "--theme", "utilities", "--output", str(tmp_path / "p.svg"))

    assert "no data: utilities.node" in done.stderr
    assert "Nr. cadastral 30001" in (tmp_path / "p.svg").read_text()
    assert "Alfa, județul Vatra (SIRUTA 900001)" in (tmp_path / "p.svg").read_text()


def test_an_area_from_a_file_and_a_scale(address: str, tmp_path: Path) -> None:
    (tmp_path / "area.geojson").write_text(json.dumps(mapping(hand_made.SQUARE)))
    done = vatra(
        address,
        "--geometry",
        str(tmp_path / "area.geojson"),
        "--scale",
        "5000",
        "--output",
        str(tmp_path / "p.svg"),
    )

    assert done.returncode == 0, done.stderr
    assert "Scara 1:5000" in (tmp_path / "p.svg").read_text()
    assert "Teren delimitat prin coordonate" in (tmp_path / "p.svg").read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((*PARCEL, "--scale", "500"), 1, "does not fit the sheet at 1:500; 1:1000 does"),
        ((*PARCEL, "--scale", "1234"), 1, "1:1234 is no scale for a plan"),
        (("--siruta", "900001", "--cadastral-number", "99"), 1, "99"),
        ((*PARCEL, "--theme", "geology"), 2, "planning"),
        ((*PARCEL, "--paper", "A9"), 2, "A4"),
        ((), 2, "--siruta"),
    ],
)
def test_what_cannot_be_drawn_says_why(
    address: str, tmp_path: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    done = vatra(address, *arguments, "--output", str(tmp_path / "p.pdf"))

    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "p.pdf").exists()


def test_other_kinds_of_file_and_unwritable_places_are_refused(address: str, tmp_path: Path) -> None:
    other = vatra(address, *PARCEL, "--output", str(tmp_path / "p.docx"))
    nowhere = vatra(address, *PARCEL, "--output", str(tmp_path / "none" / "p.pdf"))

    assert other.returncode == 2
    assert ".pdf, .png, .svg" in other.stderr
    assert nowhere.returncode == 1
    assert "Traceback" not in nowhere.stderr
    assert str(tmp_path / "none" / "p.pdf") in nowhere.stderr


def test_help_has_an_example(address: str) -> None:
    assert "Example: vatra plan --siruta" in vatra(address, "--help").stdout
