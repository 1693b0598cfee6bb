"""The two functions that pycsw's filters call on the box of a record."""

from __future__ import annotations

import numpy as np
import shapely

RELATIONS = {
    "bbox": shapely.intersects,
    "contains": shapely.contains,
    "crosses": shapely.crosses,
    "disjoint": shapely.disjoint,
    "equals": shapely.equals,
    "intersects": shapely.intersects,
    "overlaps": shapely.overlaps,
    "touches": shapely.touches,
    "within": shapely.within,
}


def meets(box: str | None, other: str, relation: str, distance: str) -> str:
    """Whether the record's box stands in that relation to a geometry (WKT, degrees): ``true`` or ``false``."""
    if box is None:
        return "false"
    ours, theirs = shapely.from_wkt(box), shapely.from_wkt(other)
    if relation == "dwithin":
        return _told(shapely.distance(ours, theirs) <= float(distance))
    if relation == "beyond":
        return _told(shapely.distance(ours, theirs) > float(distance))
    return _told(RELATIONS[relation](ours, theirs))


def area(box: str | None) -> str:
    """The area of a box in square degrees, for sorting."""
    return str(shapely.area(shapely.from_wkt(box))) if box else "0"


def _told(holds: bool | np.bool_) -> str:
    return "true" if holds else "false"
