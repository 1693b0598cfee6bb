"""Map services read as a role that sees the layers, changes nothing and knows no personal data."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql

from layers import database, tables


@pytest.fixture
def map_connection(demo_database: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(database.map_url(demo_database))


def test_it_reads_every_layer(map_connection: psycopg.Connection[tuple[object, ...]]) -> None:
    for layer_id in (*tables.features, "catalogue.layer_version", "catalogue.coverage"):
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(*layer_id.split(".")))
        assert map_connection.execute(query).fetchone()


@pytest.mark.parametrize("table", ["cases.issued_document", "accounts.api_token", "accounts.audit"])
def test_it_reads_no_personal_data(
    map_connection: psycopg.Connection[tuple[object, ...]], table: str
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        map_connection.execute(sql.SQL("SELECT 1 FROM {}").format(sql.Identifier(*table.split("."))))


def test_it_changes_nothing(map_connection: psycopg.Connection[tuple[object, ...]]) -> None:
    map_connection.execute("SET default_transaction_read_only = off")
    map_connection.rollback()
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)):
        map_connection.execute("DELETE FROM cadastre.parcel")


def test_it_takes_on_no_other_role(map_connection: psycopg.Connection[tuple[object, ...]]) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        map_connection.execute("SET ROLE vatra")


def test_a_server_with_a_password_has_the_role_taken_on() -> None:
    address = database.map_url("postgresql://gis:secret@db.example/county")
    assert "role=vatra_map" in psycopg.conninfo.conninfo_to_dict(address)["options"]


def test_an_address_of_its_own_is_used_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VATRA_MAP_DATABASE_URL", "postgresql://reader@replica/county")
    assert database.map_url() == "postgresql://reader@replica/county"
