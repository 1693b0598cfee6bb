"""Coordinate reference systems by the names that clients write, and the order of axes each name means.

Registry names (``urn:ogc:def:crs:EPSG::3844``, ``http://www.opengis.net/def/crs/EPSG/0/3844``) mean the
registry's order: north before east in EPSG:3844 and 31700, latitude before longitude in 4326 and 4258. The
short ``EPSG:3844`` and the old ``http://www.opengis.net/gml/srs/epsg.xml#3844`` mean x = east before y.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from layers import datum
from tiles.wfs.refused import invalid, shown

STORED = 3844
# Systems whose first axis in the registry is north (or latitude).
NORTH_FIRST = {3844: True, 31700: True, 4326: True, 4258: True, 3857: False}
GEOGRAPHIC = frozenset({4326, 4258})
CRS84 = "urn:ogc:def:crs:OGC:1.3:CRS84"
OFFERED = (*(f"urn:ogc:def:crs:EPSG::{code}" for code in NORTH_FIRST), CRS84)

_REGISTRY = re.compile(
    r"(?:urn:(?:x-)?ogc:def:crs:EPSG:[\w.]*:|https?://www\.opengis\.net/def/crs/EPSG/[\w.]+/)(\d{4,5})", re.I
)
_SHORT = re.compile(r"(?:EPSG:|https?://www\.opengis\.net/gml/srs/epsg\.xml#)(\d{4,5})", re.I)
_CRS84 = re.compile(
    r"(?:urn:(?:x-)?ogc:def:crs:OGC:[\w.]*:|https?://www\.opengis\.net/def/crs/OGC/[\w.]+/|OGC:|CRS:)(?:CRS)?84",
    re.I,
)
# Decimals kept of transformed coordinates: a tenth of a millimetre.
_DECIMALS_DEGREES, _DECIMALS_METRES = 9, 4


@dataclass(frozen=True)
class Reference:
    """A system under the ``name`` by which it was asked for; ``north_first`` is what that name means."""

    name: str
    srid: int
    north_first: bool

    @property
    def geographic(self) -> bool:
        """Whether coordinates are degrees."""
        return self.srid in GEOGRAPHIC


def reference(name: str, locator: str = "srsName") -> Reference:
    """The system of that name. Raises Refused where it is not offered."""
    text = name.strip()
    if _CRS84.fullmatch(text):
        return Reference(text, 4326, False)
    registry, short = _REGISTRY.fullmatch(text), _SHORT.fullmatch(text)
    found = registry or short
    srid = int(found[1]) if found else 0
    if srid not in NORTH_FIRST:
        offered = ", ".join(f"EPSG:{code}" for code in NORTH_FIRST)
        raise invalid(locator, f"the system {shown(name)} is not offered; offered are {offered} and CRS84")
    return Reference(text, srid, bool(registry) and NORTH_FIRST[srid])


def outward(geometries: NDArray[Any], to: Reference) -> NDArray[Any]:
    """Stored geometries (EPSG:3844, x = east) in another system, x = east still; datum grid where configured."""
    if to.srid in {STORED, 31700}:
        return geometries
    present = ~shapely.is_missing(geometries)
    moved = geometries.copy()
    if present.any():
        moved[present] = datum.transform(geometries[present], STORED, to.srid).coordinates
    decimals = _DECIMALS_DEGREES if to.geographic else _DECIMALS_METRES
    flat = shapely.force_2d(moved)
    return np.asarray(shapely.transform(flat, lambda xy: np.round(xy, decimals)))


def swapped(geometries: NDArray[Any]) -> NDArray[Any]:
    """The same geometries, flat, with their first two ordinates exchanged."""
    return np.asarray(shapely.transform(shapely.force_2d(geometries), lambda xy: xy[:, ::-1]))
