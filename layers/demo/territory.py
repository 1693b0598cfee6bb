"""The county's outline, its seats, and the communes round them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from layers.demo.features import Floats, Geometries
from layers.demo.noise import Warp

CENTRE = np.array([360_000.0, 410_000.0])
RADIUS_M = 29_500.0
UATS = 60


@dataclass(frozen=True)
class Territory:
    """``seats`` (n, 2): the first is the county town; ``uats``: polygons in the same order, tiling the county."""

    outline: shapely.Polygon
    seats: Floats
    uats: Geometries


def county_outline(rng: np.random.Generator) -> shapely.Polygon:
    """A closed curve of about 3,000 km², before bending."""
    angle = np.linspace(0, 2 * np.pi, 360, endpoint=False)
    square = (np.abs(np.cos(angle)) ** 3 + np.abs(np.sin(angle)) ** 3) ** (-1 / 3)
    wobble = 1 + sum(
        size * np.sin(lobes * angle + rng.uniform(0, 2 * np.pi))
        for lobes, size in ((2, 0.05), (3, 0.06), (5, 0.035), (8, 0.02))
    )
    radius = RADIUS_M * square * wobble
    return shapely.Polygon(CENTRE + np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]))


def scatter(rng: np.random.Generator, outline: shapely.Polygon, first: Floats) -> Floats:
    """The seats: as far from one another as ``UATS`` of them can be, sparser in the mountains (north)."""
    inner = outline.buffer(-2_200)
    west, south, east, north = inner.bounds
    candidates = np.column_stack([rng.uniform(west, east, 3000), rng.uniform(south, north, 3000)])
    candidates = candidates[shapely.contains_xy(inner, candidates)]
    for spacing in np.arange(7_500, 2_000, -150):
        chosen = [first]
        for point in candidates:
            near = np.hypot(*(np.array(chosen) - point).T).min()
            if near > spacing * (0.9 + 0.3 * (point[1] - south) / (north - south)):
                chosen.append(point)
        if len(chosen) >= UATS:
            return np.array(chosen[:UATS])
    raise AssertionError("the outline is too small for so many seats")


def divide(outline: shapely.Polygon, seats: Floats, warp: Warp) -> Geometries:
    """Communes: Voronoi cells of the seats, bent.

    The cells are cut up as lines first, so that each shared border is bent once and stays shared to the last bit.
    """
    # left longer than the outline: an end cut to lie on it would miss it by a hair and leave a gap
    cells = shapely.voronoi_polygons(
        shapely.multipoints(seats), extend_to=outline.buffer(9_000), only_edges=True
    )
    lines = shapely.node(shapely.union(cells, outline.exterior))
    lines = shapely.transform(shapely.segmentize(lines, 120.0), warp)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.node(lines))))
    faces = faces[shapely.area(faces) > 1e5]
    tree = shapely.STRtree(faces)
    face, seat = tree.query(shapely.points(warp(seats)), predicate="within")[::-1]
    uats = np.empty(len(seats), dtype=object)
    uats[seat] = faces[face]
    return uats


def make_territory(rng: np.random.Generator, first_seat: Floats) -> Territory:
    """Outline, seats and communes. ``first_seat`` (2,) is where the county town lies."""
    warp = Warp.make(rng, ((9_000, 360), (2_600, 90), (700, 11)))
    outline = county_outline(rng)
    seats = scatter(rng, outline, first_seat)
    uats = divide(outline, seats, warp)
    outer = shapely.Polygon(max(shapely.get_parts(shapely.union_all(uats)), key=shapely.area).exterior)
    return Territory(outer, warp(seats), uats)
