"""Coordinates as people type them: Stereo70 in either order, degrees in decimals or in minutes and seconds.

Surveyors write Stereo70 as X (north), Y (east); programs often the other way round. Which was meant is told by
labels where there are any, else by what lies inside the area looked at; surveyors' order wins a draw.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from layers.search import NoSuchPlace, in_stereo70

Reading = Literal["north_east", "east_north", "degrees"]
Box = tuple[float, float, float, float]

# Romania, generously: what lies outside is no coordinate of hers. min x, min y, max x, max y.
ROMANIA: Box = (100_000.0, 200_000.0, 900_000.0, 800_000.0)
LATITUDES, LONGITUDES = (43.0, 49.0), (19.5, 30.5)
NUMBER = r"\d+(?:[.,]\d+)?"
# 396.305,12 and 396 305,12: points or spaces between thousands.
GROUPED = re.compile(r"(?<![\d.,])(\d{3})[. ](\d{3})(,\d+)?(?![\d])(?!\.\d)")
LABELLED = re.compile(rf"\b(X|Y|N|E|NORD|EST)\b\s*[=:]?\s*({NUMBER})")
ALLOWED = re.compile(r"[\d\s.,;°º'’′\"”″=:()XYNEVLATORDSGI/+-]+")


@dataclass(frozen=True)
class Understood:
    """A place read from text: EPSG:3844, x = east, y = north, metres, and how the text was read."""

    x: float
    y: float
    reading: Reading


def read_coordinates(text: str, inside: Box) -> list[Understood]:
    """What the text may mean, likeliest first; nothing where it is no pair of coordinates.

    ``inside`` (min x, min y, max x, max y) is the area looked at. A reading outside it is given only where
    none lies inside.

    >>> read_coordinates("X 396305 Y 354580", (328_000, 376_000, 390_000, 441_000))
    [Understood(x=354580.0, y=396305.0, reading='north_east')]
    """
    tidy = text.upper().strip()
    if not ALLOWED.fullmatch(tidy):
        return []
    found = _metres(tidy) or _degrees(tidy)
    within = [place for place in found if _contains(inside, place.x, place.y)]
    return within or found


def _metres(text: str) -> list[Understood]:
    plain = GROUPED.sub(lambda group: f"{group[1]}{group[2]}{(group[3] or '').replace(',', '.')}", text)
    labels = {name[0]: _value(number) for name, number in LABELLED.findall(plain)}
    for north, east, certain in (("N", "E", True), ("X", "Y", False)):
        if north in labels and east in labels:
            surveyed = _in_romania(labels[east], labels[north], "north_east")
            return surveyed if certain else surveyed + _in_romania(labels[north], labels[east], "east_north")
    numbers = [_value(number) for number in re.findall(NUMBER, plain)]
    if len(numbers) == 1 and plain.count(",") == 1:
        numbers = [_value(part) for part in re.findall(r"\d+", plain)]
    if len(numbers) != 2:
        return []
    first, second = numbers
    return _in_romania(second, first, "north_east") + _in_romania(first, second, "east_north")


def _degrees(text: str) -> list[Understood]:
    numbers = [_value(number) for number in re.findall(NUMBER, text)]
    if len(numbers) not in (2, 4, 6):
        return []
    half = len(numbers) // 2
    if any(part >= 60 for part in (*numbers[1:half], *numbers[half + 1 :])):
        return []
    first, second = (_decimal(numbers[:half]), _decimal(numbers[half:]))
    for latitude, longitude in ((first, second), (second, first)):
        if LATITUDES[0] <= latitude <= LATITUDES[1] and LONGITUDES[0] <= longitude <= LONGITUDES[1]:
            try:
                x, y = in_stereo70((longitude, latitude), "EPSG:4326")
            except NoSuchPlace:
                return []
            return [Understood(x, y, "degrees")]
    return []


def _decimal(parts: list[float]) -> float:
    return sum(part / 60.0**power for power, part in enumerate(parts))


def _value(number: str) -> float:
    return float(number.replace(",", "."))


def _in_romania(x: float, y: float, reading: Reading) -> list[Understood]:
    return [Understood(x, y, reading)] if _contains(ROMANIA, x, y) else []


def _contains(box: Box, x: float, y: float) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]
