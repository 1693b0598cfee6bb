"""Overlaps and gaps between the polygons of a layer, without comparing every pair of neighbours.

In a clean layer every edge between two polygons is drawn twice, once in each direction; such pairs
cancel. Where two polygons overlap or leave a sliver between them, the outline of the place consists
of edges without a partner. So only those few are looked at: which of them cross, run through a
common corner into each other, lie inside a polygon, or run close by without touching. What is
suspicious is then measured exactly, and from each overlap found the search goes on to its neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

# Coordinates are compared to a tenth of a millimetre.
PER_METRE = 10_000
# Two polygons this close are meant to touch; a public path is wider.
GAP_M = 1.0
# Two edges run along each other when their common stretch is at least this long.
STRETCH_M = 0.5
# Edges that share a box in the search for neighbours.
CHAIN = 4
_EPSILON_RAD = 1e-7
_CONTACT_M = 1e-3


@dataclass(frozen=True)
class Problem:
    """An overlap or a gap between two polygons, given by their positions in the array.

    ``size`` is the area in m² of an overlap, the width in m of a gap; x east, y north.
    """

    kind: str
    first: int
    second: int
    size: float
    x: float
    y: float


@dataclass(frozen=True)
class _Edges:
    """Directed edges with the polygon on their left: start, end, the vertex before, the one after."""

    owner: Ints
    start: Floats
    end: Floats
    before: Floats
    after: Floats

    def __len__(self) -> int:
        return len(self.owner)


def problems(polygons: NDArray[Any], tolerance_m: float, gaps: bool) -> Iterator[Problem]:
    """Overlaps thicker than the tolerance and, if asked for, gaps wider than it but under a metre.

    ``polygons`` are valid (Multi)Polygons in EPSG:3844.
    """
    edges = _lone_edges(polygons)
    if not len(edges):
        return
    first, second = _near(edges, GAP_M if gaps else _CONTACT_M)
    distance = _distances(edges, first, second)
    contact = distance < _CONTACT_M
    tree = shapely.STRtree(polygons)
    entering = _crossing_or_entering(edges, first[contact], second[contact])
    inside = _inside(tree, edges, edges.owner[second[contact]])
    suspicious = np.concatenate([entering, inside], axis=0)
    yield from _overlaps(polygons, tree, suspicious, tolerance_m)
    if gaps:
        apart = ~contact & (distance < GAP_M)
        yield from _gaps(tree, edges, first[apart], second[apart], tolerance_m)


def _lone_edges(polygons: NDArray[Any]) -> _Edges:
    """Edges that are not cancelled by exactly one other in the opposite direction."""
    points, ring, polygon = _rings(polygons)
    hashes = _hash(points)
    starts = np.flatnonzero(np.r_[True, ring[1:] != ring[:-1]])
    ends = np.r_[starts[1:], len(ring)] - 1
    is_edge = hashes[:-1] != hashes[1:]
    is_edge[ends[:-1]] = False
    here = np.flatnonzero(is_edge)
    alone = here[_without_partner(hashes[here], hashes[here + 1])]
    # A ring's last point repeats its first: before the first comes the last but one.
    before, after = alone - 1, alone + 2
    at_first, at_last = starts[ring[alone]] == alone, ends[ring[alone]] == alone + 1
    before[at_first] = ends[ring[alone[at_first]]] - 1
    after[at_last] = starts[ring[alone[at_last]]] + 1
    return _Edges(polygon[ring[alone]], points[alone], points[alone + 1], points[before], points[after])


def _rings(polygons: NDArray[Any]) -> tuple[Floats, Ints, Ints]:
    """Points of all rings, each with its interior on the left; the ring of each point; each ring's polygon."""
    plain = shapely.get_type_id(polygons) == shapely.GeometryType.POLYGON
    if plain.all() and not shapely.get_num_interior_rings(polygons).any():
        # One ring each: nothing has to be taken apart (and copied).
        points, ring = shapely.get_coordinates(polygons, return_index=True)
        polygon = part = np.arange(len(polygons))
    else:
        parts, polygon = shapely.get_parts(polygons, return_index=True)
        rings, part = shapely.get_rings(parts, return_index=True)
        points, ring = shapely.get_coordinates(rings, return_index=True)
        polygon = polygon[part]
    if not _interior_on_the_left(points, ring, part):
        points = shapely.get_coordinates(shapely.orient_polygons(polygons))
    # Empty parts have rings without points: only the others are numbered.
    is_first = np.r_[True, ring[1:] != ring[:-1]]
    return points, np.cumsum(is_first) - 1, np.asarray(polygon[ring[is_first]], dtype=np.int64)


