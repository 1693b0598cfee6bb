"""Map statements step back for checks: the database processes that serve our drawings are niced like ourselves.

Half of a picture's time is spent in PostgreSQL, whose processes know nothing of our niceness. Where it runs on this
machine and we may, they are given ours; anywhere else nothing happens.
"""

from __future__ import annotations

import os
from contextlib import suppress
from functools import lru_cache

import psycopg
from psycopg.conninfo import conninfo_to_dict

BACKENDS = "SELECT pid FROM pg_stat_activity WHERE application_name = %s AND pid <> pg_backend_pid()"


@lru_cache(maxsize=16)
def step_back(connection: str) -> None:
    """Once for each database: nice the backends of this process's drawings, named in the libpq string."""
    parts = conninfo_to_dict(connection)
    if not str(parts.get("host", "")).startswith("/"):
        return
    with (
        suppress(psycopg.Error, PermissionError, ProcessLookupError),
        psycopg.connect(connection, application_name="vatra-drawing-courtesy") as asked,
    ):
        for (backend,) in asked.execute(BACKENDS, [parts["application_name"]]):
            os.setpriority(os.PRIO_PROCESS, backend, os.getpriority(os.PRIO_PROCESS, 0))
