"""Files that break off in the middle, which GDAL reads as far as they go without a word."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from pathlib import Path

from layers.reading.errors import NotVector
from layers.reading.shapefile import compare

XML_SUFFIXES = (".gml", ".kml", ".osm", ".xml", ".gpx", ".cgxml", ".cpxml", ".cp")
_ROOT = re.compile(rb"<([A-Za-z_][\w.:-]*)")
_TAIL_BYTES = 4096


def check(path: Path) -> None:
    """NotVector if a file is shorter than it says."""
    own = CHECKS.get(path.suffix.lower())
    if own is not None:
        own(path)


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
        compare(path, path.suffix, path.stat().st_size, pages * (65_536 if page == 1 else page))


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
