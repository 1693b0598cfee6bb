"""Whether this installation can do its work now: named checks, each with what it found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

import psycopg
from alembic.script import ScriptDirectory

from analysis import derived
from analysis.rulebook import rulebook
from analysis.settings import settings
from gis_app import cluster
from gis_app.certificates.office import own_seal
from layers import database, health, inventory
from layers.days import today
from layers.errors import DatabaseUnavailable, VatraError


class NotReady(VatraError):
    """A check failed; the message says what was found."""


@dataclass(frozen=True)
class Result:
    """Outcome of one named check."""

    name: str
    ok: bool
    detail: str


def results() -> list[Result]:
    """All checks in order; those that need the database are not tried without it."""
    return list(_run())


def _run() -> Iterator[Result]:
    checks: dict[str, Callable[[], str]] = {
        "database": _database,
        "migrations": _migrations,
        "layers": _layers,
        "data": _data,
        "derived": _derived,
        "seal": _seal,
    }
    for name, check in checks.items():
        try:
            yield Result(name, True, check())
        except DatabaseUnavailable:
            yield Result(name, False, "the database does not answer")
        except psycopg.ProgrammingError:
            yield Result(name, False, "the tables are not there: `vatra up` migrates")
        except VatraError as error:
            yield Result(name, False, str(error))


def _database() -> str:
    with database.reading() as connection:
        row = connection.execute("SELECT postgis_lib_version()").fetchone()
    return f"PostGIS {row[0] if row else '?'}"


def _migrations() -> str:
    with database.reading() as connection:
        rows = connection.execute("SELECT version_num FROM catalogue.alembic_version").fetchall()
    found = ", ".join(str(row[0]) for row in rows)
    if found != _head():
        raise NotReady(f"at {found or 'none'}, expected {_head()}: `vatra up` migrates")
    return found


def _layers() -> str:
    needed = {
        layer for rule in rulebook(settings().rules).rules.values() if rule.mandatory for layer in rule.layers
    }
    lacking = sorted(needed - inventory.imported())
    if lacking:
        raise NotReady(f"no data in {', '.join(lacking)}: `vatra layers import` brings them in")
    return f"{len(needed)} layers that certificates need have data"


def _data() -> str:
    found = health.broken(today())
    if found:
        raise NotReady("; ".join(f"{layer}: {reason}" for layer, reason in found.items()))
    return "every layer can be read"


def _derived() -> str:
    """No reason not to work: every server process brings them up to date by itself."""
    found = derived.stale()
    if not found:
        return "up to date with the rules and their sources"
    return "stale: " + "; ".join(f"{layer} ({', '.join(parts)})" for layer, parts in found.items())


def _seal() -> str:
    seal = own_seal()
    seal.check(datetime.now(UTC))
    return f"{seal.subject}, until {seal.valid_until:%Y-%m-%d}"


@cache
def _head() -> str:
    script = ScriptDirectory.from_config(cluster.alembic_config(""))
    return script.get_current_head() or "none"
