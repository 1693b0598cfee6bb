"""The roads between seats: national roads through the county town, county roads to every commune, one express road."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import shapely

from layers.demo.corridor import Corridor, spline
from layers.demo.features import Floats
from layers.demo.noise import Warp
from layers.demo.territory import Territory

Edge = tuple[int, int]


@dataclass(frozen=True)
class Road:
    """An axis with its number. ``origin_m``: the measure of its first point (a road may begin in another county).

    A street also has the SIRUTA code of its commune and the index of the village block it belongs to.
    """

    number: str
    category: str
    corridor: Corridor
    origin_m: float = 0.0
    name: str | None = None
    siruta: int | None = None
    block: int | None = None

    @property
    def line(self) -> shapely.LineString:
        """The axis without measures."""
        return shapely.LineString(self.corridor.xy)

    @property
    def land_m(self) -> float:
        """Half the width of the road's land, where parcels begin."""
        return {"A": 22.0, "DX": 17.0, "DN": 8.0, "DJ": 6.5, "DC": 5.0, "STR": 4.0}[self.category]


@dataclass
class Graph:
    """Seats and the limit points where roads leave the county, joined by candidate edges."""

    nodes: Floats
    edges: dict[Edge, float]
    used: dict[Edge, str] = field(default_factory=dict)

    def neighbours(self, node: int) -> Iterator[tuple[int, float]]:
        """Every node joined to ``node`` with the length between."""
        for (a, b), length in self.edges.items():
            if node in (a, b):
                yield (b if a == node else a), length

    def route(self, start: int, end: int) -> list[int]:
        """The shortest path that keeps off edges already given to a road."""
        best: dict[int, float] = {start: 0.0}
        before: dict[int, int] = {}
        queue = [(0.0, start)]
        while queue:
            cost, node = heapq.heappop(queue)
            if node == end:
                break
            for other, length in self.neighbours(node):
                total = cost + length**1.15 * (40 if key(node, other) in self.used else 1)
                if total < best.get(other, np.inf):
                    best[other], before[other] = total, node
                    heapq.heappush(queue, (total, other))
        path = [end]
        while path[-1] != start:
            path.append(before[path[-1]])
        return path[::-1]


def key(a: int, b: int) -> Edge:
    """An edge whichever way it is walked."""
    return (a, b) if a < b else (b, a)


def candidate_edges(territory: Territory, warp: Warp) -> Graph:
    """Delaunay edges between the seats, and one edge out of the county on each side."""
    seats = territory.seats
    shrunk = territory.outline.buffer(-400)
    lines = shapely.get_parts(shapely.delaunay_triangles(shapely.multipoints(seats), only_edges=True))
    index = {tuple(point): number for number, point in enumerate(seats)}
    edges: dict[Edge, float] = {}
    for line in lines:
        a, b = (index[point] for point in line.coords)
        if line.length < 15_000 and shrunk.contains(line):
            edges[key(a, b)] = line.length
    nodes = list(seats)
    for angle in np.radians([262.0, 84.0, 172.0, 12.0, 128.0, 310.0]):
        heading = np.array([np.cos(angle), np.sin(angle)])
        seat = int(np.argmax(seats @ heading))
        ray = shapely.LineString([seats[seat], seats[seat] + heading * 30_000])
        exit_point = np.array(ray.intersection(territory.outline.exterior).representative_point().coords[0])
        edges[(seat, len(nodes))] = float(np.hypot(*(exit_point - seats[seat])))
        nodes.append(exit_point)
    return Graph(np.array(nodes), edges)


def spanning_edges(graph: Graph) -> list[Edge]:
    """The shortest edges that, with those already used, join all seats (Kruskal)."""
    group = list(range(len(graph.nodes)))

    def root(node: int) -> int:
        while group[node] != node:
            group[node] = group[group[node]]
            node = group[node]
        return node

    chosen = []
    for edge in [*graph.used, *sorted(graph.edges, key=lambda edge: graph.edges[edge])]:
        a, b = map(root, edge)
        if a != b:
            group[a] = b
            if edge not in graph.used:
                chosen.append(edge)
    return chosen


