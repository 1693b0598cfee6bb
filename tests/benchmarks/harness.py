"""What the benchmarks share: rounds, medians and ratios, a table on the screen and a JSON file."""

from __future__ import annotations

import json
import platform
import statistics
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

FOLDER = Path("var/bench")


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
