"""The check against its own SQL: pgbench as the floor, the call in process, HTTP with one client and eight.

The floor is the very statement of the check, prepared, run by pgbench for the same parcels. Sizes are demo
counties, made once in databases of their own (``vatra_bench_check_N``) and kept for the next run.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from http.client import HTTPConnection
from itertools import cycle
from pathlib import Path

import psycopg
from psycopg import sql

import analysis
from analysis.checking import compiled
from analysis.rulebook import rulebook
from analysis.settings import settings
from gis_app import cluster
from layers.settings import StorageSettings
from tests.benchmarks.harness import alternate, median, percentile, publish

VATRA = str(Path(sys.executable).with_name("vatra"))
Numbers = list[tuple[int, str]]


@dataclass
class County:
    """A demo county under test: its size, database and the parcels asked about."""

    parcels: int
    address: str
    sample: Numbers
    latencies: dict[str, list[float]] = field(default_factory=dict)
    per_second: dict[str, list[float]] = field(default_factory=dict)

    def note(self, name: str, seconds: list[float], elapsed: float) -> float:
        """Keep a round's figures; its median in milliseconds."""
        self.latencies.setdefault(name, []).extend(one * 1000 for one in seconds)
        self.per_second.setdefault(name, []).append(len(seconds) / elapsed)
        return median(seconds) * 1000


