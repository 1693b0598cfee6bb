"""What the benchmarks share: a client for all servers, rounds, medians, a table on the screen and a JSON file."""

from __future__ import annotations

import json
import platform
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

FOLDER = Path("var/bench")
LOAD_SCRIPT = Path(__file__).with_name("load.lua")


@dataclass(frozen=True)
class Load:
    """How a server did: median and 99th percentile of the latency in milliseconds, answers a second."""

    median_ms: float
    p99_ms: float
    per_second: float


def load(
    port: int, paths: Iterable[str], clients: int, seconds: int, headers: Mapping[str, str] | None = None
) -> Load:
    """Ask for the paths in turn over ``clients`` kept-alive connections without pause, by wrk.

    wrk takes a few microseconds a request, so nearly all of the processor is left to the server. Ends the
    benchmark where an answer failed or was an error.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".paths", encoding="utf-8") as listed:
        listed.write("".join(f"{path}\n" for path in paths))
        listed.flush()
        options = [part for name, value in (headers or {}).items() for part in ("-H", f"{name}: {value}")]
        command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "60s", *options]
        done = subprocess.run(
            [*command, "-s", str(LOAD_SCRIPT), f"http://127.0.0.1:{port}", "--", listed.name],
            capture_output=True,
            text=True,
            check=True,
        )
    found = json.loads(done.stdout.splitlines()[-1])
    if found.pop("failed"):
        raise SystemExit(f"requests failed:\n{done.stdout}")
    return Load(**found)


def together(loads: Iterable[Load]) -> Load:
    """The rounds of one run as one: the median of each figure."""
    rounds = list(loads)
    return Load(
        median(one.median_ms for one in rounds),
        median(one.p99_ms for one in rounds),
        median(one.per_second for one in rounds),
    )


def alternate(rounds: int, **runs: Callable[[], float]) -> dict[str, list[float]]:
    """Call each run once a round, in turn, so that a machine that slows down slows all of them.

    Returns the figures of every round by name; a run returns its own figure.
    """
    figures: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            figures[name].append(run())
    return figures


def median(figures: Iterable[float]) -> float:
    """The middle value."""
    return statistics.median(figures)


def percentile(figures: Iterable[float], share: float) -> float:
    """The value below which ``share`` of the figures lie (nearest rank)."""
    ordered = sorted(figures)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def publish(
    name: str, title: str, columns: list[str], rows: list[list[Any]], details: dict[str, Any]
) -> Path:
    """Print the table and write ``var/bench/<name>.json``; returns the file."""
    table = Table(title=title)
    for position, column in enumerate(columns):
        table.add_column(column, justify="left" if position == 0 else "right")
    for row in rows:
        table.add_row(*(f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in row))
    Console().print(table)
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{name}.json"
    machine = {"processor": platform.processor() or platform.machine(), "python": platform.python_version()}
    content = {
        "name": name,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine,
        "table": [dict(zip(columns, row, strict=True)) for row in rows],
        **details,
    }
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