def _interior_on_the_left(points: Floats, ring: Ints, part: Ints) -> bool:
    """Whether all rings run counter-clockwise and none is a hole; false if that takes a closer look."""
    if (part[1:] == part[:-1]).any():
        return False
    x, y = points.T
    twice = x[:-1] * y[1:] - x[1:] * y[:-1]
    twice[ring[1:] != ring[:-1]] = 0.0
    return bool((np.bincount(ring[:-1], weights=twice) > 0).all())


def _hash(points: Floats) -> NDArray[np.uint64]:
    whole = np.rint(points * PER_METRE).astype(np.int64).view(np.uint64)
    mixed = whole[:, 0] * np.uint64(0x9E3779B97F4A7C15) + whole[:, 1] * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed ^= mixed >> np.uint64(29)
    return np.asarray(mixed * np.uint64(0xBF58476D1CE4E5B9))


def _without_partner(tail: NDArray[np.uint64], head: NDArray[np.uint64]) -> Flags:
    key = (tail ^ head) * np.uint64(0x94D049BB133111EB) + (tail + head)
    order = np.argsort(key)
    key, forward = key[order], (tail < head)[order]
    is_first = np.r_[True, key[1:] != key[:-1]]
    begin = np.flatnonzero(is_first)
    size = np.diff(np.r_[begin, len(key)])
    pair = begin[size == 2]
    pair = pair[forward[pair] != forward[pair + 1]]
    alone = np.ones(len(key), dtype=bool)
    alone[order[pair]] = False
    alone[order[pair + 1]] = False
    return alone


def _near(edges: _Edges, distance_m: float) -> tuple[Ints, Ints]:
    """Pairs of edges of different polygons whose boxes come within the distance."""
    low = np.minimum(edges.start, edges.end) - distance_m / 2
    high = np.maximum(edges.start, edges.end) + distance_m / 2
    chain = _chains(edges)
    size = np.diff(np.r_[chain, len(edges)])
    left, bottom = np.minimum.reduceat(low, chain).T
    right, top = np.maximum.reduceat(high, chain).T
    boxes = np.asarray(shapely.box(left, bottom, right, top))
    one, other = shapely.STRtree(boxes).query(boxes)
    kept = (one < other) & (edges.owner[chain[one]] != edges.owner[chain[other]])
    one, other = one[kept], other[kept]
    # Every edge of the one chain with every edge of the other.
    combinations = size[one] * size[other]
    pair = np.repeat(np.arange(len(one)), combinations)
    place = np.arange(len(pair)) - np.repeat(np.cumsum(combinations) - combinations, combinations)
    first = chain[one][pair] + place // size[other][pair]
    second = chain[other][pair] + place % size[other][pair]
    close = ((low[first] <= high[second]) & (low[second] <= high[first])).all(axis=1)
    return first[close], second[close]


def _chains(edges: _Edges) -> Ints:
    """First edges of runs of at most CHAIN edges that follow one another round a polygon."""
    follows = (edges.owner[1:] == edges.owner[:-1]) & (edges.start[1:] == edges.end[:-1]).all(axis=1)
    begins = np.flatnonzero(np.r_[True, ~follows])
    place = np.arange(len(edges)) - np.repeat(begins, np.diff(np.r_[begins, len(edges)]))
    return np.flatnonzero(place % CHAIN == 0)


