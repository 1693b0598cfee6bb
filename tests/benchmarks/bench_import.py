"""Import of parcels from a GeoPackage, with validation, against ``ogr2ogr`` of the same file.

Both are run as commands on the same server: ``ogr2ogr -f PostgreSQL`` with a spatial index, which
checks nothing, and ``vatra layers import``, which checks everything and publishes a version.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import psycopg
import pyogrio
import shapely
from psycopg import sql

from gis_app import cluster
from layers.settings import StorageSettings
from tests.benchmarks.harness import alternate, median, publish

DATABASE = "vatra_bench_import"
ORIGIN = (350_000.0, 360_000.0)
# A parcel is about 12 × 60 m; blocks of 40 × 2 parcels lie between roads 8 m wide.
BLOCK_COLUMNS, BLOCK_ROWS, ROAD_M = 40, 2, 8.0
CHUNK = 100_000


def write_parcels(path: Path, count: int) -> None:
    """Long irregular parcels with corners in common, in blocks between roads; written in parts."""
    side = int(np.ceil(np.sqrt(count / 5)))
    for start in range(0, count, CHUNK):
        index = np.arange(start, min(start + CHUNK, count))
        shapes = parcels(*np.divmod(index, side))
        numbers = (30_000 + index).astype(str)
        uses = np.array(["A", "CC", "F", "P", "V"])[index % 5]
        data = {
            "siruta": np.full(len(index), 79308),
            "nr_cad": numbers,
            "nr_cf": numbers,
            "categorie": uses,
            "suprafata": shapely.area(shapes).round(),
        }
        frame = gpd.GeoDataFrame(data, geometry=shapes, crs=3844)
        pyogrio.write_dataframe(frame, path, driver="GPKG", layer="parcele", append=start > 0)


def parcels(column: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Polygons of the parcels at these places, with ten corners each."""
    ring = [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (2, 3), (1, 3), (0, 3), (0, 2), (0, 1), (0, 0)]
    corners = np.stack([np.stack(node(2 * column + i, 3 * row + j), axis=-1) for i, j in ring], axis=1)
    corners[..., 0] += (ROAD_M * (column // BLOCK_COLUMNS))[:, None]
    corners[..., 1] += (ROAD_M * (row // BLOCK_ROWS))[:, None]
    return shapely.polygons(shapely.linearrings(corners.round(3)))


def node(i: np.ndarray, j: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A corner of the grid, moved by a noise that is the same for all who share it."""
    wobble = np.sin(i * 12.9898 + j * 78.233) * 43758.5453
    shake = wobble - np.floor(wobble) - 0.5
    return ORIGIN[0] + 6.0 * i + 2.0 * shake, ORIGIN[1] + 20.0 * j + 4.0 * shake


class Bench:
    """One file, one database; both ways of getting the first into the second."""

    def __init__(self, path: Path, address: str) -> None:
        self.path, self.address = path, address
        self.peak_kb = 0

    def ogr2ogr(self) -> float:
        """Seconds of ogr2ogr into a table of its own."""
        self._execute("DROP TABLE IF EXISTS peer")
        into = ["-nln", "peer", "-lco", "SPATIAL_INDEX=GIST", "-nlt", "PROMOTE_TO_MULTI"]
        return self._timed(["ogr2ogr", "-f", "PostgreSQL", f"PG:{self.address}", str(self.path), *into])

    def first(self) -> float:
        """Seconds of our first import into an empty layer."""
        self._execute("TRUNCATE catalogue.layer_version CASCADE")
        return self.again()

    def again(self) -> float:
        """Seconds of our import over a version in force."""
        return self._timed(
            [
                str(Path(sys.executable).with_name("vatra")),
                "layers",
                "import",
                "cadastre.parcel",
                str(self.path),
            ]
        )

    def _timed(self, command: list[str]) -> float:
        environment = {**os.environ, "VATRA_DATABASE_URL": self.address}
        started = time.perf_counter()
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - started
        if process.returncode:
            raise SystemExit(f"{command[0]} ended with {process.returncode}")
        self.peak_kb = usage.ru_maxrss
        return seconds

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self.address) as connection:
            connection.execute(statement.encode())


def fresh_database() -> str:
    """A migrated, empty database on the embedded cluster; its libpq address."""
    settings = StorageSettings()
    cluster.up(settings)
    parts = psycopg.conninfo.conninfo_to_dict(settings.url)
    with psycopg.connect(
        psycopg.conninfo.make_conninfo("", **{**parts, "dbname": "postgres"}), autocommit=True
    ) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(DATABASE)))
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    address = psycopg.conninfo.make_conninfo("", **{**parts, "dbname": DATABASE})
    cluster.migrate(address)
    return address


def main() -> None:
    """Run, print, write ``var/bench/import.json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parcels", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--memory", type=int, default=10, help="how many times larger the file for the memory test is"
    )
    options = parser.parse_args()
    address = fresh_database()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "parcele.gpkg"
        write_parcels(path, options.parcels)
        bench = Bench(path, address)
        figures = alternate(options.rounds, ogr2ogr=bench.ogr2ogr, vatra=bench.first, again=bench.again)
        memory = {options.parcels: peak(bench, bench.first)}
        if options.memory > 1:
            larger = Path(folder) / "larger.gpkg"
            write_parcels(larger, options.parcels * options.memory)
            many = Bench(larger, address)
            memory[options.parcels * options.memory] = peak(many, many.first)
    peer = median(figures["ogr2ogr"])
    rows = [
        ["ogr2ogr, no checks", peer, 1.0],
        ["vatra, first version", median(figures["vatra"]), median(figures["vatra"]) / peer],
        ["vatra, over a version in force", median(figures["again"]), median(figures["again"]) / peer],
    ]
    details = {"parcels": options.parcels, "rounds": figures, "peak_mb_by_parcels": memory}
    title = f"Import of {options.parcels:,} parcels, medians of {options.rounds} rounds"
    publish("import", title, ["import", "seconds", "ratio"], rows, details)
    print("peak memory: " + ", ".join(f"{mb:.0f} MB at {count:,} parcels" for count, mb in memory.items()))


def peak(bench: Bench, run: Callable[[], float]) -> float:
    """Peak resident memory of one more run, in megabytes."""
    run()
    return bench.peak_kb / 1024


if __name__ == "__main__":
    main()
