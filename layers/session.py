"""What an import works in: a database session of its own, and a second thread."""

from __future__ import annotations

import errno
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import psycopg

from layers.database import Connection, connect, unreachable
from layers.errors import DatabaseUnavailable, VatraError

LOCK_TIMEOUT = "10min"
Result = TypeVar("Result")


class ImportFailed(VatraError):
    """The database could not take the data; nothing was changed."""


class Aside:
    """A second thread for work that needs no database; on an error it is told to stop and waited for."""

    def __enter__(self) -> Aside:
        self._stop = threading.Event()
        self._executor = ThreadPoolExecutor(1)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._executor.shutdown(cancel_futures=True)

    def run(self, work: Callable[[threading.Event], Result]) -> Future[Result]:
        """Start ``work``; it is given the event that tells it to stop."""
        return self._executor.submit(work, self._stop)


class Session:
    """A connection of the import's own; server errors leave it as errors of ours."""

    def __init__(self, address: str | None) -> None:
        self._address = address

    def __enter__(self) -> Connection:
        self._connection = connect(self._address)
        # The server notices within seconds when this process is killed, and lets go of the lock.
        self._connection.execute("SET client_connection_check_interval = '2s'")
        self._connection.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'".encode())
        # Keys are counted and indexes made in memory.
        self._connection.execute("SET work_mem = '128MB'")
        self._connection.execute("SET maintenance_work_mem = '256MB'")
        self._connection.execute("SET temp_buffers = '64MB'")
        self._connection.commit()
        return self._connection

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        self._connection.close()
        match error:
            case psycopg.errors.DiskFull():
                raise ImportFailed(
                    f"the database's disk is full ({_first_line(error)}); nothing was changed"
                ) from error
            case psycopg.errors.OutOfMemory():
                raise ImportFailed(
                    f"the database ran out of memory ({_first_line(error)}); nothing was changed"
                ) from error
            case OSError(errno=errno.ENOSPC | errno.EDQUOT | errno.EFBIG):
                raise ImportFailed(
                    f"no room for temporary files in {tempfile.gettempdir()} ({error.strerror}); nothing was changed"
                ) from error
            case psycopg.errors.LockNotAvailable():
                raise ImportFailed(
                    f"the layer was in use by another import for {LOCK_TIMEOUT}; nothing was changed"
                ) from error
            case psycopg.OperationalError():
                raise DatabaseUnavailable(f"{unreachable(error)}; nothing was changed") from error
            case psycopg.Error():
                raise ImportFailed(
                    f"the database refused the data ({_first_line(error)}); nothing was changed"
                ) from error


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
