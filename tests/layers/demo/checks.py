"""Measures of tables that several tests take."""

from __future__ import annotations

import numpy as np
import shapely

from layers.demo import Features


def overlaps(table: Features) -> np.ndarray:
    """Areas (m²) that pairs of features of a polygon table share."""
    tree = shapely.STRtree(table.shapes)
    left, right = tree.query(table.shapes, predicate="intersects")
    pair = left < right
    return shapely.area(shapely.intersection(table.shapes[left[pair]], table.shapes[right[pair]]))


def of_place(table: Features, siruta: int) -> Features:
    """The rows of one UAT."""
    return table.take(np.flatnonzero(table.columns["siruta"].astype(int) == siruta))


def parcel(
    parts: list[dict[str, Features]], siruta: int, number: str
) -> tuple[shapely.MultiPolygon, dict[str, object]]:
    """A parcel's geometry and attributes; fails unless there is exactly one."""
    found = []
    for part in parts:
        table = part["cadastre.parcel"]
        rows = np.flatnonzero(
            (table.columns["siruta"] == siruta) & (table.columns["cadastral_number"] == number)
        )
        found += [
            (table.shapes[row], {name: values[row] for name, values in table.columns.items()}) for row in rows
        ]
    assert len(found) == 1, f"{len(found)} parcels {siruta}/{number}"
    return found[0]
