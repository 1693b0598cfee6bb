"""What is suggested while somebody types."""

from __future__ import annotations

import psycopg
import pytest

from layers import gazetteer
from layers.days import today
from layers.demo import SHOWCASE
from layers.suggesting import Suggestion, suggest


@pytest.fixture(autouse=True)
def _county(demo_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VATRA_DATABASE_URL", demo_database)


def titles(found: list[Suggestion]) -> list[tuple[str, str, str]]:
    return [(one.kind, one.title, one.place) for one in found]


def test_a_cadastral_number_in_whole_and_begun(demo_database: str) -> None:
    whole = suggest(SHOWCASE.cadastral_number)
    assert (whole[0].siruta, whole[0].cadastral_number) == (SHOWCASE.siruta, SHOWCASE.cadastral_number)
    begun = suggest(SHOWCASE.cadastral_number[:3])
    assert begun
    assert all((one.cadastral_number or "").startswith(SHOWCASE.cadastral_number[:3]) for one in begun)


def test_a_cadastral_number_with_its_municipality() -> None:
    found = suggest(f"stejaris {SHOWCASE.cadastral_number}")
    assert found[0].place == "Stejăriș"
    assert found[0].cadastral_number == SHOWCASE.cadastral_number


def test_a_mistyped_cadastral_number_is_helped() -> None:
    found = suggest(f"{SHOWCASE.cadastral_number}9")
    assert SHOWCASE.cadastral_number in [one.cadastral_number for one in found]


@pytest.mark.parametrize("typed", ["stejaris", "STEJĂRIȘ", "com. Stejăriș", "stejarish"])
def test_a_municipality_without_regard_to_letters(typed: str) -> None:
    assert ("uat", "Stejăriș", "") in titles(suggest(typed))


def test_an_address_leads_to_its_parcel(demo_database: str) -> None:
    with psycopg.connect(demo_database) as connection:
        row = connection.execute(
            "SELECT a.street, a.number, u.name, p.cadastral_number FROM admin.address a"
            " JOIN admin.uat u ON u.siruta = a.siruta JOIN cadastre.parcel p ON ST_Intersects(p.geom, a.geom)"
            " WHERE a.number ~ '^[0-9]+$' ORDER BY a.id LIMIT 1"
        ).fetchone()
    assert row is not None
    street, number, uat, cadastral_number = row
    found = suggest(f"{street.lower()} {number} {uat}")
    assert ("address", f"{street} {number}", uat) in titles(found)
    assert cadastral_number in [one.cadastral_number for one in found]


def test_a_street_is_a_place_to_show() -> None:
    found = [one for one in suggest("principala") if one.kind == "street"]
    assert found
    assert all(one.extent and one.extent[0] <= one.extent[2] for one in found)


@pytest.mark.parametrize(
    "typed", ["x", "%", "_", "'; DROP TABLE", "\\", "zzzzqqqq", "99999999999999999999999", "-", "1/2-3"]
)
def test_odd_texts_find_nothing_and_break_nothing(typed: str) -> None:
    assert all(one.kind for one in suggest(typed))


def test_coordinates_are_read_for_the_county_at_hand() -> None:
    west, south, east, north = gazetteer.gazetteer(today()).extent
    (found,) = suggest(f"{(south + north) / 2:.0f} {(west + east) / 2:.0f}")
    assert found.kind == "coordinates"
    assert found.reading == "north_east"


def test_limits_are_kept() -> None:
    assert len(suggest("3", limit=5)) == 5
    assert len(suggest("principala 1", limit=3)) <= 3
