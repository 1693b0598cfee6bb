"""A cached WMTS tile over HTTP: ours against nginx that serves the same file, one client and several.

Both are asked by wrk, which keeps its connections open, as maps do.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import requests

from layers import database
from tests.benchmarks.harness import Load, alternate, load, publish, together
from tests.showcase import showcase_place
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


def tile_address(address: str) -> str:
    """The path of the 1:2000 tile that holds the showcase parcel."""
    place = showcase_place(address)
    column, _, line, _ = STEREO70.covering(10, (*place, *place))
    return f"/wmts/1.0.0/theme.planning/default/current/Stereo70/10/{line}/{column}.png"


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


def _note(figures: dict[str, list[Load]], name: str, run: Callable[[], Load]) -> float:
    """Run, keep how it went; the median in milliseconds."""
    figures.setdefault(name, []).append(run())
    return figures[name][-1].median_ms


def main() -> None:
    """Measure, print and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, prog="vatra bench wmts")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=2, help="of each run in a round")
    parser.add_argument("--clients", type=int, default=4, help="at once, in the runs with several")
    options = parser.parse_args()
    path = tile_address(database.url())
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
                figures: dict[str, list[Load]] = {}
                runs: dict[str, Callable[[], float]] = {}
                for count in (1, options.clients):
                    for who, port, what in (("nginx", theirs, "/tile.png"), ("vatra", ours, path)):
                        name = f"{count} client{'s' * (count > 1)}: {who}"
                        ask = partial(load, port, [what], count, options.seconds)
                        runs[name] = partial(_note, figures, name, ask)
                load(ours, [path], 8, options.seconds)  # every worker prepares
                alternate(options.rounds, **runs)
    rows = []
    whole = {name: together(loads) for name, loads in figures.items()}
    for name, found in whole.items():
        floor = whole[f"{name.partition(':')[0]}: nginx"]
        rows.append(
            [name, found.median_ms, found.p99_ms, found.per_second, found.median_ms / floor.median_ms]
        )
    columns = ["clients and server", "median ms", "p99 ms", "a second", "× nginx"]
    details = {"tile_bytes": len(content), "options": vars(options), "aim": "at most 1.5 × nginx"}
    publish("wmts", f"A cached tile of {len(content):,} bytes", columns, rows, details)


if __name__ == "__main__":
    main()
