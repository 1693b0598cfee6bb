"""What the one statement brought back, as values: the subject, the UATs and candidates by layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

import orjson
import shapely
from shapely.geometry.base import BaseGeometry

from analysis import measures
from analysis.findings import LayerUsed, UatShare
from analysis.needs import BUILT_UP, PREDECESSOR, UAT
from analysis.shared import Coverage, State, Version, layers_used, without
from analysis.statement import HISTORY, STATE, SUBJECT, WITHIN, Statement
from layers.database import Connection

ZONE = "planning.zone"
UAT_COLUMNS = ("siruta", "name", "kind", "county", "has_urbanism_structure")
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
    coverage: Coverage
    versions: Mapping[int, Version]
    candidates: Mapping[str, Sequence[Candidate]]
    near: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()
    beyond_m: float | None = None
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    history: Sequence[Candidate] = ()
    memo: dict[Any, Any] = field(default_factory=dict)

    @cached_property
    def uats(self) -> list[UatShare]:
        """The UATs that the subject lies in, the one with the largest part first."""
        shares = [share for candidate in self.of(UAT) if (share := self._share_of(candidate))]
        return sorted(shares, key=lambda share: (-share.overlap_share, share.siruta))

    @cached_property
    def uat_distances(self) -> dict[int, float]:
        """SIRUTA of every UAT in reach → metres from the subject."""
        nearest: dict[int, float] = {}
        for candidate in self.of(UAT):  # nearest first
            nearest.setdefault(candidate.attributes["siruta"], candidate.distance)
        return nearest

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
        return float(sum(areas)) if areas and None not in areas else None

    def lose(self, layers: Iterable[str]) -> None:
        """Know nothing of these layers: their data are gone or corrupt."""
        self.lost = frozenset(layers)
        if self.lost:
            self.coverage = self.coverage.without(self.lost)
            self.versions = without(self.lost, self.versions)

    def has(self, layer: str) -> bool:
        """Whether the layer is known, on that day, wherever the subject lies."""
        known = self.coverage.known.get(layer, {})
        return bool(self.certain_uats) and all(known.get(uat.siruta) is not None for uat in self.certain_uats)

    @cached_property
    def known_everywhere(self) -> frozenset[str]:
        """The layers that are known in every UAT in reach; none where there is land of no known UAT."""
        complete = bool(self.uats) and not self.leaves_known_uats and self.beyond_m is None
        return self.coverage.everywhere if complete else frozenset()

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

    def _share_of(self, candidate: Candidate) -> UatShare | None:
        """The subject's share in a UAT; None where they only touch."""
        part = measures.of_dimension(candidate.shape, 1 if self.is_line else 2)
        size, whole = self.size(part), part is self.shape
        if part.is_empty or (self.is_line and size < measures.MILLIMETRE):
            return None
        if not self.is_line and not whole and measures.is_touch(part):
            return None
        thin = not whole and not self.is_line and measures.thinner_than(part, self.error_m(candidate))
        return UatShare.trusted(
            **{name: candidate.attributes[name] for name in UAT_COLUMNS},
            overlap_m2=part.area,
            overlap_share=self.share(size),
            certainty="borderline" if thin else "certain",
        )

    def _cut(self, shape: BaseGeometry) -> BaseGeometry:
        kept = measures.of_dimension(shape, 1 if self.is_line else 2)
        noise = kept.length < measures.MILLIMETRE if self.is_line else measures.is_touch(kept)
        return NOTHING if noise else kept

    def layers_used(self) -> tuple[LayerUsed, ...]:
        """Every layer version that was consulted."""
        if self.versions is self.coverage.versions:
            return self.coverage.used
        return layers_used(self.versions)


Row = tuple[int, int, int, str | None, float | None, bool, bytes | None]


def gather(rows: Sequence[Row], statement: Statement, day: date, connection: Connection) -> Facts | None:
    """The facts in the rows of the statement, and in what checks share; None where the subject was not found.

    Raises Moved where something was published since the statement ran.
    """
    head = {row[0]: row for row in rows if row[0] in (SUBJECT, STATE)}
    if SUBJECT not in head:
        return None
    subject = head[SUBJECT]
    shape = shapely.from_wkb(subject[6] or b"")
    state = State(head[STATE][3] or "", day, connection)
    candidates = _candidates([row for row in rows if row[0] >= 0], statement, shape)
    for zone in candidates.get(ZONE, ()):
        _regulate(zone, state)
    coverage = state.coverage({candidate.attributes["siruta"] for candidate in candidates.get(UAT, ())})
    return Facts(
        day=day,
        shape=shape,
        accuracy_m=subject[4] or 0.0,
        parcels=orjson.loads(subject[3] or "[]"),
        coverage=coverage,
        versions=coverage.versions,
        candidates=candidates,
        near=statement.near,
        beyond_m=head[STATE][4],
        history=[
            Candidate(PREDECESSOR, row[1], row[2], orjson.loads(row[3] or "{}"), 0.0, NOTHING)
            for row in rows
            if row[0] == HISTORY
        ],
    )


def _regulate(zone: Candidate, state: State) -> None:
    """Give a zone the rows of its local regulation; one that only touches the subject has None."""
    given = zone.attributes
    within = given.pop(WITHIN)
    rows = state.regulation(given["plan_code"], given["code"], given["utr"]) if within else None
    given["regulation"] = rows or None


def _candidates(rows: list[Row], statement: Statement, whole: BaseGeometry) -> dict[str, list[Candidate]]:
    shapes = shapely.from_wkb([row[6] for row in rows])
    found: dict[str, list[Candidate]] = {}
    for row, shape in zip(rows, shapes, strict=True):
        layer = statement.layers[row[0]]
        own = whole if row[5] else shape if shape is not None else NOTHING
        found.setdefault(layer, []).append(
            Candidate(layer, row[1], row[2], orjson.loads(row[3] or "{}"), row[4] or 0.0, own)
        )
    for candidates in found.values():
        candidates.sort(key=lambda candidate: (candidate.distance, candidate.id))
    return found
