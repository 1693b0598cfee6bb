"""The parts of a shapefile, in a folder or in a zip: whether they are whole, and in which encoding.

GDAL reads a table that breaks off as far as it goes without a word, takes one that declares nothing
for ISO-8859-1, which has no Romanian letters, and does not know some of the names that are about.
"""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from layers.reading.errors import NotVector

# Size of the part with that suffix, and its first bytes; None if there is none.
Part = Callable[[str, int], tuple[int, bytes] | None]

SAMPLE_BYTES = 4 * 1024**2
HEADER_BYTES = 32
_CODE_PAGE = re.compile(r"125\d")


def beside(path: Path) -> Part:
    """Parts that lie beside the ``.shp``."""

    def read(suffix: str, count: int) -> tuple[int, bytes] | None:
        for candidate in (path.with_suffix(suffix), path.with_suffix(suffix.upper())):
            if candidate.is_file():
                with candidate.open("rb") as file:
                    return candidate.stat().st_size, file.read(count)
        return None

    return read


def zipped(path: Path, member: str) -> Part:
    """Parts that are in the same zip as the member."""
    stem = str(PurePosixPath(member).with_suffix(""))

    def read(suffix: str, count: int) -> tuple[int, bytes] | None:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.lower() == (stem + suffix).lower():
                    with archive.open(name) as file:
                        return archive.getinfo(name).file_size, file.read(count)
        return None

    return read


def check(path: Path, part: Part) -> None:
    """NotVector if a part is shorter than its header says."""
    for suffix in (".shp", ".shx"):
        found = part(suffix, 100)
        if found is not None:
            size, header = found
            expected = struct.unpack_from(">i", header, 24)[0] * 2 if len(header) >= 28 else 100
            compare(path, suffix, size, expected)
    found = part(".dbf", HEADER_BYTES)
    if found is not None:
        size, header = found
        if len(header) < HEADER_BYTES:
            raise NotVector(path, "its .dbf breaks off within the header")
        records, start, width = struct.unpack_from("<IHH", header, 4)
        compare(path, ".dbf", size, start + records * width)


def compare(path: Path, suffix: str, size: int, expected: int) -> None:
    """NotVector if there are fewer bytes than expected."""
    if size < expected:
        raise NotVector(path, f"its {suffix} breaks off: {size:,} bytes found, {expected:,} expected")


def encoding(part: Part) -> tuple[str | None, str | None]:
    """The encoding to read with, and a remark where it is not what the file declares.

    None leaves it to GDAL: the table says it by itself, or in a way GDAL knows.
    """
    table = part(".dbf", SAMPLE_BYTES)
    if table is None or len(table[1]) < HEADER_BYTES:
        return None, None
    sample = table[1][struct.unpack_from("<H", table[1], 8)[0] :]
    found = part(".cpg", 100)
    declared = found[1].decode("ascii", "ignore").strip() if found else ""
    if not declared:
        return (None, None) if table[1][29] else (_guess(sample), None)
    if re.fullmatch(r"utf-?8|65001", declared, re.IGNORECASE):
        guess = _guess(sample)
        note = f"its .cpg says {declared}, but its texts are {guess}" if guess != "UTF-8" else None
        return guess, note
    page = _CODE_PAGE.search(declared)
    return (f"CP{page.group()}" if page else None), None


def _guess(sample: bytes) -> str:
    """UTF-8 if the texts are, else the Central European code page."""
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        # A letter cut by the end of the sample is no sign of another encoding.
        return "UTF-8" if error.start > len(sample) - 4 else "CP1250"
    return "UTF-8"
