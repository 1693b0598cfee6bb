"""The register of Romanian UATs (SIRUTA, kept by INS), as packaged by ``sirutalib``."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from layers.reading.text import normalise
from layers.report import ImportReport

# TIP of the register: county seats, towns, communes, other municipalities, sectors of Bucharest.
KINDS = {"1": "municipiu", "2": "oras", "3": "comuna", "4": "municipiu", "6": "municipiu", "9": "municipiu"}
SECTOR = "6"
_PREFIXES = ("MUNICIPIUL ", "ORAȘUL ", "ORAȘ ", "JUDEȚUL ", "COMUNA ")
_SMALL_WORDS = {"de", "din", "la", "lui", "cel", "pe", "sub", "cu", "și"}

FILLED = ("name", "kind", "county")


class Uat(NamedTuple):
    """A UAT as the register names it."""

    name: str
    kind: str
    county: str


@cache
def register() -> Mapping[int, Uat]:
    """SIRUTA → UAT; empty when ``sirutalib`` is not installed."""
    try:
        path = metadata.distribution("sirutalib").locate_file("siruta.csv")
    except metadata.PackageNotFoundError:
        return {}
    with open(str(path), encoding="utf-8-sig", newline="") as file:  # noqa: PTH123 - not a Path
        rows = list(csv.DictReader(file, delimiter=";"))
    counties = {row["JUD"]: _titled(row["DENLOC"]) for row in rows if row["NIV"] == "1"}
    return {
        int(row["SIRUTA"]): Uat(_titled(row["DENLOC"]), KINDS[row["TIP"]], counties[row["JUD"]])
        for row in rows
        if row["TIP"] in KINDS and (row["NIV"] == "2" or row["TIP"] == SECTOR)
    }


def _titled(name: str) -> str:
    """ "MUNICIPIUL TÂRGU JIU" → "Târgu Jiu", "ROȘIA DE AMARADIA" → "Roșia de Amaradia"."""
    name = normalise(name).strip()
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    words = [word if word in _SMALL_WORDS else _capitalised(word) for word in name.lower().split()]
    return " ".join([_capitalised(words[0]), *words[1:]]) if words else ""


def _capitalised(word: str) -> str:
    return "-".join(part[:1].upper() + part[1:] for part in word.split("-"))


def fill(columns: dict[str, pa.Array], rows: NDArray[np.int64], report: ImportReport) -> dict[str, pa.Array]:
    """Complete name, kind and county of UATs from the register where the file has none.

    A code the register does not know is rejected if its name or county is missing.
    """
    known = register()
    codes = columns["siruta"].to_pylist()
    found = [known.get(code) if code is not None else None for code in codes]
    filled = dict(columns)
    for name in FILLED:
        given = columns[name].to_pylist()
        values = [own or (getattr(uat, name) if uat else None) for own, uat in zip(given, found, strict=True)]
        if values != given:
            report.note(f"{name} taken from the SIRUTA register where the file has none")
        filled[name] = pa.array(values, pa.string())
    for row, code, name, county in zip(
        rows, codes, filled["name"].to_pylist(), filled["county"].to_pylist(), strict=True
    ):
        if code is not None and not (name and county):
            report.reject(
                int(row), "siruta", code, "a SIRUTA code of the register, or a name and a county in the file"
            )
    return filled
