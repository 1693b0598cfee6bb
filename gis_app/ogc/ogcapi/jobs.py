"""Jobs of processes, kept in the database: asked for, run, read and dismissed, and never lost silently.

Whoever runs a job holds an advisory lock on it for as long as its connection lives. A job that is said to be running
but whose lock is free was left behind by a process that died; it is run again, three times at most.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from layers import database
from layers.database import Connection
from layers.errors import VatraError

LOCKS = 1_987_001
MOST_WAITING = 500
MOST_ATTEMPTS = 3
KEPT_DAYS = 7
UNFINISHED = "status IN ('accepted', 'running')"
COLUMNS = (
    "id, process, request, response, status, message, failure, attempts, token_id,"
    " created_at, started_at, finished_at, updated_at"
)
GIVEN_UP = f"it was cut off {MOST_ATTEMPTS} times before it was done"


class NoSuchJob(VatraError):
    """There is no job of that id."""


class TooManyJobs(VatraError):
    """As many jobs wait as will be kept waiting."""


@dataclass(frozen=True)
class Job:
    """A job. ``request`` is a CheckRequest as JSON; ``failure`` the HTTP status of what went wrong."""

    id: uuid.UUID
    process: str
    request: str
    response: str
    status: str
    message: str
    failure: int | None
    attempts: int
    token_id: int | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    updated_at: datetime


def accept(process: str, request: str, response: str, token_id: int | None) -> Job:
    """Put a job into the database, and clear out those finished long ago. Raises TooManyJobs."""
    job_id = uuid.uuid4()
    with database.connection() as connection:
        connection.execute(
            "DELETE FROM jobs.process_job WHERE finished_at < now() - make_interval(days => %s)", [KEPT_DAYS]
        )
        waiting = connection.execute(f"SELECT count(*) FROM jobs.process_job WHERE {UNFINISHED}").fetchone()
        if waiting and waiting[0] >= MOST_WAITING:
            raise TooManyJobs(f"{waiting[0]} jobs are waiting; try again later")
        connection.execute(
            "INSERT INTO jobs.process_job (id, process, request, response, token_id) VALUES (%s, %s, %s, %s, %s)",
            [job_id, process, request, response, token_id],
        )
    return find(str(job_id))


def find(job_id: str) -> Job:
    """The job of that id. Raises NoSuchJob."""
    with database.reading() as connection:
        found = (
            connection.cursor(row_factory=class_row(Job))
            .execute(f"SELECT {COLUMNS} FROM jobs.process_job WHERE id = %s", [_uuid(job_id)])
            .fetchone()
        )
    if found is None:
        raise NoSuchJob(f"no job {job_id[:40]!r}")
    return found


def of_token(token_id: int, limit: int, offset: int) -> list[Job]:
    """The jobs that a token asked for, newest first."""
    with database.reading() as connection:
        return (
            connection.cursor(row_factory=class_row(Job))
            .execute(
                f"SELECT {COLUMNS} FROM jobs.process_job WHERE token_id = %s"
                " ORDER BY created_at DESC, id LIMIT %s OFFSET %s",
                [token_id, limit, offset],
            )
            .fetchall()
        )


def result(job_id: str) -> str:
    """The result of a job that succeeded, as JSON. Raises NoSuchJob."""
    with database.reading() as connection:
        found = connection.execute(
            "SELECT result FROM jobs.process_job WHERE id = %s AND status = 'successful'", [_uuid(job_id)]
        ).fetchone()
    if found is None:
        raise NoSuchJob(f"no result of job {job_id[:40]!r}")
    return str(found[0])


def dismiss(job_id: str) -> None:
    """Stop caring for a job, and forget what it gave. Raises NoSuchJob."""
    with database.connection() as connection:
        changed = connection.execute(
            "UPDATE jobs.process_job SET status = 'dismissed', result = NULL, message = '',"
            " finished_at = coalesce(finished_at, now()), updated_at = now() WHERE id = %s",
            [_uuid(job_id)],
        )
    if changed.rowcount == 0:
        raise NoSuchJob(f"no job {job_id[:40]!r}")


def claim(connection: Connection) -> Job | None:
    """A job to run now, locked by this (autocommitting) connection; None when nobody's work is left."""
    waiting = connection.execute(
        f"SELECT id FROM jobs.process_job WHERE {UNFINISHED} ORDER BY created_at, id LIMIT {MOST_WAITING}"
    ).fetchall()
    for (job_id,) in waiting:
        if not _lock(connection, job_id):
            continue
        connection.execute(
            "UPDATE jobs.process_job SET status = 'failed', message = %s, failure = 500, finished_at = now(),"
            f" updated_at = now() WHERE id = %s AND {UNFINISHED} AND attempts >= %s",
            [GIVEN_UP, job_id, MOST_ATTEMPTS],
        )
        taken = (
            connection.cursor(row_factory=class_row(Job))
            .execute(
                "UPDATE jobs.process_job SET status = 'running', attempts = attempts + 1,"
                " started_at = coalesce(started_at, now()), updated_at = now()"
                f" WHERE id = %s AND {UNFINISHED} RETURNING {COLUMNS}",
                [job_id],
            )
            .fetchone()
        )
        if taken:
            return taken
        release(connection, job_id)
    return None


def finish(
    connection: Connection, job: Job, *, result: str | None, message: str = "", failure: int | None = None
) -> None:
    """Write down how a claimed job ended (unless it was dismissed meanwhile), and let go of it."""
    connection.execute(
        "UPDATE jobs.process_job SET status = %s, result = %s, message = %s, failure = %s, finished_at = now(),"
        " updated_at = now() WHERE id = %s AND status = 'running'",
        ["successful" if failure is None else "failed", result, message, failure, job.id],
    )
    release(connection, job.id)


def release(connection: Connection, job_id: uuid.UUID) -> None:
    """Let go of a job that this connection has locked."""
    connection.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", [LOCKS, str(job_id)])


def _lock(connection: Connection, job_id: uuid.UUID) -> bool:
    row = connection.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", [LOCKS, str(job_id)]).fetchone()
    return bool(row and row[0])


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise NoSuchJob(f"no job {text[:40]!r}") from error
