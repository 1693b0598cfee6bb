"""A request for items, read once: which features, of which page, in which coordinates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from gis_app.ogc.ogcapi.asking import Asked, BadParameter
from gis_app.ogc.ogcapi.limits import DEFAULT_LIMIT, MAX_LIMIT
from layers.catalogue import Layer
from layers.cql2 import Clause, compile_filter, read_json, read_text
from layers.cql2.clauses import equals
from layers.cql2.days import day_of
from layers.cql2.places import flat_box
from layers.days import today
from layers.features import Question, Sheet, columns_of
from layers.frames import CRS84, Box, Frame, frame

PARAMETERS = frozenset(
    {
        "after",
        "bbox",
        "bbox-crs",
        "crs",
        "datetime",
        "filter",
        "filter-crs",
        "filter-lang",
        "limit",
        "offset",
        "properties",
        "sortby",
    }
)
WHOLE = re.compile(r"[0-9]{1,15}")
MOST_SKIPPED = 10_000_000


@dataclass(frozen=True)
class ItemsAsked:
    """Which page of which features. ``day`` is the last day asked about: what the answer's state is of."""

    question: Question
    sheet: Sheet
    day: date


def known(layer: Layer) -> frozenset[str]:
    """Every parameter that items of the layer take: the standards' and the layer's own properties."""
    return PARAMETERS | frozenset(columns_of(layer)) | {"id"}


def items_asked(asked: Asked, layer: Layer) -> ItemsAsked:
    """The page that the parameters ask for. Raises BadParameter, BadFilter, BadBox, NoSuchFrame."""
    given = asked.parameters
    first, last = _span(given["datetime"]) if "datetime" in given else (today(), today())
    question = Question(layer, first, last, _box(given), _conditions(given, layer))
    sheet = Sheet(
        frame=frame(given["crs"]) if "crs" in given else CRS84,
        columns=_columns(given.get("properties"), layer),
        limit=min(_whole(given, "limit", DEFAULT_LIMIT, 1), MAX_LIMIT),
        offset=min(_whole(given, "offset", 0), MOST_SKIPPED),
        after=_whole(given, "after", 0) if "after" in given else None,
        sort=_sort(given.get("sortby"), layer),
    )
    return ItemsAsked(question, sheet, last or today())


def box_of(given: dict[str, str], name: str = "bbox") -> tuple[float, float, float, float]:
    """The four or six numbers of a box. Raises BadParameter."""
    parts = given[name].split(",")
    try:
        numbers = [float(part) for part in parts]
    except ValueError as error:
        raise BadParameter(
            f"{name}: four or six numbers with commas between, not {given[name][:60]!r}"
        ) from error
    if len(numbers) not in (4, 6):
        raise BadParameter(f"{name}: four or six numbers with commas between, not {len(numbers)}")
    return flat_box(numbers)


def day_asked(text: str) -> date:
    """The last day of a ``datetime``; today where it is open."""
    return _span(text)[1] or today()


def _box(given: dict[str, str]) -> Box | None:
    if "bbox" not in given:
        if "bbox-crs" in given:
            raise BadParameter("bbox-crs goes with bbox")
        return None
    seen_in = frame(given["bbox-crs"]) if "bbox-crs" in given else CRS84
    return seen_in.box(box_of(given))


def _span(text: str) -> tuple[date | None, date | None]:
    begin, slash, end = text.partition("/")
    try:
        if not slash:
            day = day_of(begin)
            return day, day
        first, last = (None if part in ("", "..") else day_of(part) for part in (begin, end))
    except (ValueError, OverflowError) as error:
        raise BadParameter(
            f"datetime: a day (2026-03-01), a moment, or two with a slash between, not {text[:60]!r}"
        ) from error
    if first and last and first > last:
        raise BadParameter("datetime: the interval ends before it begins")
    return first, last


def _whole(given: dict[str, str], name: str, default: int, least: int = 0) -> int:
    text = given.get(name)
    if text is None:
        return default
    if not WHOLE.fullmatch(text) or int(text) < least:
        raise BadParameter(f"{name}: a whole number from {least}, not {text[:40]!r}")
    return int(text)


def _columns(text: str | None, layer: Layer) -> tuple[str, ...]:
    every = columns_of(layer)
    if text is None:
        return every
    wanted = [name for name in text.split(",") if name]
    for name in wanted:
        if name not in every:
            raise BadParameter(f"properties: {layer.id} has no {name[:60]!r}; it has {', '.join(every)}")
    return tuple(name for name in every if name in wanted)


def _sort(text: str | None, layer: Layer) -> tuple[tuple[str, bool], ...]:
    if text is None:
        return ()
    order: dict[str, bool] = {}
    for part in text.split(","):
        # An unescaped plus is read as a space.
        name = part.removeprefix("-").lstrip("+ ")
        if name not in (*columns_of(layer), "id"):
            raise BadParameter(f"sortby: {layer.id} has no {name[:60]!r}")
        order.setdefault(name, part.startswith("-"))
    return tuple(order.items())


def _conditions(given: dict[str, str], layer: Layer) -> tuple[Clause, ...]:
    names = [name for name in given if name in columns_of(layer) or name == "id"]
    clauses = [equals(layer, name, given[name], f"p{position}") for position, name in enumerate(names)]
    language = given.get("filter-lang", "cql2-text")
    if language not in ("cql2-text", "cql2-json"):
        raise BadParameter(f"filter-lang is cql2-text or cql2-json, not {language[:40]!r}")
    seen_in: Frame = frame(given["filter-crs"]) if "filter-crs" in given else CRS84
    if "filter" in given:
        read = read_text if language == "cql2-text" else read_json
        clauses.append(compile_filter(read(given["filter"]), layer, seen_in))
    elif "filter-crs" in given or "filter-lang" in given:
        raise BadParameter("filter-crs and filter-lang go with filter")
    return tuple(clauses)
