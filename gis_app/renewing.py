"""Derived layers kept up to date by those who change what they follow from: imports, rules, the passing of days."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import psycopg
import structlog

from analysis import derived
from layers.days import today
from layers.errors import VatraError

LOOK_EVERY_S = 60.0
log = structlog.get_logger("vatra.derived")


def renew(anew: bool = False) -> Iterator[str]:
    """Bring them up to date and say, a line each, what was made. Raises as `analysis.derived.refresh`."""
    for made in derived.refresh(anew=anew) or ():
        yield (
            f"{made.layer}: {made.rows} features from {made.valid_from}, worked out anew for {', '.join(made.parts)}"
        )


def try_to_renew() -> Iterator[str]:
    """As `renew`, but a failure is a line too: what was asked for has been done already."""
    try:
        yield from renew()
    except (VatraError, psycopg.Error) as error:
        yield f"the derived layers could not be renewed ({error}); `vatra layers refresh` tries again"


def renew_in_background() -> threading.Thread:
    """In a server process: bring them up to date now, and again when a day begins on which rules may change."""
    thread = threading.Thread(target=_keep_renewed, name="derived", daemon=True)
    thread.start()
    return thread


def _keep_renewed() -> None:
    done = None
    while True:
        if done != today():
            done = today() if _renewed() else None
        time.sleep(LOOK_EVERY_S)


def _renewed() -> bool:
    """Whether the layers are up to date now, or somebody else is at it."""
    try:
        for made in derived.refresh(wait=False) or ():
            log.info("derived layer made", layer=made.layer, valid_from=str(made.valid_from), rows=made.rows)
    except (VatraError, psycopg.Error) as error:
        log.warning("derived layers not renewed", error=str(error))
        return False
    return True
