"""Reading files: each reader opens one kind and yields batches of features.

Readers know formats and nothing of layers, tables or the database. :func:`open_source` picks the
reader by the file's name and first bytes, and imports no other: a check needs none of them.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from layers.reading.errors import EmptyFile, NoSuchFile, NotVector
from layers.reading.source import Batch, Request, Source

Reader = Callable[[Path, Request], Source]

# Suffix → module and function here.
READERS = {
    ".csv": "coordinates.open_text",
    ".txt": "coordinates.open_text",
    ".parquet": "parquet.open_parquet",
    ".geoparquet": "parquet.open_parquet",
    ".dxf": "drawing.open_dxf",
    ".cgxml": "cgxml.open_cgxml",
    ".cpxml": "cgxml.open_cgxml",
    ".cp": "cgxml.open_cgxml",
    ".osm": "osm.open_osm",
    ".pbf": "osm.open_osm",
}
GDAL = "vector.open_vector"


def open_source(path: Path, request: Request | None = None) -> Source:
    """Open a file for reading; a ReadingError says what is wrong with it."""
    if not path.exists():
        raise NoSuchFile(path, f"no such file ({path})")
    if path.is_dir() and path.suffix.lower() != ".gdb":
        raise NoSuchFile(path, "is a folder; name one file in it")
    if path.is_file() and path.stat().st_size == 0:
        raise EmptyFile(path, "the file is empty (0 bytes)")
    name = READERS.get(path.suffix.lower(), GDAL)
    if path.suffix.lower() == ".xml" and _starts_with_cgxml(path):
        name = READERS[".cgxml"]
    return _reader(name)(path, request or Request())


def _reader(name: str) -> Reader:
    module, function = name.split(".")
    reader: Reader = getattr(import_module(f"layers.reading.{module}"), function)
    return reader


def _starts_with_cgxml(path: Path) -> bool:
    with path.open("rb") as file:
        return b"<CGXML" in file.read(4096)


__all__ = ["Batch", "NotVector", "Request", "Source", "open_source"]
