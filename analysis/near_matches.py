"""What to tell somebody whose parcel, UAT or day is not known: near matches, the first day with data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import shapely
from rapidfuzz import process
from shapely.geometry.base import BaseGeometry

from analysis.subject import Parcels, SubjectError, UnknownParcel
from layers.database import Connection

SAME_NUMBER = (
    "SELECT DISTINCT siruta FROM cadastre.parcel WHERE siruta = ANY(%s) AND cadastral_number = %s"
    " AND valid_from <= %s AND %s < valid_to ORDER BY siruta LIMIT 5"
)
NUMBERS = (
    "SELECT DISTINCT cadastral_number FROM cadastre.parcel"
    " WHERE siruta = %s AND valid_from <= %s AND %s < valid_to"
)


def explain_unknown(subject: Parcels, day: date, connection: Connection) -> SubjectError:
    """The error for parcels of which at least one does not exist on that day."""
    first = _first_day(connection)
    if first is None:
        return SubjectError(
            "no parcel is known yet: `vatra layers import cadastre.parcel FILE` brings them in"
        )
    if day < first:
        return SubjectError(f"{day} is before the first data: parcels are known from {first} on")
    for siruta, number in subject.numbers:
        if not _exists(siruta, number, day, connection):
            return _unknown(siruta, number, day, connection)
    return SubjectError("the parcels changed while they were read; ask again")


def _first_day(connection: Connection) -> date | None:
    row = connection.execute(
        "SELECT min(valid_from) FROM catalogue.layer_version WHERE layer = 'cadastre.parcel'"
    ).fetchone()
    return row[0] if row else None


def _exists(siruta: int, number: str, day: date, connection: Connection) -> bool:
    return bool(
        connection.execute(
            "SELECT 1 FROM cadastre.parcel WHERE siruta = %s AND cadastral_number = %s"
            " AND valid_from <= %s AND %s < valid_to LIMIT 1",
            [siruta, number, day, day],
        ).fetchone()
    )


def _unknown(siruta: int, number: str, day: date, connection: Connection) -> UnknownParcel:
    uats: dict[int, str] = dict(
        connection.execute(
            "SELECT siruta, name FROM admin.uat WHERE valid_from <= %s AND %s < valid_to", [day, day]
        ).fetchall()
    )
    others = [code for code in uats if code != siruta]
    elsewhere = [code for (code,) in connection.execute(SAME_NUMBER, [others, number, day, day]).fetchall()]
    if siruta not in uats and not _has_parcels(siruta, connection):
        codes = process.extract(str(siruta), [str(code) for code in uats], limit=3, score_cutoff=60)
        near = ", ".join(f"{code} ({uats[int(code)]})" for code, _, _ in codes)
        message = f"no UAT with SIRUTA {siruta}" + (f"; near: {near}" if near else "")
        return UnknownParcel(message + _also(elsewhere, uats), (), elsewhere)
    # Few typing errors spare the first digits, so similar numbers are sought among all of the UAT.
    numbers = [text for (text,) in connection.execute(NUMBERS, [siruta, day, day]).fetchall()]
    similar = [text for text, _, _ in process.extract(number, numbers, limit=5, score_cutoff=60)]
    message = f"no parcel {number!r} in {siruta} ({uats.get(siruta, 'outline not known')}) on {day}"
    message += f"; similar there: {', '.join(similar)}" if similar else ""
    return UnknownParcel(message + _also(elsewhere, uats), similar, elsewhere)


def _has_parcels(siruta: int, connection: Connection) -> bool:
    row = connection.execute("SELECT 1 FROM cadastre.parcel WHERE siruta = %s LIMIT 1", [siruta]).fetchone()
    return row is not None


def _also(elsewhere: Sequence[int], uats: Mapping[int, str]) -> str:
    listed = ", ".join(f"{code} ({uats.get(code, '?')})" for code in elsewhere)
    return f"; the same number exists in: {listed}" if listed else ""


def explain_nowhere(shape: BaseGeometry, day: date, connection: Connection) -> None:
    """Raise SubjectError for a shape that lies in no known UAT although UATs are known.

    Near Gorj both coordinates are 330–440 km, so that only the outlines tell a list with swapped axes.
    """
    flipped = shapely.transform(shape, lambda xy: xy[:, ::-1])
    in_uat = (
        "SELECT name FROM admin.uat WHERE ST_Intersects(geom, ST_GeomFromWKB(%s, 3844))"
        " AND valid_from <= %s AND %s < valid_to LIMIT 1"
    )
    first = connection.execute(
        "SELECT min(valid_from) FROM catalogue.layer_version WHERE layer = 'admin.uat'"
    ).fetchone()
    if not first or first[0] is None:
        return
    if day < first[0]:
        raise SubjectError(f"{day} is before the first data: UATs are known from {first[0]} on")
    west, south, _, _ = shape.bounds
    found = f"x {west:.1f}, y {south:.1f} lies in no known UAT"
    other = connection.execute(in_uat, [shapely.to_wkb(flipped), day, day]).fetchone()
    if other:
        raise SubjectError(
            f"{found}; with the axes swapped it lies in {other[0]}: give x = east, then y = north"
        )
    raise SubjectError(f"{found}; `vatra layers list` shows what is known of admin.uat")
