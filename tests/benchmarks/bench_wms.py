"""WMS GetMap over HTTP against QGIS Server over HTTP and the bare MapScript draw in process.

Same database, same four layers, styles alike (a QGIS project for each scale is made from the very rules that we
draw at it, labels included; theirs lie level, ours along the parcels). The bare draw is our own map, kept parsed,
with MapServer's default PNG. One client and four; and what eight clients that draw without pause do to the check.
"""

from __future__ import annotations

import argparse
import multiprocessing
import multiprocessing.pool
import os
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from itertools import cycle
from pathlib import Path
from urllib.parse import urlencode

import psycopg

from layers.days import today
from tests.benchmarks import bench_check, qgis_server
from tests.benchmarks.bench_check import County
from tests.benchmarks.harness import alternate, median, percentile, publish
from tiles.mapserver import conninfo
from tiles.picture import Picture
from tiles.themes import Entry

ENTRIES = tuple(
    Entry(layer=name) for name in ("planning.zone", "cadastre.parcel", "roads.road", "utilities.line")
)
SIZES = (256, 512, 1024)
SCALES = (2_000, 8_000, 32_000, 128_000)
METRES_PER_PIXEL = 0.00028
Boxes = list[tuple[float, float, float, float]]
Case = tuple[int, int]


def boxes(address: str, size: int, scale: int, count: int) -> Boxes:
    """Squares round parcels of the county, each of ``size`` pixels at 1:scale."""
    with psycopg.connect(address) as connection:
        rows = connection.execute(
            "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(geom) AS p FROM cadastre.parcel"
            " WHERE valid_to = 'infinity' ORDER BY md5(id::text || 'wms') LIMIT %s) s",
            [count],
        ).fetchall()
    half = size * scale * METRES_PER_PIXEL / 2
    return [(x - half, y - half, x + half, y + half) for x, y in rows]


def our_path(size: int, box: tuple[float, float, float, float]) -> str:
    """A GetMap of ours."""
    west, south, east, north = box
    return "/ows?" + urlencode(
        {
            "service": "WMS", "version": "1.3.0", "request": "GetMap", "styles": "", "crs": "EPSG:3844",
            "layers": ",".join(entry.layer for entry in ENTRIES), "bbox": f"{south},{west},{north},{east}",
            "width": size, "height": size, "format": "image/png",
        }
    )  # fmt: skip


def their_path(project: Path, names: list[str], size: int, box: tuple[float, float, float, float]) -> str:
    """A GetMap of QGIS Server, at the resolution of the standard."""
    west, south, east, north = box
    return "/?" + urlencode(
        {
            "MAP": project, "service": "WMS", "version": "1.3.0", "request": "GetMap", "styles": "",
            "crs": "EPSG:3844", "layers": ",".join(names), "bbox": f"{south},{west},{north},{east}",
            "width": size, "height": size, "format": "image/png", "dpi": 91,
        }
    )  # fmt: skip


def fetch(door: socket.socket, path: str) -> int:
    """One GET over a connection that stays open, with as little work on our side as there can be; bytes of the PNG."""
    door.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    got = b""
    while b"\r\n\r\n" not in got:
        got += door.recv(262_144)
    head, _, body = got.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200") or b"image/png" not in head:
        raise SystemExit(f"{head[:300]!r} for {path}: {body[:300]!r}")
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
    left = length - len(body)
    while left:
        left -= len(door.recv(262_144))
    return length


