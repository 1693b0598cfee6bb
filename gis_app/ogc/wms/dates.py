"""The time dimension: the warning where no version begins on the day that a request asks about."""

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
    nearest = max((one for one in states.days(layers) if one <= day), default=None)
    if nearest and nearest != day:  # before the first version nothing is shown, nor used in its place
        names = ",".join(layers)
        response.headers["Warning"] = f"99 Nearest value used: time={nearest.isoformat()} ISO8601 {names}"
    return response
