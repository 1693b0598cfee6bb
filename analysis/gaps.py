"""What could not be checked, and why: "no data" never reads as "no restriction"."""

from __future__ import annotations

from dataclasses import dataclass

from analysis import computed
from analysis.facts import Facts
from analysis.findings import NotChecked, Reason
from analysis.needs import BUILT_UP, UAT, reach, uses_place
from analysis.rulebook import Edition, Rule

Missing = tuple[tuple[Reason, tuple[int, ...]], ...]


@dataclass(frozen=True, eq=False)
class Scope:
    """A rule in force with what it stands on: its layers, how far it looks, whether places matter."""

    rule: Rule
    edition: Edition
    layers: tuple[str, ...]
    reach_m: float
    by_place: bool
    always: bool

    @classmethod
    def of(cls, rule: Rule, edition: Edition) -> Scope:
        """The scope of that edition."""
        by_place = uses_place(rule, edition)
        layers = dict.fromkeys((*rule.layers, *((BUILT_UP,) if by_place else ())))
        always = rule.compute is not None and computed.always(rule)
        return cls(rule, edition, tuple(layers), reach(rule, edition), by_place, always)


def gaps(scope: Scope, facts: Facts) -> list[NotChecked]:
    """One entry for each layer and reason that keep the rule, here or nearby, from being determined."""
    rule = scope.rule
    return [
        NotChecked.model_construct(
            rule=rule.id, layer=layer, reason=reason, mandatory=rule.mandatory, uats=uats
        )
        for layer in scope.layers
        for reason, uats in _missing(layer, scope.reach_m, facts)
    ]


def determined(scope: Scope, missing: list[NotChecked]) -> bool:
    """Whether there is data to say something from.

    That is where the rule's layer was ever imported, and where the built-up area is known if the rule tells
    inside from outside. A rule that has a sentence for what is unknown is always asked.
    """
    if scope.always or not missing:
        return True
    if any(gap.layer == scope.rule.layer and gap.reason == "layer never imported" for gap in missing):
        return False
    return not (scope.by_place and any(gap.layer == BUILT_UP for gap in missing))


def _missing(layer: str, reach_m: float, facts: Facts) -> Missing:
    key = ("missing", layer, reach_m)
    if key not in facts.memo:
        facts.memo[key] = _look(layer, reach_m, facts)
    found: Missing = facts.memo[key]
    return found


def _look(layer: str, reach_m: float, facts: Facts) -> Missing:
    if layer not in facts.imported:
        return (("layer never imported", tuple(sorted(facts.uat_distances))),)
    if layer == UAT and not facts.uats:
        return (("no data for this UAT", ()),)
    known = facts.known.get(layer, {})
    own = {uat.siruta for uat in facts.certain_uats}
    by_reason: dict[Reason, list[int]] = {}
    for siruta, distance in sorted(facts.uat_distances.items()):
        concerned = siruta in own or (reach_m > 0 and distance <= reach_m)
        if concerned and known.get(siruta) is None:
            reason: Reason = "out of validity" if siruta in known else "no data for this UAT"
            by_reason.setdefault(reason, []).append(siruta)
    return tuple((reason, tuple(uats)) for reason, uats in by_reason.items())
