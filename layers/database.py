"""Connections: one bounded pool a process, sessions set up for short, well-planned statements."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from layers.errors import DatabaseUnavailable
from layers.settings import StorageSettings
from layers.timing import span

if TYPE_CHECKING:
    import sqlalchemy

MAP_ROLE = "vatra_map"
Connection = psycopg.Connection[tuple[Any, ...]]


class TimedCursor(psycopg.Cursor[Any]):
    """A cursor whose statements count as the span ``db``."""

    def execute(self, *arguments: Any, **options: Any) -> TimedCursor:
        """As in psycopg, timed."""
        with span("db"):
            return super().execute(*arguments, **options)


def url() -> str:
    """libpq URL of the database the settings name."""
    return _url(os.environ.get("VATRA_DATABASE_URL"), os.environ.get("VATRA_HOME"))


def map_url(address: str | None = None) -> str:
    """libpq URL of the same database for map services: as a role that reads layers and nothing else.

    ``VATRA_MAP_DATABASE_URL`` where it is set (and no other ``address`` is asked for). Else the role is logged in
    as over the embedded cluster's socket, and taken on by the session on a server of one's own.
    """
    given = os.environ.get("VATRA_MAP_DATABASE_URL")
    return given if given and address is None else _map_url(address or url())


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
    """A pooled connection in a transaction; commits at the end, rolls back on an error.

    Raises DatabaseUnavailable when the server cannot be reached or goes away.
    """
    with _lent(address, autocommit=False) as lent:
        yield lent


@contextmanager
def reading(address: str | None = None) -> Iterator[Connection]:
    """A pooled connection for single statements that read: each sees one snapshot of its own.

    Without BEGIN and COMMIT a statement is one round trip instead of three. Errors as `connection`.
    """
    with _lent(address, autocommit=True) as lent:
        yield lent


@contextmanager
def _lent(address: str | None, *, autocommit: bool) -> Iterator[Connection]:
    try:
        with pool(address).connection() as lent:
            # It stays as its last borrower wanted it: most pools serve one kind, and changing costs.
            if lent.autocommit != autocommit:
                lent.autocommit = autocommit
            yield lent
    except PoolTimeout as error:
        raise DatabaseUnavailable(unreachable(error)) from error
    except psycopg.OperationalError as error:
        if isinstance(error, psycopg.errors.QueryCanceled | psycopg.errors.LockNotAvailable):
            raise
        raise DatabaseUnavailable(unreachable(error)) from error


def engine(address: str | None = None) -> sqlalchemy.Engine:
    """An SQLAlchemy engine on that database, without a pool of its own (for migrations and models)."""
    import sqlalchemy  # here, so that commands that only query start sooner

    target = address or url()
    return sqlalchemy.create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(target), poolclass=sqlalchemy.NullPool
    )


def unreachable(error: Exception) -> str:
    """What to tell a person when the database does not answer."""
    first_line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return f"the database does not answer ({first_line}); `vatra status` says more, `vatra up` starts it"


@lru_cache(maxsize=32)
def _map_url(address: str) -> str:
    parts = psycopg.conninfo.conninfo_to_dict(address)
    options = f"{parts.get('options', '')} -c default_transaction_read_only=on"
    if parts.get("password") or not str(parts.get("host", "")).startswith("/"):
        options += f" -c role={MAP_ROLE}"
    else:
        parts["user"] = MAP_ROLE
    return psycopg.conninfo.make_conninfo("", **{**parts, "options": options.strip()})


@lru_cache(maxsize=8)
def _url(_database_url: str | None, _home: str | None) -> str:
    # Reading the settings takes longer than a statement; they change with these two only.
    return StorageSettings().url


@lru_cache(maxsize=8)
def _pool(address: str, _process: int) -> ConnectionPool[Connection]:
    settings = StorageSettings()

    def still_open(lent: Connection) -> None:
        if _closed_by_server(lent):
            lent.close()
            created.drain()  # its neighbours in the pool were closed with it
            raise psycopg.OperationalError("the server has closed the connection")

    created: ConnectionPool[Connection] = ConnectionPool(
        address,
        min_size=1,
        max_size=settings.pool_size,
        timeout=settings.pool_timeout_s,
        max_idle=300,
        # Give up soon and let the next request try again: the pool's own back-off reaches minutes, and
        # that is how long we would stay down after the server has come back.
        reconnect_timeout=1,
        kwargs={"connect_timeout": 3, "cursor_factory": TimedCursor},
        configure=_configure,
        check=still_open,
        open=True,
    )
    return created


def _closed_by_server(idle: Connection) -> bool:
    """Whether the server has left this idle connection (after a restart, say).

    It never speaks first on one, so anything to read is its farewell. Asking the kernel costs two
    microseconds; asking the server would cost a round trip on every request.
    """
    poll = select.poll()
    poll.register(idle.fileno(), select.POLLIN)
    return bool(poll.poll(0))


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
