"""Processes that do one thing at a time for many: drawing, and whatever else must not run in a web worker.

MapServer is not thread safe and holds the interpreter while it draws, so it runs in processes of its own. A
pool is a supervisor that has imported what the tasks need, holds a listening socket, and forks the processes
that accept on it. The kernel's queue of connections is the pool's queue: every process of the program (all
workers of a web server) shares the one pool, a full queue is known at once, and who gave up waiting is skipped.

A process that dies, or runs longer than its limit, is replaced by a fork of the supervisor, in milliseconds.
A supervisor that dies is started anew by whoever needs it next; it ends when those who started it have ended.
"""

from __future__ import annotations

import json
import os
import pickle
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from layers.errors import VatraError

START_S = 20.0
POLL_S = 0.02


class Busy(VatraError):
    """No process of the pool became free in time."""


class TaskFailed(VatraError):
    """The task failed in a way that nobody foresaw; the log of the process says how."""


class TaskDied(VatraError):
    """The process doing the task died or ran out of time or memory."""


class _Lost(Exception):
    """The process went away without an answer."""


@dataclass(frozen=True)
class Pool:
    """Processes that run the functions in ``TASKS`` of a module, after its ``prepare()`` was called once for all.

    ``wait_s``: how long a task may wait for its turn (Busy); ``limit_s``: how long it may take (TaskDied);
    ``queue``: how many may wait in all, ``at_once``: how many one program may have waiting or running;
    ``recycle_after``: tasks after which a process is replaced, so that memory stays bounded; ``memory_mb``: address
    space of one; ``niceness`` as in nice(1).
    """

    name: str
    module: str
    size: int = 2
    queue: int = 64
    at_once: int = 64
    wait_s: float = 10.0
    limit_s: float = 20.0
    recycle_after: int = 1000
    memory_mb: int = 2048
    niceness: int = 10

    @property
    def path(self) -> Path:
        """The pool's socket, in a folder that only this user can enter."""
        return _folder() / f"{self.name}.sock"

    def run(self, task: str, *arguments: Any) -> Any:
        """The task's result; it must bear being done twice, since it is once more where its process dies.

        Raises what the task raises, Busy, or TaskDied.
        """
        turns = _turns(self, os.getpid())
        # Not waited for: that would hold a thread of a web worker, which others need.
        if not turns.acquire(blocking=False):
            raise Busy(f"too many wait for a {self.name} process; try again shortly")
        try:
            return self._run_again(task, arguments)
        finally:
            turns.release()

    def _run_again(self, task: str, arguments: tuple[Any, ...]) -> Any:
        begun = time.monotonic()
        for _ in range(2):
            try:
                return self._run(task, arguments)
            except _Lost:
                if time.monotonic() - begun >= self.limit_s:
                    break
        raise TaskDied(f"{self.name}: the process ended in the middle of {task}")

    def _run(self, task: str, arguments: tuple[Any, ...]) -> Any:
        with self._connect() as connection:
            try:
                connection.send_bytes(pickle.dumps((task, arguments)))
                if not connection.poll(self.wait_s):
                    raise Busy(f"every {self.name} process is busy; try again shortly")
                connection.recv_bytes()  # its turn has come
                if not connection.poll(self.limit_s + 1):
                    raise TaskDied(f"{self.name}: {task} did not end in {self.limit_s:g} s")
                done, value = pickle.loads(connection.recv_bytes())  # noqa: S301  # of our own process
            except (EOFError, ConnectionError) as error:
                raise _Lost from error
        if done:
            return value
        raise value

    def start(self) -> None:
        """Have the pool's supervisor started before its first task, and kept as long as we or our forks live.

        Raises TaskDied where one that we started just now has failed; it has written why.
        """
        key = self.name, os.getpid()
        with _lock:
            running = _started.get(key)
            if running is not None and (running.poll() or 0) > 0:
                del _started[key]
                raise TaskDied(f"the {self.name} processes do not start")
            if running is None or running.returncode is not None:
                command = [sys.executable, "-m", "tiles.supervisor", str(self.path), json.dumps(asdict(self))]
                # It ends when the last holder of this pipe has, and not when a terminal interrupts us all. One
                # too many, where several of our processes start one, ends at once.
                _started[key] = subprocess.Popen(  # noqa: S603  # ourselves
                    command, stdin=subprocess.PIPE, start_new_session=True
                )

    def _connect(self) -> Connection[Any, Any]:
        until = time.monotonic() + START_S
        while True:
            door = socket.socket(socket.AF_UNIX)
            try:
                door.setblocking(False)
                door.connect(str(self.path))
                door.setblocking(True)
                return Connection(door.detach())
            except BlockingIOError:
                raise Busy(f"too many wait for a {self.name} process; try again shortly") from None
            except (FileNotFoundError, ConnectionRefusedError) as error:
                if time.monotonic() > until:
                    raise TaskDied(f"the {self.name} processes do not start") from error
                self.start()
                time.sleep(POLL_S)
            finally:
                door.close()


_lock = threading.Lock()
_started: dict[tuple[str, int], subprocess.Popen[bytes]] = {}


@cache
def _folder() -> Path:
    """Where the sockets of this program lie; forks inherit it."""
    return Path(tempfile.mkdtemp(prefix="vatra-pools-"))


@cache
def _turns(pool: Pool, _process: int) -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(pool.at_once)


def _after_fork() -> None:
    """A child starts with a free lock: the thread that may have held it exists in the parent only."""
    global _lock
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_after_fork)
