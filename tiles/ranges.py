"""Which rules of a look draw at a scale: the ranges that divide the scales, and what shows in each."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from layers.style import Primitive, StyleRule
from tiles.themes import Entry

PRIMITIVES: tuple[Primitive, ...] = ("polygon", "line", "point")
# MapServer works out 1:1000.0005 where 1:1000 is meant.
ROUNDING = 1.001
# Where nothing says at which scale, a rule is shown as it looks here, or as near to it as it is drawn.
TYPICAL = 2_000
# From here on outlines are drawn with no more corners than show.
GENERALISED = 40_000


@dataclass(frozen=True)
class Shown:
    """What a look draws in one range of scales.

    ``rules`` are those that draw, by number, without the strokes, markers and texts that do not show.
    ``kinds`` are all the kinds of features that the look tells apart, in their order: a rule with the kind's
    condition, and the number of the rule that draws it here, None where none does. A kind that is not drawn is
    left out and never taken for a later one.
    """

    rules: Mapping[int, StyleRule]
    kinds: tuple[tuple[StyleRule, int | None], ...]
    generalised: bool

    def draws(self, primitive: Primitive) -> bool:
        """Whether features of that geometry get anything at all."""
        return any(rule.draws(primitive) for rule in self.rules.values())


@lru_cache(maxsize=512)
def bounds(entry: Entry) -> tuple[int, ...]:
    """The scale denominators at which something of the look begins or ends, in their order."""
    ranges = [entry.definition.scale, *(one for rule in entry.rules.values() for one in rule.scales)]
    return tuple(sorted({GENERALISED, *(edge for one in ranges for edge in (one.min, one.max))}))


def band(entry: Entry, scale: float) -> int:
    """Number of the range of scales, between two ``bounds``, in which the look draws the same things."""
    return bisect_left(bounds(entry), scale / ROUNDING)


def shown_at(entry: Entry, scale: float) -> Shown:
    """What the look draws at 1:scale."""
    return shown_in(entry, band(entry, scale))


@lru_cache(maxsize=2048)
def shown_in(entry: Entry, index: int) -> Shown:
    """What the look draws in the range of that number."""
    edges = bounds(entry)
    if index == len(edges) or not entry.definition.scale.holds(edges[index]):
        return Shown({}, (), False)
    scale = edges[index]
    rules = {number: _at(rule, scale) for number, rule in entry.rules.items() if rule.scale.holds(scale)}
    drawn = {number: rule for number, rule in rules.items() if any(map(rule.draws, PRIMITIVES))}
    kinds: dict[str, tuple[StyleRule, int | None]] = {}
    for number, rule in entry.rules.items():
        key = repr(rule.where)
        if kinds.get(key, (rule, None))[1] is None:
            kinds[key] = rule, number if number in drawn else None
    listed = list(kinds.values())
    while listed and listed[-1][1] is None:
        listed.pop()
    return Shown(drawn, tuple(listed), scale > GENERALISED)


def typical(rule: StyleRule) -> StyleRule:
    """The rule as it looks at a scale that plans are usually drawn at, without the strokes of other scales."""
    return _at(rule, min(max(TYPICAL, rule.scale.min + 1), rule.scale.max))


def _at(rule: StyleRule, scale: int) -> StyleRule:
    return rule.model_copy(
        update={
            "strokes": tuple(stroke for stroke in rule.strokes if stroke.scale.holds(scale)),
            "marker": rule.marker if rule.marker and rule.marker.scale.holds(scale) else None,
            "label": rule.label if rule.label and rule.label.scale.holds(scale) else None,
            "shield": rule.shield if rule.shield and rule.shield.scale.holds(scale) else None,
        }
    )
