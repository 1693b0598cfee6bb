"""Days and spans of days in filters: attributes are dates, so a moment counts as the day it is in Romania."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from layers.cql2.errors import BadFilter
from layers.days import ROMANIA

# Between spans [s1, e1] and [s2, e2], both ends included; a day is a span of one.
TEMPORAL = {
    "t_after": "{s1} > {e2}",
    "t_before": "{e1} < {s2}",
    "t_contains": "{s1} < {s2} AND {e1} > {e2}",
    "t_disjoint": "{s1} > {e2} OR {e1} < {s2}",
    "t_during": "{s1} > {s2} AND {e1} < {e2}",
    "t_equals": "{s1} = {s2} AND {e1} = {e2}",
    "t_finishedby": "{s1} < {s2} AND {e1} = {e2}",
    "t_finishes": "{s1} > {s2} AND {e1} = {e2}",
    "t_intersects": "{s1} <= {e2} AND {e1} >= {s2}",
    "t_meets": "{e1} = {s2}",
    "t_metby": "{s1} = {e2}",
    "t_overlappedby": "{s1} > {s2} AND {s1} < {e2} AND {e1} > {e2}",
    "t_overlaps": "{s1} < {s2} AND {e1} > {s2} AND {e1} < {e2}",
    "t_startedby": "{s1} = {s2} AND {e1} > {e2}",
    "t_starts": "{s1} = {s2} AND {e1} < {e2}",
}
ENDS = ("'-infinity'::date", "'infinity'::date")


def as_day(node: dict[str, Any], place: str) -> date:
    """The day of a date or timestamp of the tree. Raises BadFilter."""
    text = node.get("date", node.get("timestamp"))
    try:
        return day_of(str(text))
    except (TypeError, ValueError, OverflowError) as error:
        raise BadFilter(f"{str(text)[:40]!r} is no date of the form 2026-03-01", place) from error


def day_of(text: str) -> date:
    """The day in Romania of an RFC 3339 date or moment. Raises ValueError."""
    if len(text) == len("2026-03-01"):
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text)
    return moment.astimezone(ROMANIA).date() if moment.tzinfo else moment.date()
