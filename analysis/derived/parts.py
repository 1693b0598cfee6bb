"""What a derived layer is made of: parts, each with the statement that makes it and the layers it comes from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from psycopg import sql

# The temporary table into which the statements of the parts write; it has the columns of the layer.
STAGED = "derived_staging"


@dataclass(frozen=True)
class Part:
    """The features of a derived layer that come and go together.

    ``name`` stands in the layer's column of parts. ``statement`` fills ``STAGED`` with the features of the day
    ``%(day)s``. ``sources`` are the layers that it reads.
    """

    name: str
    statement: str
    sources: tuple[str, ...]

    def fingerprint(self, versions: Mapping[str, int]) -> str:
        """A text that changes when the statement, its figures included, or a version of a source does."""
        read = [(layer, versions.get(layer)) for layer in self.sources]
        return hashlib.sha256(repr((self.statement, read)).encode()).hexdigest()[:20]


def into(columns: Iterable[str]) -> sql.Composed:
    """The head of a statement that writes those columns."""
    return sql.SQL("INSERT INTO {} ({})").format(
        sql.Identifier(STAGED), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
