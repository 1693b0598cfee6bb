"""The land outside the villages: fields of long narrow strips, each part of the commune its own way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from layers.demo.features import Floats, Geometries, many_polygons
from layers.demo.noise import Warp
from layers.demo.place import Place

USES = ("A", "F", "P", "L", "V", "N", "PD")
SHARES = (0.63, 0.13, 0.12, 0.05, 0.03, 0.02, 0.02)
SMALLEST_M2 = 120.0
LARGEST_M2 = 8_500.0


@dataclass(frozen=True)
class Sector:
    """A part of a commune whose strips all run one way."""

    land: BaseGeometry
    angle: float
    centre: Floats
    warp: Warp

    @property
    def turn(self) -> Floats:
        """Rotation of the sector's own frame, where strips run along x."""
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        return np.array([[cos, sin], [-sin, cos]])

    def world(self, points: Floats) -> Floats:
        """Points of the sector's frame in EPSG:3844, gently bent."""
        return self.warp(points @ self.turn + self.centre)


@dataclass(frozen=True)
class Strips:
    """Field parcels and their use category."""

    polygon: Geometries
    use: NDArray[Any]


def free_land(place: Place) -> BaseGeometry:
    """What is left of a commune for fields."""
    grounds = [block.ground for block in place.blocks]
    taken = [*grounds, place.road_land, place.barriers, place.forest, place.reserved]
    return shapely.difference(place.land.buffer(-1.0), shapely.union_all(taken))


def sectors(rng: np.random.Generator, place: Place, free: BaseGeometry, warp: Warp) -> list[Sector]:
    """About one for every 4 km²; strips run square to the nearest road, more or less."""
    west, south, east, north = place.land.bounds
    count = max(5, int(place.land.area / 4e6))
    seeds = np.column_stack([rng.uniform(west, east, count), rng.uniform(south, north, count)])
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=place.land.envelope)
    )
    cells = shapely.transform(shapely.segmentize(cells, 150.0), warp)
    found = []
    for cell in cells:
        land = shapely.intersection(shapely.buffer(cell, -2.0), free)
        if land.area > 5_000:
            centre = np.array(cell.centroid.coords[0])
            nearest = min(place.roads, key=lambda road: road.line.distance(cell.centroid))
            at = nearest.line.project(cell.centroid)
            a, b = nearest.corridor.at(np.array([max(at - 150, 0), at + 150]))
            angle = float(np.arctan2(b[1] - a[1], b[0] - a[0]) + np.pi / 2 + rng.normal(0, 0.18))
            found.append(Sector(land, angle + (np.pi / 2 if rng.uniform() < 0.2 else 0.0), centre, warp))
    return found


def fields_of(
    rng: np.random.Generator, sector: Sector, target_m2: float, anchor: BaseGeometry
) -> list[tuple[float, Strips]]:
    """The fields of a sector, each with its distance from the villages (``anchor``)."""
    frames = frames_of(rng, sector, float(np.clip(np.sqrt(target_m2 * 15), 80, 420)))
    found = []
    for frame in frames[in_reach(frames, sector)]:
        strips = clip_strips(rng, frame, target_m2, sector)
        if len(strips):
            use = str(rng.choice(USES, p=SHARES))
            away = float(shapely.distance(anchor, strips[0]))
            found.append((away, Strips(strips, np.full(len(strips), use, dtype=object))))
    return found


def frames_of(rng: np.random.Generator, sector: Sector, length_m: float) -> Floats:
    """Fields as (left, right, low, high) in the sector's frame, with farm tracks between them."""
    local = (shapely.get_coordinates(sector.land) - sector.centre) @ sector.turn.T
    (west, south), (east, north) = local.min(0) - 60, local.max(0) + 60
    steps = length_m * rng.uniform(0.75, 1.3, int((east - west) / length_m) + 3)
    frames = []
    for left, right in pairwise(west + np.concatenate([[0.0], np.cumsum(steps)])):
        tall = 1.3 * length_m
        sizes = tall * rng.uniform(0.7, 1.6, int((north - south) / tall) + 3)
        edges = south - rng.uniform(0, length_m) + np.concatenate([[0.0], np.cumsum(sizes)])
        frames += [(left + 2, right - 2, low + 1.5, high - 1.5) for low, high in pairwise(edges)]
    return np.array(frames)


def in_reach(frames: Floats, sector: Sector) -> NDArray[np.bool_]:
    """Frames that meet the sector's land."""
    corners = np.stack([frames[:, [0, 2]], frames[:, [1, 2]], frames[:, [1, 3]], frames[:, [0, 3]]], axis=1)
    boxes = many_polygons(sector.world(corners.reshape(-1, 2)).reshape(-1, 4, 2))
    shapely.prepare(sector.land)
    return np.asarray(shapely.intersects(sector.land, boxes))


def clip_strips(rng: np.random.Generator, frame: Floats, target_m2: float, sector: Sector) -> Geometries:
    """Strips side by side across a frame; those on the edge of the sector's land are cut to it."""
    left, right, low, high = frame
    count = max(1, round((right - left) * (high - low) / target_m2))
    widths = rng.lognormal(0, 0.3, count)
    stops = low + np.concatenate([[0.0], np.cumsum(widths)]) / widths.sum() * (high - low)
    across = (np.column_stack([np.full(count + 1, at), stops]) for at in (left, (left + right) / 2, right))
    near, middle, far = (sector.world(points) for points in across)
    rings = np.stack([near[:-1], middle[:-1], far[:-1], far[1:], middle[1:], near[1:]], axis=1)
    strips = many_polygons(rings)
    whole = shapely.contains_properly(sector.land, strips)
    edge = ~whole & shapely.intersects(sector.land, strips)
    if not edge.any():
        return strips[whole]
    west, south, east, north = shapely.total_bounds(strips)
    local = shapely.clip_by_rect(sector.land, west - 1, south - 1, east + 1, north + 1)
    if not shapely.is_valid(local):
        local = sector.land
    parts = shapely.get_parts(shapely.intersection(strips[edge], local))
    parts = parts[(shapely.get_type_id(parts) == 3) & (shapely.area(parts) > SMALLEST_M2)]
    return np.concatenate([strips[whole], parts])


def make_fields(rng: np.random.Generator, place: Place, count: int, warp: Warp) -> Iterator[Strips]:
    """Exactly ``count`` field parcels if the land allows, those nearest the villages first."""
    if count <= 0:
        return
    free = free_land(place)
    target = float(np.clip(0.8 * free.area / count, 150.0, LARGEST_M2))
    anchor = shapely.union_all([block.hull for block in place.blocks])
    shapely.prepare(anchor)
    parts = sectors(rng, place, free, warp)
    # the far sectors of a small county are never reached: do not cut them up
    parts.sort(key=lambda sector: float(shapely.distance(anchor, sector.land)))
    found: list[tuple[float, Strips]] = []
    expected = 0.0
    for sector in parts:
        if expected > 2.5 * count + 200:
            break
        found += fields_of(rng, sector, target, anchor)
        expected += sector.land.area / target
    found.sort(key=lambda item: item[0])
    left = count
    for _, strips in found:
        yield Strips(strips.polygon[:left], strips.use[:left])
        left -= min(left, len(strips.polygon))
        if not left:
            return
