"""What somebody who is still typing may be looking for: a parcel, an address, a place, coordinates.

Coordinates are EPSG:3844, x = east, y = north, metres. Answers are as of one day.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from layers import database
from layers.addresses import FILLERS, IN_FORCE, plain
from layers.coordinates import Reading, read_coordinates
from layers.days import today
from layers.gazetteer import Gazetteer, Place, gazetteer
from layers.search import NEAREST, misspellings

Kind = Literal["parcel", "address", "street", "locality", "uat", "coordinates"]
# More streets of one name than these are not told apart by a list.
STREETS = 24
NUMBER = re.compile(r"\d[\w/-]*")


@dataclass(frozen=True)
class Suggestion:
    """One thing that may be meant. ``title`` names it, ``place`` the municipality it lies in.

    ``siruta`` and ``cadastral_number`` are those of the parcel, ``extent`` (min x, min y, max x, max y) what to
    show of a place that is none; ``reading`` says how coordinates were understood.
    """

    kind: Kind
    title: str
    place: str = ""
    x: float | None = None
    y: float | None = None
    extent: tuple[float, float, float, float] | None = None
    siruta: int | None = None
    cadastral_number: str | None = None
    reading: Reading | None = None


def suggest(text: str, day: date | None = None, limit: int = 8) -> list[Suggestion]:
    """What the text may mean, likeliest first; nothing for a text that says nothing yet."""
    day = day or today()
    names = gazetteer(day)
    coordinates = read_coordinates(text, names.extent)
    if coordinates:
        return [
            Suggestion(
                "coordinates", f"{place.x:.2f} {place.y:.2f}", x=place.x, y=place.y, reading=place.reading
            )
            for place in coordinates
        ]
    # Of several numbers the last is the house's: streets are named "Dealului 2" too.
    number = max(NUMBER.finditer(text), key=lambda found: found.start(), default=None)
    rest = text[: number.start()] + " " + text[number.end() :] if number else text
    words = [word for word in plain(rest).split() if word not in FILLERS]
    if number:
        return _numbered(number[0], words, names, day, limit)
    if not words or max(map(len, words)) < 2:
        return []
    places = names.find(words, names.localities, limit // 2)
    places += names.find(words, names.streets, limit - len(places))
    return [_of_place(place) for place in places]


def _numbered(number: str, words: list[str], names: Gazetteer, day: date, limit: int) -> list[Suggestion]:
    """A cadastral number with or without its municipality, or a house in a street."""
    if not words:
        return _parcels(number, [place.siruta for place in names.localities], names, day, limit)
    around = {place.siruta for place in names.find(words, names.localities, STREETS)}
    found = _parcels(number, sorted(around), names, day, limit // 2) if around else []
    houses = _houses(number, names.find(words, names.streets, STREETS), day, limit - len(found))
    streets = [] if found or houses else names.find(words, names.streets, limit)
    return found + houses + [_of_place(street) for street in streets]


def _parcels(
    number: str, sirutas: Sequence[int], names: Gazetteer, day: date, limit: int
) -> list[Suggestion]:
    uats = {place.siruta: place.name for place in names.localities if place.kind == "uat"}
    values: dict[str, Any] = {
        "day": day,
        "sirutas": sorted(set(sirutas)),
        "number": number,
        "beyond": number + "\U0010ffff",
        "limit": limit,
    }
    with database.reading() as connection:
        rows = connection.execute(PREFIX, values).fetchall()
        if not rows and len(number) > 3:
            rows = connection.execute(MISTYPED, {**values, "numbers": misspellings(number)}).fetchall()
    return [
        Suggestion("parcel", found, uats.get(siruta, ""), siruta=siruta, cadastral_number=found)
        for siruta, found in rows
    ]


def _houses(number: str, streets: list[Place], day: date, limit: int) -> list[Suggestion]:
    if not streets or limit < 1:
        return []
    values = {
        "day": day,
        "patterns": sorted({f"{_pattern(street.name)} {_pattern(number)}%" for street in streets}),
        "sirutas": [street.siruta for street in streets],
        "streets": [street.name for street in streets],
        "house": _pattern(number),
        "limit": limit,
    }
    uats = {street.siruta: street.uat for street in streets}
    with database.reading() as connection:
        rows = connection.execute(HOUSES, values).fetchall()
    return [
        Suggestion("address", f"{street} {house}", uats[siruta], x, y, None, parcel_siruta, cadastral_number)
        for siruta, street, house, x, y, parcel_siruta, cadastral_number in rows
    ]


def _pattern(text: str) -> str:
    """For LIKE: the words with anything between, for ``catalogue.plain`` keeps the punctuation."""
    return "%".join(plain(text).split())


def _of_place(place: Place) -> Suggestion:
    x, y = (place.extent[0] + place.extent[2]) / 2, (place.extent[1] + place.extent[3]) / 2
    kind: Kind = "street" if place.kind == "street" else "uat" if place.kind == "uat" else "locality"
    return Suggestion(
        kind, place.name, "" if place.kind == "uat" else place.uat, x, y, place.extent, place.siruta
    )


# A number that many parcels begin with is read from the key's index, a few of each municipality.
PREFIX = f"""
SELECT p.siruta, p.cadastral_number
FROM unnest(%(sirutas)s::integer[]) AS s (siruta), LATERAL (
  SELECT p.siruta, p.cadastral_number FROM cadastre.parcel p
  WHERE p.siruta = s.siruta AND p.cadastral_number >= %(number)s AND p.cadastral_number < %(beyond)s
    AND {IN_FORCE.format("p")}
  ORDER BY p.cadastral_number LIMIT %(limit)s) AS p
ORDER BY length(p.cadastral_number), p.cadastral_number, p.siruta LIMIT %(limit)s
"""
MISTYPED = f"""
SELECT p.siruta, p.cadastral_number FROM cadastre.parcel p
WHERE p.siruta = ANY(%(sirutas)s) AND p.cadastral_number = ANY(%(numbers)s) AND {IN_FORCE.format("p")}
ORDER BY similarity(p.cadastral_number, %(number)s) DESC, p.cadastral_number, p.siruta LIMIT %(limit)s
"""
HOUSES = f"""
SELECT a.siruta, a.street, a.number, ST_X(a.geom), ST_Y(a.geom), p.siruta, p.cadastral_number
FROM (
  SELECT t.siruta, t.street, t.number, t.geom, w.rank FROM admin.address t
  JOIN unnest(%(sirutas)s::integer[], %(streets)s::text[]) WITH ORDINALITY AS w (siruta, street, rank)
    ON w.siruta = t.siruta AND w.street = t.street
  WHERE catalogue.plain(t.street || ' ' || coalesce(t.number, '')) LIKE ANY(%(patterns)s)
    AND catalogue.plain(t.number) LIKE %(house)s || '%%' AND {IN_FORCE.format("t")}
  ORDER BY catalogue.plain(t.number) <> %(house)s, w.rank, length(t.number), t.number LIMIT %(limit)s
) AS a LEFT JOIN LATERAL {NEAREST} AS p ON true
ORDER BY catalogue.plain(a.number) <> %(house)s, a.rank, length(a.number), a.number
"""
