"""What every drawing by MapServer needs: how it reaches the database, and what its errors mean."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from typing import TypeVar

import mapscript
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from layers import database
from layers.errors import DatabaseUnavailable, VatraError
from layers.settings import StorageSettings
from tiles.errors import DrawingFailed

LOST_CONNECTION = ("Database connection failed", "server closed the connection", "terminating connection")
Result = TypeVar("Result")


def conninfo(address: str) -> str:
    """libpq string for this process's drawings: its name keeps a fork from using its parent's open sockets."""
    return _conninfo(address, os.getpid())


def insistently(draw: Callable[[], Result], forget: Callable[[], None] = lambda: None) -> Result:
    """Draw; where it fails once more with new connections, since those kept may be of a database that restarted.

    ``forget`` drops what else is kept. Raises DatabaseUnavailable, or DrawingFailed for any other failure.
    """
    try:
        return draw()
    except mapscript.MapServerError:
        forget()
        mapscript.msConnPoolCloseUnreferenced()
        try:
            return draw()
        except mapscript.MapServerError as error:
            forget()
            raise _explain(error) from error


@cache
def _conninfo(address: str, process: int) -> str:
    # The role to take on is among the options of the address.
    given = conninfo_to_dict(address).get("options", "")
    limits = f"-c jit=off -c statement_timeout={StorageSettings().statement_timeout_ms}"
    return make_conninfo(
        address,
        application_name=f"vatra-drawing-{process}",
        connect_timeout=5,
        options=f"{given} {limits}".strip(),
    )


def _explain(error: Exception) -> VatraError:
    """MapServer has one class of error; its text tells a lost database from the rest."""
    message = str(error)
    if any(sign in message for sign in LOST_CONNECTION):
        return DatabaseUnavailable(database.unreachable(ConnectionError("drawing found no connection")))
    return DrawingFailed(f"the map could not be drawn: {' '.join(message.split())}")
