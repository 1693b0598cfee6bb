"""Small files of all kinds, made where they are needed."""

from __future__ import annotations

import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

# A spot near Târgu Jiu: x east, y north, EPSG:3844.
EAST, NORTH = 372_000.0, 395_000.0
SIRUTA = 77812

# As the cadastre agency's files have it: no EPSG code anywhere.
ROMANIA_DOUBLE_STEREO = (
    'PROJCS["Romania_double_stereo",GEOGCS["GCS_Dealul_Piscului_1970",DATUM["D_Dealul_Piscului_1970",'
    'SPHEROID["Krasovsky_1940",6378245.0,298.3]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],'
    'PROJECTION["Double_Stereographic"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",500000.0],'
    'PARAMETER["Central_Meridian",25.0],PARAMETER["Scale_Factor",0.99975],PARAMETER["Latitude_Of_Origin",46.0],'
    'UNIT["Meter",1.0]]'
)


def squares(columns: int, rows: int = 1, side: float = 20.0) -> np.ndarray:
    """Squares side by side, column by column, sharing their corners."""
    east = EAST + side * np.repeat(np.arange(columns), rows)
    north = NORTH + side * np.tile(np.arange(rows), columns)
    return shapely.box(east, north, east + side, north + side)


def parcels(columns: int = 3, rows: int = 1, **extra: object) -> gpd.GeoDataFrame:
    """Parcels with the names a town hall's file would have."""
    shapes = squares(columns, rows)
    numbers = [str(30_000 + i) for i in range(len(shapes))]
    data = {"siruta": SIRUTA, "nr_cad": numbers, "categorie": "CC", "suprafata": 400.0, **extra}
    return gpd.GeoDataFrame(data, geometry=shapes, crs="EPSG:3844")


def uats(**extra: object) -> gpd.GeoDataFrame:
    """Two neighbouring UATs of ten kilometres a side, the first around the sample spot."""
    shapes = [
        shapely.box(EAST - 5_000, NORTH - 5_000, EAST + 5_000, NORTH + 5_000),
        shapely.box(EAST + 5_000, NORTH - 5_000, EAST + 15_000, NORTH + 5_000),
    ]
    data = {
        "siruta": [SIRUTA, 79308],
        "name": ["Târgu Jiu", "Bumbești-Jiu"],
        "kind": ["municipiu", "oras"],
        "county": "Gorj",
        **extra,
    }
    return gpd.GeoDataFrame(data, geometry=shapes, crs="EPSG:3844")


def zipped_shapefile(
    frame: gpd.GeoDataFrame, target: Path, encoding: str = "UTF-8", prj: str | None = None
) -> Path:
    """A zip with the parts of a shapefile in that encoding; ``prj`` replaces the .prj's text."""
    stem = target.with_suffix("")
    frame.to_file(stem.with_suffix(".shp"), encoding=encoding)
    if prj is not None:
        stem.with_suffix(".prj").write_text(prj)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for suffix in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
            part = stem.with_suffix(suffix)
            if part.exists():
                archive.write(part, part.name)
    return target
