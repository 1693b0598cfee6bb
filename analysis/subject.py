"""The land that is asked about: parcels by number, or a drawn area or line, made sure of before any check.

Coordinates are EPSG:3844 in the end, x = east, y = north. Surveyors' lists have X = north first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import shapely
from shapely.geometry.base import BaseGeometry

from layers.catalogue import get_layer
from layers.datum import transform
from layers.errors import VatraError

STEREO70 = "EPSG:3844"
MAX_VERTICES = 10_000
# Romania with a margin, metres in EPSG:3844: east from, north from, east to, north to.
ROMANIA = (110_000.0, 215_000.0, 905_000.0, 775_000.0)
AREAS, LINES = ("Polygon", "MultiPolygon"), ("LineString", "MultiLineString")


class SubjectError(VatraError):
    """The land asked about cannot be checked as given."""


class UnknownParcel(SubjectError):
    """No such parcel on that day. ``near``: similar numbers in the same UAT; ``elsewhere``: SIRUTA of UATs

    that have the very number.
    """

    def __init__(self, message: str, near: Sequence[str] = (), elsewhere: Sequence[int] = ()) -> None:
        super().__init__(message)
        self.near, self.elsewhere = tuple(near), tuple(elsewhere)


@dataclass(frozen=True)
class Parcels:
    """Whole parcels by SIRUTA code and cadastral number."""

    numbers: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Drawn:
    """An area or a line, EPSG:3844; ``accuracy_m`` is how far its vertices may be off."""

    shape: BaseGeometry
    accuracy_m: float


def parcel(siruta: int, cadastral_number: str | int) -> Parcels:
    """One parcel."""
    return parcels([(siruta, cadastral_number)])


def parcels(numbers: Sequence[tuple[int, str | int]]) -> Parcels:
    """Several parcels taken together, as (SIRUTA, cadastral number); SubjectError for none."""
    try:
        unique = tuple(dict.fromkeys((int(siruta), str(number).strip()) for siruta, number in numbers))
    except (TypeError, ValueError) as error:
        raise SubjectError(
            f"expected pairs of SIRUTA code and cadastral number, found {numbers!r}"
        ) from error
    if not unique or not all(number for _, number in unique):
        raise SubjectError("no parcel given: a SIRUTA code and a cadastral number are needed")
    for siruta, number in unique:
        if not 0 < siruta < 1_000_000 or not number.isprintable():
            raise SubjectError(
                f"found {siruta}, {number!r}; expected a SIRUTA code of at most 6 digits and a number"
            )
    if len(unique) > 200:
        raise SubjectError(f"{len(unique)} parcels in one check; at most 200, `vatra batch` takes more")
    return Parcels(unique)


def area(
    polygon: BaseGeometry | Mapping[str, Any], crs: str = STEREO70, accuracy_m: float | None = None
) -> Drawn:
    """A drawn area in that CRS (x = east or longitude first).

    ``accuracy_m`` is that of its vertices; a cadastral survey's where it is not given. SubjectError says what
    is wrong with the shape.
    """
    return _drawn(polygon, crs, accuracy_m, AREAS)


def line(
    shape: BaseGeometry | Mapping[str, Any], crs: str = STEREO70, accuracy_m: float | None = None
) -> Drawn:
    """A drawn line, e.g. the route of a network; as ``area`` otherwise."""
    return _drawn(shape, crs, accuracy_m, LINES)


def coordinate_list(source: str | Path, crs: str = STEREO70, accuracy_m: float | None = None) -> Drawn:
    """The area in a surveyor's list of points: a file as Path, or its text as str.

    A point a line, ``[number] X Y [height]`` with X = north and Y = east, in ring order, closed or not,
    decimals by point or comma. SubjectError names the line, what was found and what was expected.
    """
    text = source.read_text(encoding="utf-8-sig") if isinstance(source, Path) else source
    points = [point for number, row in enumerate(text.splitlines(), 1) if (point := _point(row, number))]
    if len(points) < 3:
        raise SubjectError(f"{len(points)} points in the list; an area takes at least 3")
    return area(shapely.Polygon([(y, x) for x, y in points]), crs, accuracy_m)


def subject_of(given: Any, crs: str = STEREO70) -> Parcels | Drawn:
    """Whatever a caller may give as a subject: one of ours, a shapely geometry, or GeoJSON."""
    if isinstance(given, Parcels | Drawn):
        return given
    if isinstance(given, Mapping) and "siruta" in given:
        number = given.get("cadastral_number")
        if number is None:
            raise SubjectError("a parcel needs 'cadastral_number' beside 'siruta'")
        return parcel(given["siruta"], number)
    return _drawn(given, crs, None, AREAS + LINES)


def _point(row: str, number: int) -> tuple[float, float] | None:
    tokens = row.replace(";", " ").replace("\t", " ").split()
    if len(tokens) == 1 and row.count(",") in (1, 2, 3):
        tokens = row.split(",")
    values = [_number(token.strip(" ,")) for token in tokens]
    if not tokens or (number == 1 and None in values[1:]) or row.lstrip().startswith("#"):
        return None
    if None in values[-2:] or len(values) not in (2, 3, 4):
        raise SubjectError(
            f"line {number}: found {row.strip()!r}, expected '[number] X Y' (X = north, Y = east)"
        )
    first = 0 if len(values) == 2 else 1
    x, y = values[first], values[first + 1]
    if x is None or y is None:
        raise SubjectError(
            f"line {number}: found {row.strip()!r}, expected '[number] X Y' (X = north, Y = east)"
        )
    return x, y


def _number(token: str) -> float | None:
    try:
        return float(token.replace(",", "."))
    except ValueError:
        return None


def _drawn(given: Any, crs: str, accuracy_m: float | None, allowed: tuple[str, ...]) -> Drawn:
    shape = given if isinstance(given, BaseGeometry) else _from_geojson(given)
    _check_shape(shape, allowed)
    own = get_layer("cadastre.parcel").accuracy_m if accuracy_m is None else accuracy_m
    flat = shapely.force_2d(shape)
    moved, way = _to_stereo70(flat, crs)
    if not _in_romania(moved.bounds):
        raise SubjectError(_outside(flat, moved, crs))
    return Drawn(moved, float(np.hypot(own, way)))


def _to_stereo70(shape: BaseGeometry, crs: str) -> tuple[BaseGeometry, float]:
    """The shape in EPSG:3844, and what the way there adds to its uncertainty, metres."""
    if crs.upper() in (STEREO70, "EPSG:31700"):
        return shape, 0.0
    moved = transform(np.array([shape], dtype=object), crs)
    return moved.coordinates[0], moved.accuracy_m


def _from_geojson(given: Any) -> BaseGeometry:
    if not isinstance(given, Mapping):
        raise SubjectError(f"expected a parcel, a geometry or GeoJSON, found {type(given).__name__}")
    if given.get("type") == "Feature":
        return _from_geojson(given.get("geometry"))
    if given.get("type") == "FeatureCollection":
        shapes = [_from_geojson(feature) for feature in given.get("features") or ()]
        if not shapes:
            raise SubjectError("the FeatureCollection is empty; expected one area or line")
        return shapes[0] if len(shapes) == 1 else shapely.union_all(shapes)
    try:
        return shapely.from_geojson(orjson.dumps(given))
    except (shapely.errors.GEOSException, orjson.JSONEncodeError, TypeError) as error:
        raise SubjectError(f"not a GeoJSON geometry: {error}") from error


def _check_shape(shape: BaseGeometry, allowed: tuple[str, ...]) -> None:
    if shape.is_empty:
        raise SubjectError("the geometry is empty; expected an area or a line with coordinates")
    if shape.geom_type not in allowed:
        raise SubjectError(f"found a {shape.geom_type}; expected {' or '.join(allowed)}")
    vertices = shapely.get_num_coordinates(shape)
    if vertices > MAX_VERTICES:
        raise SubjectError(f"the geometry has {vertices:,} vertices; at most {MAX_VERTICES:,} can be checked")
    _check_numbers(shape)
    if shape.geom_type in AREAS and not shape.is_valid:
        raise SubjectError(
            f"the outline is not valid: {shapely.is_valid_reason(shape)} (x = east, y = north)"
        )
    if (shape.area if shape.geom_type in AREAS else shape.length) == 0:
        raise SubjectError("the geometry has no extent: its points lie on one another")


def _check_numbers(shape: BaseGeometry) -> None:
    wrong = ~np.isfinite(shapely.get_coordinates(shape)).all(axis=1)
    if wrong.any():
        position = int(np.argmax(wrong))
        found = tuple(shapely.get_coordinates(shape)[position].tolist())
        raise SubjectError(f"vertex {position + 1}: found {found}, expected finite numbers")


def _outside(given: BaseGeometry, moved: BaseGeometry, crs: str) -> str:
    """What to tell about a place outside Romania: most often axes or CRS were taken for others."""
    west, south, east, north = given.bounds
    found = f"outside Romania: x {west:.7g} to {east:.7g}, y {south:.7g} to {north:.7g} in {crs}"
    swapped, _ = _to_stereo70(shapely.transform(given, lambda xy: xy[:, ::-1]), crs)
    if _in_romania(swapped.bounds):
        return f"{found}; the axes look swapped: give x = east (longitude) first, then y = north (latitude)"
    if crs.upper() == STEREO70 and max(map(abs, given.bounds)) <= 180:
        return f"{found}; these look like degrees: say crs='EPSG:4326'"
    if crs.upper() == STEREO70 and 2_200_000 < west < 3_350_000 and 5_300_000 < south < 6_250_000:
        return f"{found}; these look like web map coordinates: say crs='EPSG:3857'"
    west, south, east, north = ROMANIA
    return f"{found}; expected x {west:.0f} to {east:.0f}, y {south:.0f} to {north:.0f} in EPSG:3844"


def _in_romania(bounds: Sequence[float]) -> bool:
    if not np.isfinite(bounds).all():
        return False
    west, south, east, north = bounds
    return ROMANIA[0] <= west and east <= ROMANIA[2] and ROMANIA[1] <= south and north <= ROMANIA[3]