def _distances(edges: _Edges, first: Ints, second: Ints) -> Floats:
    a, b, c, d = edges.start[first], edges.end[first], edges.start[second], edges.end[second]
    distance = np.minimum(
        np.minimum(_to_segment(a, c, d), _to_segment(b, c, d)),
        np.minimum(_to_segment(c, a, b), _to_segment(d, a, b)),
    )
    distance[_cross(a, b, c, d)] = 0.0
    return distance


def _to_segment(point: Floats, start: Floats, end: Floats) -> Floats:
    along = end - start
    share = np.clip(_dot(point - start, along) / _dot(along, along), 0.0, 1.0)
    return np.asarray(np.hypot(*(start + share[:, None] * along - point).T))


def _cross(a: Floats, b: Floats, c: Floats, d: Floats) -> Flags:
    return (_turn(a, b, c) * _turn(a, b, d) < 0) & (_turn(c, d, a) * _turn(c, d, b) < 0)


def _turn(a: Floats, b: Floats, c: Floats) -> Floats:
    return (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])


def _dot(a: Floats, b: Floats) -> Floats:
    return np.asarray(np.einsum("ij,ij->i", a, b))


def _crossing_or_entering(edges: _Edges, first: Ints, second: Ints) -> Ints:
    """Polygon pairs whose edges cross or touch, or whose corners at a common vertex overlap."""
    if not len(first):
        return np.empty((0, 2), dtype=np.int64)
    shared = np.zeros(len(first), dtype=bool)
    suspicious = np.zeros(len(first), dtype=bool)
    for ends_1, at_start_1 in ((edges.start, True), (edges.end, False)):
        for ends_2, at_start_2 in ((edges.start, True), (edges.end, False)):
            same = np.flatnonzero((np.abs(ends_1[first] - ends_2[second]) < 0.5 / PER_METRE).all(axis=1))
            shared[same] = True
            corner_1 = _corner(edges, first[same], at_start_1)
            suspicious[same] |= _sectors_overlap(*corner_1, *_corner(edges, second[same], at_start_2))
    suspicious |= ~shared
    return np.column_stack([edges.owner[first], edges.owner[second]])[suspicious]


def _corner(edges: _Edges, which: Ints, at_start: bool) -> tuple[Floats, Floats]:
    """A corner of the polygon: the direction out of it and the one back along the way in."""
    start, end = edges.start[which], edges.end[which]
    if at_start:
        return end - start, edges.before[which] - start
    return edges.after[which] - end, start - end


def _sectors_overlap(out_1: Floats, in_1: Floats, out_2: Floats, in_2: Floats) -> Flags:
    """Whether two corners at one vertex, each the angle from way out to way in, have an inside in common."""
    start_1, width_1 = _sector(out_1, in_1)
    start_2, width_2 = _sector(out_2, in_2)
    full = 2 * np.pi
    return np.asarray(
        ((start_2 - start_1) % full < width_1 - _EPSILON_RAD) & (width_2 > _EPSILON_RAD)
        | ((start_1 - start_2) % full < width_2 - _EPSILON_RAD) & (width_1 > _EPSILON_RAD)
    )


def _sector(out: Floats, back: Floats) -> tuple[Floats, Floats]:
    start = np.arctan2(out[:, 1], out[:, 0])
    return start, (np.arctan2(back[:, 1], back[:, 0]) - start) % (2 * np.pi)