def county_of(parcels: int, sample: int) -> County:
    """The county of that size, made if it is not there yet."""
    cluster.up()
    parts = psycopg.conninfo.conninfo_to_dict(StorageSettings().url)
    name = f"vatra_bench_check_{parcels}"
    address = psycopg.conninfo.make_conninfo("", **{**parts, "dbname": name})
    server = psycopg.conninfo.make_conninfo("", **{**parts, "dbname": "postgres"})
    with psycopg.connect(server, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    cluster.migrate(address)
    own = os.environ | {"VATRA_DATABASE_URL": address}
    subprocess.run([VATRA, "demo", "--parcels", str(parcels)], env=own, check=True, stdout=subprocess.DEVNULL)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        rows = connection.execute(
            "SELECT siruta, cadastral_number FROM cadastre.parcel ORDER BY md5(id::text) LIMIT %s", [sample]
        ).fetchall()
    return County(parcels, address, rows)


def run_pgbench(county: County, clients: int, seconds: int) -> float:
    """The bare statement, prepared, each transaction about another parcel; median latency in ms."""
    statement = compiled(rulebook(settings().rules), date.today()).statement("parcels")
    text = (
        statement.text.replace("$1", ":day").replace("$2", "ARRAY[:siruta]").replace("$3", "ARRAY[:number]")
    )
    with tempfile.TemporaryDirectory() as folder:
        scripts = []
        for position, (siruta, number) in enumerate(county.sample):
            if not number.isdigit():
                continue
            path = Path(folder) / f"{position}.sql"
            path.write_text(f"\\set siruta {siruta}\n\\set number {number}\n{text};\n", encoding="utf-8")
            scripts += ["-f", str(path)]
        command = [
            "pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", str(min(clients, 2)), "-T", str(seconds),
            "-D", f"day='{date.today()}'", "-l", f"--log-prefix={folder}/log", *scripts, county.address,
        ]  # fmt: skip
        quiet = os.environ | {"PGOPTIONS": "-c jit=off -c plan_cache_mode=force_generic_plan"}
        done = subprocess.run(command, env=quiet, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"pgbench: {done.stderr.strip()}")
        lines = [line for log in Path(folder).glob("log*") for line in log.read_text().splitlines()]
    # Each parcel is a script of its own; a client's first run of it prepares and plans, and is left out.
    settled, planned = [], set()
    for line in lines:
        client, _, microseconds, script = line.split()[:4]
        if (client, script) in planned:
            settled.append(int(microseconds) / 1e6)
        planned.add((client, script))
    busy = sum(settled) / clients
    return county.note(f"bare SQL, {clients} client{'s' * (clients > 1)}", settled, busy)


def run_in_process(county: County, seconds: int) -> float:
    """``analysis.check`` and its JSON, one thread; median latency in ms."""
    latencies: list[float] = []
    started = time.perf_counter()
    for siruta, number in cycle(county.sample):
        begun = time.perf_counter()
        analysis.check(analysis.parcel(siruta, number), database=county.address).to_json()
        latencies.append(time.perf_counter() - begun)
        if time.perf_counter() - started > seconds:
            break
    return county.note("in process", latencies, time.perf_counter() - started)


def run_http(county: County, port: int, clients: int, seconds: int) -> float:
    """POST /api/v1/checks over kept-alive connections; median latency in ms."""
    latencies: list[list[float]] = [[] for _ in range(clients)]
    until = time.perf_counter() + seconds

    def ask(mine: list[float], offset: int) -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        turned = county.sample[offset:] + county.sample[:offset]
        for siruta, number in cycle(turned):
            body = json.dumps({"parcel": {"siruta": siruta, "cadastral_number": number}})
            begun = time.perf_counter()
            connection.request("POST", "/api/v1/checks", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            mine.append(time.perf_counter() - begun)
            if answer.status != 200:
                raise SystemExit(f"HTTP {answer.status} for {body}")
            if time.perf_counter() > until:
                return

    step = max(len(county.sample) // clients, 1)
    threads = [threading.Thread(target=ask, args=(mine, step * i)) for i, mine in enumerate(latencies)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - started
    return county.note(
        f"HTTP, {clients} client{'s' * (clients > 1)}", [one for mine in latencies for one in mine], elapsed
    )


@contextmanager
def served(county: County) -> Iterator[int]:
    """``vatra serve`` over that county with two workers; its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    own = os.environ | {"VATRA_DATABASE_URL": county.address}
    command = [VATRA, "serve", "--port", str(port), "--workers", "2"]
    process = subprocess.Popen(command, env=own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        run_http(County(county.parcels, county.address, county.sample), port, 4, 3)  # each worker prepares
        yield port
    finally:
        process.terminate()
        process.wait(30)


def measure(county: County, rounds: int, seconds: int, clients: tuple[int, ...]) -> None:
    """All runs in turn, round after round."""
    with served(county) as port:
        runs = {"process": partial(run_in_process, county, seconds)}
        for count in clients:
            runs[f"bare{count}"] = partial(run_pgbench, county, count, seconds)
            runs[f"http{count}"] = partial(run_http, county, port, count, seconds)
        alternate(rounds, **runs)


def main() -> None:
    """Measure, print and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, prog="vatra bench check")
    parser.add_argument(
        "--sizes", default="10000,100000,300000", help="parcels of the counties, the last in full"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4, help="of each run in a round")
    parser.add_argument("--sample", type=int, default=100, help="different parcels, at most 128")
    options = parser.parse_args()
    sizes = sorted(int(size) for size in options.sizes.split(","))
    counties = [county_of(size, options.sample) for size in sizes]
    for county in counties:
        measure(county, options.rounds, options.seconds, (1, 8) if county is counties[-1] else (1,))
    rows = []
    for county in counties:
        floor = median(county.latencies["bare SQL, 1 client"])
        for name, figures in county.latencies.items():
            middle, rate = median(figures), median(county.per_second[name])
            ratio = (
                middle / floor
                if "8" not in name
                else middle / median(county.latencies["bare SQL, 8 clients"])
            )
            rows.append([f"{county.parcels:,} {name}", middle, percentile(figures, 0.99), rate, ratio])
    columns = ["parcels and run", "median ms", "p99 ms", "a second", "× bare SQL"]
    growth = {
        name: median(counties[-1].latencies[name]) / median(counties[0].latencies[name])
        for name in counties[0].latencies
    }
    details = {
        "growth": {"from": sizes[0], "to": sizes[-1], "median_ratio": growth},
        "options": vars(options),
    }
    path = publish("check", "The check", columns, rows, details)
    print(f"{path}; growth of the medians from {sizes[0]:,} to {sizes[-1]:,} parcels: {growth}")


if __name__ == "__main__":
    main()