def ask(port: int, paths: list[str], clients: int, seconds: float) -> tuple[list[float], float]:
    """Latencies in seconds of GETs over kept-alive connections, and the time it took in all."""
    latencies: list[list[float]] = [[] for _ in range(clients)]
    until = time.perf_counter() + seconds

    def one(mine: list[float], offset: int) -> None:
        door = socket.create_connection(("127.0.0.1", port), timeout=60)
        door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for path in cycle(paths[offset:] + paths[:offset]):
            begun = time.perf_counter()
            fetch(door, path)
            mine.append(time.perf_counter() - begun)
            if time.perf_counter() > until:
                return

    step = max(len(paths) // clients, 1)
    threads = [
        threading.Thread(target=one, args=(mine, step * place)) for place, mine in enumerate(latencies)
    ]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [one for mine in latencies for one in mine], time.perf_counter() - begun


def draw_bare(
    address: str, size: int, asked: Boxes, offset: int, seconds: float
) -> tuple[list[float], float]:
    """Latencies of the bare draw in this process, with MapServer's default PNG."""
    from tiles import service_map

    service_map.OUTPUTS["png"] = ("AGG/PNG", {})
    drawn, connection = service_map.service_map("EPSG:3844", pieces=False), conninfo(address)
    layers = tuple((entry.layer, entry.variant) for entry in ENTRIES)
    latencies: list[float] = []
    began = time.perf_counter()
    for box in cycle(asked[offset:] + asked[:offset]):
        picture = Picture(layers, "EPSG:3844", box, size, size, today())
        begun = time.perf_counter()
        drawn.draw(picture, connection)
        latencies.append(time.perf_counter() - begun)
        if time.perf_counter() - began > seconds:
            return latencies, time.perf_counter() - began
    return latencies, seconds


class Bench:
    """The runs of one invocation and what they found."""

    def __init__(self, county: County, seconds: float, bare: multiprocessing.pool.Pool) -> None:
        self.county, self.seconds, self.bare = county, seconds, bare

    def over_http(self, name: str, port: int, paths: list[str], clients: int) -> float:
        """One run over HTTP; its median in ms."""
        latencies, elapsed = ask(port, paths, clients, self.seconds)
        return self.county.note(name, latencies, elapsed)

    def by_mapscript(self, name: str, size: int, asked: Boxes, clients: int) -> float:
        """One run of so many processes that draw; its median in ms."""
        step = max(len(asked) // clients, 1)
        begun = time.perf_counter()
        runs = self.bare.starmap(
            draw_bare,
            [(self.county.address, size, asked, step * place, self.seconds) for place in range(clients)],
            chunksize=1,
        )
        elapsed = min(time.perf_counter() - begun, max(elapsed for _, elapsed in runs))
        return self.county.note(name, [one for latencies, _ in runs for one in latencies], elapsed)


def runs_of(
    bench: Bench, case: Case, ports: tuple[int, int], project: Path
) -> Iterator[tuple[str, Callable[[], float]]]:
    """All runs of one size and scale by name."""
    (size, scale), (ours, theirs) = case, ports
    asked = boxes(bench.county.address, size, scale, 40)
    shown = project.with_suffix(".json").read_text(encoding="utf-8")
    names = [qgis_server.name_in(entry.layer) for entry in ENTRIES if f'"{entry.layer}"' in shown]
    paths = [our_path(size, box) for box in asked]
    # QGIS draws the first layer named at the bottom, as the standard says.
    peers = [their_path(project, names, size, box) for box in asked]
    for clients in (1, 4):
        key = f"{size} px 1:{scale}, {clients}"
        yield f"ours {key}", partial(bench.over_http, f"ours {key}", ours, paths, clients)
        yield f"qgis {key}", partial(bench.over_http, f"qgis {key}", theirs, peers, clients)
        yield f"bare {key}", partial(bench.by_mapscript, f"bare {key}", size, asked, clients)


@contextmanager
def drawing(port: int, address: str, clients: int) -> Iterator[None]:
    """Clients in processes of their own that ask for maps without pause."""
    paths = [our_path(512, box) for box in boxes(address, 512, 4_000, 200)]
    context = multiprocessing.get_context("spawn")
    busy = [
        context.Process(target=ask, args=(port, paths[place * 20 :] + paths, 1, 3_600.0))
        for place in range(clients)
    ]
    for process in busy:
        process.start()
    time.sleep(4)
    try:
        yield
    finally:
        for process in busy:
            process.terminate()
            process.join()


def beside_checks(county: County, port: int, rounds: int, seconds: int) -> dict[str, float]:
    """Medians of the check in ms: alone, and while eight clients draw."""
    calm, crowded = [], []
    for _ in range(rounds):
        calm.append(
            bench_check.run_http(County(county.parcels, county.address, county.sample), port, 1, seconds)
        )
        with drawing(port, county.address, 8):
            crowded.append(
                bench_check.run_http(County(county.parcels, county.address, county.sample), port, 1, seconds)
            )
    return {"alone": median(calm), "while eight clients draw": median(crowded)}


def main() -> None:
    """Measure, print and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, prog="vatra bench wms")
    parser.add_argument("--parcels", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.5, help="of each run in a round")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--scales", default=",".join(map(str, SCALES)))
    parser.add_argument("--only-checks", action="store_true", help="only what drawing does to the check")
    options = parser.parse_args()
    cases = [
        (int(size), int(scale)) for size in options.sizes.split(",") for scale in options.scales.split(",")
    ]
    county = bench_check.county_of(options.parcels, 100)
    rows, notes = [], {}
    with tempfile.TemporaryDirectory(prefix="vatra-bench-wms-") as made, bench_check.served(county) as ours:
        folder = Path(made)
        folder.chmod(0o711)
        if not options.only_checks:
            measure(county, cases, options, folder, ours)
            rows = [row for case in cases for row in rows_of(county, case)]
        notes = beside_checks(county, ours, options.rounds, 4)
    ratio = notes["while eight clients draw"] / notes["alone"]
    columns = [
        "picture and clients",
        "ours ms",
        "QGIS ms",
        "bare ms",
        "p99 ms",
        "ours /s",
        "QGIS /s",
        "bare /s",
        "QGIS ÷ ours",
        "bare ÷ ours",
    ]
    details = {"check_ms": notes, "check_ratio": ratio, "options": vars(options)}
    path = publish("wms", "WMS GetMap", columns, rows, details)
    print(f"{path}; the check: {notes}, {ratio:.2f} times")


def measure(county: County, cases: list[Case], options: argparse.Namespace, folder: Path, ours: int) -> None:
    """All runs of all cases in turn, round after round."""
    projects = {
        scale: qgis_server.project(folder, ENTRIES, scale, date.today(), county.address)
        for scale in sorted({scale for _, scale in cases})
    }
    context = multiprocessing.get_context("spawn")
    with qgis_server.served(folder, os.cpu_count() or 1) as theirs, context.Pool(4) as bare:
        bench = Bench(county, options.seconds, bare)
        warm = Bench(County(county.parcels, county.address, county.sample), 0.5, bare)
        for case in cases:
            for _, run in runs_of(warm, case, (ours, theirs), projects[case[1]]):
                run()
            alternate(options.rounds, **dict(runs_of(bench, case, (ours, theirs), projects[case[1]])))


def rows_of(county: County, case: Case) -> Iterator[list[object]]:
    """The rows of one size and scale."""
    size, scale = case
    for clients in (1, 4):
        key = f"{size} px 1:{scale}, {clients}"
        middle = {name: median(county.latencies[f"{name} {key}"]) for name in ("ours", "qgis", "bare")}
        rate = {name: median(county.per_second[f"{name} {key}"]) for name in ("ours", "qgis", "bare")}
        compared = [
            rate["ours"] / rate[name] if clients > 1 else middle[name] / middle["ours"]
            for name in ("qgis", "bare")
        ]
        late = percentile(county.latencies[f"ours {key}"], 0.99)
        yield [key, *middle.values(), late, *rate.values(), *compared]


if __name__ == "__main__":
    main()
