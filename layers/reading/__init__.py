"""Reading files: each reader opens one kind and yields batches of features.

Readers know formats and nothing of layers, tables or the database. :func:`open_source` picks the
reader by the file's name and first bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from layers.reading.cgxml import open_cgxml
from layers.reading.coordinates import open_text
from layers.reading.drawing import open_dxf
from layers.reading.errors import EmptyFile, NoSuchFile, NotVector
from layers.reading.osm import open_osm
from layers.reading.parquet import open_parquet
from layers.reading.source import Batch, Request, Source
from layers.reading.vector import open_vector

Reader = Callable[[Path, Request], Source]

READERS: dict[str, Reader] = {
    ".csv": open_text,
    ".txt": open_text,
    ".parquet": open_parquet,
    ".geoparquet": open_parquet,
    ".dxf": open_dxf,
    ".cgxml": open_cgxml,
    ".cpxml": open_cgxml,
    ".cp": open_cgxml,
    ".osm": open_osm,
    ".pbf": open_osm,
}


def open_source(path: Path, request: Request | None = None) -> Source:
    """Open a file for reading; a ReadingError says what is wrong with it."""
    if not path.exists():
        raise NoSuchFile(path, f"no such file ({path})")
    if path.is_dir() and path.suffix.lower() != ".gdb":
        raise NoSuchFile(path, "is a folder; name one file in it")
    if path.is_file() and path.stat().st_size == 0:
        raise EmptyFile(path, "the file is empty (0 bytes)")
    reader = READERS.get(path.suffix.lower(), open_vector)
    if reader is open_vector and path.suffix.lower() == ".xml" and _starts_with_cgxml(path):
        reader = open_cgxml
    return reader(path, request or Request())


def _starts_with_cgxml(path: Path) -> bool:
    with path.open("rb") as file:
        return b"<CGXML" in file.read(4096)


__all__ = ["Batch", "NotVector", "Request", "Source", "open_source"]
