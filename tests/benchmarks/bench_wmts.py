"""A cached WMTS tile over HTTP: ours against nginx that serves the same file, one client and several.

Two clients: a bare socket that reads what it must and no more, which is all server; and ``requests``, as programs
do it. Both keep their connection open, as maps do.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg
import requests

from layers import database
from layers.demo import SHOWCASE
from tests.benchmarks.harness import alternate, median, percentile, publish
from tiles.cache.grids import STEREO70

VATRA = str(Path(sys.executable).with_name("vatra"))
NGINX = """
worker_processes {workers}; pid {folder}/nginx.pid; error_log {folder}/error.log; daemon off; user {user};
events {{ worker_connections 256; }}
http {{
  access_log off; sendfile on; keepalive_requests 100000000; types {{ image/png png; }}
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; root {folder}/www; }}
}}
"""
Ask = Callable[[], int]


def tile_address(address: str) -> str:
    """The path of the 1:2000 tile that holds the showcase parcel."""
    with psycopg.connect(address) as connection:
        row = connection.execute(
            "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(geom) AS p FROM cadastre.parcel"
            " WHERE siruta = %s AND cadastral_number = %s AND valid_to = 'infinity') AS found",
            [SHOWCASE.siruta, SHOWCASE.cadastral_number],
        ).fetchone()
    assert row, "no demo county in this database: `vatra demo` makes one"
    column, _, line, _ = STEREO70.covering(10, (row[0], row[1], row[0], row[1]))
    return f"/wmts/1.0.0/theme.planning/default/current/Stereo70/10/{line}/{column}.png"


def bare(port: int, path: str) -> Ask:
    """Asks over a socket; the length of the answer's body. Fails on any status but 200."""
    door = socket.create_connection(("127.0.0.1", port))
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()

    def ask() -> int:
        door.sendall(request)
        got = b""
        while b"\r\n\r\n" not in got:
            got += door.recv(65_536)
        head, _, body = got.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head[:200]
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        left = length - len(body)
        while left:
            left -= len(door.recv(65_536))
        return length

    return ask


def usual(port: int, path: str) -> Ask:
    """Asks by ``requests``."""
    session = requests.Session()

    def ask() -> int:
        answer = session.get(f"http://127.0.0.1:{port}{path}", timeout=10)
        assert answer.status_code == 200
        return len(answer.content)

    return ask


class Figures:
    """Latencies (ms) and requests a second of every run."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.latencies: dict[str, list[float]] = {}
        self.rates: dict[str, list[float]] = {}

    def forget(self) -> None:
        """Begin anew."""
        self.latencies.clear()
        self.rates.clear()

    def run(self, name: str, connect: Callable[[], Ask], clients: int) -> float:
        """Ask for some seconds; the median in milliseconds."""
        asks = [connect() for _ in range(clients)]
        mine: list[list[float]] = [[] for _ in asks]
        until = time.perf_counter() + self.seconds

        def work(ask: Ask, into: list[float]) -> None:
            while (begun := time.perf_counter()) < until:
                ask()
                into.append((time.perf_counter() - begun) * 1000)

        threads = [threading.Thread(target=work, args=pair) for pair in zip(asks, mine, strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found = [one for each in mine for one in each]
        self.latencies.setdefault(name, []).extend(found)
        self.rates.setdefault(name, []).append(len(found) / self.seconds)
        return median(found)


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], port: int, environment: dict[str, str]) -> Iterator[None]:
    """A server, until it is no longer needed."""
    process = subprocess.Popen(
        command, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(30)


def main() -> None:
    """Measure, print and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, prog="vatra bench wmts")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2, help="of each run in a round")
    parser.add_argument("--clients", type=int, default=4, help="at once, in the runs with several")
    options = parser.parse_args()
    path, figures = tile_address(database.url()), Figures(options.seconds)
    ours, theirs = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        serve = [VATRA, "serve", "--port", str(ours), "--workers", "2"]
        with running(serve, ours, {"VATRA_DATABASE_URL": database.url(), "VATRA_HOME": folder}):
            content = requests.get(f"http://127.0.0.1:{ours}{path}", timeout=60).content
            (Path(folder) / "www").mkdir()
            (Path(folder) / "www/tile.png").write_bytes(content)
            conf = Path(folder) / "nginx.conf"
            user = "root" if os.geteuid() == 0 else "nobody"
            conf.write_text(NGINX.format(folder=folder, port=theirs, workers=2, user=user))
            with running(["/usr/sbin/nginx", "-c", str(conf)], theirs, {}):
                runs: dict[str, Callable[[], float]] = {}
                for kind, client in (("bare socket", bare), ("requests", usual)):
                    for count in (1, options.clients):
                        label = f"{kind}, {count} client{'s' * (count > 1)}"
                        for who, port, what in (("nginx", theirs, "/tile.png"), ("vatra", ours, path)):
                            run = partial(figures.run, f"{label}: {who}", partial(client, port, what), count)
                            runs[f"{label}: {who}"] = run
                for run in runs.values():  # every worker prepares
                    run()
                figures.forget()
                alternate(options.rounds, **runs)
    rows = []
    for name, latencies in figures.latencies.items():
        floor = figures.latencies[f"{name.partition(':')[0]}: nginx"]
        rate = median(figures.rates[name])
        rows.append(
            [name, median(latencies), percentile(latencies, 0.99), rate, median(latencies) / median(floor)]
        )
    columns = ["client and server", "median ms", "p99 ms", "a second", "× nginx"]
    details = {"tile_bytes": len(content), "options": vars(options), "aim": "at most 1.5 × nginx"}
    publish("wmts", f"A cached tile of {len(content):,} bytes", columns, rows, details)


if __name__ == "__main__":
    main()
