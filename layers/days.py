"""Which day it is: validity is counted in days of Romania, wherever the server stands."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

ROMANIA = ZoneInfo("Europe/Bucharest")


def today() -> date:
    """The day it is in Romania."""
    return datetime.now(ROMANIA).date()
