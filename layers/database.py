"""Connections: one bounded pool a process, sessions set up for short, well-planned statements."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import psycopg
import sqlalchemy
from psycopg_pool import ConnectionPool, PoolTimeout

from layers.errors import DatabaseUnavailable
from layers.settings import StorageSettings

Connection = psycopg.Connection[tuple[Any, ...]]


def url() -> str:
    """libpq URL of the database the settings name."""
    return StorageSettings().url


def connect(address: str | None = None, **options: Any) -> Connection:
    """A connection of one's own, for long work (imports, batches); the caller closes it."""
    try:
        return psycopg.connect(address or url(), **options)
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(unreachable(error)) from error


def pool(address: str | None = None) -> ConnectionPool[Connection]:
    """The process's pool for that address (after a fork, the child's own)."""
    return _pool(address or url(), os.getpid())


@contextmanager
def connection(address: str | None = None) -> Iterator[Connection]:
    """A pooled connection; commits at the end, rolls back on an error.

    Raises DatabaseUnavailable when the server cannot be reached or goes away.
    """
    try:
        with pool(address).connection() as lent:
            yield lent
    except PoolTimeout as error:
        raise DatabaseUnavailable(unreachable(error)) from error
    except psycopg.OperationalError as error:
        if isinstance(error, psycopg.errors.QueryCanceled | psycopg.errors.LockNotAvailable):
            raise
        raise DatabaseUnavailable(unreachable(error)) from error


def engine(address: str | None = None) -> sqlalchemy.Engine:
    """An SQLAlchemy engine on that database, without a pool of its own (for migrations and models)."""
    target = address or url()
    return sqlalchemy.create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(target), poolclass=sqlalchemy.NullPool
    )


def unreachable(error: Exception) -> str:
    """What to tell a person when the database does not answer."""
    first_line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return f"the database does not answer ({first_line}); `vatra status` says more, `vatra up` starts it"


@lru_cache(maxsize=8)
def _pool(address: str, _process: int) -> ConnectionPool[Connection]:
    settings = StorageSettings()
    created: ConnectionPool[Connection] = ConnectionPool(
        address,
        min_size=1,
        max_size=settings.pool_size,
        timeout=5,
        max_idle=300,
        configure=_configure,
        check=ConnectionPool.check_connection if os.environ.get("VATRA_POOL_CHECK") else None,
        open=True,
    )
    return created


def _configure(lent: Connection) -> None:
    settings = StorageSettings()
    lent.prepare_threshold = 0
    options = {
        "jit": "off",  # compiling takes longer than our statements run
        "statement_timeout": str(settings.statement_timeout_ms),
        "lock_timeout": str(settings.lock_timeout_ms),
    }
    for name, value in options.items():
        lent.execute("SELECT set_config(%s, %s, false)", [name, value])
    lent.commit()
