"""Conditions of rules on a feature's columns, in Python and in SQL; both say the same (tested)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from psycopg import sql

from analysis.rulebook import Condition, Range

LIMITS = (("min", ">="), ("above", ">"), ("below", "<"), ("max", "<="))


def fits(condition: Condition, attributes: Mapping[str, Any]) -> bool:
    """Whether the attributes meet every part of the condition; a missing value is never in a range."""
    for name, wanted in condition.items():  # a loop, as this is asked about a hundred times a check
        value = attributes.get(name)
        if not (_within(wanted, value) if isinstance(wanted, Range) else value in wanted):
            return False
    return True


def still_valid(ends: str | None, attributes: Mapping[str, Any], day: date) -> bool:
    """Whether the feature's own last day (ISO text in the column ``ends``), if it has one, is not past."""
    last = attributes.get(ends) if ends else None
    return last is None or str(last) >= day.isoformat()


def as_sql(condition: Condition) -> sql.Composable:
    """The condition on the feature ``f``, its values as literals."""
    if not condition:
        return sql.SQL("true")
    return sql.SQL(" AND ").join([_part_as_sql(name, wanted) for name, wanted in condition.items()])


def _within(wanted: Range, value: float | None) -> bool:
    if value is None:
        return False
    return (
        (wanted.min is None or value >= wanted.min)
        and (wanted.above is None or value > wanted.above)
        and (wanted.below is None or value < wanted.below)
        and (wanted.max is None or value <= wanted.max)
    )


def _part_as_sql(name: str, wanted: tuple[Any, ...] | Range) -> sql.Composable:
    column = sql.Identifier("f", name)
    if isinstance(wanted, Range):
        parts = [
            sql.SQL("{} {} {}").format(column, sql.SQL(sign), sql.Literal(getattr(wanted, end)))
            for end, sign in LIMITS
            if getattr(wanted, end) is not None
        ]
        return sql.SQL(" AND ").join(parts) if parts else sql.SQL("{} IS NOT NULL").format(column)
    given = [value for value in wanted if value is not None]
    parts = []
    if given:
        listed = sql.SQL(", ").join([sql.Literal(value) for value in given])
        parts.append(sql.SQL("{} IN ({})").format(column, listed))
    if len(given) < len(wanted):
        parts.append(sql.SQL("{} IS NULL").format(column))
    return sql.SQL("({})").format(sql.SQL(" OR ").join(parts)) if parts else sql.SQL("false")
