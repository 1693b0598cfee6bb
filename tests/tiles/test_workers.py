"""Pools of processes: they die, hang, fill up and come back."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import psutil
import pytest

from tiles.errors import DrawingFailed
from tiles.workers import Busy, Pool, TaskDied, TaskFailed

ROOT = Path(__file__).parents[2]
MakePool = Callable[..., Pool]
_numbers = count()


@pytest.fixture
def make_pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[MakePool]:
    """Makes pools of the tests' own tasks; ends their processes after the test."""
    monkeypatch.chdir(ROOT)  # where the supervisor finds the module of the tasks
    made: list[Pool] = []

    def make(**options: Any) -> Pool:
        pool = Pool(f"test-{next(_numbers)}", "tests.tiles.tasks", **{"size": 1, **options})
        made.append(pool)
        return pool

    yield make
    for pool in made:
        for process in supervisors(pool):
            process.kill()


def supervisors(pool: Pool) -> list[psutil.Process]:
    """The pool's supervisors: the processes that listen on its socket and were not forked by one that does."""
    started = [
        process
        for process in psutil.process_iter(["cmdline"])
        if str(pool.path) in (process.info["cmdline"] or [])
    ]
    return [process for process in started if process.ppid() not in {one.pid for one in started}]


def wait_until(true: Callable[[], bool], seconds: float = 10) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "this never came about"
        time.sleep(0.02)


def test_a_task_runs_in_another_process_that_is_kept(make_pool: MakePool) -> None:
    pool = make_pool()
    worker = pool.run("whoami")
    assert worker != os.getpid()
    assert [pool.run("whoami") for _ in range(5)] == [worker] * 5
    assert pool.run("echo", {"a": b"\0" * 3_000_000}) == {"a": b"\0" * 3_000_000}
    assert pool.run("niceness") >= pool.niceness


def test_a_worker_killed_in_the_middle_is_replaced_and_its_task_done_again(
    make_pool: MakePool, tmp_path: Path
) -> None:
    pool, begun = make_pool(), tmp_path / "begun"
    worker = pool.run("whoami")
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(pool.run, "begin", str(begun), 0.5)
        wait_until(begun.exists)
        os.kill(worker, signal.SIGKILL)
        assert asked.result(timeout=10) != worker


def test_a_task_that_kills_its_process_is_tried_twice_and_given_up(make_pool: MakePool) -> None:
    pool = make_pool()
    with pytest.raises(TaskDied, match="in the middle of die"):
        pool.run("die")
    assert pool.run("echo", 1) == 1


def test_a_task_that_never_ends_is_ended(make_pool: MakePool) -> None:
    pool = make_pool(limit_s=0.5)
    begun = time.monotonic()
    with pytest.raises(TaskDied):
        pool.run("spin")
    assert time.monotonic() - begun < 5
    assert pool.run("echo", 1) == 1


def test_a_task_that_takes_all_memory_fails_alone(make_pool: MakePool) -> None:
    pool = make_pool(memory_mb=1024)
    with pytest.raises(TaskFailed, match="MemoryError"):
        pool.run("hoard")
    assert pool.run("echo", 1) == 1


def test_errors_come_back_as_they_are(make_pool: MakePool) -> None:
    pool = make_pool()
    with pytest.raises(DrawingFailed, match="as asked"):
        pool.run("fail")
    with pytest.raises(TaskFailed, match="no layer 'x'"):
        pool.run("fail_stiffly")
    with pytest.raises(TaskFailed, match="ZeroDivisionError in stumble"):
        pool.run("stumble")


def test_who_waits_too_long_is_told_so_and_skipped(make_pool: MakePool, tmp_path: Path) -> None:
    pool, sign = make_pool(wait_s=0.3), tmp_path / "begun"
    pool.run("whoami")
    with ThreadPoolExecutor(8) as threads:
        long = threads.submit(pool.run, "begin", str(sign), 1.0)
        wait_until(sign.exists)
        begun = time.monotonic()
        waiting = [threads.submit(pool.run, "sleep", 5) for _ in range(4)]
        for one in waiting:
            with pytest.raises(Busy):
                one.result(timeout=3)
        assert time.monotonic() - begun < 0.9
        assert long.result(timeout=3)
    begun = time.monotonic()
    assert Pool(**{**vars(pool), "wait_s": 10}).run("echo", 1) == 1
    assert time.monotonic() - begun < 2, "tasks that nobody waits for were done"


def test_a_full_queue_is_known_at_once(make_pool: MakePool) -> None:
    pool = make_pool(queue=2, wait_s=5)
    pool.run("whoami")
    with ThreadPoolExecutor(12) as threads:
        asked = [threads.submit(pool.run, "sleep", 0.3) for _ in range(12)]
        refused = [one for one in asked if isinstance(one.exception(timeout=20), Busy)]
        assert refused
        assert len(refused) < len(asked)


