"""What can be wrong with a file as a whole; each message names the file and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from layers.errors import VatraError


class ReadingError(VatraError):
    """A file cannot be read as geodata."""

    def __init__(self, path: Path, cause: str) -> None:
        super().__init__(f"{path.name or path}: {cause}")
        self.path, self.cause = path, cause


class NoSuchFile(ReadingError):
    """The file does not exist, or is a folder."""


class EmptyFile(ReadingError):
    """The file has no bytes, or no features."""


class NotVector(ReadingError):
    """No reader understands the file, or it breaks off in the middle."""


class HostileArchive(ReadingError):
    """An archive that would unpack to more than is reasonable, or outside its folder."""


class SeveralLayers(ReadingError):
    """The file holds several layers and none was named, or there is none of that name."""

    def __init__(self, path: Path, names: Iterable[str], wanted: str | None = None) -> None:
        listed = ", ".join(names)
        found = f"no layer {wanted!r} in the file" if wanted else "several layers in the file"
        super().__init__(path, f"{found}; name one with --source-layer: {listed}")


class NoCRS(ReadingError):
    """The file does not say its coordinate reference system."""

    def __init__(self, path: Path, suggestion: str | None) -> None:
        hint = (
            f"its coordinates fit Romania in {suggestion}: if that is right, add --crs {suggestion}"
            if suggestion
            else "its coordinates fit neither Stereo70 (EPSG:3844) nor WGS84 (EPSG:4326) in Romania; "
            "give it with --crs EPSG:n"
        )
        super().__init__(path, f"no coordinate reference system in the file; {hint}")
        self.suggestion = suggestion


class UnknownCRS(ReadingError):
    """The coordinate reference system cannot be understood."""
