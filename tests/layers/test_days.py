"""The day of a check is Romania's."""

from __future__ import annotations

import subprocess
import sys


def test_the_day_changes_at_midnight_in_romania_whatever_the_server_s_clock_zone() -> None:
    code = (
        "from datetime import datetime, timezone; from layers.days import ROMANIA, today; "
        "print(today() == datetime.now(timezone.utc).astimezone(ROMANIA).date(), "
        "datetime(2026, 11, 24, 22, 30, tzinfo=timezone.utc).astimezone(ROMANIA).date())"
    )
    said = subprocess.run(
        [sys.executable, "-c", code],
        env={"TZ": "Pacific/Honolulu"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.split() == ["True", "2026-11-25"]
