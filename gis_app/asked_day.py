"""The day that a request asks about: ``as_of=2026-03-01``, today without it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from gis_app.ogc.parameters import ParameterError
from layers.days import today


def asked_day(arguments: Mapping[str, str], name: str = "as_of") -> date:
    """The day given under that name. Raises ParameterError for anything but a day of the calendar."""
    given = arguments.get(name)
    if given is None:
        return today()
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise ParameterError(
            f"{name}: expected a day such as 2026-03-01, found {given[:40]!r}", name
        ) from None
