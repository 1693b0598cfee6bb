"""Land is found by what people know of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers import search
from layers.addresses import Address, Uat, find_uats, plain, take_apart
from layers.search import Wanted
from tests.conftest import DatabaseMaker

BALESTI = Uat(79308, "Bălești", "comuna", "Gorj")
BALANESTI = Uat(79317, "Bălănești", "comuna", "Gorj")
TARGU_JIU = Uat(77812, "Târgu Jiu", "municipiu", "Gorj")
JIU = Uat(77999, "Jiu", "comuna", "Gorj")
KNOWN = [BALESTI, BALANESTI, TARGU_JIU, JIU]


@pytest.fixture(scope="module")
def land(make_database: DatabaseMaker, monkeypatch_module: pytest.MonkeyPatch) -> str:
    """A database with two communes, seven parcels and four addresses."""
    address = make_database("search")
    with psycopg.connect(address) as connection:
        connection.execute(WORLD)
    monkeypatch_module.setenv("VATRA_DATABASE_URL", address)
    return address


@pytest.fixture(scope="module")
def monkeypatch_module() -> Iterator[pytest.MonkeyPatch]:
    """A monkeypatch that lasts as long as the module's database."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch


WORLD = """
INSERT INTO catalogue.layer_version (layer, number, valid_from, accuracy_m) VALUES
  ('admin.uat', 1, '2026-01-01', 1), ('cadastre.parcel', 1, '2026-01-01', 0.2), ('admin.address', 1, '2026-01-01', 1);
INSERT INTO admin.uat (version_id, valid_from, siruta, name, kind, county, geom)
SELECT 1, '2026-01-01', siruta, name, 'comuna', 'Gorj', ST_Multi(ST_MakeEnvelope(x, 390000, x + 5000, 395000, 3844))
FROM (VALUES (79308, 'Bălești', 360000), (79317, 'Bălănești', 365000)) AS t (siruta, name, x);
INSERT INTO cadastre.parcel (version_id, valid_from, valid_to, siruta, cadastral_number, geom)
SELECT 2, valid_from, valid_to, siruta, number, ST_Multi(ST_MakeEnvelope(x, 390000, x + 90, 390050, 3844))
FROM (VALUES
  ('2026-01-01'::date, 'infinity'::date, 79308, '30112', 360000), ('2026-01-01', 'infinity', 79308, '30113', 360100),
  ('2026-01-01', 'infinity', 79308, '30112-C1', 360200), ('2026-01-01', 'infinity', 79317, '30112', 365000),
  ('2026-01-01', '2026-06-01', 79308, '77', 360300), ('2026-06-01', 'infinity', 79308, '78', 360300),
  ('2026-01-01', 'infinity', 79317, '500/2', 365200)) AS t (valid_from, valid_to, siruta, number, x);
INSERT INTO admin.address (version_id, valid_from, siruta, street, number, geom)
SELECT 3, '2026-01-01', siruta, street, number, ST_SetSRID(ST_MakePoint(x, y), 3844)
FROM (VALUES
  (79308, 'Strada Morii', '12', 360010, 389998), (79308, 'Strada Morii', '12A', 360110, 390001),
  (79317, 'Strada Morii', '12', 365010, 390001), (79317, NULL, '45', 365210, 390010)
) AS t (siruta, street, number, x, y);
"""


def ids(collection: str) -> list[str]:
    """Which parcels a FeatureCollection holds."""
    return [feature["id"] for feature in json.loads(collection)["features"]]


def matches(collection: str) -> set[str]:
    """How they were found."""
    return {feature["properties"]["match"] for feature in json.loads(collection)["features"]}


@pytest.mark.parametrize(
    ("wanted", "found", "match"),
    [
        (Wanted(siruta=79308, cadastral_number="30112"), ["79308:30112"], {"exact"}),
        (Wanted(siruta=79308, cadastral_number=" 30112 "), ["79308:30112"], {"exact"}),
        (Wanted(cadastral_number="30112"), ["79308:30112", "79317:30112"], {"exact"}),
        (
            Wanted(siruta=79308, cadastral_number="3011"),
            ["79308:30112", "79308:30112-C1", "79308:30113"],
            {"prefix"},
        ),
        (Wanted(siruta=79308, cadastral_number="99999"), [], set()),
        (Wanted(siruta=79308, cadastral_number="30121"), ["79308:30112"], {"near"}),
        (Wanted(siruta=79308, cadastral_number="3O113"), ["79308:30113"], {"near"}),
        (Wanted(cadastral_number="501/2"), ["79317:500/2"], {"near"}),
        (Wanted(point=(360010.0, 390010.0)), ["79308:30112"], {"exact"}),
        (Wanted(point=(360095.0, 390010.0)), [], set()),
        (Wanted(bbox=(360050.0, 390010.0, 360150.0, 390020.0)), ["79308:30112", "79308:30113"], {"exact"}),
        (
            Wanted(bbox=(360050.0, 390010.0, 360150.0, 390020.0), cadastral_number="30113"),
            ["79308:30113"],
            {"exact"},
        ),
        (Wanted(siruta=79308, cadastral_number="77"), ["79308:78"], {"near"}),
        (Wanted(siruta=99999, cadastral_number="30112"), [], set()),
    ],
)
def test_parcels(land: str, wanted: Wanted, found: list[str], match: set[str]) -> None:
    collection = search.find_parcels(wanted)
    assert ids(collection) == found
    assert matches(collection) == match
    assert json.loads(collection)["numberReturned"] == len(found)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Strada Morii 12, Bălești", ["79308:30112", "79308:30113"]),
        ("str. morii nr. 12a balesti", ["79308:30113", "79308:30112"]),
        ("MORII 12 comuna Bălănești", ["79317:30112"]),
        ("Moriii 12, Balesti", ["79308:30112", "79308:30113"]),
        ("nr. 45, Bălănești", ["79317:500/2"]),
        ("45", []),
        ("Bălești", []),
        ("Strada Florilor 3", []),
        ("%_'; --", []),
    ],
)
def test_addresses(land: str, text: str, found: list[str]) -> None:
    """The right house number first; an entrance a step outside its parcel still leads to it."""
    assert ids(search.find_parcels(Wanted(address=text))) == found


