"""Archives, looked at before anything is unpacked."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath

from layers.reading.errors import EmptyFile, HostileArchive, NotVector, SeveralLayers

MAX_MEMBERS = 2_000
MAX_UNPACKED_BYTES = 20 * 1024**3
# Text packs to about a twentieth; coordinates far less. A bomb packs to a thousandth.
MAX_RATIO = 200
SMALL_BYTES = 10 * 1024**2

DATA_SUFFIXES = (
    ".shp",
    ".gpkg",
    ".geojson",
    ".json",
    ".gml",
    ".fgb",
    ".kml",
    ".csv",
    ".tab",
    ".dxf",
    ".topojson",
)


def check(path: Path) -> list[str]:
    """Names of the members of a zip; HostileArchive, NotVector or EmptyFile if it is not to be opened."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
        raise NotVector(path, f"the zip file is damaged or cut short ({error})") from error
    if not members:
        raise EmptyFile(path, "the zip file is empty")
    if len(members) > MAX_MEMBERS:
        raise HostileArchive(
            path, f"the zip file has {len(members)} members, at most {MAX_MEMBERS} are opened"
        )
    for member in members:
        name = PurePosixPath(member.filename)
        if name.is_absolute() or ".." in name.parts:
            raise HostileArchive(path, f"a member of the zip file points outside it: {member.filename!r}")
        if member.flag_bits & 0x1:
            raise HostileArchive(path, f"{member.filename!r} in the zip file is encrypted")
        ratio = member.file_size / max(member.compress_size, 1)
        if member.file_size > SMALL_BYTES and ratio > MAX_RATIO:
            raise HostileArchive(
                path,
                f"{member.filename!r} would unpack to {member.file_size:,} bytes, {ratio:,.0f} times its size",
            )
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED_BYTES:
        raise HostileArchive(path, f"the zip file would unpack to {unpacked:,} bytes")
    return [member.filename for member in members if not member.is_dir()]


def choose(path: Path, wanted: str | None) -> str:
    """The member that holds the data: the only one of a known kind, or the one named by its stem."""
    names = [name for name in check(path) if name.lower().endswith(DATA_SUFFIXES)]
    if not names:
        raise NotVector(path, "no geodata in the zip file (looked for " + ", ".join(DATA_SUFFIXES) + ")")
    if len(names) == 1:
        return names[0]
    stems = {PurePosixPath(name).stem: name for name in names}
    if wanted in stems:
        return stems[wanted]
    raise SeveralLayers(path, stems, wanted)
