"""The demo county at growing sizes: seconds, and the peak memory of the process that makes it.

The county is streamed commune by commune, so memory may not grow with the number of parcels but for
that of the largest commune. Each size is made in an empty database of its own.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.bench_import import fresh_database
from tests.benchmarks.harness import publish


def make(parcels: int) -> tuple[float, float]:
    """Seconds and peak resident megabytes of ``vatra demo`` with so many parcels."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "VATRA_DATABASE_URL": fresh_database(), "VATRA_HOME": home}
        command = [str(Path(sys.executable).with_name("vatra")), "demo", "--parcels", str(parcels)]
        started = time.perf_counter()
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"vatra demo ended with {process.returncode}")
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def main() -> None:
    """Run, print, write ``var/bench/demo.json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--sizes", default="20000,300000", help="numbers of parcels, smallest first; try 3000000 too"
    )
    sizes = [int(size) for size in parser.parse_args().sizes.split(",")]
    figures = {size: make(size) for size in sizes}
    first = figures[sizes[0]][1]
    rows = [[f"{size:,} parcels", seconds, mb, mb / first] for size, (seconds, mb) in figures.items()]
    publish("demo", "The demo county", ["county", "seconds", "peak MB", "ratio"], rows, {"sizes": sizes})


if __name__ == "__main__":
    main()
