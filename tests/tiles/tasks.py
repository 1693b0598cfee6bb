"""Tasks of a pool that the tests own: ones that misbehave."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from layers.errors import UnknownLayer
from tiles.errors import DrawingFailed


def prepare() -> None:
    """Nothing to prepare."""


def whoami() -> int:
    return os.getpid()


def echo(value: object) -> object:
    return value


def sleep(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def begin(sign: str, seconds: float) -> int:
    """Make a file, so that others know of it, and sleep."""
    Path(sign).touch()
    return sleep(seconds)


def spin() -> None:
    while True:
        sum(range(10_000))


def hoard() -> int:
    return len(bytearray(10_000_000_000))


def fail() -> None:
    raise DrawingFailed("as asked")


def fail_stiffly() -> None:
    raise UnknownLayer("x", ["y"])


def stumble() -> None:
    raise ZeroDivisionError


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def niceness() -> int:
    return os.nice(0)


TASKS = {
    function.__name__: function
    for function in (whoami, echo, sleep, begin, spin, hoard, fail, fail_stiffly, stumble, die, niceness)
}