def test_a_program_keeps_its_threads_for_other_things(make_pool: MakePool, tmp_path: Path) -> None:
    pool = make_pool(size=2, at_once=2)
    signs = [tmp_path / "one", tmp_path / "other"]
    with ThreadPoolExecutor(2) as threads:
        asked = [threads.submit(pool.run, "begin", str(sign), 1.0) for sign in signs]
        wait_until(lambda: all(sign.exists() for sign in signs))
        begun = time.monotonic()
        with pytest.raises(Busy):
            pool.run("echo", 1)
        assert time.monotonic() - begun < 0.5
        assert all(one.result(timeout=10) for one in asked)
    assert pool.run("echo", 1) == 1


def test_processes_are_replaced_after_so_many_tasks(make_pool: MakePool) -> None:
    pool = make_pool(recycle_after=3)
    workers = [pool.run("whoami") for _ in range(9)]
    assert [workers.count(worker) for worker in dict.fromkeys(workers)] == [3, 3, 3]


def test_several_tasks_run_at_once_in_as_many_processes(make_pool: MakePool) -> None:
    pool = make_pool(size=3)
    with ThreadPoolExecutor(9) as threads:
        workers = list(threads.map(lambda _: pool.run("sleep", 0.1), range(9)))
    assert len(set(workers)) == 3


def test_a_process_whose_caches_are_warm_goes_first(make_pool: MakePool) -> None:
    pool = make_pool(size=2)
    did: list[int] = []
    for _ in range(20):
        time.sleep(0.02)  # it is waiting again
        did.append(pool.run("whoami"))
    assert max(map(did.count, did)) >= 15  # in turns it would be ten


def test_a_dead_supervisor_takes_its_workers_along_and_is_started_anew(make_pool: MakePool) -> None:
    pool = make_pool()
    worker = pool.run("whoami")
    (supervisor,) = supervisors(pool)
    supervisor.kill()
    wait_until(lambda: not psutil.pid_exists(worker) or psutil.Process(worker).status() == "zombie")
    assert pool.run("whoami") != worker
    assert len(supervisors(pool)) == 1


def ask_in_child(pool: Pool, answers: multiprocessing.Queue[int]) -> None:
    answers.put(pool.run("whoami"))


def test_forks_share_the_pool_of_their_parent(make_pool: MakePool) -> None:
    pool = make_pool()
    pool.start()
    context = multiprocessing.get_context("fork")
    answers: multiprocessing.Queue[int] = context.Queue()
    children = [context.Process(target=ask_in_child, args=(pool, answers)) for _ in range(4)]
    for child in children:
        child.start()
    workers = {answers.get(timeout=20) for _ in children}
    for child in children:
        child.join()
    assert workers == {pool.run("whoami")}
    wait_until(lambda: len(supervisors(pool)) == 1)  # surplus ones leave when they find there is one


def test_the_pool_ends_with_the_program(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(
        "from tiles.workers import Pool\n"
        "pool = Pool('brief', 'tests.tiles.tasks', size=1)\n"
        "print(pool.run('whoami'), pool.path)\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    worker, path = done.stdout.split()
    wait_until(lambda: not psutil.pid_exists(int(worker)))
    wait_until(lambda: not Path(path).exists() and not Path(path).parent.exists())


def test_a_pool_that_is_still_starting_ends_with_the_program(tmp_path: Path) -> None:
    """Its tasks take ten seconds to import; the program that wanted them is gone after one."""
    begun = tmp_path / "begun"
    (tmp_path / "slow_tasks.py").write_text(
        f"import time\nopen({str(begun)!r}, 'w').close()\ntime.sleep(10)\nTASKS = {{}}\n"
    )
    script = tmp_path / "program.py"
    script.write_text(
        "import pathlib, time\n"
        "from tiles.workers import Pool\n"
        "pool = Pool('slow', 'slow_tasks', size=1)\n"
        "pool.start()\n"
        f"while not pathlib.Path({str(begun)!r}).exists(): time.sleep(0.02)\n"
        "print(pool.path)\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{tmp_path}"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    path = Path(done.stdout.strip())
    running = [one for one in psutil.process_iter(["cmdline"]) if str(path) in (one.info["cmdline"] or [])]
    psutil.wait_procs(running, timeout=2)
    assert not [one for one in running if one.is_running()]
    assert not path.parent.exists()


def test_a_pool_that_cannot_start_says_so_soon(
    make_pool: MakePool, capfd: pytest.CaptureFixture[str]
) -> None:
    pool = Pool("broken", "tests.tiles.nothing_here", size=1)
    begun = time.monotonic()
    with pytest.raises(TaskDied, match="do not start"):
        pool.run("whoami")
    assert time.monotonic() - begun < 10
    assert "nothing_here" in capfd.readouterr().err
