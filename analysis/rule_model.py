"""What a rule is: the shape of one YAML file of ``analysis/rules``.

Lengths are metres, areas m², in EPSG:3844. Whether a rule fits the catalogue, the approvals and the acts is
``analysis.rule_checks``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from analysis.findings import Effect, LegalBasis, Relation, Section
from analysis.sentences import fill
from layers.catalogue import Meaning
from layers.errors import VatraError

Metres = Annotated[float, Field(ge=0)]
Place = Literal["inside", "outside", "town", "commune", "any"]

# Functions of ``analysis.computed``, for what no single relation to one layer expresses.
Compute = Literal[
    "uat", "built_up_area", "plans", "zones", "zone_default", "constructible", "buildings", "area", "history",
    "bridge_works", "road_access", "utilities_available", "slope",
]  # fmt: skip

# What a text may name besides the columns of the rule's layer and the rule's own ``fields``.
MEASURES = frozenset(
    {
        "distance_m", "limit_m", "overlap_m2", "overlap_share", "overlap_legal_m2", "overlap_length_m",
        "margin_m", "uat", "layer_title", "value",
    }
)  # fmt: skip


class Strict(BaseModel):
    """A value object read from a file: unknown keys are mistakes, and it never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Range(Strict):
    """Numbers ``>= min`` or ``> above``, and ``< below`` or ``<= max``; open ends allowed, NULL never fits."""

    min: float | None = None
    above: float | None = None
    below: float | None = None
    max: float | None = None


# Column → one of these values, or within this range; ``null`` in the list means "not given".
Condition = dict[str, tuple[str | int | float | bool | None, ...] | Range]


class Offset(Strict):
    """Measures from an edge instead of the drawn axis: subtracts ``factor`` × the column, else ``default`` m.

    For lines and points only: a drawn polygon already has its edge. With the relation ``intersects`` a line
    is taken to be that wide to either side.
    """

    column: str
    factor: float = 0.5
    default: Metres


class Case(Strict):
    """A figure for some of the features; the first case that fits a feature counts, and none means no hit."""

    where: Condition = Field(default_factory=dict)
    distance_m: Metres
    place: Place = "any"


class Zone(Strict):
    """That the rule's distance is drawn as a zone round each feature, in the layer ``derived.protection_zone``.

    ``kind`` is what the law calls it (*protecție* or *siguranță*); ``of`` is a text that names the feature.
    """

    kind: Literal["protection", "safety"]
    of: str


class Edition(Strict):
    """A rule as it stood on the days ``[valid_from, valid_to)``.

    ``texts`` are further sentences among which a computed rule picks by outcome; ``absent`` is what a
    certificate says when the rule was checked and does not apply.
    """

    valid_from: date
    valid_to: date | None = None
    status: Literal["confirmed", "to_confirm"]
    legal_basis: Annotated[tuple[LegalBasis, ...], Field(min_length=1)]
    text: str
    texts: dict[str, str] = Field(default_factory=dict)
    absent: str | None = None
    distance_m: Metres | None = None
    cases: tuple[Case, ...] = ()
    basis: Literal["front_to_front", "axis_to_front"] | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)

    def in_force(self, day: date) -> bool:
        """Whether this edition counts on that day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    @property
    def negative(self) -> str | None:
        """The sentence for land to which the rule does not apply, filled; None where nothing need be said."""
        return fill(self.absent, {**self.parameters, "limit_m": self.distance_m}) if self.absent else None


class RuleTitle(Meaning):
    """A rule's title; a county's own rule may have none in Hungarian."""

    hu: str | None = None


class Rule(Strict):
    """One regulation.

    Either ``relation`` ties the subject to the features of ``layer`` that fit ``where``, or ``compute`` names
    a function of ``analysis.computed``, which gives the texts ``fields`` of its own.
    ``place`` limits the rule to land inside or outside the built-up area; ``place_of`` says whose place that,
    and the place of a case, is. ``ends`` names a date column: features count up to that day, included.
    ``labels`` are the words for coded values. ``zone`` has its distance drawn on the map. ``overrides`` names what
    a county changed.
    """

    id: Annotated[str, Field(pattern=r"^[a-z]+\.[a-z0-9-]+$")]
    title: RuleTitle
    layer: str
    where: Condition = Field(default_factory=dict)
    relation: Relation | None = None
    compute: Compute | None = None
    needs: tuple[str, ...] = ()
    offset: Offset | None = None
    ends: str | None = None
    place: Literal["inside", "outside", "any"] = "any"
    place_of: Literal["subject", "feature"] = "subject"
    effect: Effect
    section: Section
    mandatory: bool = False
    approvals: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    labels: dict[str, dict[str, str]] = Field(default_factory=dict)
    zone: Zone | None = None
    editions: Annotated[tuple[Edition, ...], Field(min_length=1)]
    overrides: tuple[str, ...] = ()

    def edition(self, day: date) -> Edition | None:
        """The edition in force on that day, or None."""
        return next((edition for edition in self.editions if edition.in_force(day)), None)

    @property
    def layers(self) -> tuple[str, ...]:
        """Every layer the rule cannot do without."""
        return (self.layer, *self.needs)


class UnknownRule(VatraError):
    """No rule of that id."""

    def __init__(self, rule_id: str, known: list[str]) -> None:
        near = get_close_matches(rule_id, known, n=3)
        hint = f"; did you mean {', '.join(near)}?" if near else "; `vatra rules list` names them all"
        super().__init__(f"no rule {rule_id!r}{hint}")
        self.rule_id = rule_id


class Rulebook(Strict):
    """All rules, ours with a county's changes on top."""

    rules: dict[str, Rule]

    def get(self, rule_id: str) -> Rule:
        """The rule of that id; UnknownRule (with near names) if there is none."""
        try:
            return self.rules[rule_id]
        except KeyError:
            raise UnknownRule(rule_id, list(self.rules)) from None

    def in_force(self, day: date) -> Iterator[tuple[Rule, Edition]]:
        """Rules with the edition that counts on that day."""
        for rule in self.rules.values():
            edition = rule.edition(day)
            if edition:
                yield rule, edition

    def version(self, day: date) -> str:
        """Name of the rule set of that day: the month of its latest change, with a mark for a county's own."""
        latest = max((edition.valid_from for _, edition in self.in_force(day)), default=day)
        own = "+local" if any(rule.overrides for rule in self.rules.values()) else ""
        return f"{latest:%Y-%m}{own}"
