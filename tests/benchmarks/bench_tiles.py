"""Vector tiles over HTTP against tipg on the same database, and the bare ST_AsMVT by pgbench as the floor.

The floor is the very statement of the tile, prepared. Ours is measured twice: each tile made anew
(``VATRA_WEB_TILE_CACHE_MB=0``), and with the tiles that a worker keeps, after each was asked for once. tipg answers
one layer a request, so its tile of two layers is two requests on the same connection; it reads the same stored
EPSG:3857 geometry and has as many processes. Nobody compresses. First of all the largest tile of every group of
layers is looked for, zoom by zoom.
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
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from http.client import HTTPConnection
from itertools import cycle
from pathlib import Path
from urllib.parse import quote

import psycopg

from layers.catalogue import Layer
from layers.groups import groups
from layers.visibility import visible
from tests.benchmarks.bench_check import VATRA, county_of
from tests.benchmarks.harness import FOLDER, alternate, median, percentile, publish
from tiles import vector
from tiles.vector_bands import first_zoom
from tiles.vector_grid import DEEPEST, WORLD_M, box, width_m
from tiles.vector_sql import statement

Place = tuple[int, int, int]
# What the style draws of land and roads at these zooms: parcels and zones appear when the map is close enough.
FAR, NEAR = ("admin.uat", "roads.road"), ("cadastre.parcel", "planning.zone")
TIPG = FOLDER / "tipg/.venv"
PROCESSES = 2
# The cluster lets 60 clients in, and all servers run side by side.
CONNECTIONS = "4"


@dataclass
class Figures:
    """Latencies (ms) and rates of all rounds, by zoom, run and number of clients."""

    latencies: dict[tuple[int, str, int], list[float]] = field(default_factory=dict)
    rates: dict[tuple[int, str, int], list[float]] = field(default_factory=dict)

    def note(self, key: tuple[int, str, int], seconds: list[float], elapsed: float) -> float:
        """Keep a round's figures; its median in milliseconds."""
        self.latencies.setdefault(key, []).extend(one * 1000 for one in seconds)
        self.rates.setdefault(key, []).append(len(seconds) / elapsed)
        return median(seconds) * 1000


def layers_at(z: int) -> tuple[str, ...]:
    """The two layers whose tiles are asked for at that zoom."""
    return (
        NEAR
        if all(first_zoom(layer) <= z for layer in vector.chosen(",".join(NEAR), visible("public")))
        else FAR
    )


def tiles_with_parcels(address: str, z: int, count: int) -> list[Place]:
    """Tiles in which parcels chosen by chance lie."""
    width, half = width_m(z), WORLD_M / 2
    with psycopg.connect(address) as connection:
        rows = connection.execute(
            "SELECT DISTINCT floor((ST_X(p) + %s) / %s)::int, floor((%s - ST_Y(p)) / %s)::int FROM (SELECT"
            " ST_Centroid(geom_3857) AS p FROM cadastre.parcel ORDER BY md5(id::text) LIMIT %s) s ORDER BY 1, 2",
            [half, width, half, width, count],
        ).fetchall()
    return [(z, row[0], row[1]) for row in rows]


def largest_tiles(address: str, tried: int) -> list[list[object]]:
    """By zoom, the largest tile of any group: bytes, group and place; of each the ``tried`` with most corners."""
    rows: list[list[object]] = []
    drawn = {group: vector.chosen(group, visible("public")) for group in groups()}
    for z in range(DEEPEST + 1):
        sizes: list[tuple[int, str, Place]] = []
        for group, layers in drawn.items():
            here = tuple(layer for layer in layers if first_zoom(layer) <= z)
            for x, y in _fullest(address, here, z, tried) if here else ():
                content = vector.draw(vector.tile(layers, z, x, y, date.today()), address)
                sizes.append((len(content), group, (z, x, y)))
        if sizes:
            size, group, place = max(sizes)
            rows.append([f"z{z}", size, group, "/".join(map(str, place)), len(sizes)])
    return rows


def _fullest(address: str, layers: tuple[Layer, ...], z: int, tried: int) -> list[tuple[int, int]]:
    width, half = width_m(z), WORLD_M / 2
    tables = " UNION ALL ".join(f"SELECT geom_3857 AS g FROM {layer.id}" for layer in layers)
    with psycopg.connect(address) as connection:
        rows = connection.execute(
            "SELECT floor((ST_X(p) + %s) / %s)::int, floor((%s - ST_Y(p)) / %s)::int, sum(n) FROM (SELECT"
            f" ST_Centroid(ST_Envelope(g)) AS p, ST_NPoints(g) AS n FROM ({tables}) t) s"
            " GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT %s".encode(),
            [half, width, half, width, tried],
        ).fetchall()
    return [(row[0], row[1]) for row in rows]


