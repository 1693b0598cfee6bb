"""Finding land: by number, place or address, forgiving of small mistakes.

Coordinates are EPSG:3844, x = east, y = north, metres; areas m². Answers are as of one day.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import orjson

from layers import database
from layers.addresses import IN_FORCE, Address, take_apart, uats
from layers.datum import transform
from layers.days import today
from layers.errors import VatraError

MAX_LIMIT = 500
ENTRANCE_M = 15.0


class NoSuchPlace(VatraError):
    """Coordinates that cannot be brought to EPSG:3844."""


@dataclass(frozen=True)
class Wanted:
    """What land is looked for; criteria given together must all hold. ``point`` (x, y) and ``bbox``
    (min x, min y, max x, max y) are EPSG:3844; ``address`` is free text, street, number and locality."""

    siruta: int | None = None
    cadastral_number: str | None = None
    address: str | None = None
    point: tuple[float, ...] | None = None
    bbox: tuple[float, ...] | None = None
    day: date | None = None
    limit: int = 20


def find_parcels(wanted: Wanted) -> str:
    """A GeoJSON FeatureCollection (as text) of the parcels found, best first.

    A cadastral number that no parcel has is taken as the beginning of one, then as one mistyped in one
    place; each feature's ``match`` says which: ``exact``, ``prefix`` or ``near``.
    """
    if wanted.cadastral_number is None:
        return _parcels(wanted, "exact", "true", {})[1]
    number = wanted.cadastral_number.strip()
    attempts: list[tuple[str, str, dict[str, Any]]] = [
        ("exact", "p.cadastral_number = %(number)s", {"number": number}),
        # The collation is by code point, so the range is the prefix, and the key's index serves it.
        (
            "prefix",
            "p.cadastral_number > %(number)s AND p.cadastral_number < %(beyond)s",
            {"number": number, "beyond": number + "\U0010ffff"},
        ),
        ("near", "p.cadastral_number = ANY(%(numbers)s)", {"numbers": misspellings(number)}),
    ]
    found = ""
    for match, clause, values in attempts:
        count, found = _parcels(wanted, match, clause, values)
        if count:
            break
    return found


def find_addresses(text: str, limit: int = 20) -> list[dict[str, Any]]:
    """The properties of the parcels at an address, best first (as in `find_parcels`, without geometry)."""
    found = orjson.loads(find_parcels(Wanted(address=text, limit=limit)))
    return [feature["properties"] for feature in found["features"]]


def in_stereo70(numbers: Sequence[float], crs: str) -> tuple[float, ...]:
    """A point (x, y) or a box (min x, min y, max x, max y) of that CRS, x = east, in EPSG:3844.

    A box becomes the box round its four corners. Raises pyproj's CRSError for a CRS that does not exist.
    """
    x, y = numbers[0::2], numbers[1::2]
    corners = np.array([(east, north) for east in x for north in y])
    moved = transform(corners, crs).coordinates
    if not np.isfinite(moved).all():
        raise NoSuchPlace(f"{', '.join(map(str, numbers))} has no place in EPSG:3844 when read as {crs}")
    ends = (*moved.min(axis=0), *moved.max(axis=0))
    return tuple(float(end) for end in ends[: len(numbers)])


def misspellings(number: str) -> list[str]:
    """Every text one character away: left out, added, replaced or two swapped.

    Looked up in the index of keys they cost the same however many parcels there are.
    """
    letters = sorted({*string.digits, *number, "-"})
    splits = [(number[:at], number[at:]) for at in range(len(number) + 1)]
    left_out = {head + tail[1:] for head, tail in splits if tail}
    swapped = {head + tail[1] + tail[0] + tail[2:] for head, tail in splits if len(tail) > 1}
    replaced = {head + letter + tail[1:] for head, tail in splits if tail for letter in letters}
    added = {head + letter + tail for head, tail in splits for letter in letters}
    return sorted((left_out | swapped | replaced | added) - {number, ""})


def _parcels(wanted: Wanted, match: str, clause: str, values: dict[str, Any]) -> tuple[int, str]:
    day = wanted.day or today()
    conditions = [clause, IN_FORCE.format("p")]
    parameters: dict[str, Any] = {**values, "day": day, "match": match, "limit": min(wanted.limit, MAX_LIMIT)}
    source, order, address = "cadastre.parcel p", "p.siruta, p.cadastral_number", "NULL::text"
    if wanted.siruta is not None:
        conditions.append("p.siruta = %(siruta)s")
        parameters["siruta"] = wanted.siruta
    elif wanted.cadastral_number is not None:
        # Every code in turn, so that the index on (siruta, cadastral_number) serves here too.
        conditions.append("p.siruta = ANY(%(sirutas)s)")
        parameters["sirutas"] = [uat.siruta for uat in uats(day)]
    if wanted.point is not None:
        conditions.append("ST_Intersects(p.geom, ST_SetSRID(ST_MakePoint(%(x)s, %(y)s), 3844))")
        parameters["x"], parameters["y"] = wanted.point
    if wanted.bbox is not None:
        conditions.append("ST_Intersects(p.geom, ST_MakeEnvelope(%(x0)s, %(y0)s, %(x1)s, %(y1)s, 3844))")
        parameters.update(zip(("x0", "y0", "x1", "y1"), wanted.bbox, strict=True))
    if wanted.address is not None:
        places, named = _places(take_apart(wanted.address, uats(day)))
        parameters.update(named)
        source = f"({places}) a, LATERAL {NEAREST} p"
        order, address = "a.rank", "concat_ws(' ', a.street, a.number)"
    statement = COLLECTION.format(
        source=source,
        conditions=" AND ".join(conditions),
        order=order,
        address=address,
        in_force=IN_FORCE.format("u"),
    )
    with database.reading() as connection:
        rows = connection.execute(statement.encode(), parameters).fetchall()
    count, collection = rows[0]
    return int(count), str(collection)


def _places(address: Address) -> tuple[str, dict[str, Any]]:
    """The statement, and its values, that gives the best addresses for one that was asked."""
    conditions = [IN_FORCE.format("t")]
    values = {"sirutas_of_address": address.sirutas, "street": address.street, "house": address.number}
    if address.sirutas is not None:
        conditions.append("t.siruta = ANY(%(sirutas_of_address)s)")
    likeness = "0"
    if address.street:
        text = "catalogue.plain(t.street || ' ' || coalesce(t.number, ''))"
        conditions.append(f"{text} %%> %(street)s")
        likeness = f"word_similarity(%(street)s, {text})"
    elif address.sirutas is None or address.number is None:
        conditions.append("false")  # a number alone would be found everywhere
    else:
        conditions.append("catalogue.plain(t.number) = %(house)s")
    exact = "(catalogue.plain(t.number) = %(house)s) IS TRUE"
    return (
        f"SELECT t.geom, t.street, t.number, row_number() OVER (ORDER BY {exact} DESC, {likeness} DESC, t.id) AS rank"
        f" FROM admin.address t WHERE {' AND '.join(conditions)} ORDER BY rank LIMIT %(limit)s",
        values,
    )


# An address stands at the entrance, which may be a step outside its parcel.
NEAREST = f"""(SELECT * FROM cadastre.parcel c
  WHERE ST_DWithin(c.geom, a.geom, {ENTRANCE_M}) AND c.valid_from <= %(day)s AND %(day)s < c.valid_to
  ORDER BY ST_Distance(c.geom, a.geom) LIMIT 1)"""

COLLECTION = """
SELECT count(*), json_build_object(
  'type', 'FeatureCollection',
  'crs', json_build_object('type', 'name', 'properties', json_build_object('name', 'urn:ogc:def:crs:EPSG::3844')),
  'numberReturned', count(*),
  'features', coalesce(json_agg(feature), '[]'::json))::text
FROM (
  SELECT json_build_object(
    'type', 'Feature',
    'id', p.siruta || ':' || p.cadastral_number,
    'geometry', ST_AsGeoJSON(p.geom, 3)::json,
    'properties', json_build_object(
      'siruta', p.siruta, 'uat', (SELECT u.name FROM admin.uat u WHERE u.siruta = p.siruta AND {in_force} LIMIT 1),
      'cadastral_number', p.cadastral_number, 'land_book_number', p.land_book_number,
      'use_category', p.use_category, 'area_m2', round(ST_Area(p.geom)::numeric, 2),
      'area_legal_m2', p.area_legal_m2, 'address', {address}, 'match', %(match)s::text)) AS feature
  FROM {source}
  WHERE {conditions}
  ORDER BY {order}
  LIMIT %(limit)s
) AS found
"""
