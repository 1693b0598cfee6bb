"""The record of what was done: append-only, each entry chained to the one before by its hash.

Holds no personal data: an actor is a token's name or the operating system's user.
"""

from __future__ import annotations

import getpass
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from layers import database
from layers.database import Connection
from layers.errors import VatraError

LOCK = 7_340_522
START = b"\x00" * 32


class BrokenChain(VatraError):
    """An entry does not follow from those before it."""


@dataclass(frozen=True)
class Entry:
    """What is recorded of one deed."""

    at: datetime
    actor: str
    action: str
    subject: str
    details: dict[str, Any]

    def link(self, previous: bytes) -> bytes:
        """The hash of this entry, given that of the one before."""
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        content = _canonical([at, self.actor, self.action, self.subject, self.details])
        return hashlib.sha256(previous + content.encode()).digest()


def record(
    connection: Connection, action: str, subject: str, details: dict[str, Any], actor: str | None = None
) -> None:
    """Add an entry in the caller's transaction, so that the deed and its record stand or fall together.

    ``actor`` defaults to the user of the operating system (the command line).
    """
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])  # one chain, so one writer at a time
    last = connection.execute("SELECT hash FROM accounts.audit ORDER BY id DESC LIMIT 1").fetchone()
    previous = bytes(last[0]) if last else START
    entry = Entry(datetime.now(UTC), actor or getpass.getuser(), action, subject, details)
    connection.execute(
        "INSERT INTO accounts.audit (at, actor, action, subject, details, hash) VALUES (%s, %s, %s, %s, %s, %s)",
        [entry.at, entry.actor, action, subject, _canonical(details), entry.link(previous)],
    )


def broken_at() -> int | None:
    """The id of the first entry that does not follow from those before it; None when the chain is whole."""
    previous = START
    with database.reading() as connection:
        rows = connection.execute(
            "SELECT id, hash, at, actor, action, subject, details FROM accounts.audit ORDER BY id"
        )
        for identifier, found, *content in rows:
            previous = Entry(*content).link(previous)
            if previous != bytes(found):
                return int(identifier)
    return None


def _canonical(content: Any) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
