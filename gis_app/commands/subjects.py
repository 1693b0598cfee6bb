"""Options that name a piece of land, the same for every command that takes one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
import orjson
import shapely

import analysis
from analysis.subject import STEREO70, Drawn, Parcels, SubjectError, subject_of

LISTS = (".txt", ".csv", ".asc", ".inv")
OPTIONS = (
    click.option("--siruta", type=int, help="SIRUTA code of the UAT."),
    click.option(
        "--cadastral-number",
        "numbers",
        multiple=True,
        help="Cadastral number; repeat it for several parcels.",
    ),
    click.option(
        "--geometry",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="File with an area or a line: GeoJSON, a surveyor's list (X = north), or what GDAL reads.",
    ),
    click.option("--crs", help="CRS of --geometry, e.g. EPSG:4326.  [default: the file's, else EPSG:3844]"),
    click.option(
        "--as-of", type=click.DateTime(["%Y-%m-%d"]), callback=lambda _c, _p, value: _day(value), help="Day."
    ),
)


def subject_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --siruta, --cadastral-number, --geometry, --crs and --as-of; ``subject`` reads them."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def subject(
    siruta: int | None, numbers: tuple[str, ...], geometry: Path | None, crs: str | None
) -> Parcels | Drawn:
    """The land that the options name; wrong combinations are usage errors, unusable files SubjectErrors."""
    by_number = siruta is not None or bool(numbers)
    if by_number == (geometry is not None):
        raise click.UsageError("give either --siruta and --cadastral-number, or --geometry")
    if geometry is not None:
        return _from_file(geometry, crs)
    if siruta is None or not numbers:
        raise click.UsageError("--siruta and --cadastral-number go together")
    return analysis.parcels([(siruta, number) for number in numbers])


def _from_file(path: Path, crs: str | None) -> Drawn | Parcels:
    if path.suffix.lower() not in (*LISTS, ".json", ".geojson"):
        return _from_vector(path, crs)
    try:
        if path.suffix.lower() in LISTS:
            return analysis.coordinate_list(path, crs or STEREO70)
        content = orjson.loads(path.read_bytes())
    except (orjson.JSONDecodeError, UnicodeDecodeError) as error:
        raise SubjectError(f"{path}: not readable: {error}") from error
    return subject_of(content, crs or _named_crs(content) or STEREO70)


def _from_vector(path: Path, crs: str | None) -> Drawn | Parcels:
    # Imported here: geopandas behind it would add to every check by number.
    import pyogrio

    try:
        frame = pyogrio.read_dataframe(path)
    except pyogrio.errors.DataSourceError as error:
        raise SubjectError(f"{path}: GDAL cannot read it: {error}") from error
    if not len(frame):
        raise SubjectError(f"{path}: no feature; expected an area or a line")
    if frame.crs is None and crs is None:
        raise SubjectError(f"{path}: no CRS in the file; say --crs, EPSG:3844 for Stereo70")
    return subject_of(shapely.union_all(frame.geometry.array), crs or frame.crs.to_string())


def _named_crs(content: Any) -> str | None:
    named = content.get("crs") if isinstance(content, dict) else None
    name = named.get("properties", {}).get("name") if isinstance(named, dict) else None
    return name if isinstance(name, str) else None


def _day(value: datetime | None) -> date | None:
    return value.date() if value else None
