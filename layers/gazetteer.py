"""The names that places are looked for by: municipalities, villages and streets, kept in memory by version.

A county has a few thousand streets for its hundreds of thousands of addresses, so names are matched here, in a
millisecond or two, and only the houses of the streets meant are asked of the database.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from rapidfuzz import fuzz, process

from layers import database, states
from layers.addresses import FILLERS, IN_FORCE, plain
from layers.extents import Bounds, around

NEAR_NAME = 82.0
LAYERS = ("admin.uat", "admin.built_up_area", "admin.address")
NOWHERE: Bounds = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Place:
    """A municipality (``kind`` uat), a village in one (``locality``) or a street of one (``street``).

    ``words`` is what it is found by; ``extent`` min x, min y, max x, max y in EPSG:3844.
    """

    kind: str
    name: str
    siruta: int
    uat: str
    extent: Bounds
    words: tuple[str, ...]


@dataclass(frozen=True)
class Gazetteer:
    """All names of a day."""

    localities: tuple[Place, ...]
    streets: tuple[Place, ...]
    extent: Bounds

    def find(self, words: Iterable[str], among: tuple[Place, ...], limit: int) -> list[Place]:
        """Places that every word begins a word of; where there are none, those with names like it."""
        wanted = tuple(words)
        found = [place for place in among if _fits(wanted, place)]
        if found:
            return sorted(found, key=lambda place: _order(wanted, place))[:limit]
        names = {number: " ".join(place.words) for number, place in enumerate(among)}
        near = process.extract(
            " ".join(wanted), names, scorer=fuzz.WRatio, score_cutoff=NEAR_NAME, limit=limit
        )
        return [among[number] for _, _, number in near]


def gazetteer(day: date, address: str | None = None) -> Gazetteer:
    """The names in force on that day; read once for each state of their layers."""
    return _read(states.fingerprint(LAYERS, day, address=address), day, address)


@lru_cache(maxsize=8)
def _read(_state: str, day: date, address: str | None) -> Gazetteer:
    with database.reading(address) as connection:
        uats = connection.execute(UATS, {"day": day}).fetchall()
        villages = connection.execute(VILLAGES, {"day": day}).fetchall()
        streets = connection.execute(STREETS, {"day": day}).fetchall()
    names = {siruta: name for siruta, name, *_ in uats}
    localities = [_place("uat", name, siruta, name, box) for siruta, name, *box in uats]
    # A village named like its municipality is found under that already.
    localities += [
        _place("locality", name, siruta, names.get(siruta, ""), box)
        for siruta, name, *box in villages
        if name != names.get(siruta)
    ]
    return Gazetteer(
        tuple(localities),
        tuple(_place("street", name, siruta, names.get(siruta, ""), box) for siruta, name, *box in streets),
        around(place.extent for place in localities) or NOWHERE,
    )


def _place(kind: str, name: str, siruta: int, uat: str, box: list[float]) -> Place:
    words = f"{plain(name)} {plain(uat)}" if kind != "uat" else plain(name)
    kept = tuple(word for word in words.split() if word not in FILLERS)
    return Place(kind, name, siruta, uat, (box[0], box[1], box[2], box[3]), kept)


def _fits(wanted: tuple[str, ...], place: Place) -> bool:
    return all(any(word.startswith(typed) for word in place.words) for typed in wanted)


def _order(wanted: tuple[str, ...], place: Place) -> tuple[bool, bool, bool, str, str]:
    """Names that begin as typed come first, whole words before beginnings, municipalities before villages."""
    first = " ".join(wanted)
    return (
        not " ".join(place.words).startswith(first),
        not set(wanted) <= set(place.words),
        place.kind == "locality",
        place.name,
        place.uat,
    )


BOX = "ST_XMin({0}), ST_YMin({0}), ST_XMax({0}), ST_YMax({0})"
UATS = (
    f"SELECT siruta, name, {BOX.format('geom')} FROM admin.uat u WHERE {IN_FORCE.format('u')} ORDER BY name"
)
VILLAGES = (
    f"SELECT siruta, locality, {BOX.format('ST_Extent(geom)')} FROM admin.built_up_area b"
    f" WHERE {IN_FORCE.format('b')} AND locality IS NOT NULL GROUP BY siruta, locality ORDER BY locality"
)
STREETS = (
    f"SELECT siruta, street, {BOX.format('ST_Extent(geom)')} FROM admin.address t"
    f" WHERE {IN_FORCE.format('t')} AND street IS NOT NULL GROUP BY siruta, street ORDER BY street, siruta"
)
