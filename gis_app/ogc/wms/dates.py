"""The time dimension: which day a request asks about, and the warning where no version begins on it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import flask

from gis_app.ogc.parameters import Parameters
from layers import states


def warn(
    response: flask.Response, parameters: Parameters, layers: Collection[str], day: date
) -> flask.Response:
    """Say in a header, as WMS asks, what version a day without one of its own is shown by."""
    asked = parameters.get("time", "").strip()
    if asked in {"", "current"}:
        return response
    days = states.days(layers)
    if days and day not in days:
        nearest = max((one for one in days if one < day), default=days[0])
        names = ",".join(layers)
        response.headers["Warning"] = f"99 Nearest value used: time={nearest.isoformat()} ISO8601 {names}"
    return response
