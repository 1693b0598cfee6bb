"""Filter Encoding 1.0, 1.1 and 2.0 into our own values.

The three differ in a few names only, so one reader takes them all. pygeofilter's was tried and left: it fails
on literals without a type and on 1.x patterns, knows neither ResourceId nor Nil, reads coordinates in one axis
order and can't say what is wrong with a filter.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import get_args
from xml.etree.ElementTree import Element

import shapely

from tiles.wfs import shapes, xml
from tiles.wfs.crs import Reference
from tiles.wfs.filters import (
    And,
    Between,
    Comparator,
    Comparison,
    Distance,
    Filter,
    Ids,
    Like,
    Not,
    Null,
    Or,
    Property,
    Relation,
    Spatial,
    Temporal,
    TemporalRelation,
    Value,
)
from tiles.wfs.refused import Refused, invalid, shown

CONDITIONS = 300
COMPARATORS: dict[str, Comparator] = {
    "PropertyIsEqualTo": "=",
    "PropertyIsNotEqualTo": "<>",
    "PropertyIsLessThan": "<",
    "PropertyIsGreaterThan": ">",
    "PropertyIsLessThanOrEqualTo": "<=",
    "PropertyIsGreaterThanOrEqualTo": ">=",
}
_MIRRORED: dict[Comparator, Comparator] = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_IDENTIFIERS = {"ResourceId": "rid", "FeatureId": "fid", "GmlObjectId": "id"}
METRES = {"": 1.0, "m": 1.0, "metre": 1.0, "metres": 1.0, "meter": 1.0, "meters": 1.0, "km": 1000.0}
GEOMETRY_COLUMN = "geom"


def read_filter(root: Element, default: Reference) -> Filter:
    """The filter in a ``Filter`` element; ``default`` is the system of coordinates that name none."""
    reader = _Reader(default)
    if xml.name(root) != "Filter":
        raise invalid("filter", f"a filter is a Filter element, found {shown(xml.name(root))}")
    parts = list(root)
    if not parts:
        raise invalid("filter", "the filter is empty")
    if all(xml.name(part) in _IDENTIFIERS for part in parts):
        return reader.ids(parts)
    if len(parts) > 1:
        raise invalid("filter", "a filter has one condition; join several with And or Or")
    return reader.read(parts[0])


class _Reader:
    def __init__(self, default: Reference) -> None:
        self._default = default
        self._seen = 0
        self._kinds: dict[str, Callable[[Element], Filter]] = {
            "And": lambda e: And(self._several(e)),
            "Or": lambda e: Or(self._several(e)),
            "Not": self._negation,
            "PropertyIsBetween": self._between,
            "PropertyIsLike": self._like,
            "PropertyIsNull": lambda e: Null(self._subject(e)),
            "PropertyIsNil": lambda e: Null(self._subject(e)),
            "DWithin": self._distance,
            "Beyond": self._distance,
            **dict.fromkeys(COMPARATORS, self._comparison),
            **dict.fromkeys(get_args(TemporalRelation), self._temporal),
            **dict.fromkeys(get_args(Relation), self._spatial),
            **dict.fromkeys(_IDENTIFIERS, lambda e: self.ids([e])),
        }

    def read(self, element: Element) -> Filter:
        """One condition."""
        self._seen += 1
        if self._seen > CONDITIONS:
            raise invalid("filter", f"a filter may have {CONDITIONS} conditions")
        kind = self._kinds.get(xml.name(element))
        if kind is None:
            raise Refused("OptionNotSupported", f"filters know no {shown(xml.name(element))}", "filter")
        return kind(element)

    def ids(self, elements: list[Element]) -> Ids:
        """Identifiers side by side."""
        found = []
        for element in elements:
            attribute = _IDENTIFIERS[xml.name(element)]
            value = next((v for k, v in element.attrib.items() if k.rpartition("}")[2] == attribute), None)
            if not value:
                raise invalid("filter", f"{xml.name(element)} needs {attribute}")
            found.append(value)
        return Ids(tuple(dict.fromkeys(found)))

    def _several(self, element: Element) -> tuple[Filter, ...]:
        if not len(element):
            raise invalid("filter", f"{xml.name(element)} joins nothing")
        return tuple(self.read(part) for part in element)

    def _negation(self, element: Element) -> Not:
        if len(element) != 1:
            raise invalid("filter", "Not takes one condition")
        return Not(self.read(element[0]))

    def _comparison(self, element: Element) -> Comparison:
        if len(element) != 2:
            raise invalid("filter", f"{xml.name(element)} compares two things")
        operator = COMPARATORS[xml.name(element)]
        left, right = map(_operand, element)
        if isinstance(left, Value):
            left, right, operator = right, left, _MIRRORED.get(operator, operator)
        if isinstance(left, Value):
            raise invalid("filter", f"{xml.name(element)} compares no property")
        return Comparison(operator, left, right, element.get("matchCase", "true") not in {"false", "0"})

    def _between(self, element: Element) -> Between:
        bounds = [xml.child(element, "LowerBoundary"), xml.child(element, "UpperBoundary")]
        low, high = (_operand(bound[0]) if bound is not None and len(bound) else None for bound in bounds)
        if not isinstance(low, Value) or not isinstance(high, Value):
            raise invalid(
                "filter", "PropertyIsBetween needs a LowerBoundary and an UpperBoundary with a Literal each"
            )
        return Between(self._subject(element), low, high)

    def _like(self, element: Element) -> Like:
        wild, single = element.get("wildCard"), element.get("singleChar")
        escape = element.get("escapeChar") or element.get("escape")
        pattern = xml.child(element, "Literal")
        if pattern is None or not wild or not single or not escape:
            raise invalid("filter", "PropertyIsLike needs a Literal and wildCard, singleChar and escapeChar")
        match_case = element.get("matchCase", "true") not in {"false", "0"}
        return Like(
            self._subject(element), _like_pattern(pattern.text or "", wild, single, escape), match_case
        )

    def _temporal(self, element: Element) -> Temporal:
        moment = next(
            (one for one in element if xml.name(one) not in {"ValueReference", "PropertyName"}), None
        )
        if moment is None:
            raise invalid("filter", f"{xml.name(element)} needs a moment")
        begin, end = _moments(moment)
        relation: TemporalRelation = xml.name(element)  # type: ignore[assignment]  # its key in the table of kinds
        return Temporal(relation, self._subject(element), begin, end)

    def _spatial(self, element: Element) -> Spatial:
        relation: Relation = xml.name(element)  # type: ignore[assignment]  # its key in the table of kinds
        return Spatial(relation, self._subject(element, GEOMETRY_COLUMN), self._shape(element))

    def _distance(self, element: Element) -> Distance:
        measure = xml.child(element, "Distance")
        if measure is None:
            raise invalid("filter", f"{xml.name(element)} needs a Distance")
        unit = (
            (measure.get("uom") or measure.get("units") or "").rpartition("#")[2].rpartition("::")[2].lower()
        )
        try:
            metres = float(xml.text(measure)) * METRES[unit]
        except (ValueError, KeyError) as error:
            raise invalid("filter", "Distance is a number of m or km") from error
        if not (math.isfinite(metres) and metres >= 0):
            raise invalid("filter", "Distance is finite and not negative")
        beyond = xml.name(element) == "Beyond"
        return Distance(self._subject(element, GEOMETRY_COLUMN), self._shape(element), metres, beyond)

    def _shape(self, element: Element) -> shapely.Geometry:
        found = next((one for one in element if xml.name(one) in shapes.GEOMETRIES), None)
        if found is None:
            given = xml.child(element, "Literal")
            found = given[0] if given is not None and len(given) else None
        if found is None:
            raise Refused("OptionNotSupported", f"{xml.name(element)} needs a GML geometry", "filter")
        return shapes.geometry(found, self._default)

    def _subject(self, element: Element, default: str | None = None) -> Property:
        named = xml.child(element, "ValueReference", "PropertyName")
        if named is not None:
            return Property(xml.text(named))
        if default is None or xml.child(element, "Function") is not None:
            raise invalid("filter", f"{xml.name(element)} names no property")
        return Property(default)


def _operand(element: Element) -> Property | Value:
    match xml.name(element):
        case "ValueReference" | "PropertyName":
            return Property(xml.text(element))
        case "Literal":
            return Value("".join(element.itertext()))
        case other:
            raise Refused("OptionNotSupported", f"filters cannot calculate with {shown(other)}", "filter")


def _like_pattern(text: str, wild: str, single: str, escape: str) -> str:
    """The pattern in SQL's LIKE form; ``escape`` makes the character after it an ordinary one."""
    made, at = [], 0
    while at < len(text):
        if text.startswith(escape, at) and at + len(escape) < len(text):
            at += len(escape)
            made.append(_literal(text[at]))
            at += 1
        elif text.startswith(wild, at):
            made.append("%")
            at += len(wild)
        elif text.startswith(single, at):
            made.append("_")
            at += len(single)
        else:
            made.append(_literal(text[at]))
            at += 1
    return "".join(made)


def _literal(character: str) -> str:
    return f"\\{character}" if character in "%_\\" else character


def _moments(element: Element) -> tuple[str, str]:
    """Begin and end of an instant or a period, as written."""
    positions = [
        xml.text(one)
        for one in element.iter()
        if xml.name(one) in {"timePosition", "beginPosition", "endPosition"}
    ]
    if not positions and not len(element):
        positions = [part for part in xml.text(element).split("/") if part]
    if len(positions) not in {1, 2}:
        raise invalid("filter", "a moment is a TimeInstant, a TimePeriod or a date")
    return positions[0], positions[-1]
