"""The result of a check: every rule ends in applies, does not apply or not checked; nothing is silent.

The JSON of these models is what the API, the certificate and the notebook share (schema ``vatra.check/1``).
Lengths are metres, areas square metres, planar in EPSG:3844 with x = east; money is lei.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal, Self

import orjson
from pydantic import BaseModel, ConfigDict, Field

Effect = Literal["zoning", "restriction", "approval", "information", "competence"]
Relation = Literal["intersects", "within_distance", "nearest"]
Certainty = Literal["certain", "borderline"]
Section = Literal["legal", "economic", "technical", "utilities"]
Reason = Literal["no data for this UAT", "layer never imported", "out of validity", "unreadable"]
GeoJSON = dict[str, Any]


class Value(BaseModel):
    """A frozen value; what is not known is None and stays in the JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, ser_json_inf_nan="null")

    @classmethod
    def trusted(cls, **values: Any) -> Self:
        """An object of values that are right already, every field given in its order.

        A check makes some fifty of these; ``model_construct`` takes ten times as long to look at each field.
        """
        made = cls.__new__(cls)
        object.__setattr__(made, "__dict__", values)
        object.__setattr__(made, "__pydantic_fields_set__", set(values))
        object.__setattr__(made, "__pydantic_extra__", None)
        object.__setattr__(made, "__pydantic_private__", None)
        return made


class UatShare(Value):
    """One UAT that the subject lies in, with the part of the subject inside it."""

    siruta: int
    name: str
    kind: str | None = None
    county: str | None = None
    has_urbanism_structure: bool | None = None
    overlap_m2: float
    overlap_share: float
    certainty: Certainty = "certain"


class Subject(Value):
    """The land that was asked about. ``area_m2`` is as drawn, ``area_legal_m2`` as registered.

    Of several parcels ``cadastral_number``, ``land_book_number`` and ``use_category`` list each value once.
    """

    siruta: int | None = None
    uat: str | None = None
    uats: tuple[UatShare, ...] = ()
    cadastral_number: str | None = None
    cadastral_numbers: tuple[str, ...] = ()
    land_book_number: str | None = None
    use_category: str | None = None
    ownership: str | None = None
    area_m2: float
    area_legal_m2: float | None = None
    length_m: float | None = None
    accuracy_m: float
    crs: str = "EPSG:3844"
    geometry: GeoJSON


class LayerUsed(Value):
    """A layer version that was consulted."""

    id: str
    version: int
    valid_from: date
    accuracy_m: float
    source: str = ""


class Feature(Value):
    """The mapped thing that caused a finding."""

    layer: str
    id: str
    version: int | None = None
    attributes: dict[str, Any] = Field(default_factory=dict)


class LegalBasis(Value):
    """Act and article a statement rests on."""

    act: str
    article: str | None = None


class Finding(Value):
    """A rule that applies to the subject, because of one feature."""

    id: str
    rule: str
    effect: Effect
    feature: Feature | None = None
    relation: Relation | None = None
    distance_m: float | None = None
    limit_m: float | None = None
    overlap_m2: float | None = None
    overlap_share: float | None = None
    overlap_legal_m2: float | None = None
    overlap_length_m: float | None = None
    certainty: Certainty = "certain"
    margin_m: float | None = None
    status: Literal["confirmed", "to_confirm"] = "confirmed"
    legal_basis: tuple[LegalBasis, ...] = ()
    section: Section
    text: str
    geometry: GeoJSON | None = None


class RuleTotal(Value):
    """All features of one rule joined, then measured: parts that overlap each other count once."""

    rule: str
    overlap_m2: float
    overlap_share: float
    overlap_legal_m2: float | None = None


class NotChecked(Value):
    """A rule that could not be determined, and why."""

    rule: str
    layer: str
    reason: Reason
    mandatory: bool
    uats: tuple[int, ...] = ()


class RoadAccess(Value):
    """A managed road in reach, with the place on it that is nearest to the subject.

    ``side`` is as seen by somebody going up the kilometres. ``frontage_m`` is the length of the subject's
    outline that faces the road.
    """

    road: str
    category: str
    administrator: str | None = None
    position: str
    measure_m: float
    measure_source: str | None = None
    side: Literal["left", "right", "on"]
    distance_to_axis_m: float
    frontage_m: float
    next_junction_m: float | None = None
    next_access_m: float | None = None


class Competence(Value):
    """Who issues the act (Code art. 304, 253(7))."""

    issuer: Literal["mayor", "county_council_president"]
    reason: str


class Approval(Value):
    """An approval that the findings call for."""

    code: str
    title: str
    route: Literal["direct", "single_agreement"]
    because: tuple[str, ...]


class Fee(Value):
    """The certificate's fee in lei, with what it was computed from."""

    amount_ron: float
    basis: str
    computed_from: dict[str, Any] = Field(default_factory=dict)


class CheckReport(Value):
    """Everything that one check found, as of one day."""

    schema_: Literal["vatra.check/1"] = Field("vatra.check/1", alias="schema")
    subject: Subject
    as_of: date
    checked_at: datetime
    rule_set: str
    layers: tuple[LayerUsed, ...] = ()
    findings: tuple[Finding, ...] = ()
    totals: tuple[RuleTotal, ...] = ()
    not_applicable: tuple[str, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()
    road_access: tuple[RoadAccess, ...] = ()
    competence: Competence
    approvals: tuple[Approval, ...] = ()
    fee: Fee | None = None

    def to_json(self) -> bytes:
        """What ``model_dump_json(by_alias=True)`` writes, in a third of its time."""
        content = {**self.__dict__}
        named = {"schema": content.pop("schema_"), **content}
        return orjson.dumps(named, default=_members, option=orjson.OPT_SERIALIZE_NUMPY)

    def of_rule(self, rule: str) -> tuple[Finding, ...]:
        """Findings of that rule, or of all rules below it when it ends with a dot (``utilities.``)."""
        if rule.endswith("."):
            return tuple(finding for finding in self.findings if finding.rule.startswith(rule))
        return tuple(finding for finding in self.findings if finding.rule == rule)


def _members(value: Any) -> dict[str, Any]:
    if isinstance(value, Value):
        return value.__dict__
    raise TypeError(f"{type(value).__name__} has no place in a report")
