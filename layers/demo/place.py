"""One commune while it is being made: its land, its villages, and what no parcel may cover."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from layers.demo.blocks import Block
from layers.demo.features import Floats
from layers.demo.network import Road


@dataclass
class Place:
    """A commune, town or the county town. Geometries in EPSG:3844; ``quota`` is its number of parcels."""

    index: int
    siruta: int
    name: str
    kind: str
    land: shapely.Polygon
    seat: Floats
    quota: int
    roads: list[Road]
    blocks: list[Block] = field(default_factory=list)
    streets: list[Road] = field(default_factory=list)
    barriers: BaseGeometry = field(default_factory=shapely.Polygon)
    forest: BaseGeometry = field(default_factory=shapely.Polygon)
    reserved: BaseGeometry = field(default_factory=shapely.Polygon)
    taken: BaseGeometry | None = None
    built_up: dict[str, BaseGeometry] = field(default_factory=dict)

    @cached_property
    def road_land(self) -> BaseGeometry:
        """The land of the roads and streets; ask for it once the streets are there."""
        return shapely.union_all([self.main_road_land, self.strips(self.streets)])

    @cached_property
    def main_road_land(self) -> BaseGeometry:
        """The land of the numbered roads."""
        return self.strips(self.roads)

    def strips(self, roads: list[Road], within_m: float = 0.0) -> BaseGeometry:
        """The land of some roads in and round the commune, less ``within_m`` on either side."""
        near = self.land.envelope.buffer(60)
        axes = [(road.line.intersection(near), road.land_m) for road in roads]
        return shapely.union_all(
            [axis.buffer(width - within_m, cap_style="flat") for axis, width in axes if not axis.is_empty]
        )

    def seat_land(self, radius_m: float) -> BaseGeometry:
        """The commune's land within a distance of its seat."""
        return shapely.intersection(shapely.Point(self.seat).buffer(radius_m), self.land)

    def generator(self, seed: int, purpose: int) -> np.random.Generator:
        """A stream of its own, so that one commune can be made without the others."""
        return np.random.default_rng([seed, 7919, self.index, purpose])
