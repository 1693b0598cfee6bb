"""The attributes of networks, from ``networks.yaml``, and which networks a commune has."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from layers.demo.cases import SHOWCASE
from layers.demo.place import Place

SOURCE = Path(__file__).with_name("networks.yaml")


@cache
def source() -> dict[str, Any]:
    """The file's content."""
    content: dict[str, Any] = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
    return content


def line(kind: str, note: int | None = None) -> dict[str, Any]:
    """Attributes of a line; ``note`` picks its condition and capacity. KeyError for an unknown kind."""
    attributes = dict(source()["lines"][kind])
    if note is not None:
        notes = source()["notes"][kind.split("-")[0]]
        attributes["condition"], attributes["capacity"] = notes[note % len(notes)]
    return attributes


def node(kind: str, where: str) -> dict[str, Any]:
    """Attributes of an object, named after where it stands. KeyError for an unknown kind."""
    attributes = dict(source()["nodes"][kind])
    return {**attributes, "name": f"{attributes['name']} {where}"}


@dataclass(frozen=True)
class Services:
    """Networks beyond electricity, water and telecom; ``cables``: the lines lie underground."""

    sewer: bool
    gas: bool
    heat: bool
    cables: bool


def services(place: Place) -> Services:
    """Towns have everything; of the communes some have sewers, some gas, and the model commune both."""
    full = place.kind != "comuna" or place.siruta == SHOWCASE.siruta
    turn = place.index % 7
    seat = place.kind == "municipiu"
    return Services(sewer=full or turn < 3, gas=full or turn in (1, 4), heat=seat, cables=seat)