def run_pgbench(figures: Figures, address: str, places: list[Place], clients: int, seconds: int) -> float:
    """The bare statement, prepared, each transaction another tile; median latency in ms."""
    z = places[0][0]
    text = statement(layers_at(z), z).decode()
    for number, name in enumerate(("west", "south", "east", "north", "day", "step"), 1):
        text = text.replace(f"${number}", f":{name}")
    with tempfile.TemporaryDirectory() as folder:
        scripts: list[str] = []
        for position, place in enumerate(places):
            edges = zip(("west", "south", "east", "north"), box(*place), strict=True)
            path = Path(folder) / f"{position}.sql"
            path.write_text(
                "".join(f"\\set {name} {edge!r}\n" for name, edge in edges) + f"{text};\n", encoding="utf-8"
            )
            scripts += ["-f", str(path)]
        command = [
            "pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", str(min(clients, 2)), "-T", str(seconds),
            "-D", f"day={date.today()}", "-D", "step=0", "-l", f"--log-prefix={folder}/log", *scripts, address,
        ]  # fmt: skip
        done = subprocess.run(
            command, env=os.environ | {"PGOPTIONS": "-c jit=off"}, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"pgbench: {done.stderr.strip()}")
        lines = [line for log in Path(folder).glob("log*") for line in log.read_text().splitlines()]
    # A client's first run of each script prepares it, which ours has done long ago.
    settled, prepared = [], set()
    for line in lines:
        client, _, microseconds, script = line.split()[:4]
        if (client, script) in prepared:
            settled.append(int(microseconds) / 1e6)
        prepared.add((client, script))
    if not settled:
        raise SystemExit(f"pgbench ran no tile of zoom {z} twice; give it more --seconds, or a smaller --sample")
    return figures.note((z, "bare ST_AsMVT", clients), settled, sum(settled) / clients)


