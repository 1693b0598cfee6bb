"""Rules as data: one YAML file a regulation, in editions that follow one another in time.

A county overrides figures and texts in a folder of its own (``VATRA_RULES``); nothing is ever edited in place.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from analysis.findings import Effect, LegalBasis, Relation, Section
from layers.catalogue import Meaning, catalogue
from layers.errors import DefinitionError
from layers.yaml_lines import explain, load_with_lines

RULES = Path(__file__).parent / "rules"

# What a text may name besides the columns of the rule's layer.
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
    """Values from ``min`` (included) to ``below`` (excluded); either end may be open."""

    min: float | None = None
    below: float | None = None


# Column → one of these values, or within this range; ``null`` in the list means "not given".
Condition = dict[str, tuple[str | int | float | bool | None, ...] | Range]


class Offset(Strict):
    """Measures from an edge instead of the drawn axis: subtracts ``factor`` × the column, else ``default`` m."""

    column: str
    factor: float = 0.5
    default: float


class Case(Strict):
    """A figure for some of the features; the first case that fits a feature counts."""

    where: Condition = Field(default_factory=dict)
    distance_m: Annotated[float, Field(ge=0)]
    place: Literal["inside", "outside", "town", "commune", "any"] = "any"


class Edition(Strict):
    """A rule as it stood on the days ``[valid_from, valid_to)``."""

    valid_from: date
    valid_to: date | None = None
    status: Literal["confirmed", "to_confirm"]
    legal_basis: Annotated[tuple[LegalBasis, ...], Field(min_length=1)]
    text: str
    absent: str | None = None
    distance_m: Annotated[float, Field(ge=0)] | None = None
    cases: tuple[Case, ...] = ()
    basis: Literal["front_to_front", "axis_to_front"] | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)

    def in_force(self, day: date) -> bool:
        """Whether this edition counts on that day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


class Rule(Strict):
    """One regulation.

    ``compute`` names a function of ``analysis.computed`` for what no single relation expresses; all others are
    a relation between the subject and the features of ``layer`` that fit ``where``.
    ``place`` limits the rule to land inside or outside the built-up area.
    """

    id: Annotated[str, Field(pattern=r"^[a-z]+\.[a-z0-9-]+$")]
    title: Meaning
    layer: str
    where: Condition = Field(default_factory=dict)
    relation: Relation | None = None
    compute: str | None = None
    needs: tuple[str, ...] = ()
    offset: Offset | None = None
    place: Literal["inside", "outside", "any"] = "any"
    effect: Effect
    section: Section
    mandatory: bool = False
    approvals: tuple[str, ...] = ()
    editions: Annotated[tuple[Edition, ...], Field(min_length=1)]
    overrides: tuple[str, ...] = ()

    def edition(self, day: date) -> Edition | None:
        """The edition in force on that day, or None."""
        return next((edition for edition in self.editions if edition.in_force(day)), None)

    @property
    def layers(self) -> tuple[str, ...]:
        """Every layer the rule cannot do without."""
        return (self.layer, *self.needs)

    @model_validator(mode="after")
    def _fits_together(self) -> Rule:
        if (self.relation is None) == (self.compute is None):
            raise ValueError("a rule has either a 'relation' or a 'compute'")
        _check_layers(self)
        _check_columns(self)
        ordered = sorted(self.editions, key=lambda edition: edition.valid_from)
        for earlier, later in pairwise(ordered):
            if earlier.valid_to is None or earlier.valid_to > later.valid_from:
                raise ValueError(f"two editions are in force on {later.valid_from}")
        for edition in self.editions:
            if self.relation in ("within_distance", "nearest") and not (edition.distance_m or edition.cases):
                raise ValueError(f"relation {self.relation!r} needs 'distance_m' or 'cases' in every edition")
            _check_text(self, edition)
        return self


class Rulebook(Strict):
    """All rules, ours with a county's changes on top."""

    rules: dict[str, Rule]

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


