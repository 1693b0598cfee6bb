"""For which UATs a layer has data on a day."""

from __future__ import annotations

import datetime

import psycopg

from layers import coverage
from layers.catalogue import get_layer
from tests.layers import samples
from tests.layers.conftest import Import
from tests.layers.samples import SIRUTA

JANUARY, JUNE = datetime.date(2026, 1, 1), datetime.date(2026, 6, 1)


def test_covered_by_day(with_uats: Import, fresh_database: str) -> None:
    with_uats("cadastre.parcel", samples.parcels(2), valid_from=JANUARY)
    theirs = samples.parcels(2, siruta=79308)
    theirs["geometry"] = theirs.translate(8_000)
    with_uats("cadastre.parcel", theirs, valid_from=JUNE, scope=79308)
    with psycopg.connect(fresh_database) as connection:
        days = (datetime.date(2025, 12, 31), JANUARY, datetime.date(2026, 5, 31), JUNE)
        found = [sorted(coverage.covered(connection, "cadastre.parcel", day)) for day in days]
        versions = coverage.covered(connection, "cadastre.parcel", JUNE)
    assert found == [[], [SIRUTA], [SIRUTA], [SIRUTA, 79308]]
    assert versions[SIRUTA] < versions[79308]


def test_a_whole_import_covers_only_what_it_names(with_uats: Import, fresh_database: str) -> None:
    theirs = samples.parcels(2, siruta=79308)
    theirs["geometry"] = theirs.translate(8_000)
    with_uats("cadastre.parcel", theirs, valid_from=JANUARY)
    with_uats("cadastre.parcel", samples.parcels(2), valid_from=JUNE)
    with psycopg.connect(fresh_database) as connection:
        assert sorted(coverage.covered(connection, "cadastre.parcel", JUNE)) == [SIRUTA]
        assert sorted(coverage.covered(connection, "cadastre.parcel", JANUARY)) == [79308]


def test_which_layers_name_their_uat() -> None:
    assert coverage.has_siruta(get_layer("cadastre.parcel"))
    assert not coverage.has_siruta(get_layer("roads.road"))
