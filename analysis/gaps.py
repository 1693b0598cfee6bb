"""What could not be checked, and why: "no data" never reads as "no restriction"."""

from __future__ import annotations

from collections.abc import Iterable

from analysis import computed
from analysis.facts import Facts
from analysis.findings import NotChecked, Reason
from analysis.needs import BUILT_UP, UAT, reach, uses_place
from analysis.rulebook import Edition, Rule


def gaps(rule: Rule, edition: Edition, facts: Facts) -> list[NotChecked]:
    """One entry for each layer and reason that keep the rule, here or nearby, from being determined."""
    found: list[NotChecked] = []
    metres = reach(rule, edition)
    layers = dict.fromkeys((*rule.layers, *((BUILT_UP,) if uses_place(rule, edition) else ())))
    for layer in layers:
        by_reason: dict[Reason, list[int]] = {}
        for siruta, reason in _missing(layer, metres, facts):
            by_reason.setdefault(reason, []).append(siruta)
        if layer not in facts.imported:
            by_reason = {"layer never imported": sorted(facts.uat_distances)}
        found += [
            NotChecked(rule=rule.id, layer=layer, reason=reason, mandatory=rule.mandatory, uats=tuple(uats))
            for reason, uats in by_reason.items()
        ]
    return found


def determined(rule: Rule, edition: Edition, facts: Facts, missing: Iterable[NotChecked]) -> bool:
    """Whether there is data to say something from: the rule's layer is known somewhere near, and the

    built-up area in all of the subject where the rule depends on it. A rule that has a sentence for what is
    unknown is always asked.
    """
    if rule.compute and computed.always(rule):
        return True
    lacking = {gap.layer: gap for gap in missing}
    if rule.layer in lacking and lacking[rule.layer].reason == "layer never imported":
        return False
    return not (uses_place(rule, edition) and BUILT_UP in lacking)


def _missing(layer: str, metres: float, facts: Facts) -> Iterable[tuple[int, Reason]]:
    known = facts.known.get(layer, {})
    own = {uat.siruta for uat in facts.certain_uats}
    if layer == UAT and not facts.uat_distances:
        yield 0, "no data for this UAT"
    for siruta, distance in sorted(facts.uat_distances.items()):
        if siruta not in own and distance > metres:
            continue
        if siruta not in own and metres == 0:
            continue
        if known.get(siruta) is None:
            yield siruta, "out of validity" if siruta in known else "no data for this UAT"
