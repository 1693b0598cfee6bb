"""Files that break off in the middle, which GDAL reads as far as they go without a word."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from layers.reading.errors import NotVector

XML_SUFFIXES = (".gml", ".kml", ".osm", ".xml", ".gpx", ".cgxml", ".cpxml", ".cp")
_ROOT = re.compile(rb"<([A-Za-z_][\w.:-]*)")
_TAIL_BYTES = 4096

Part = Callable[[str], tuple[int, BinaryIO] | None]


def check(path: Path, member: str | None = None) -> None:
    """NotVector if a file is shorter than it says; ``member`` is the one in a zip."""
    name = member or path.name
    suffix = PurePosixPath(name).suffix.lower()
    if suffix == ".shp":
        _check_shapefile(path, _zipped(path, member) if member else _beside(path))
    elif member is None and suffix in CHECKS:
        CHECKS[suffix](path)


def _check_shapefile(path: Path, part: Part) -> None:
    for suffix in (".shp", ".shx"):
        found = part(suffix)
        if found is None:
            continue
        size, file = found
        with file:
            header = file.read(100)
        expected = struct.unpack_from(">i", header, 24)[0] * 2 if len(header) >= 28 else 100
        _compare(path, suffix, size, expected)
    found = part(".dbf")
    if found is None:
        return
    size, file = found
    with file:
        header = file.read(32)
    if len(header) < 32:
        raise NotVector(path, "its .dbf breaks off within the header")
    records, start, width = struct.unpack_from("<IHH", header, 4)
    _compare(path, ".dbf", size, start + records * width)


def _compare(path: Path, suffix: str, size: int, expected: int) -> None:
    if size < expected:
        raise NotVector(path, f"its {suffix} breaks off: {size:,} bytes found, {expected:,} expected")


def _beside(path: Path) -> Part:
    def open_part(suffix: str) -> tuple[int, BinaryIO] | None:
        for candidate in (path.with_suffix(suffix), path.with_suffix(suffix.upper())):
            if candidate.is_file():
                return candidate.stat().st_size, candidate.open("rb")
        return None

    return open_part


def _zipped(path: Path, member: str) -> Part:
    stem = str(PurePosixPath(member).with_suffix(""))

    def open_part(suffix: str) -> tuple[int, BinaryIO] | None:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.lower() == (stem + suffix).lower():
                    with archive.open(name) as file:
                        return archive.getinfo(name).file_size, io.BytesIO(file.read(100))
        return None

    return open_part


def _check_xml(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(64 * 1024)
        file.seek(max(path.stat().st_size - _TAIL_BYTES, 0))
        tail = file.read()
    if b"\x00" in head[:64] or not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        # Another encoding, or no XML at all: the reader will say.
        return
    root = _ROOT.search(re.sub(rb"<[?!].*?>", b"", head, flags=re.DOTALL))
    if root and b"</" + root.group(1) not in tail and not tail.rstrip().endswith(b"/>"):
        raise NotVector(path, f"breaks off: it does not end with </{root.group(1).decode()}>")


def _check_sqlite(path: Path) -> None:
    """The header of an SQLite file says how many pages of which size it has (file format, section 1.3)."""
    with path.open("rb") as file:
        header = file.read(100)
    if len(header) < 100 or not header.startswith(b"SQLite format 3\x00"):
        return
    page = struct.unpack_from(">H", header, 16)[0]
    changed, pages = struct.unpack_from(">II", header, 24)
    if changed == struct.unpack_from(">I", header, 92)[0]:
        _compare(path, path.suffix, path.stat().st_size, pages * (65_536 if page == 1 else page))


def _check_dxf(path: Path) -> None:
    """A drawing in text form ends with the word EOF."""
    with path.open("rb") as file:
        binary = file.read(22).startswith(b"AutoCAD Binary DXF")
        file.seek(max(path.stat().st_size - 64, 0))
        tail = file.read()
    if not binary and b"EOF" not in tail:
        raise NotVector(path, "not a DXF drawing, or broken off: it does not end with EOF")


CHECKS: dict[str, Callable[[Path], None]] = {
    **dict.fromkeys(XML_SUFFIXES, _check_xml),
    **dict.fromkeys((".gpkg", ".sqlite", ".db"), _check_sqlite),
    ".dxf": _check_dxf,
}
