"""What the one statement brought back, as values: the subject, the UATs, coverage and candidates by layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import orjson
import shapely
from shapely.geometry.base import BaseGeometry

from analysis import measures
from analysis.findings import LayerUsed, UatShare
from analysis.needs import BUILT_UP, PREDECESSOR, UAT
from analysis.statement import COVERAGE, HISTORY, SUBJECT, Statement

NOTHING = shapely.GeometryCollection()


@dataclass(slots=True, eq=False)
class Candidate:
    """A feature that may matter. ``distance`` in metres from the subject; ``shape`` as the branch gives it."""

    layer: str
    id: int
    version_id: int
    attributes: dict[str, Any]
    distance: float
    shape: BaseGeometry


class Version(NamedTuple):
    """The layer version that a feature belongs to."""

    id: int
    layer: str
    number: int
    valid_from: str
    accuracy_m: float
    source: str


class Part(NamedTuple):
    """A part of the subject, inside or outside the built-up area; ``place`` says town, commune or outside."""

    inside: bool
    place: str
    shape: BaseGeometry
    whole: bool


@dataclass(eq=False)
class Facts:
    """Everything known about one subject on one day. ``shape`` is the subject, EPSG:3844.

    ``beyond_m``: distance to land of which not even the UAT is known, None where there is none within 500 m.
    ``parameters`` are those of each rule in force, for computations that stand on another rule's terms.
    ``lost``: layers whose data are gone or corrupt; nothing is known of them.
    """

    day: date
    shape: BaseGeometry
    accuracy_m: float
    parcels: list[dict[str, Any]]
    imported: frozenset[str]
    known: Mapping[str, Mapping[int, int | None]]
    versions: dict[int, Version]
    candidates: Mapping[str, Sequence[Candidate]]
    near: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()
    beyond_m: float | None = None
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    history: Sequence[Candidate] = ()
    memo: dict[Any, Any] = field(default_factory=dict)
    uats: list[UatShare] = field(default_factory=list)
    uat_distances: dict[int, float] = field(default_factory=dict)

    @cached_property
    def area_m2(self) -> float:
        """Drawn area, planar."""
        return float(self.shape.area)

    @cached_property
    def is_line(self) -> bool:
        """Whether the subject is a line and not land."""
        return bool(shapely.get_dimensions(self.shape) == 1)

    @cached_property
    def area_legal_m2(self) -> float | None:
        """Registered area of all the parcels; None unless each one's is known."""
        areas = [parcel["area_legal_m2"] for parcel in self.parcels]
        return sum(areas) if areas and None not in areas else None

    def lose(self, layers: Iterable[str]) -> None:
        """Know nothing of these layers: their data are gone or corrupt."""
        self.lost = frozenset(layers)
        if self.lost:
            self.known = {layer: uats for layer, uats in self.known.items() if layer not in self.lost}
            self.versions = {
                number: version for number, version in self.versions.items() if version.layer not in self.lost
            }

    def has(self, layer: str) -> bool:
        """Whether the layer is known, on that day, wherever the subject lies."""
        known = self.known.get(layer, {})
        return bool(self.certain_uats) and all(known.get(uat.siruta) is not None for uat in self.certain_uats)

    def size(self, shape: BaseGeometry) -> float:
        """Area of a part of the subject, or its length where the subject is a line."""
        return float(shape.length if self.is_line else shape.area)

    def share(self, size: float) -> float:
        """That size as a share of the whole subject, 0 to 1."""
        whole = self.size(self.shape)
        return min(size / whole, 1.0) if whole else 0.0

    def of(self, layer: str) -> Sequence[Candidate]:
        """Candidates of that layer."""
        return self.candidates.get(layer, ())

    def is_near(self, layer: str) -> bool:
        """Whether candidates of that layer carry their uncut shape, and not the overlap."""
        return layer in self.near

    def error_m(self, candidate: Candidate) -> float:
        """By how much the feature and the subject may lie off each other: sqrt(a² + b²)."""
        return float((self.accuracy_m**2 + self.versions[candidate.version_id].accuracy_m ** 2) ** 0.5)

    @cached_property
    def certain_uats(self) -> list[UatShare]:
        """UATs the subject truly lies in: slivers along an imprecise limit are left out."""
        return [uat for uat in self.uats if uat.certainty == "certain"] or self.uats[:1]

    @cached_property
    def leaves_known_uats(self) -> bool:
        """Whether a part of the subject, wider than the limits may be off, lies in no known UAT."""
        if sum(uat.overlap_share for uat in self.uats) >= 1 - 1e-9:
            return False
        outlines = self.of(UAT)
        rest = self._cut(measures.without(self.shape, shapely.union_all([one.shape for one in outlines])))
        error = max((self.error_m(one) for one in outlines), default=0.0)
        if self.is_line or rest.is_empty:
            return bool(rest.length > error)
        return not measures.thinner_than(rest, error)

    @cached_property
    def parts(self) -> list[Part]:
        """The subject cut by the line of the built-up area; both parts where it crosses the line."""
        inner = [candidate.shape for candidate in self.of(BUILT_UP)]
        place = "commune" if all(uat.kind == "comuna" for uat in self.certain_uats) else "town"
        if any(shape is self.shape for shape in inner):
            return [Part(True, place, self.shape, True)]
        inside = self._cut(shapely.union_all(inner))
        if inside.is_empty:
            return [Part(False, "outside", self.shape, True)]
        outside = self._cut(measures.without(self.shape, inside))
        if outside.is_empty:
            return [Part(True, place, self.shape, True)]
        return [Part(True, place, inside, False), Part(False, "outside", outside, False)]

    def _cut(self, shape: BaseGeometry) -> BaseGeometry:
        kept = measures.of_dimension(shape, 1 if self.is_line else 2)
        noise = kept.length < measures.MILLIMETRE if self.is_line else measures.is_touch(kept)
        return NOTHING if noise else kept

    def layers_used(self) -> tuple[LayerUsed, ...]:
        """Every layer version that was consulted."""
        return tuple(map(_used, sorted(self.versions.values(), key=lambda one: (one.layer, one.number))))


