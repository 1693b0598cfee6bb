"""Vector tiles over HTTP against tipg on the same database, and the bare ST_AsMVT by pgbench as the floor.

The floor is the very statement of the tile, prepared; all servers are asked by wrk. Ours is measured twice: each
tile made anew (``VATRA_WEB_TILE_CACHE_MB=0``), and with the tiles that a worker keeps, after each was asked for
once. tipg answers one layer a request, so its tile of two layers is two requests; it reads the same stored
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
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from urllib.parse import quote

import psycopg

from layers.catalogue import Layer
from layers.groups import groups
from layers.visibility import visible
from tests.benchmarks.bench_check import VATRA, county_of
from tests.benchmarks.harness import FOLDER, Load, alternate, load, median, percentile, publish, together
from tiles import vector
from tiles.vector_bands import first_zoom
from tiles.vector_grid import DEEPEST, WORLD_M, box, width_m
from tiles.vector_sql import statement

Place = tuple[int, int, int]
# The loads of all rounds, by zoom, run and number of clients.
Figures = dict[tuple[int, str, int], list[Load]]
# What the style draws of land and roads at these zooms: parcels and zones appear when the map is close enough.
FAR, NEAR = ("admin.uat", "roads.road"), ("cadastre.parcel", "planning.zone")
TIPG = FOLDER / "tipg/.venv"
FLOOR = "bare ST_AsMVT"
# PostgreSQL plans a prepared statement for its values five times before it settles on a plan.
PLANNED_ANEW = 6
PROCESSES = 2
# The cluster lets 60 clients in, and all servers run side by side.
CONNECTIONS = "4"


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


def run_pgbench(address: str, places: list[Place], clients: int, seconds: int) -> Load:
    """The bare statement, prepared once a client, each transaction another tile."""
    z = places[0][0]
    text = statement(layers_at(z), z).decode()
    for number, name in enumerate(("west", "south", "east", "north", "day", "step"), 1):
        text = text.replace(f"${number}", f":{name}")
    # A script of its own for every tile would prepare, and plan, every tile anew.
    lines = ["\\set turn (:turn + 1) % :count", "\\set this (:turn + 7 * :client_id) % :count"]
    for position, name in enumerate(("west", "south", "east", "north")):
        edges = " ".join(f"when :this = {i} then {box(*place)[position]!r}" for i, place in enumerate(places))
        lines.append(f"\\set {name} case {edges} end")
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "tile.sql"
        script.write_text("\n".join([*lines, f"{text};\n"]), encoding="utf-8")
        command = [
            "pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", str(min(clients, 2)), "-T", str(seconds),
            "-D", f"day={date.today()}", "-D", "step=0", "-D", "turn=0", "-D", f"count={len(places)}",
            "-l", f"--log-prefix={folder}/log", "-f", str(script), address,
        ]  # fmt: skip
        done = subprocess.run(
            command, env=os.environ | {"PGOPTIONS": "-c jit=off"}, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"pgbench: {done.stderr.strip()}")
        logged = [line.split() for log in Path(folder).glob("log*") for line in log.read_text().splitlines()]
    # A client plans its first runs anew, which the servers have done long ago.
    settled = [int(line[2]) / 1000 for line in logged if int(line[1]) > PLANNED_ANEW]
    if not settled:
        raise SystemExit(f"pgbench ran too few tiles of zoom {z}; give it more --seconds")
    return Load(median(settled), percentile(settled, 0.99), clients * 1000 * len(settled) / sum(settled))


def run_http(
    port: int, paths: Callable[[Place], list[str]], places: list[Place], clients: int, seconds: int
) -> Load:
    """All requests of a tile, tile after tile; for tiles of several requests the latency is their mean."""
    asked = [path for place in places for path in paths(place)]
    found = load(port, asked, clients, seconds)
    requests = len(asked) // len(places)
    if requests == 1:
        return found
    rate = found.per_second / requests
    return Load(clients * 1000 / rate, found.p99_ms * requests, rate)


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
        servers = {
            "ours, made anew": (anew, our_paths),
            "ours, kept": (kept, our_paths),
            "tipg": (tipg, tipg_paths),
        }
        for z in zooms:
            places = tiles_with_parcels(address, z, sample)
            for port, paths in servers.values():  # each process prepares its statements, ours keeps its tiles
                run_http(port, paths, places, 8, seconds)
            runs: dict[str, Callable[[], float]] = {}
            for clients in (1, 4):
                floor = partial(run_pgbench, address, places, clients, seconds)
                runs[f"bare{clients}"] = partial(_note, figures, (z, FLOOR, clients), floor)
                for name, (port, paths) in servers.items():
                    run = partial(run_http, port, paths, places, clients, seconds)
                    runs[f"{name}{clients}"] = partial(_note, figures, (z, name, clients), run)
            alternate(rounds, **runs)


def _note(figures: Figures, key: tuple[int, str, int], run: Callable[[], Load]) -> float:
    """Run, keep how it went; the median in milliseconds."""
    figures.setdefault(key, []).append(run())
    return figures[key][-1].median_ms


def table(figures: Figures) -> list[list[object]]:
    """A row a run: median and 99th percentile in ms, tiles a second, shares of the floor's and of tipg's rate."""
    rows: list[list[object]] = []
    whole = {key: together(loads) for key, loads in figures.items()}
    for (z, name, clients), found in sorted(whole.items(), key=lambda one: (one[0][0], one[0][2])):
        rate = found.per_second
        floor, peer = (whole[z, other, clients].per_second for other in (FLOOR, "tipg"))
        label = f"z{z} {'+'.join(layers_at(z))} {name}, {clients} client{'s' * (clients > 1)}"
        rows.append([label, found.median_ms, found.p99_ms, rate, rate / floor, rate / peer])
    return rows


def main() -> None:
    """Measure, print and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, prog="vatra bench tiles")
    parser.add_argument("--parcels", type=int, default=300_000)
    parser.add_argument("--zooms", default="10,11,12,13,14,15,16")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=1, help="of each run in a round")
    parser.add_argument("--sample", type=int, default=32, help="different tiles a zoom")
    parser.add_argument("--tried", type=int, default=8, help="tiles a group and zoom whose size is looked at")
    options = parser.parse_args()
    address = county_of(options.parcels, 1).address
    sizes = largest_tiles(address, options.tried)
    publish("tiles-sizes", "The largest tiles", ["zoom", "bytes", "group", "tile", "tiles tried"], sizes, {})
    figures: Figures = {}
    zooms = [int(zoom) for zoom in options.zooms.split(",")]
    measure(figures, address, zooms, options.rounds, options.seconds, options.sample)
    columns = ["zoom, layers, run", "median ms", "p99 ms", "tiles a second", "× bare SQL", "× tipg"]
    path = publish("tiles", "Vector tiles", columns, table(figures), {"options": vars(options)})
    too_large = [row for row in sizes if isinstance(row[1], int) and row[1] > vector.LARGEST]
    print(f"{path}; tiles above {vector.LARGEST} bytes: {too_large or 'none'}")


if __name__ == "__main__":
    main()
