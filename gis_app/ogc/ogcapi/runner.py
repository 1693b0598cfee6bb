"""Runs waiting jobs in the background: one thread a process, which ends when nothing is left to do.

Whoever accepts a job wakes it, a starting server wakes it for what a dead one left behind, and so does whoever asks
how an unfinished job is doing.
"""

from __future__ import annotations

import threading
import time

import psycopg
import structlog

import analysis
from gis_app import access, errors
from gis_app.accounts import tokens
from gis_app.api.checks import subject
from gis_app.api.models import CheckRequest
from gis_app.disclosure import disclosed
from gis_app.ogc.ogcapi import jobs
from gis_app.ogc.ogcapi.jobs import Job
from layers import database, visibility
from layers.catalogue import Visibility
from layers.database import Connection
from layers.errors import DatabaseUnavailable

log = structlog.get_logger("vatra.jobs")
# How long to wait for a database that has gone away, in seconds; then whoever comes next wakes us.
PATIENCE_S = (1, 2, 5, 10, 30, 60, 120)
_lock = threading.Lock()
_wanted: set[str] = set()
_working: set[str] = set()


def wake() -> None:
    """See to it that the jobs of this process's database are being run."""
    address = database.url()
    with _lock:
        _wanted.add(address)
        if address in _working:
            return
        _working.add(address)
    threading.Thread(target=_drain, args=[address], name="vatra-jobs", daemon=True).start()


def _drain(address: str) -> None:
    while True:
        with _lock:
            if address not in _wanted:
                _working.discard(address)
                return
            _wanted.discard(address)
        try:
            _insist(address)
        except psycopg.Error as error:  # the tables are not there yet, say: nothing to wait for
            log.error("jobs cannot be run", exc_info=error)


def _insist(address: str) -> None:
    for pause in PATIENCE_S:
        try:
            _work(address)
            return
        except DatabaseUnavailable as error:
            log.warning("jobs wait for the database", reason=str(error))
            time.sleep(pause)


def _work(address: str) -> None:
    with database.connect(address, autocommit=True) as connection:
        try:
            while job := jobs.claim(connection):
                _run(connection, job, address)
        except psycopg.OperationalError as error:
            raise DatabaseUnavailable(database.unreachable(error)) from error


def _run(connection: Connection, job: Job, address: str) -> None:
    log.info("job", id=str(job.id), attempt=job.attempts)
    try:
        asker = tokens.in_use(job.token_id, address) if job.token_id is not None else None
        wanted = CheckRequest.model_validate_json(job.request)
        found = execute(wanted, job.response, access.circle_of(asker), address)
    except DatabaseUnavailable:
        raise  # the job stays as it is, and is run again when the database is back
    except Exception as error:  # whatever it is, the job must say so
        problem = errors.describe(error)
        if problem.kind.status >= 500:
            log.error("job failed", id=str(job.id), exc_info=error)
        jobs.finish(connection, job, result=None, message=problem.detail, failure=problem.kind.status)
    else:
        jobs.finish(connection, job, result=found)


def execute(request: CheckRequest, response: str, circle: Visibility, address: str | None = None) -> str:
    """The report for somebody of that circle, as JSON: alone (``raw``), or as output ``report`` of a ``document``."""
    report = analysis.check(subject(request), request.as_of, database=address)
    text = disclosed(report, visibility.visible(circle)).model_dump_json(by_alias=True)
    return text if response == "raw" else f'{{"report":{text}}}'
