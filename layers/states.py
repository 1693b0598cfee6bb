"""What state a layer is in on a day: the key by which answers made from it can be kept and compared.

Rows are uni-temporal, so what a layer shows on a day is fixed by its newest version that starts by that day.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache

from psycopg.rows import class_row

from layers import database

# Tile requests come by the hundred a second; a version is published a few times a day.
KEPT_S = 1.0
_kept: dict[tuple[str, date], tuple[float, dict[str, State]]] = {}


@dataclass(frozen=True)
class State:
    """The newest version of a layer that starts by a day. ``accuracy_m`` is positional, in metres."""

    layer: str
    version_id: int
    number: int
    valid_from: date
    published_at: datetime
    accuracy_m: float

    @cached_property
    def mark(self) -> tuple[str, int, str]:
        """What tells it from every other; the moment too: numbers begin anew where a county is filled again."""
        return self.layer, self.version_id, self.published_at.isoformat()


def states(day: date, address: str | None = None) -> dict[str, State]:
    """Every layer that has data on that day, by id; up to a second old. Raises DatabaseUnavailable."""
    key = (address or database.url(), day)
    found = _kept.get(key)
    if found and time.monotonic() - found[0] < KEPT_S:
        return found[1]
    fresh = _read(day, address)
    if len(_kept) > 200:
        _kept.clear()
    _kept[key] = (time.monotonic(), fresh)
    return fresh


def at_hand(day: date, address: str | None = None) -> bool:
    """Whether `states` would answer without asking the database."""
    found = _kept.get((address or database.url(), day))
    return found is not None and time.monotonic() - found[0] < KEPT_S


def forget() -> None:
    """Read again next time (in this process), after a version was published here."""
    _kept.clear()


def fingerprint(layer_ids: Iterable[str], day: date, *parts: object, address: str | None = None) -> str:
    """A short text that changes when a version of one of the layers, or one of ``parts``, does."""
    known = states(day, address)
    marks = tuple(known[layer].mark if layer in known else layer for layer in layer_ids)
    return hashlib.sha256(f"{_digest(marks, day)}{parts!r}".encode()).hexdigest()[:20]


def days(layer_ids: Iterable[str], address: str | None = None) -> list[date]:
    """The days on which a version of one of the layers begins, oldest first: what ``TIME=`` can ask for."""
    with database.reading(address) as connection:
        rows = connection.execute(
            "SELECT DISTINCT valid_from FROM catalogue.layer_version WHERE layer = ANY(%s) ORDER BY 1",
            [list(layer_ids)],
        ).fetchall()
    return [row[0] for row in rows]


@lru_cache(maxsize=4096)
def _digest(marks: tuple[object, ...], day: date) -> str:
    return hashlib.sha256(repr((marks, day.isoformat())).encode()).hexdigest()


def _read(day: date, address: str | None) -> dict[str, State]:
    with database.reading(address) as connection:
        rows = (
            connection.cursor(row_factory=class_row(State))
            .execute(
                "SELECT DISTINCT ON (layer) layer, id AS version_id, number, valid_from, published_at, accuracy_m"
                " FROM catalogue.layer_version WHERE valid_from <= %s ORDER BY layer, number DESC",
                [day],
            )
            .fetchall()
        )
    return {row.layer: row for row in rows}
