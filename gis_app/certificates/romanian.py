"""Numbers, dates and units as they are written in Romanian official documents.

A no-break space stands between a figure and its unit, so that a line never ends between them.
"""

from __future__ import annotations

from datetime import date, datetime

from babel.dates import format_date
from babel.numbers import format_decimal

from layers.days import ROMANIA

NBSP = "\u00a0"


def number(value: float, decimals: int | None = None) -> str:
    """``1234.5`` → ``1.234,5``; with ``decimals`` exactly that many, else up to three."""
    pattern = "#,##0.###" if decimals is None else "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(value, format=pattern, locale="ro")


def quantity(value: float, unit: str, decimals: int | None = None) -> str:
    """A figure and its unit: ``35 %``, ``7,50 m``."""
    return f"{number(value, decimals)}{NBSP}{unit}" if unit else number(value, decimals)


def area(square_metres: float) -> str:
    """``1234.5`` → ``1.234,50 m²``."""
    return quantity(square_metres, "m²", 2)


def metres(value: float) -> str:
    """``12.314`` → ``12,31 m``."""
    return quantity(value, "m", 2)


def per_cent(share: float) -> str:
    """A share of 1: ``0.25137`` → ``25,14 %``."""
    return quantity(share * 100, "%", 2)


def lei(amount: float) -> str:
    """``9`` → ``9,00 lei``."""
    return quantity(amount, "lei", 2)


def day(value: date) -> str:
    """``24.11.2026``, the way forms ask for it."""
    return format_date(value, "dd.MM.yyyy", locale="ro")


def long_day(value: date) -> str:
    """``24 noiembrie 2026``."""
    return format_date(value, f"d{NBSP}MMMM{NBSP}yyyy", locale="ro")


def moment(value: datetime) -> str:
    """``24.11.2026, ora 14:05`` in Romania's time."""
    local = value.astimezone(ROMANIA)
    return f"{day(local.date())}, ora{NBSP}{local:%H:%M}"


def iso_day(value: object) -> str:
    """A date, or its ISO text as it comes through JSON, as ``24.11.2026``; other text unchanged."""
    if isinstance(value, date):
        return day(value)
    try:
        return day(date.fromisoformat(str(value)[:10]))
    except ValueError:
        return str(value)