def read_rule(path: Path) -> Rule:
    """One rule from its file; DefinitionError names file, line, field and cause."""
    content, lines = _load(path)
    rule = _validate(path, content, lines)
    if path.stem != rule.id:
        raise DefinitionError(path, 1, f"the file defines {rule.id!r}; name it {rule.id}.yaml")
    return rule


def read_rulebook(folder: Path = RULES, county: Path | None = None) -> Rulebook:
    """All rules of ``folder``, with the files of a county's folder laid over those of the same name.

    A county's file names only what differs: top-level keys replace ours, and its editions replace all of ours
    from the first of their days on.
    """
    rules = {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    local = {path.stem: path for path in sorted(county.glob("*.yaml"))} if county else {}
    merged = {
        name: _overridden(rules[name], local[name]) if name in local else read_rule(rules[name])
        for name in rules
    }
    for name in sorted(local.keys() - rules.keys()):
        merged[name] = read_rule(local[name]).model_copy(update={"overrides": ("(a rule of its own)",)})
    return Rulebook(rules=merged)


@lru_cache(maxsize=4)
def rulebook(county: Path | None = None) -> Rulebook:
    """The rules in use, read once a process."""
    return read_rulebook(RULES, county)


def _overridden(ours: Path, theirs: Path) -> Rule:
    base, _ = _load(ours)
    change, lines = _load(theirs)
    if not isinstance(change, dict):
        raise DefinitionError(theirs, 1, "expected the keys that differ from our rule")
    changed = tuple(sorted(key for key in change if key != "id"))
    editions = change.get("editions")
    merged = {**base, **change, "overrides": changed}
    if editions:
        start = min(edition["valid_from"] for edition in editions)
        kept = [_closed(edition, start) for edition in base["editions"] if edition["valid_from"] < start]
        merged["editions"] = kept + editions
    return _validate(theirs, merged, lines)


def _closed(edition: dict[str, Any], day: date) -> dict[str, Any]:
    until = edition.get("valid_to")
    return {**edition, "valid_to": min(until, day) if until else day}


def _load(path: Path) -> tuple[Any, dict[tuple[int | str, ...], int]]:
    try:
        return load_with_lines(path.read_text(encoding="utf-8"))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise DefinitionError(path, mark.line + 1 if mark else 1, str(error.problem)) from error


def _validate(path: Path, content: Any, lines: dict[tuple[int | str, ...], int]) -> Rule:
    try:
        return Rule.model_validate(content)
    except ValidationError as error:
        raise DefinitionError(path, *explain(error, lines)) from error


def _check_layers(rule: Rule) -> None:
    for layer in rule.layers:
        if layer not in catalogue():
            raise ValueError(f"layer {layer!r} is not in the catalogue")


def _check_columns(rule: Rule) -> None:
    layer = catalogue()[rule.layer]
    named = set(rule.where) | ({rule.offset.column} if rule.offset else set())
    for edition in rule.editions:
        for case in edition.cases:
            named |= set(case.where)
    for name in named:
        if name not in {column.name for column in layer.columns}:
            raise ValueError(f"layer {rule.layer} has no column {name!r}")
    conditions = [rule.where] + [case.where for edition in rule.editions for case in edition.cases]
    for condition in conditions:
        for name, wanted in condition.items():
            allowed = layer.column(name).values
            strangers = set(wanted) - {*allowed, None} if allowed and isinstance(wanted, tuple) else set()
            if strangers:
                raise ValueError(f"{rule.layer}.{name} never holds {sorted(map(str, strangers))}")


def _check_text(rule: Rule, edition: Edition) -> None:
    known = MEASURES | {column.name for column in catalogue()[rule.layer].columns} | set(edition.parameters)
    for text in filter(None, (edition.text, edition.absent)):
        for _, field, _, _ in string.Formatter().parse(text):
            if field and rule.compute is None and field not in known:
                raise ValueError(
                    f"text names {{{field}}}, which is neither a measure nor a column of {rule.layer}"
                )
