"""The tables in the database are those that the catalogue describes."""

from __future__ import annotations

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from gis_app import cluster
from layers import tables
from layers.database import engine
from tests.layers import samples
from tests.layers.conftest import Import, Query


def test_migrations_make_just_the_tables_of_the_catalogue(database: str) -> None:
    with engine(database).connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_schemas": True, "include_object": _only_ours, "version_table_schema": "catalogue"},
        )
        assert compare_metadata(context, tables.metadata) == []


def test_migrations_go_down_to_nothing_and_up_again(fresh_database: str) -> None:
    config = cluster.alembic_config(fresh_database)
    command.downgrade(config, "base")
    with engine(fresh_database).connect() as connection:
        left = connection.exec_driver_sql(
            "SELECT schemaname || '.' || tablename FROM pg_tables WHERE tablename NOT IN"
            " ('spatial_ref_sys', 'alembic_version') AND schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
    assert left == []
    command.upgrade(config, "head")


def test_shapes_in_web_mercator_survive_the_way_down_and_up(
    with_uats: Import, query: Query, fresh_database: str
) -> None:
    with_uats("cadastre.parcel", samples.parcels(3))
    shapes = "SELECT id, ST_AsText(geom_3857, 4) FROM cadastre.parcel ORDER BY id"
    made = "SELECT is_generated FROM information_schema.columns WHERE table_name = 'road' AND column_name = 'geom_3857'"
    before, config = query(shapes), cluster.alembic_config(fresh_database)
    command.downgrade(config, "0007_process_jobs")
    assert (query(shapes), query(made)) == (before, [("ALWAYS",)])
    command.upgrade(config, "head")
    assert (query(shapes), query(made)) == (before, [("NEVER",)])


def _only_ours(_object: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    # Other packages keep tables of their own in this database, and indexes for searching stand on
    # expressions, which a table's description does not hold.
    unknown = reflected and compare_to is None
    searching = kind == "index" and (name or "").endswith("_search")
    return not (unknown and (kind == "table" or searching))
