"""A demo county of a test's own, with a cache of its own, in which versions are published."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from layers import database, health, states
from layers.catalogue import get_layer
from layers.days import today
from layers.publishing import Publication, publish
from tests.conftest import DatabaseMaker
from tests.showcase import showcase_place

Change = Callable[..., None]


@pytest.fixture
def own_county(
    make_database: DatabaseMaker,
    demo_template: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Iterator[str]:
    """libpq URL of a demo county that the environment names, with an empty cache."""
    address = make_database(f"tiles_{abs(hash(request.node.nodeid)) % 10**8}", demo_template)
    monkeypatch.setenv("VATRA_DATABASE_URL", address)
    monkeypatch.setenv("VATRA_HOME", str(tmp_path / "home"))
    states.forget()
    health.forget()
    yield address
    database.pool(database.map_url()).close()
    make_database.drop(address)


@pytest.fixture
def republish(own_county: str) -> Change:
    """Publishes the layer as it is in force, after the given SQL has changed the copy ``staged``."""

    def change(layer_id: str, statement: str = "", day: date | None = None) -> None:
        with psycopg.connect(own_county) as connection:
            layer = get_layer(layer_id)
            connection.execute(
                sql.SQL(
                    "CREATE TEMP TABLE staged ON COMMIT DROP AS SELECT * FROM {} WHERE valid_to = 'infinity'"
                ).format(sql.Identifier(layer.schema_name, layer.table_name))
            )
            if statement:
                assert connection.execute(sql.SQL(statement)).rowcount > 0
            publish(connection, Publication(layer, day or today(), 0.1), "staged", covers=[])
        states.forget()

    return change


@pytest.fixture
def showcase(own_county: str) -> tuple[float, float]:
    """A place inside the showcase parcel, EPSG:3844, x = east first."""
    return showcase_place(own_county)
