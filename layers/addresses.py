"""Names of places as people write them: municipalities and addresses, without regard to diacritics."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from psycopg.rows import class_row
from rapidfuzz import fuzz, process

from layers import database
from layers.days import today

NEAR_NAME = 75.0
IN_FORCE = "{0}.valid_from <= %(day)s AND %(day)s < {0}.valid_to"
# Words of an address that name no street.
FILLERS = frozenset(
    {
        "str",
        "strada",
        "nr",
        "numarul",
        "jud",
        "judet",
        "judetul",
        "sat",
        "satul",
        "com",
        "comuna",
        "mun",
        "municipiul",
    }
    | {"oras", "orasul"}
)


@dataclass(frozen=True)
class Uat:
    """A municipality: ``kind`` is municipiu, oras or comuna."""

    siruta: int
    name: str
    kind: str | None
    county: str


def uats(day: date | None = None) -> list[Uat]:
    """All municipalities in force, by name."""
    with database.reading() as connection:
        return (
            connection.cursor(row_factory=class_row(Uat))
            .execute(
                f"SELECT siruta, name, kind, county FROM admin.uat u WHERE {IN_FORCE.format('u')} ORDER BY name",
                {"day": day or today()},
            )
            .fetchall()
        )


def find_uats(text: str, known: Iterable[Uat], limit: int = 5) -> list[Uat]:
    """Those that the text may mean, likeliest first: a SIRUTA code, a name, a misspelt name.

    A code or a whole name gives just that one.
    """
    choices = list(known)
    if text.strip().isdigit():
        return [uat for uat in choices if uat.siruta == int(text)]
    wanted = _without_fillers(text)
    exact = [uat for uat in choices if plain(uat.name) == wanted]
    if exact:
        return exact[:limit]
    names = {index: plain(uat.name) for index, uat in enumerate(choices)}
    ranked = process.extract(wanted, names, scorer=fuzz.WRatio, score_cutoff=NEAR_NAME, limit=limit)
    return [choices[index] for _, _, index in ranked]


def plain(text: str) -> str:
    """Lower case without diacritics, words parted by single spaces: what searching compares."""
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).lower())
    kept = "".join(
        letter if letter.isalnum() else " " for letter in parts if not unicodedata.combining(letter)
    )
    return " ".join(kept.split())


@dataclass(frozen=True)
class Address:
    """An address taken apart: municipalities it may lie in (None: any), street in plain letters, number."""

    sirutas: list[int] | None
    street: str
    number: str | None


def take_apart(text: str, known: Sequence[Uat]) -> Address:
    """An address from free text: "Str. Morii nr. 12, Bălești" → Bălești's code, ``morii``, ``12``."""
    words = _without_fillers(text)
    ends = {name: f" {words} ".rfind(f" {name} ") + len(name) for uat in known if (name := plain(uat.name))}
    # The municipality comes last, after a street that may be named after another; the longest name that
    # ends there is meant, for Târgu Jiu is not Jiu.
    named = [name for name, end in ends.items() if end >= len(name)]
    meant = max(named, key=lambda name: (ends[name], len(name)), default="")
    sirutas = [uat.siruta for uat in known if plain(uat.name) == meant] if meant else []
    if meant:
        head, _, tail = f" {words} ".rpartition(f" {meant} ")
        words = f"{head} {tail}".strip()
    numbers = [word for word in words.split() if word[0].isdigit()]
    street = " ".join(word for word in words.split() if word not in numbers[-1:])
    return Address(sirutas or None, street, numbers[-1] if numbers else None)


def _without_fillers(text: str) -> str:
    return " ".join(word for word in plain(text).split() if word not in FILLERS)