def run_http(
    figures: Figures, name: str, port: int, paths: Callable[[Place], list[str]], places: list[Place], clients: int,
    seconds: int,
) -> float:  # fmt: skip
    """All requests of a tile over kept-alive connections, tile after tile; median latency in ms."""
    latencies: list[list[float]] = [[] for _ in range(clients)]
    until = time.perf_counter() + seconds

    def ask(mine: list[float], offset: int) -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        for place in cycle(places[offset:] + places[:offset]):
            begun = time.perf_counter()
            for path in paths(place):
                connection.request("GET", path)
                answer = connection.getresponse()
                answer.read()
                if answer.status not in (200, 204):
                    raise SystemExit(f"HTTP {answer.status} for {path}")
            mine.append(time.perf_counter() - begun)
            if time.perf_counter() > until:
                return

    step = max(len(places) // clients, 1)
    threads = [threading.Thread(target=ask, args=(mine, step * i)) for i, mine in enumerate(latencies)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - started
    return figures.note((places[0][0], name, clients), [one for mine in latencies for one in mine], elapsed)


def our_paths(place: Place) -> list[str]:
    """The one request of a tile of ours."""
    z, x, y = place
    return [f"/tiles/{','.join(layers_at(z))}/{z}/{x}/{y}.pbf"]


def tipg_paths(place: Place) -> list[str]:
    """tipg's requests for the same layers."""
    z, x, y = place
    return [
        f"/collections/{layer}/tiles/WebMercatorQuad/{z}/{x}/{y}?geom-column=geom_3857"
        for layer in layers_at(z)
    ]


@contextmanager
def running(command: list[str], environment: dict[str, str], port: int) -> Iterator[int]:
    """A server process that listens on that port."""
    process = subprocess.Popen(
        command, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(600):
            if process.poll() is not None:
                raise SystemExit(f"{command[0]} ended with {process.returncode}")
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve_ours(address: str, cache_mb: int) -> AbstractContextManager[int]:
    """``vatra serve`` over that database."""
    port = free_port()
    command = [VATRA, "serve", "--port", str(port), "--workers", str(PROCESSES)]
    environment = {
        "VATRA_DATABASE_URL": address,
        "VATRA_POOL_SIZE": CONNECTIONS,
        "VATRA_WEB_TILE_CACHE_MB": str(cache_mb),
    }
    return running(command, environment, port)


def serve_tipg(address: str) -> AbstractContextManager[int]:
    """tipg over the same database, in an environment of its own because it needs other versions of libraries.

    With uvloop: uvicorn's workers without it leave Nagle's delay on, 40 ms a request on a kept-alive connection.
    """
    if not (TIPG / "bin/uvicorn").exists():
        subprocess.run([sys.executable, "-m", "venv", str(TIPG)], check=True)
        subprocess.run([str(TIPG / "bin/pip"), "install", "--quiet", "tipg", "uvicorn[standard]"], check=True)
    parts = psycopg.conninfo.conninfo_to_dict(address)
    login = quote(str(parts["user"]), safe="") + (
        f":{quote(str(parts['password']), safe='')}" if parts.get("password") else ""
    )
    host = quote(str(parts.get("host", "localhost")), safe="") + (
        f":{parts['port']}" if parts.get("port") else ""
    )
    port = free_port()
    environment = {
        "DATABASE_URL": f"postgresql://{login}@{host}/{parts['dbname']}",
        "TIPG_DB_SCHEMAS": '["admin", "cadastre", "planning", "roads"]',
        "TIPG_MAX_FEATURES_PER_TILE": "10000000",
        "TIPG_TILE_BUFFER": "64",
        "DB_MAX_CONN_SIZE": CONNECTIONS,
    }
    command = [str(TIPG / "bin/uvicorn"), "tipg.main:app", "--port", str(port), "--workers", str(PROCESSES)]
    return running([*command, "--log-level", "error"], environment, port)


def measure(figures: Figures, address: str, zooms: list[int], rounds: int, seconds: int, sample: int) -> None:
    """All runs in turn, round after round, zoom after zoom."""
    with ExitStack() as stack:
        anew = stack.enter_context(serve_ours(address, 0))
        kept = stack.enter_context(serve_ours(address, 256))
        tipg = stack.enter_context(serve_tipg(address))
        for z in zooms:
            places = tiles_with_parcels(address, z, sample)
            servers = {
                "ours, made anew": (anew, our_paths),
                "ours, kept": (kept, our_paths),
                "tipg": (tipg, tipg_paths),
            }
            for (
                port,
                paths,
            ) in servers.values():  # every process prepares its statements, ours keeps its tiles
                run_http(Figures(), "", port, paths, places, 8, seconds)
            runs: dict[str, Callable[[], float]] = {}
            for clients in (1, 4):
                runs[f"bare{clients}"] = partial(run_pgbench, figures, address, places, clients, seconds)
                for name, (port, paths) in servers.items():
                    runs[f"{name}{clients}"] = partial(
                        run_http, figures, name, port, paths, places, clients, seconds
                    )
            alternate(rounds, **runs)


def table(figures: Figures) -> list[list[object]]:
    """A row a run: median and 99th percentile in ms, tiles a second, shares of the floor's and of tipg's rate."""
    rows: list[list[object]] = []
    for (z, name, clients), latencies in sorted(
        figures.latencies.items(), key=lambda one: (one[0][0], one[0][2])
    ):
        rate = median(figures.rates[z, name, clients])
        floor = median(figures.rates[z, "bare ST_AsMVT", clients])
        peer = median(figures.rates[z, "tipg", clients])
        label = f"z{z} {'+'.join(layers_at(z))} {name}, {clients} client{'s' * (clients > 1)}"
        rows.append([label, median(latencies), percentile(latencies, 0.99), rate, rate / floor, rate / peer])
    return rows


def main() -> None:
    """Measure, print and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, prog="vatra bench tiles")
    parser.add_argument("--parcels", type=int, default=300_000)
    parser.add_argument("--zooms", default="10,11,12,13,14,15,16")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="of each run in a round")
    parser.add_argument("--sample", type=int, default=32, help="different tiles a zoom, at most 128")
    parser.add_argument(
        "--tried", type=int, default=20, help="tiles a group and zoom whose size is looked at"
    )
    options = parser.parse_args()
    address = county_of(options.parcels, 1).address
    sizes = largest_tiles(address, options.tried)
    publish("tiles-sizes", "The largest tiles", ["zoom", "bytes", "group", "tile", "tiles tried"], sizes, {})
    figures = Figures()
    zooms = [int(zoom) for zoom in options.zooms.split(",")]
    measure(figures, address, zooms, options.rounds, options.seconds, options.sample)
    columns = ["zoom, layers, run", "median ms", "p99 ms", "tiles a second", "× bare SQL", "× tipg"]
    path = publish("tiles", "Vector tiles", columns, table(figures), {"options": vars(options)})
    too_large = [row for row in sizes if isinstance(row[1], int) and row[1] > vector.LARGEST]
    print(f"{path}; tiles above {vector.LARGEST} bytes: {too_large or 'none'}")


if __name__ == "__main__":
    main()
