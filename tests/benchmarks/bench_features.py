"""Items pages over HTTP: ours against tipg and stock pygeoapi with its PostgreSQL provider, on the same parcels.

Pages of 100 and of 1,000 parcels at changing places of the layer, in every CRS that a server offers. tipg gives out
longitude and latitude only, so it is compared in that; pygeoapi counts all rows on every request, as it comes.
Nobody compresses; all are asked by wrk; each server has as many processes. Peers live in environments of their own
under ``var/bench``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import psycopg
import yaml

from layers.catalogue import get_layer
from layers.frames import CRS84, MERCATOR, STEREO70
from tests.benchmarks.bench_check import VATRA, county_of
from tests.benchmarks.bench_tiles import PROCESSES, free_port, running, serve_tipg
from tests.benchmarks.harness import FOLDER, Load, alternate, load, publish, together

PYGEOAPI = FOLDER / "pygeoapi-venv"
LAYER = "cadastre.parcel"
FRAMES = {"CRS84": CRS84.uri, "3844": STEREO70.uri, "3857": MERCATOR.uri}
Key = tuple[int, str, str, int]
# The loads of all rounds, by page size, CRS, server and number of clients.
Figures = dict[Key, list[Load]]


def paths(server: str, limit: int, frame: str) -> list[str]:
    """Requests for pages at twenty places of the layer."""
    query = [f"limit={limit}&offset={start * limit}" for start in range(20)]
    if server == "tipg":
        return [f"/collections/{LAYER}/items?{one}&geom-column=geom" for one in query]
    prefix = "/ogcapi" if server == "ours" else ""
    return [f"{prefix}/collections/{LAYER}/items?f=json&{one}&crs={FRAMES[frame]}" for one in query]


def run(figures: Figures, key: Key, port: int, seconds: int) -> float:
    """Ask for those pages over kept-alive connections; median latency in ms."""
    limit, frame, server, clients = key
    found = load(port, paths(server, limit, frame), clients, seconds, {"Accept": "application/geo+json"})
    figures.setdefault(key, []).append(found)
    return found.median_ms


@contextmanager
def serve_pygeoapi(address: str) -> Iterator[int]:
    """Stock pygeoapi over the same table, by gunicorn, from a configuration file as it wants one."""
    if not (PYGEOAPI / "bin/gunicorn").exists():
        subprocess.run([sys.executable, "-m", "venv", str(PYGEOAPI)], check=True)
        wanted = ["pygeoapi==0.21.*", "psycopg2-binary", "sqlalchemy", "geoalchemy2", "gunicorn", "flask"]
        subprocess.run([str(PYGEOAPI / "bin/pip"), "install", "--quiet", *wanted], check=True)
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        config = Path(folder) / "config.yml"
        config.write_text(yaml.safe_dump(pygeoapi_config(address, port)), encoding="utf-8")
        described = Path(folder) / "openapi.yml"
        environment = {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(described)}
        subprocess.run(
            [
                str(PYGEOAPI / "bin/pygeoapi"),
                "openapi",
                "generate",
                str(config),
                "--output-file",
                str(described),
            ],
            env=os.environ | environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        command = [str(PYGEOAPI / "bin/gunicorn"), "pygeoapi.flask_app:APP", "--bind", f"127.0.0.1:{port}"]
        with running(
            [*command, "--workers", str(PROCESSES), "--log-level", "error"], environment, port
        ) as listening:
            yield listening


def pygeoapi_config(address: str, port: int) -> dict[str, object]:
    """pygeoapi's configuration for the parcels."""
    parts = psycopg.conninfo.conninfo_to_dict(address)
    login = {
        "host": parts.get("host", "localhost"),
        "port": int(parts.get("port") or 5432),
        "dbname": parts["dbname"],
        "user": parts["user"],
        "password": parts.get("password") or "none",
        "search_path": ["cadastre", "public"],
    }
    provider = {
        "type": "feature",
        "name": "PostgreSQL",
        "data": login,
        "id_field": "id",
        "table": "parcel",
        "geom_field": "geom",
        "properties": [column.name for column in get_layer(LAYER).served_columns],
        "crs": list(FRAMES.values()),
        "storage_crs": STEREO70.uri,
    }
    resource = {
        "type": "collection",
        "title": LAYER,
        "description": LAYER,
        "keywords": [LAYER],
        "links": [],
        "extents": {"spatial": {"bbox": [20, 43, 30, 49]}},
        "providers": [provider],
    }
    named = {"title": "bench", "description": "bench", "keywords": ["bench"], "keywords_type": "theme"}
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port},
            "url": f"http://127.0.0.1:{port}",
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "languages": ["en-US"],
            "limits": {"default_items": 100, "max_items": 5000},
            "map": {"url": "http://localhost/", "attribution": ""},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {**named, "url": "http://localhost", "terms_of_service": "none"},
            "license": {"name": "none", "url": "http://localhost"},
            "provider": {"name": "bench", "url": "http://localhost"},
            "contact": {"name": "bench"},
        },
        "resources": {LAYER: resource},
    }


def measure(figures: Figures, address: str, limits: list[int], rounds: int, seconds: int) -> None:
    """All servers in turn, round after round."""
    with ExitStack() as stack:
        own = free_port()
        command = [VATRA, "serve", "--port", str(own), "--workers", str(PROCESSES)]
        ports = {
            "ours": stack.enter_context(running(command, {"VATRA_DATABASE_URL": address}, own)),
            "tipg": stack.enter_context(serve_tipg(address)),
            "pygeoapi": stack.enter_context(serve_pygeoapi(address)),
        }
        for limit in limits:
            for clients in (1, 4):
                keys = [
                    (limit, frame, server, clients)
                    for frame in FRAMES
                    for server in ports
                    if server != "tipg" or frame == "CRS84"
                ]
                runs = {str(key): partial(run, figures, key, ports[key[2]], seconds) for key in keys}
                for key in keys:  # first requests open connections and plan statements
                    run({}, key, ports[key[2]], 1)
                alternate(rounds, **runs)


def table(figures: Figures) -> list[list[object]]:
    """A row a run: median and 99th percentile in ms, pages a second, and times the best peer's rate.

    The best peer is the quicker of pygeoapi in this CRS and tipg in the only one it has.
    """
    rows: list[list[object]] = []
    whole = {key: together(loads) for key, loads in figures.items()}
    for key, found in whole.items():
        limit, frame, server, clients = key
        peers = [(limit, frame, "pygeoapi", clients), (limit, "CRS84", "tipg", clients)]
        best = max(whole[peer].per_second for peer in peers)
        name = f"{limit} in {frame}, {clients} client{'s' * (clients > 1)}, {server}"
        rows.append([name, found.median_ms, found.p99_ms, found.per_second, found.per_second / best])
    return rows


def main() -> None:
    """Parse the command line, run the rounds, publish the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parcels", type=int, default=300_000, help="size of the demo county")
    parser.add_argument("--limits", default="100,1000", help="features a page")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=1)
    options = parser.parse_args()
    county = county_of(options.parcels, 10)
    limits = [int(limit) for limit in options.limits.split(",")]
    figures: Figures = {}
    measure(figures, county.address, limits, options.rounds, options.seconds)
    publish(
        "features",
        f"Items pages of {options.parcels:,} parcels, {options.rounds} rounds of {options.seconds} s",
        ["features a page, CRS, clients, server", "median ms", "p99 ms", "pages a second", "× best peer"],
        table(figures),
        {"rates": {json.dumps(key): [one.per_second for one in loads] for key, loads in figures.items()}},
    )


if __name__ == "__main__":
    main()
