"""The project about itself: commands explain themselves, imports go one way, texts are spelt right."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from gis_app.cli import vatra
from tests.conftest import ROOT

VATRA = Path(sys.executable).with_name("vatra")


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.split()]


def leaves(group: click.Group, *above: str) -> list[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    found = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            found += leaves(command, *above, name)
        else:
            found.append(((*above, name), command))
    return found


@pytest.mark.parametrize(
    ("names", "command"), leaves(vatra), ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_every_command_says_what_it_does_and_gives_an_example(
    names: tuple[str, ...], command: click.Command
) -> None:
    assert command.help
    assert command.epilog, f"vatra {' '.join(names)}"
    assert command.epilog.startswith("Example: vatra " + " ".join(names))


@pytest.mark.parametrize("name", ["check", "layers"])
def test_a_command_answers_to_help_as_a_process(name: str) -> None:
    result = subprocess.run([VATRA, name, "--help"], capture_output=True, text=True, check=False)
    assert result.returncode == 0
    assert "Usage: vatra" in result.stdout


def test_a_check_starts_without_the_libraries_that_read_files() -> None:
    program = (
        "import sys, gis_app.commands.check; print({'geopandas', 'pyogrio', 'rasterio'} & {*sys.modules})"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert result.stdout == "set()\n", result.stderr


def test_an_unknown_command_is_wrong_usage() -> None:
    result = subprocess.run([VATRA, "fly"], capture_output=True, text=True, check=False)
    assert result.returncode == 2


def test_no_romanian_text_has_cedillas() -> None:
    # ş and ţ are Turkish letters that old files carry by mistake.
    for path in tracked("*.yaml", "*.html", "*.typ"):
        assert not set("şţŞŢ") & set(path.read_text(encoding="utf-8")), path


def test_nothing_tracked_names_a_machine_of_ours() -> None:
    for path in tracked("*.py", "*.md", "*.yaml", "*.cfg", "*.toml", "*.txt", "Makefile", "scripts/*"):
        text = path.read_text(encoding="utf-8")
        assert "/work/" not in text.replace('"/work/"', ""), path
        assert "/root/" not in text.replace('"/root/"', ""), path