def chains(edges: list[Edge], nodes: Floats, started: set[int]) -> Iterator[list[int]]:
    """Edges strung into roads: each begins on a road already there and goes on as straight as it can."""
    left = set(edges)
    while left:
        begins = sorted(node for edge in left for node in edge if node in started)
        path = [begins[0] if begins else min(min(edge) for edge in left)]
        while len(path) < 7:
            options = sorted(edge for edge in left if path[-1] in edge)
            if not options:
                break
            ends = [b if a == path[-1] else a for a, b in options]
            if len(path) > 1:
                heading = nodes[path[-1]] - nodes[path[-2]]
                turn = [
                    float(np.dot(heading, step) / np.hypot(*heading) / np.hypot(*step))
                    for step in (nodes[end] - nodes[path[-1]] for end in ends)
                ]
                if max(turn) < 0.1:
                    break
                ends = [ends[int(np.argmax(turn))]]
            left.discard(key(path[-1], ends[0]))
            path.append(ends[0])
        started.update(path)
        yield path


def make_roads(rng: np.random.Generator, territory: Territory) -> list[Road]:
    """National, county and the communal roads that join two communes. Measures grow along each axis."""
    warp = Warp.make(rng, ((4_500, 120), (1_500, 24)))
    graph = candidate_edges(territory, warp)
    first_exit = len(territory.seats)
    south, north, west, east, north_west, south_east = range(first_exit, first_exit + 6)
    roads: list[Road] = []

    def add(number: str, category: str, path: list[int], origin_m: float = 0.0) -> None:
        graph.used.update({key(a, b): number for a, b in pairwise(path)})
        roads.append(Road(number, category, Corridor.make(warp(spline(graph.nodes[path]))), origin_m))

    add("DN 91", "DN", graph.route(south, 0) + graph.route(0, north)[1:], 38_214.0)
    add("DN 92", "DN", graph.route(west, 0) + graph.route(0, east)[1:], 112_540.0)
    add("DN 92B", "DN", graph.route(0, north_west))
    add("DN 93", "DN", graph.route(south_east, 0), 21_873.0)
    wanted = spanning_edges(graph)
    spare = [
        edge
        for edge in graph.edges
        if edge not in graph.used
        and edge not in wanted
        and graph.edges[edge] < 10_500
        and max(edge) < first_exit
    ]
    picked = rng.uniform(size=len(spare))
    wanted += [edge for edge, luck in zip(spare, picked, strict=True) if luck < 0.28]
    started = {node for edge in graph.used for node in edge}
    for number, path in enumerate(chains(wanted, graph.nodes, started)):
        letter = "" if len(path) > 2 else "A" if number % 2 else "B"
        add(f"DJ {901 + number}{letter}", "DJ", path)
    links = [edge for edge, luck in zip(spare, picked, strict=True) if luck > 0.72]
    for number, edge in enumerate(links):
        add(f"DC {number + 1}", "DC", list(edge))
    return roads


def make_express_road(rng: np.random.Generator, territory: Territory) -> Road:
    """An express road across the south, where it keeps farthest from the seats."""
    x = np.linspace(325_000, 395_000, 8)
    best, axis = -1.0, np.empty((0, 2))
    for _ in range(150):
        base, slope = rng.uniform(391_000, 404_000), rng.uniform(-0.12, 0.2)
        nodes = np.column_stack([x, base + slope * (x - 360_000) + rng.normal(0, 1_300, len(x))])
        line = spline(nodes)
        room = float(shapely.distance(shapely.LineString(line), shapely.points(territory.seats)).min())
        if room > best:
            best, axis = room, line
    inside = shapely.LineString(axis).intersection(territory.outline)
    longest = max(shapely.get_parts(inside), key=lambda part: part.length)
    return Road(
        "DX 91", "DX", Corridor.make(np.round(shapely.get_coordinates(longest), 3)), 54_300.0, "Drum expres"
    )


def make_railway(trunk_road: Road, outline: shapely.Polygon) -> Corridor:
    """A single line that keeps a few hundred metres off the main national road for most of its way."""
    wide = Corridor.make(trunk_road.corridor.xy, 700.0)
    s = np.arange(0, 0.72 * wide.length, 60.0)
    offset = 820 + 430 * np.sin(2 * np.pi * s / 21_000 + 1.0)
    return Corridor.make(spline(wide.at(s, offset)[::8]))
