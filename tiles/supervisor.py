"""``python -m tiles.supervisor SOCKET POOL``: the supervisor of one pool of processes (:mod:`tiles.workers`).

It has one thread and opens no connection, so its forks start clean and with everything imported.
"""

from __future__ import annotations

import ctypes
import fcntl
import importlib
import json
import os
import pickle
import resource
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from layers.errors import VatraError
from tiles.workers import Pool, TaskFailed

Tasks = dict[str, Callable[..., Any]]
PR_SET_PDEATHSIG = 1
STDIN = 0
# A process that cannot even start must not make us fork as fast as we can.
BREATH_S = 0.1


def supervise(path: Path, pool: Pool) -> None:
    """Keep the pool's processes running until nobody who may need them is left."""
    lock = os.open(path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return  # there is one already
    running: dict[int, int] = {}
    try:
        _leave_with_the_last()
        module = importlib.import_module(pool.module)
        tasks: Tasks = module.TASKS
        module.prepare()
        path.unlink(missing_ok=True)
        door = socket.socket(socket.AF_UNIX)
        door.bind(str(path))
        door.listen(pool.queue)
        door.setblocking(False)
        while True:
            while len(running) < pool.size:
                process = _fork(door, pool, tasks)
                running[os.pidfd_open(process)] = process
            for handle in select.select([*running], [], [])[0]:
                _, status = os.waitpid(running.pop(handle), 0)
                os.close(handle)
                if status:
                    time.sleep(BREATH_S)
    finally:
        for process in running.values():
            os.kill(process, signal.SIGKILL)
        path.unlink(missing_ok=True)
        path.with_suffix(".lock").unlink(missing_ok=True)
        with suppress(OSError):  # another pool's socket may lie there
            path.parent.rmdir()


def _leave_with_the_last() -> None:
    """Have the end of the pipe from those who may need us end us too, whatever we are doing just then.

    By a signal: on a busy machine importing what the tasks need takes longer than anybody should outlive a server.
    """
    signal.signal(signal.SIGIO, lambda *_: sys.exit())
    fcntl.fcntl(STDIN, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(STDIN, fcntl.F_SETFL, fcntl.fcntl(STDIN, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([STDIN], [], [], 0)[0]:
        sys.exit()


def _fork(door: socket.socket, pool: Pool, tasks: Tasks) -> int:
    process = os.fork()
    if process == 0:
        try:
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            os.nice(pool.niceness)
            resource.setrlimit(resource.RLIMIT_AS, (pool.memory_mb * 1024 * 1024,) * 2)
            serve(door, pool, tasks)
        finally:
            os._exit(1)
    return process


def serve(door: socket.socket, pool: Pool, tasks: Tasks) -> None:
    """Do tasks one after the other, as many as the pool lets one process do."""
    waiting = select.epoll()
    waiting.register(door, select.EPOLLIN | select.EPOLLEXCLUSIVE)
    for _ in range(pool.recycle_after):
        with Connection(_next(door, waiting).detach()) as connection, suppress(EOFError, ConnectionError):
            connection.send_bytes(b"")  # fails where the asker has given up
            task, arguments = pickle.loads(connection.recv_bytes())  # noqa: S301  # of our own processes
            # No handler: the signal ends the process wherever it is, in a loop of C as well.
            signal.setitimer(signal.ITIMER_REAL, pool.limit_s)
            answer = _do(tasks[task], arguments)
            signal.setitimer(signal.ITIMER_REAL, 0)
            connection.send_bytes(answer)
    os._exit(0)


def _next(door: socket.socket, waiting: select.epoll) -> socket.socket:
    """The next connection.

    By this way of waiting the kernel picks the same process whenever it is free, whose caches and whose database
    process's are warm; plain accept() would have them take turns, and a small picture cost a sixth more.
    """
    while True:
        waiting.poll()
        with suppress(BlockingIOError):  # another one was faster
            return door.accept()[0]


def _do(task: Callable[..., Any], arguments: tuple[Any, ...]) -> bytes:
    try:
        return pickle.dumps((True, task(*arguments)))
    except VatraError as error:
        with suppress(Exception):  # an error that cannot travel is told by its text
            travelled = pickle.dumps((False, error))
            pickle.loads(travelled)  # noqa: S301  # our own
            return travelled
        return pickle.dumps((False, TaskFailed(str(error))))
    except Exception as error:  # noqa: BLE001  # told to the asker; the log has the trace
        traceback.print_exc()
        return pickle.dumps((False, TaskFailed(f"{type(error).__name__} in {task.__name__}")))


if __name__ == "__main__":
    supervise(Path(sys.argv[1]), Pool(**json.loads(sys.argv[2])))
