"""Runs migrations under an advisory lock, with timeouts, so that two at once or a busy table do no harm."""

from alembic import context
from sqlalchemy import MetaData, text

from layers import tables
from layers.database import engine

ADVISORY_LOCK = 7_340_521

targets: list[MetaData] = [tables.metadata]

with engine(context.config.attributes.get("url")).connect() as connection:
    connection.execute(text("SET lock_timeout = '10s'"))
    connection.execute(text("SET statement_timeout = '600s'"))
    connection.execute(text("CREATE SCHEMA IF NOT EXISTS catalogue"))
    connection.execute(text(f"SELECT pg_advisory_lock({ADVISORY_LOCK})"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=targets,
        include_schemas=True,
        version_table_schema="catalogue",
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