@lru_cache(maxsize=4096)
def _used(version: Version) -> LayerUsed:
    return LayerUsed(
        id=version.layer,
        version=version.number,
        valid_from=date.fromisoformat(version.valid_from),
        accuracy_m=version.accuracy_m,
        source=version.source,
    )


Row = tuple[int, int, int, str | None, float, bool, bytes | None]


def gather(rows: Iterable[Row], statement: Statement, day: date) -> Facts | None:
    """The facts in the rows of the statement; None where the subject was not found."""
    rows = list(rows)
    head = {row[0]: row for row in rows if row[0] in (SUBJECT, COVERAGE)}
    if SUBJECT not in head:
        return None
    subject = head[SUBJECT]
    content = orjson.loads(head[COVERAGE][3] or "{}")
    known: dict[str, dict[int, int | None]] = {}
    for layer, siruta, version in content["known"] or ():
        known.setdefault(layer, {})[siruta] = version
    features = [row for row in rows if row[0] >= 0]
    facts = Facts(
        day=day,
        shape=shapely.from_wkb(subject[6] or b""),
        accuracy_m=subject[4],
        parcels=orjson.loads(subject[3] or "[]"),
        imported=frozenset(content["imported"] or ()),
        beyond_m=content["beyond_m"],
        known=known,
        versions={version[0]: Version(*version) for version in content["versions"] or ()},
        candidates={},
        near=statement.near,
        history=[
            Candidate(PREDECESSOR, row[1], row[2], orjson.loads(row[3] or "{}"), 0.0, NOTHING)
            for row in rows
            if row[0] == HISTORY
        ],
    )
    facts.candidates = _candidates(features, statement, facts.shape)
    _place_in_uats(facts)
    return facts


def _candidates(rows: list[Row], statement: Statement, whole: BaseGeometry) -> dict[str, list[Candidate]]:
    shapes = shapely.from_wkb([row[6] for row in rows])
    found: dict[str, list[Candidate]] = {}
    for row, shape in zip(rows, shapes, strict=True):
        layer = statement.layers[row[0]]
        own = whole if row[5] else shape if shape is not None else NOTHING
        found.setdefault(layer, []).append(
            Candidate(layer, row[1], row[2], orjson.loads(row[3] or "{}"), row[4], own)
        )
    for candidates in found.values():
        candidates.sort(key=lambda candidate: (candidate.distance, candidate.id))
    return found


def _place_in_uats(facts: Facts) -> None:
    for candidate in facts.of(UAT):
        siruta = candidate.attributes["siruta"]
        distance = facts.uat_distances.get(siruta, candidate.distance)
        facts.uat_distances[siruta] = min(distance, candidate.distance)
    shares = []
    for candidate in facts.of(UAT):
        part = measures.of_dimension(candidate.shape, 1 if facts.is_line else 2)
        size = facts.size(part)
        if part.is_empty or (facts.is_line and size < measures.MILLIMETRE):
            continue
        if not facts.is_line and part is not facts.shape and measures.is_touch(part):
            continue
        thin = (
            part is not facts.shape
            and not facts.is_line
            and measures.thinner_than(part, facts.error_m(candidate))
        )
        shares.append(
            UatShare(
                **{name: candidate.attributes[name] for name in ("siruta", "name", "kind", "county")},
                has_urbanism_structure=candidate.attributes["has_urbanism_structure"],
                overlap_m2=part.area,
                overlap_share=facts.share(size),
                certainty="borderline" if thin else "certain",
            )
        )
    facts.uats = sorted(shares, key=lambda share: (-share.overlap_share, share.siruta))
