"""What a map of a window shows and rests on: rules with features in it, layer versions, missing data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from shapely.geometry import box

from layers import database, health
from layers.catalogue import get_layer
from layers.style import Primitive
from tiles.plans.legend import LegendEntry
from tiles.plans.window import Window
from tiles.ranges import shown_at
from tiles.selection import DIMENSIONS, shown_rules
from tiles.themes import Entry, Theme

EDGE_MM = 0.3
PRIMITIVES: dict[int, Primitive] = {number: name for name, number in DIMENSIONS.items()}


@dataclass(frozen=True)
class Source:
    """A layer version that the map was drawn from."""

    layer: str
    title: str
    version: int
    valid_from: date
    source: str


@dataclass(frozen=True)
class Missing:
    """A layer of the theme that is not known here or cannot be read: everywhere, or in the UATs named."""

    layer: str
    title: str
    uats: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contents:
    """Legend entries in their order, sources, layers without data; and the entries with something to draw."""

    drawn: tuple[Entry, ...]
    legend: tuple[LegendEntry, ...]
    sources: tuple[Source, ...]
    missing: tuple[Missing, ...]


VERSIONS = """
    SELECT DISTINCT ON (layer) layer, number, valid_from, source FROM catalogue.layer_version
    WHERE layer = ANY(%(layers)s) AND valid_from <= %(as_of)s AND valid_to > %(as_of)s
    ORDER BY layer, number DESC"""
# Pairs of layer and UAT in the window that no coverage row speaks for.
UNCOVERED = """
    SELECT l.layer, u.name
    FROM unnest(%(layers)s::text[]) AS l(layer), admin.uat u
    WHERE u.valid_from <= %(as_of)s AND u.valid_to > %(as_of)s
      AND u.geom && %(window)s::geometry AND ST_Intersects(u.geom, %(window)s::geometry)
      AND NOT EXISTS (
        SELECT FROM catalogue.coverage c WHERE c.layer = l.layer AND c.siruta = u.siruta
          AND c.valid_from <= %(as_of)s AND c.valid_to > %(as_of)s)
    ORDER BY u.name"""


def contents(theme: Theme, window: Window, as_of: date, address: str | None = None) -> Contents:
    """What a map of that theme and window holds on that day; DatabaseUnavailable if it cannot be asked."""
    # What only touches the edge of the paper does not show.
    edge = EDGE_MM * window.metres_per_mm
    frame = box(window.west + edge, window.south + edge, window.east - edge, window.north - edge)
    asked = {"as_of": as_of, "window": f"SRID=3844;{frame.wkt}", "layers": list(theme.layer_ids)}
    lost = health.broken(as_of, address or database.url())
    drawn = tuple(
        entry for entry in theme.layers if entry.layer not in lost and shown_at(entry, window.scale).rules
    )
    with database.connection(address) as connection:
        shown = {tuple(row) for row in connection.execute(_hits(drawn, window.scale), asked).fetchall()}
        versions = {row[0]: row for row in connection.execute(VERSIONS, asked) if row[0] not in lost}
        uncovered = connection.execute(UNCOVERED, asked).fetchall()
    sources = [
        Source(layer, get_layer(layer).title.ro, *versions[layer][1:])
        for layer in theme.layer_ids
        if layer in versions
    ]
    return Contents(
        tuple(drawn[index] for index in sorted({index for index, _, _ in shown})),
        tuple(_legend(theme, window.scale, drawn, shown)),
        tuple(sources),
        tuple(_missing(theme, set(versions), uncovered)),
    )


@lru_cache(maxsize=512)
def _hits(entries: tuple[Entry, ...], scale: int) -> str:
    """One statement over all entries: place in the list, rule, dimension of what shows."""
    return " UNION ALL ".join(
        f"SELECT {index} AS entry, rule, dimension FROM ({shown_rules(entry, scale)}) h{index}"
        for index, entry in enumerate(entries)
    )


def _legend(
    theme: Theme, scale: int, drawn: Sequence[Entry], shown: set[tuple[int, int, int]]
) -> Iterable[LegendEntry]:
    """One entry a title: the layers the theme is about, then the topmost first; by rule within a layer."""

    def place(hit: tuple[int, int, int]) -> tuple[int, ...]:
        index, number, dimension = hit
        layer = drawn[index].layer
        first = theme.about.index(layer) if layer in theme.about else len(theme.about)
        return first, -index, number, dimension

    order = sorted(shown, key=place)
    told: set[tuple[str, str]] = set()
    for index, number, dimension in order:
        entry, primitive = drawn[index], PRIMITIVES[dimension]
        rule = shown_at(entry, scale).rules[number]
        if rule.title and rule.pictures(primitive) and (entry.layer, rule.title) not in told:
            told.add((entry.layer, rule.title))
            yield LegendEntry(rule.title, entry.layer, rule, primitive)


def _missing(theme: Theme, versions: set[str], uncovered: list[tuple[str, str]]) -> Iterable[Missing]:
    for layer in theme.layer_ids:
        title = get_layer(layer).title.ro
        if layer not in versions:
            yield Missing(layer, title)
            continue
        uats = tuple(name for found, name in uncovered if found == layer)
        if uats:
            yield Missing(layer, title, uats)
