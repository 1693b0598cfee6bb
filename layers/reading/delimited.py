"""Delimited text: where the columns are, in which encoding, under which names."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from layers.reading.errors import EmptyFile, NotVector
from layers.reading.text import fold, normalise

SAMPLE_BYTES = 256 * 1024
HEADER_WITHIN_LINES = 30
DELIMITERS = (";", "\t", ",", "|")

NORTH = {"x", "xm", "nord", "nordx", "nordxm", "xnord", "n", "north", "northing", "coordx"}
EAST = {"y", "ym", "est", "esty", "estym", "yest", "e", "east", "easting", "coordy"}
LATITUDE = {"lat", "latitude", "latitudine"}
LONGITUDE = {"lon", "long", "lng", "longitude", "longitudine"}
WKT = {"wkt", "geom", "geometry", "thegeom", "geometrie"}
POINT_NUMBER = {"nr", "nrpct", "nrpunct", "pct", "punct", "no", "nrcrt", "id", "point", "pointno", "nrp"}
PARCEL = {
    "nrcad",
    "nrcadastral",
    "numarcadastral",
    "cadastralnumber",
    "imobil",
    "nrimobil",
    "parcela",
    "nrparcela",
    "parcel",
    "lot",
    "lotul",
}
_NUMBER = re.compile(r"^[+-]?\d+(?:[.,]\d+)?$")


@dataclass(frozen=True)
class Table:
    """A delimited file: its dialect and the names in its header (None for a bare list of numbers)."""

    path: Path
    encoding: str
    delimiter: str | None
    header: tuple[str, ...] | None
    header_line: int

    def lines(self, with_titles: bool = False) -> Iterator[tuple[int, list[str]]]:
        """Line number and cells of each line below the header (or above it too); empty lines as empty lists."""
        with self.path.open(encoding=self.encoding, newline="", errors="replace") as file:
            for number, line in enumerate(file, start=1):
                if number > self.header_line or (with_titles and number < self.header_line):
                    yield number, split(line, self.delimiter)

    def find(self, names: set[str]) -> int | None:
        """Position of the first column whose name is among ``names`` (folded)."""
        for position, name in enumerate(self.header or ()):
            if fold(name) in names:
                return position
        return None


def read_table(path: Path) -> Table:
    """Find out dialect and header. Raises EmptyFile or NotVector (binary content)."""
    sample = path.read_bytes()[:SAMPLE_BYTES] if path.stat().st_size <= SAMPLE_BYTES else _head(path)
    if b"\x00" in sample:
        raise NotVector(path, "not a text file: it has zero bytes")
    encoding = _encoding(sample)
    lines = sample.decode(encoding, errors="replace").splitlines()[:HEADER_WITHIN_LINES]
    if not any(line.strip() for line in lines):
        raise EmptyFile(path, "no text in the file")
    delimiter = _delimiter(lines)
    for number, line in enumerate(lines, start=1):
        cells = split(line, delimiter)
        if _is_header(cells) and (delimiter is not None or _fits_below(lines[number:], len(cells))):
            return Table(path, encoding, delimiter, tuple(cells), number)
        if cells and all(_NUMBER.match(cell) for cell in cells if cell):
            break
    if any(_is_point(split(line, delimiter)) for line in lines):
        return Table(path, encoding, delimiter, None, 0)
    first = next(number for number, line in enumerate(lines, start=1) if line.strip())
    return Table(path, encoding, delimiter, tuple(split(lines[first - 1], delimiter)), first)


def split(line: str, delimiter: str | None) -> list[str]:
    """Cells of a line, trimmed and with comma-below letters; by white space where there is no delimiter."""
    line = normalise(line.rstrip("\r\n"))
    if not line.strip():
        return []
    if delimiter is None:
        return line.split()
    return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter))]


def as_number(text: str) -> float | None:
    """A number with decimal point or comma, or None."""
    text = text.strip().replace(" ", "")
    if not _NUMBER.match(text):
        return None
    return float(text.replace(",", "."))


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(SAMPLE_BYTES)


def _encoding(sample: bytes) -> str:
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        # A letter cut by the end of the sample is no sign of another encoding.
        return "utf-8-sig" if error.start > len(sample) - 4 else "cp1250"
    return "utf-8-sig"


def _delimiter(lines: list[str]) -> str | None:
    filled = [line for line in lines if line.strip()]
    for delimiter in DELIMITERS:
        # A comma may be the decimal one of a list that is parted by blanks.
        if sum(line.count(delimiter) >= (2 if delimiter == "," else 1) for line in filled) > len(filled) / 2:
            return delimiter
    single = [line for line in filled if "," in line]
    if len(single) == len(filled) and not any(
        _NUMBER.match(part) for line in single for part in line.split()
    ):
        return ","
    return None


def _fits_below(lines: list[str], count: int) -> bool:
    """Whether the first filled line below has as many words: blanks part columns, but also names."""
    below = next((line.split() for line in lines if line.strip()), [])
    return len(below) == count


def _is_point(cells: list[str]) -> bool:
    """Point number, X, Y and perhaps a height."""
    return len(cells) in (3, 4) and all(as_number(cell) is not None for cell in cells[1:])


def _is_header(cells: list[str]) -> bool:
    names = {fold(cell) for cell in cells}
    pairs = ((NORTH, EAST), (LATITUDE, LONGITUDE))
    return any(names & one and names & other for one, other in pairs) or bool(names & WKT and len(cells) > 1)
