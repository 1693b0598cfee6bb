"""What the rules of a day ask of each layer: which features, how far away, and overlaps or distances."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from analysis import computed
from analysis.rulebook import Condition, Edition, Offset, Rule
from layers.catalogue import catalogue

UAT = "admin.uat"
PARCEL = "cadastre.parcel"
PREDECESSOR = "cadastre.predecessor"
BUILT_UP = "admin.built_up_area"
ROADS = "roads.road"
MEASURING = ("road_access", "constructible")
SPLIT_PLACES = ("inside", "outside", "town", "commune")


@dataclass(frozen=True)
class Term:
    """Features that meet ``condition`` matter up to ``limit_m`` metres (plus what ``offset`` takes off)."""

    condition: Condition
    limit_m: float
    ends: str | None = None
    offset: Offset | None = None


@dataclass
class Need:
    """All that is asked of one layer.

    ``near``: distances are measured, so shapes come uncut. ``placed``: features say whether they lie inside the
    built-up area. ``measured_m``: roads up to there say at which kilometre.
    """

    layer: str
    terms: list[Term] = field(default_factory=list)
    near: bool = False
    placed: bool = False
    measured_m: float = 0.0

    def add(self, term: Term) -> None:
        """Ask for these too, once."""
        if term not in self.terms:
            self.terms.append(term)

    @property
    def reach_m(self) -> float:
        """The greatest distance at which a feature may matter, offsets apart."""
        return max((term.limit_m for term in self.terms), default=0.0)


def needs(rules: Iterable[tuple[Rule, Edition]]) -> dict[str, Need]:
    """Layer → need, in the order of the catalogue; tables without geometry are left out."""
    found: dict[str, Need] = {}

    def need(layer: str) -> Need:
        return found.setdefault(layer, Need(layer))

    for rule, edition in rules:
        for layer, term in _terms(rule, edition):
            need(layer).add(term)
            need(layer).near |= term.limit_m > 0 or term.offset is not None
        if rule.place_of == "feature":
            need(rule.layer).placed = True
        if uses_place(rule, edition):
            need(BUILT_UP).add(Term({}, 0.0))
        if rule.compute in MEASURING:
            asked = need(ROADS)
            metres = computed.reaches(rule, edition).get(ROADS, 0.0)
            asked.measured_m = max(asked.measured_m, 0.0 if isinstance(metres, Offset) else metres)
    greatest = max((one.reach_m for one in found.values()), default=0.0)
    need(UAT).add(Term({}, greatest))
    need(UAT).near = False
    return {name: found[name] for name, layer in catalogue().items() if name in found and layer.geometry}


def reach(rule: Rule, edition: Edition) -> float:
    """How far from the subject the rule looks, in metres."""
    return max((term.limit_m for _, term in _terms(rule, edition)), default=0.0)


def uses_place(rule: Rule, edition: Edition) -> bool:
    """Whether the rule tells land inside the built-up area from land outside."""
    return rule.place != "any" or any(case.place in SPLIT_PLACES for case in edition.cases)


def _terms(rule: Rule, edition: Edition) -> Iterator[tuple[str, Term]]:
    if rule.compute:
        for layer, metres in computed.reaches(rule, edition).items():
            condition = rule.where if layer == rule.layer else {}
            if isinstance(metres, Offset):
                yield layer, Term(condition, 0.0, offset=metres)
            else:
                yield layer, Term(condition, metres)
        return
    limits = [(case.where, case.distance_m) for case in edition.cases]
    if not edition.cases and edition.distance_m is not None:
        limits.append(({}, edition.distance_m))
    if rule.relation == "intersects" or not limits:
        limits = [({}, 0.0)]
    for condition, limit in limits:
        yield rule.layer, Term({**rule.where, **condition}, limit, rule.ends, rule.offset)
    for layer in rule.needs:
        yield layer, Term({}, 0.0)
