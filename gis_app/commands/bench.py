"""``vatra bench``: ours and the peers side by side in one run, ratios of medians of several rounds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click

from layers.errors import VatraError

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests/benchmarks"


def names() -> list[str]:
    """Benchmarks there are, by file."""
    return sorted(path.stem.removeprefix("bench_") for path in FOLDER.glob("bench_*.py"))


@click.command(
    epilog="Example: vatra bench check -- --sizes 10000,300000",
    context_settings={"ignore_unknown_options": True},
)
@click.argument("name")
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def bench(name: str, options: tuple[str, ...]) -> None:
    """Run the benchmark NAME, or ``all``; figures go to the screen and to var/bench/NAME.json.

    Benchmarks are part of a source checkout, beside the tests.
    """
    chosen = names() if name == "all" else [name]
    for one in chosen:
        if one not in names():
            known = ", ".join(names()) or "none: this is no source checkout"
            raise VatraError(f"no benchmark {one!r}; there are: all, {known}")
    for one in chosen:
        command = [sys.executable, "-m", f"tests.benchmarks.bench_{one}", *options]
        code = subprocess.run(command, cwd=ROOT, check=False).returncode  # noqa: S603 - a name from our own folder
        if code:
            sys.exit(code)
