"""Romanian sentences from a rule's text and the figures of a finding.

A text names fields in braces, with a format after a colon: ``{distance_m:m}``. What stands in square brackets
disappears whole when a field in it is not known: ``drumul {number}[ ({name})]``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from string import Formatter
from typing import Any

Labels = Mapping[str, Mapping[str, str]]

Piece = tuple[str, str, str]

UNKNOWN = "necunoscut"
NO_WORDS: Mapping[str, str] = {}
_FRAGMENT = re.compile(r"\[([^\[\]]*)\]|([^\[\]]+)|(.)", re.DOTALL)


def number(value: float, decimals: int = 2) -> str:
    """A number as Romanian writes it, ``1.234,50``; whole numbers without decimals."""
    rounded = round(float(value), decimals)
    text = f"{rounded:,.0f}" if rounded == int(rounded) else f"{rounded:,.{decimals}f}"
    return text.translate(str.maketrans(",.", ".,"))


def trimmed(value: float) -> str:
    """A number with as many decimals as it has, two at most: ``0,4``."""
    whole, comma, decimals = number(value).partition(",")
    return whole + (comma + decimals.rstrip("0") if comma else "")


def counted(value: float) -> str:
    """A number before a noun: ``5``, ``19``, but ``20 de``, ``100 de``, ``120 de``."""
    wants_de = value == int(value) and value >= 20 and not 1 <= value % 100 <= 19
    return f"{trimmed(value)} de" if wants_de else trimmed(value)


def percent(value: float) -> str:
    """A share (0–1) as per cent, ``25,14 %`` with a no-break space."""
    return f"{number(value * 100)}\u00a0%"


def day(value: date) -> str:
    """A date as ``24.11.2026``."""
    return f"{value:%d.%m.%Y}"


# Format name → how the value is written; lengths in m, areas in m², shares 0–1.
FORMATS: dict[str, Callable[[Any], str]] = {
    "m": number,
    "m2": number,
    "pct": percent,
    "date": day,
    "n": trimmed,
    "de": counted,
}


def fields(text: str) -> Iterator[tuple[str, str]]:
    """Every (field, format) of a text; ValueError says what is wrong with its braces or brackets."""
    for _, pieces in parts(text):
        yield from ((field, form) for _, field, form in pieces if field)


def fill(text: str, values: Mapping[str, Any], labels: Labels | None = None) -> str:
    """The sentence: fields replaced, unknown optional parts left out.

    ``labels`` gives the words for coded values by field, as in ``Rule.labels``. A field that is not known
    outside brackets reads "necunoscut".
    """
    words = labels or {}
    written: list[str] = []
    for needed, pieces in parts(text):
        for field in needed:
            if values.get(field) in (None, ""):
                break
        else:
            _write(written, pieces, values, words)
    return "".join(written)


def _write(written: list[str], pieces: tuple[Piece, ...], values: Mapping[str, Any], words: Labels) -> None:
    for literal, field, form in pieces:
        written.append(literal)
        if field:
            written.append(_written(values.get(field), form, words.get(field, NO_WORDS)))


@lru_cache(maxsize=4096)
def parts(text: str) -> tuple[tuple[tuple[str, ...], tuple[Piece, ...]], ...]:
    """A text taken apart, once: fields it is left out without, and its pieces (literal, field or "", format).

    ValueError as `fields`.
    """
    found = []
    for match in _FRAGMENT.finditer(text):
        optional, plain, stray = match.groups()
        if stray:
            raise ValueError(f"{stray!r} without its pair; optional parts do not nest")
        pieces = tuple(_pieces(plain if optional is None else optional))
        needed = () if optional is None else tuple(field for _, field, _ in pieces if field)
        found.append((needed, pieces))
    return tuple(found)


def _pieces(text: str) -> Iterator[Piece]:
    for literal, field, form, conversion in Formatter().parse(text):
        if field is not None and (not field.isidentifier() or conversion):
            raise ValueError(f"{{{field}}} is no field name")
        yield literal, field or "", form or ""


def _written(value: Any, form: str, words: Mapping[str, str]) -> str:
    if value in (None, ""):
        return UNKNOWN
    if form:
        return FORMATS[form](value)
    if isinstance(value, bool):
        return "da" if value else "nu"
    if isinstance(value, float):
        return number(value)
    if isinstance(value, date):
        return day(value)
    return words.get(str(value), str(value))
