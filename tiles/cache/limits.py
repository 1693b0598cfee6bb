"""Which tiles of a level a layer has: those that meet the box round its features."""

from __future__ import annotations

from dataclasses import dataclass

from layers import extents
from layers.catalogue import get_layer
from layers.days import today
from tiles.cache.dropping import reach_m
from tiles.cache.grids import MatrixSet
from tiles.cache.layers import TileLayer


@dataclass(frozen=True)
class Limits:
    """First and last column and row, both included."""

    columns: tuple[int, int]
    rows: tuple[int, int]

    def holds(self, column: int, row: int) -> bool:
        """Whether that tile is within."""
        return self.columns[0] <= column <= self.columns[1] and self.rows[0] <= row <= self.rows[1]

    def __str__(self) -> str:
        return f"columns {self.columns[0]} to {self.columns[1]}, rows {self.rows[0]} to {self.rows[1]}"


def bounds(layer: TileLayer) -> extents.Bounds:
    """West, south, east, north in EPSG:3844 (x = east) of what the layer shows today; of Romania if nothing."""
    if layer.foreign:
        return layer.foreign.bounds
    found = [extents.extent(get_layer(name), today()) for name in layer.layer_ids]
    shown = extents.around(extent.stereo70 for extent in found if extent)
    return shown or extents.transform(extents.ROMANIA, "OGC:CRS84", "EPSG:3844")


def limits(layer: TileLayer, matrices: MatrixSet) -> list[Limits]:
    """The limits at every level."""
    return [limits_at(layer, matrices, level) for level in range(len(matrices.matrices))]


def limits_at(layer: TileLayer, matrices: MatrixSet, level: int) -> Limits:
    """The limits at one level, with what is drawn beyond the geometries themselves."""
    west, south, east, north = extents.transform(bounds(layer), "EPSG:3844", matrices.crs)
    resolution = matrices.matrices[level].resolution
    reach = max((reach_m(get_layer(name), resolution) for name in layer.layer_ids), default=0.0)
    grown = (west - reach, south - reach, east + reach, north + reach)
    first, last, top, bottom = matrices.covering(level, grown)
    return Limits((first, last), (top, bottom))
