"""API tokens for programs: shown once, stored as a hash, revoked by name.

A token is 32 random bytes, so its SHA-256 needs neither salt nor slow hashing: there is nothing to guess.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args

import psycopg
from psycopg.rows import class_row

from gis_app.accounts import audit
from layers import database
from layers.errors import VatraError

Scope = Literal[
    "certificates:issue", "layers:operator", "layers:staff", "layers:write", "cases:write", "metrics:read"
]
SCOPES: tuple[str, ...] = get_args(Scope)
PREFIX = "vatra_"
SELECT = "SELECT id, name, scopes, created_at, last_used_on, revoked_at FROM accounts.api_token"


class TokenNameTaken(VatraError):
    """A token of that name is in use."""


class UnknownToken(VatraError):
    """No token of that name is in use."""


@dataclass(frozen=True)
class Token:
    """What is known of a token; the token itself is not."""

    id: int
    name: str
    scopes: list[str]
    created_at: datetime
    last_used_on: date | None
    revoked_at: datetime | None


def create(name: str, scopes: tuple[str, ...]) -> str:
    """Make a token and return it, the only time it is seen. Raises TokenNameTaken."""
    secret = PREFIX + secrets.token_urlsafe(32)
    with database.connection() as connection:
        try:
            connection.execute(
                "INSERT INTO accounts.api_token (name, scopes, sha256) VALUES (%s, %s, %s)",
                [name, sorted(set(scopes)), _digest(secret)],
            )
        except psycopg.errors.UniqueViolation as error:
            raise TokenNameTaken(
                f"a token named {name!r} is in use; revoke it or choose another name"
            ) from error
        audit.record(connection, "token.create", name, {"scopes": sorted(set(scopes))})
    return secret


def find(secret: str) -> Token | None:
    """The token in use whose text this is, noting the day; None if there is none."""
    if not secret.startswith(PREFIX):
        return None
    with database.reading() as connection:
        found = (
            connection.cursor(row_factory=class_row(Token))
            .execute(f"{SELECT} WHERE sha256 = %s AND revoked_at IS NULL", [_digest(secret)])
            .fetchone()
        )
        if found and found.last_used_on != date.today():
            connection.execute(
                "UPDATE accounts.api_token SET last_used_on = %s WHERE id = %s", [date.today(), found.id]
            )
    return found


def in_use(identifier: int, address: str | None = None) -> Token | None:
    """The token of that id, unless it was revoked; in the configured database or the one of that address."""
    with database.reading(address) as connection:
        return (
            connection.cursor(row_factory=class_row(Token))
            .execute(f"{SELECT} WHERE id = %s AND revoked_at IS NULL", [identifier])
            .fetchone()
        )


def listed() -> list[Token]:
    """All tokens, revoked ones too, oldest first."""
    with database.reading() as connection:
        return connection.cursor(row_factory=class_row(Token)).execute(f"{SELECT} ORDER BY id").fetchall()


def revoke(name: str) -> None:
    """End a token at once. Raises UnknownToken."""
    with database.connection() as connection:
        ended = connection.execute(
            "UPDATE accounts.api_token SET revoked_at = now() WHERE name = %s AND revoked_at IS NULL", [name]
        )
        if ended.rowcount == 0:
            raise UnknownToken(f"no token named {name!r} is in use; `vatra token list` shows them")
        audit.record(connection, "token.revoke", name, {})


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