def _inside(tree: shapely.STRtree, edges: _Edges, attached: Ints) -> Ints:
    """Polygon pairs where the middle of the one's first lone edge lies in the other.

    Of polygons that touch one another only the first is looked at: a polygon that holds one of them
    holds all, or its outline crosses one of theirs. ``attached`` are those that touch an earlier one.
    """
    is_first = np.r_[True, edges.owner[1:] != edges.owner[:-1]]
    skipped = np.zeros(edges.owner.max() + 1, dtype=bool)
    skipped[attached] = True
    index = np.flatnonzero(is_first & ~skipped[edges.owner])
    owners = edges.owner[index]
    middles = shapely.points((edges.start[index] + edges.end[index]) / 2)
    which, other = tree.query(middles, predicate="intersects")
    pairs = np.column_stack([owners[which], other]).astype(np.int64)
    return np.asarray(pairs[pairs[:, 0] != pairs[:, 1]])


def _overlaps(
    polygons: NDArray[Any], tree: shapely.STRtree, suspicious: Ints, tolerance_m: float
) -> Iterator[Problem]:
    tested: set[tuple[int, int]] = set()
    visited: set[int] = set()
    while len(suspicious):
        pairs = sorted({(min(a, b), max(a, b)) for a, b in suspicious.tolist()} - tested)
        if not pairs:
            return
        tested.update(pairs)
        first, second = np.array(pairs).T
        common = shapely.intersection(polygons[first], polygons[second])
        area, length = shapely.area(common), shapely.length(common)
        thick = 2 * area > tolerance_m * length
        found: set[int] = set()
        for a, b, shape, size in zip(first[thick], second[thick], common[thick], area[thick], strict=True):
            centre = shapely.point_on_surface(shape)
            yield Problem("overlap", int(a), int(b), float(size), centre.x, centre.y)
            found |= {int(a), int(b)}
        around = np.array(sorted(found - visited), dtype=np.int64)
        if not len(around):
            return
        visited |= found
        which, other = tree.query(polygons[around], predicate="intersects")
        suspicious = np.column_stack([around[which], other])
        suspicious = suspicious[suspicious[:, 0] != suspicious[:, 1]]


def _gaps(
    tree: shapely.STRtree, edges: _Edges, first: Ints, second: Ints, tolerance_m: float
) -> Iterator[Problem]:
    """Slivers between edges that run along each other, outside of every polygon."""
    if not len(first):
        return
    a, b, c, d = edges.start[first], edges.end[first], edges.start[second], edges.end[second]
    along = (b - a) / np.hypot(*(b - a).T)[:, None]
    left, right = (
        np.minimum(_dot(c - a, along), _dot(d - a, along)),
        np.maximum(_dot(c - a, along), _dot(d - a, along)),
    )
    low, high = np.maximum(left, 0.0), np.minimum(right, _dot(b - a, along))
    facing = (_dot(d - c, along) < 0) & (high - low > STRETCH_M)
    # The sliver lies to the right of both, where neither polygon is.
    centre = a + ((low + high) / 2)[:, None] * along
    across = _to_line(centre, c, d)
    width = np.hypot(*(across - centre).T)
    facing &= (_turn(a, b, across) < 0) & (width > tolerance_m) & (width < GAP_M)
    where = np.flatnonzero(facing)
    middle = shapely.points((centre[where] + across[where]) / 2)
    covered = np.unique(tree.query(middle, predicate="intersects")[0])
    widest: dict[tuple[int, int], Problem] = {}
    for position in np.setdiff1d(np.arange(len(where)), covered):
        index = where[position]
        pair = sorted((int(edges.owner[first[index]]), int(edges.owner[second[index]])))
        problem = Problem(
            "gap", pair[0], pair[1], float(width[index]), middle[position].x, middle[position].y
        )
        known = widest.get((pair[0], pair[1]))
        if known is None or known.size < problem.size:
            widest[pair[0], pair[1]] = problem
    yield from widest.values()


def _to_line(point: Floats, start: Floats, end: Floats) -> Floats:
    along = end - start
    return np.asarray(start + (_dot(point - start, along) / _dot(along, along))[:, None] * along)