def test_an_address_s_properties(land: str) -> None:
    first = search.find_addresses("Morii 12A")[0]
    assert (first["address"], first["uat"], first["area_m2"]) == ("Strada Morii 12A", "Bălești", 4500.0)


def test_yesterday_s_parcels(land: str) -> None:
    assert ids(search.find_parcels(Wanted(siruta=79308, cadastral_number="77", day=date(2026, 5, 1)))) == [
        "79308:77"
    ]


def test_no_more_than_asked(land: str) -> None:
    assert len(ids(search.find_parcels(Wanted(siruta=79308, cadastral_number="3", limit=2)))) == 2


def test_the_index_of_keys_serves_every_search_by_number(land: str) -> None:
    """Also without a municipality, and for misspellings: a county has millions of parcels."""
    with psycopg.connect(land) as connection:
        connection.execute("SET enable_seqscan = off")
        plan = connection.execute(
            "EXPLAIN SELECT 1 FROM cadastre.parcel p WHERE p.cadastral_number = ANY(%s) AND p.siruta = ANY(%s)",
            [search.misspellings("30112"), [79308, 79317]],
        ).fetchall()
    assert "ix_parcel_key" in str(plan)
    assert "Filter: (cadastral_number" not in str(plan)


@given(st.text(alphabet="0123456789-/", min_size=1, max_size=8), st.data())
def test_misspellings_hold_every_single_slip(number: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(number) - 1))
    digit = data.draw(st.sampled_from("0123456789"))
    slips = {
        number[:at] + number[at + 1 :],
        number[:at] + digit + number[at + 1 :],
        number[:at] + digit + number[at:],
    }
    if at + 1 < len(number):
        slips.add(number[:at] + number[at + 1] + number[at] + number[at + 2 :])
    assert slips - {number, ""} <= set(search.misspellings(number))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("79308", [BALESTI]),
        ("Bălești", [BALESTI]),
        ("BALESTI", [BALESTI]),
        ("Baleşti", [BALESTI]),
        ("comuna Bălești", [BALESTI]),
        ("municipiul Târgu-Jiu", [TARGU_JIU]),
        ("Balesty", [BALESTI]),
        ("12345", []),
        ("Timbuktu", []),
        ("", []),
    ],
)
def test_municipalities(text: str, found: list[Uat]) -> None:
    assert find_uats(text, KNOWN)[: len(found) or 1] == found


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Str. Morii nr. 12, Bălești", Address([79308], "morii", "12")),
        ("Calea Târgu Jiu 5, Bălești", Address([79308], "calea targu jiu", "5")),
        ("Strada Jiului 7", Address(None, "jiului", "7")),
        ("Târgu Jiu, 9 Mai 14", Address([77812], "9 mai", "14")),
        ("", Address(None, "", None)),
    ],
)
def test_addresses_are_taken_apart(text: str, address: Address) -> None:
    assert take_apart(text, KNOWN) == address


@given(st.text())
def test_plain_text_is_plain(text: str) -> None:
    once = plain(text)
    assert plain(once) == once
    assert once == once.strip()


def test_coordinates_without_a_place() -> None:
    with pytest.raises(search.NoSuchPlace, match="EPSG:4326"):
        search.in_stereo70((1000.0, 95.0), "EPSG:4326")


def test_a_box_in_degrees_becomes_the_box_round_it() -> None:
    west, south, east, north = search.in_stereo70((23.0, 45.0, 23.1, 45.1), "EPSG:4326")
    assert (east - west, north - south) == pytest.approx((8_100, 11_200), abs=350)
    x, y = search.in_stereo70((23.05, 45.05), "EPSG:4326")
    assert west < x < east
    assert south < y < north
