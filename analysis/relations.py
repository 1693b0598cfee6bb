"""Rules that are one relation between the subject and the features of one layer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import shapely
from shapely.geometry.base import BaseGeometry

from analysis import measures
from analysis.conditions import fits, still_valid
from analysis.facts import Candidate, Facts, Part
from analysis.findings import Certainty, Reason, Relation
from analysis.needs import uses_place
from analysis.rulebook import Case, Edition, Rule


@dataclass(slots=True, eq=False)
class Draft:
    """A finding in the making. ``shape`` is the part of the subject concerned; ``text`` a template."""

    text: str
    candidate: Candidate | None = None
    relation: Relation | None = None
    distance_m: float | None = None
    limit_m: float | None = None
    shape: BaseGeometry | None = None
    certainty: Certainty = "certain"
    margin_m: float | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    attributes: Mapping[str, Any] | None = None
    approvals: tuple[str, ...] | None = None


class Gap(NamedTuple):
    """Something a computed rule could not determine."""

    layer: str
    reason: Reason


def findings(rule: Rule, edition: Edition, facts: Facts) -> list[Draft]:
    """What a rule with a ``relation`` finds about the subject."""
    if rule.layer not in facts.candidates:
        return []
    if rule.relation == "intersects":
        return list(overlaps(rule, edition, facts))
    found = list(distances(rule, edition, facts))
    if rule.relation == "nearest" and found:
        return [min(found, key=lambda draft: draft.distance_m or 0.0)]
    return found


def concerned(rule: Rule, facts: Facts, farthest_m: float | None = None) -> Iterator[Candidate]:
    """Candidates that the rule is about, nearest first; none that is surely beyond ``farthest_m``."""
    for candidate in facts.of(rule.layer):
        if farthest_m is not None and candidate.distance > farthest_m + facts.error_m(candidate) + 0.001:
            continue
        if fits(rule.where, candidate.attributes) and still_valid(rule.ends, candidate.attributes, facts.day):
            yield candidate


def distances(rule: Rule, edition: Edition, facts: Facts) -> Iterator[Draft]:
    """Features no farther than the limit; within the error of it, on either side, they are borderline."""
    farthest = max((case.distance_m for case in edition.cases), default=edition.distance_m or 0.0)
    for candidate in concerned(rule, facts, None if rule.offset else farthest):
        for part in _parts(rule, edition, facts, candidate):
            limit = limit_for(edition, candidate.attributes, part.place)
            if limit is not None:
                yield from _near(rule, edition, facts, candidate, part, limit)


def _near(
    rule: Rule, edition: Edition, facts: Facts, candidate: Candidate, part: Part, limit: float
) -> Iterator[Draft]:
    edge = edge_of(rule, candidate)
    from_axis = candidate.distance if part.whole else float(shapely.distance(part.shape, candidate.shape))
    distance = round(max(from_axis - edge, 0.0), 3)
    error = facts.error_m(candidate)
    borderline = abs(distance - limit) < error
    if distance > limit and not borderline:
        return
    within = None
    if distance <= limit:
        within = measures.within(part.shape, candidate.shape, limit + edge)
    yield Draft(
        edition.text,
        candidate,
        rule.relation,
        distance,
        limit,
        within,
        "borderline" if borderline else "certain",
        round(abs(distance - limit), 3),
    )


def overlaps(rule: Rule, edition: Edition, facts: Facts) -> Iterator[Draft]:
    """Features that share land with the subject; who only touches does not."""
    for candidate in concerned(rule, facts):
        shape = _shared(rule, candidate, facts)
        for part in _parts(rule, edition, facts, candidate):
            if edition.cases and limit_for(edition, candidate.attributes, part.place) is None:
                continue
            own = shape if part.whole else shapely.intersection(shape, part.shape)
            draft = overlap(edition.text, candidate, own, facts)
            if draft:
                yield draft


def overlap(text: str, candidate: Candidate, shape: BaseGeometry, facts: Facts) -> Draft | None:
    """The draft for a feature that covers ``shape`` of the subject; None if it only touches."""
    if shape is facts.shape:
        return Draft(text, candidate, "intersects", 0.0, shape=shape)
    if facts.is_line:
        return _line_overlap(text, candidate, shape, facts)
    area = measures.of_dimension(shape, 2)
    error = facts.error_m(candidate)
    if not area.is_empty:
        if measures.is_touch(area):
            return None
        if not measures.thinner_than(area, error):
            return Draft(text, candidate, "intersects", 0.0, shape=area)
        return Draft(
            text, candidate, "intersects", 0.0, None, area, "borderline", round(measures.width(area), 3)
        )
    limit = shapely.boundary(facts.shape)
    line = measures.of_dimension(shape, 1)
    if not line.is_empty:
        within = shapely.difference(line, shapely.buffer(limit, measures.MILLIMETRE))
        return Draft(text, candidate, "intersects", 0.0, shape=line) if within.length else None
    if shape.is_empty or shapely.distance(shape, limit) < measures.MILLIMETRE:
        return None
    return Draft(text, candidate, "intersects", 0.0, shape=shape)


def _line_overlap(text: str, candidate: Candidate, shape: BaseGeometry, facts: Facts) -> Draft | None:
    line = measures.of_dimension(shape, 1)
    if line.length < measures.MILLIMETRE:
        points = measures.of_dimension(shape, 0)
        crossing = not points.is_empty and shapely.get_dimensions(candidate.shape) < 2
        return Draft(text, candidate, "intersects", 0.0, shape=points) if crossing else None
    if line.length >= facts.error_m(candidate):
        return Draft(text, candidate, "intersects", 0.0, shape=line)
    return Draft(text, candidate, "intersects", 0.0, None, line, "borderline", round(line.length, 3))


def _shared(rule: Rule, candidate: Candidate, facts: Facts) -> BaseGeometry:
    """The part of the subject that the feature covers, where the branch brought the uncut shape too."""
    if candidate.shape is facts.shape or not facts.is_near(candidate.layer):
        return candidate.shape
    edge = edge_of(rule, candidate)
    if edge:
        return measures.within(facts.shape, candidate.shape, edge)
    shape = candidate.shape
    if shapely.get_dimensions(shape) == 2:
        shape = shapely.union_all(shapely.get_parts(shape)) if shape.geom_type != "Polygon" else shape
        if shapely.covers(shape, facts.shape):
            return facts.shape
        shared = shapely.intersection(shape, facts.shape)
        return shapely.difference(shared, shapely.boundary(shape)) if facts.is_line else shared
    return shapely.intersection(shape, facts.shape)


def edge_of(rule: Rule, candidate: Candidate) -> float:
    """Metres from the drawn axis to the edge from which the rule measures; 0 for a drawn area."""
    if rule.offset is None or shapely.get_dimensions(candidate.shape) == 2:
        return 0.0
    value = candidate.attributes.get(rule.offset.column)
    return float(rule.offset.factor * (rule.offset.default if value is None else value))


def limit_for(edition: Edition, attributes: Mapping[str, Any], place: str) -> float | None:
    """The distance that counts for such a feature at such a place, in metres; None where none does."""
    if not edition.cases:
        return edition.distance_m
    for case in edition.cases:
        if fits(case.where, attributes) and _at(case, place):
            return case.distance_m
    return None


def _at(case: Case, place: str) -> bool:
    if case.place == "any" or case.place == place:
        return True
    return case.place == "inside" and place in ("town", "commune")


def _parts(rule: Rule, edition: Edition, facts: Facts, candidate: Candidate) -> list[Part]:
    """The parts of the subject that the rule judges apart."""
    if not uses_place(rule, edition):
        return [Part(False, "any", facts.shape, True)]
    if rule.place_of == "feature":
        place = candidate.attributes["@place"] or "outside"
        parts = [Part(place != "outside", place, facts.shape, True)]
    else:
        parts = facts.parts
    return [part for part in parts if rule.place == "any" or part.inside == (rule.place == "inside")]
