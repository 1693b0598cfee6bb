"""Which coordinate reference system a file means, also where it gives no code or an old one."""

from __future__ import annotations

from typing import NamedTuple

import pyproj
from pyproj.exceptions import CRSError

STEREO70 = 3844
# Dealul Piscului 1970 / Stereo70: the same system under its deprecated code.
STEREO70_CODES = frozenset({3844, 31700})


class Box(NamedTuple):
    """Lowest and highest x (east) and y (north)."""

    x_min: float
    y_min: float
    x_max: float
    y_max: float

    def contains(self, bounds: tuple[float, float, float, float]) -> bool:
        """Whether bounds (x_min, y_min, x_max, y_max) lie inside."""
        return (
            self.x_min <= bounds[0]
            and self.y_min <= bounds[1]
            and bounds[2] <= self.x_max
            and bounds[3] <= self.y_max
        )


# Romania with its territorial sea, some kilometres of margin.
ROMANIA_STEREO70 = Box(115_000.0, 215_000.0, 960_000.0, 775_000.0)
ROMANIA_DEGREES = Box(20.0, 43.4, 31.6, 48.4)

# EPSG method 9809 (Oblique Stereographic) as EPSG:3844 has it: latitude and longitude of the origin
# in degrees, scale, false easting and northing in metres, semi-major axis and inverse flattening
# of the Krassowsky 1940 ellipsoid.
_PARAMETERS = {
    "Latitude of natural origin": (46.0, 1e-9),
    "Longitude of natural origin": (25.0, 1e-9),
    "Scale factor at natural origin": (0.99975, 1e-9),
    "False easting": (500_000.0, 1e-3),
    "False northing": (500_000.0, 1e-3),
}
_KRASSOWSKY = (6_378_245.0, 298.3)


def recognise(text: object) -> pyproj.CRS:
    """The CRS meant by a code, WKT or PROJ text; Stereo70 in any dress is returned as EPSG:3844.

    ``text`` may be anything pyproj takes. Raises pyproj's CRSError when it means nothing.
    """
    crs = pyproj.CRS.from_user_input(text)
    if crs.is_compound and crs.sub_crs_list:
        crs = crs.sub_crs_list[0]
    if crs.is_bound and crs.source_crs is not None:
        crs = crs.source_crs
    if crs.to_epsg() in STEREO70_CODES or is_stereo70(crs):
        return pyproj.CRS.from_epsg(STEREO70)
    return crs


def is_stereo70(crs: pyproj.CRS) -> bool:
    """Whether the parameters are Stereo70's, whatever the name ("Romania_double_stereo", no code)."""
    operation, ellipsoid = crs.coordinate_operation, crs.ellipsoid
    if not crs.is_projected or operation is None or ellipsoid is None:
        return False
    if "stereographic" not in operation.method_name.lower():
        return False
    found = {parameter.name: float(parameter.value) for parameter in operation.params}
    if any(abs(found.get(name, 1e9) - value) > slack for name, (value, slack) in _PARAMETERS.items()):
        return False
    return (
        abs(ellipsoid.semi_major_metre - _KRASSOWSKY[0]) < 0.5
        and abs(ellipsoid.inverse_flattening - _KRASSOWSKY[1]) < 1e-3
    )


def suggest(bounds: tuple[float, float, float, float]) -> str | None:
    """The CRS in which these bounds lie in Romania, if one does ("EPSG:3844" or "EPSG:4326")."""
    if ROMANIA_STEREO70.contains(bounds):
        return "EPSG:3844"
    if ROMANIA_DEGREES.contains(bounds):
        return "EPSG:4326"
    return None


def describe(crs: pyproj.CRS) -> str:
    """A short name: "EPSG:n", or the CRS's own name."""
    code = crs.to_epsg()
    return f"EPSG:{code}" if code else str(crs.name)


__all__ = [
    "ROMANIA_DEGREES",
    "ROMANIA_STEREO70",
    "STEREO70",
    "Box",
    "CRSError",
    "describe",
    "is_stereo70",
    "recognise",
    "suggest",
]
