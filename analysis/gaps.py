"""What could not be checked, and why: "no data" never reads as "no restriction"."""

from __future__ import annotations

from dataclasses import dataclass

from analysis import computed
from analysis.facts import Facts
from analysis.findings import NotChecked, Reason
from analysis.needs import BUILT_UP, reach, uses_place
from analysis.rulebook import Edition, Rule

Question = tuple[str, float]
Missing = tuple[tuple[Reason, tuple[int, ...]], ...]


@dataclass(frozen=True, eq=False)
class Scope:
    """A rule in force with what it stands on: its layers, each with how far it looks; whether places matter."""

    rule: Rule
    edition: Edition
    questions: tuple[Question, ...]
    layers: frozenset[str]
    by_place: bool
    always: bool

    @classmethod
    def of(cls, rule: Rule, edition: Edition) -> Scope:
        """The scope of that edition."""
        by_place = uses_place(rule, edition)
        layers = dict.fromkeys((*rule.layers, *((BUILT_UP,) if by_place else ())))
        always = rule.compute is not None and computed.always(rule)
        metres = reach(rule, edition)
        questions = tuple((layer, metres) for layer in layers)
        return cls(rule, edition, questions, frozenset(layers), by_place, always)


def gaps(scope: Scope, facts: Facts) -> list[NotChecked]:
    """One entry for each layer and reason that keep the rule, here or nearby, from being determined."""
    if scope.layers <= facts.known_everywhere:  # so it is for most rules at most places
        return []
    return [
        NotChecked.trusted(
            rule=scope.rule.id,
            layer=question[0],
            reason=reason,
            mandatory=scope.rule.mandatory,
            uats=uats,
        )
        for question in scope.questions
        for reason, uats in _missing(question, facts)
    ]


def determined(scope: Scope, missing: list[NotChecked]) -> bool:
    """Whether there is data to say something from.

    That is where all its layers can be read, the rule's own was ever imported, and where the built-up area is
    known if the rule tells inside from outside. A rule that has a sentence for what is unknown is always asked.
    """
    if scope.always or not missing:
        return True
    if any(
        gap.reason == "unreadable" or (gap.layer == scope.rule.layer and gap.reason == "layer never imported")
        for gap in missing
    ):
        return False
    return not (scope.by_place and any(gap.layer == BUILT_UP for gap in missing))


def _missing(question: Question, facts: Facts) -> Missing:
    found: Missing | None = facts.memo.get(question)
    if found is None:
        found = facts.memo[question] = _look(*question, facts)
    return found


def _look(layer: str, reach_m: float, facts: Facts) -> Missing:
    if layer in facts.lost:
        return (("unreadable", tuple(sorted(facts.uat_distances))),)
    if layer not in facts.coverage.imported:
        return (("layer never imported", tuple(sorted(facts.uat_distances))),)
    if not facts.uats:  # coverage is known by UAT, and which one this is, is not
        return (("no data for this UAT", ()),)
    reaches_beyond = facts.beyond_m is not None and 0 < reach_m >= facts.beyond_m
    if facts.leaves_known_uats or reaches_beyond:
        return (("no data for this UAT", ()), *_absent(layer, reach_m, facts))
    return _absent(layer, reach_m, facts)


def _absent(layer: str, reach_m: float, facts: Facts) -> Missing:
    known = facts.coverage.known.get(layer, {})
    absent = [siruta for siruta in facts.uat_distances if known.get(siruta) is None]
    if not absent:
        return ()
    own = {uat.siruta for uat in facts.certain_uats}
    by_reason: dict[Reason, list[int]] = {}
    for siruta in sorted(absent):
        if siruta in own or 0 < reach_m >= facts.uat_distances[siruta]:
            reason: Reason = "out of validity" if siruta in known else "no data for this UAT"
            by_reason.setdefault(reason, []).append(siruta)
    return tuple((reason, tuple(uats)) for reason, uats in by_reason.items())
