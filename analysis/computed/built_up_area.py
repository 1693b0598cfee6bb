"""Inside or outside the built-up area, or split by its line with the area of both parts."""

from __future__ import annotations

from analysis import measures
from analysis.facts import Candidate, Facts, Part
from analysis.needs import BUILT_UP
from analysis.relations import Draft
from analysis.rulebook import Edition, Rule


def findings(rule: Rule, edition: Edition, facts: Facts) -> list[Draft]:
    """The place of the whole subject, or of both its parts."""
    parts = facts.parts
    if len(parts) == 1:
        return [_whole(edition, parts[0], facts)]
    if facts.is_line:
        return [_whole(edition, part, facts, "_part") for part in parts]
    inside, outside = (part.shape for part in sorted(parts, key=lambda part: not part.inside))
    thinner = min(inside, outside, key=lambda shape: shape.area)
    doubtful = measures.thinner_than(thinner, _error(facts))
    values = {
        "inside_m2": inside.area,
        "outside_m2": outside.area,
        "inside_share": facts.share(inside.area),
        "outside_share": facts.share(outside.area),
    }
    return [
        Draft(
            edition.text,
            _main(facts),
            "intersects",
            0.0,
            shape=inside,
            certainty="borderline" if doubtful else "certain",
            margin_m=round(measures.width(thinner), 3) if doubtful else None,
            values=values,
        )
    ]


def _whole(edition: Edition, part: Part, facts: Facts, which: str = "") -> Draft:
    if not part.inside:
        return Draft(edition.texts[f"outside{which}"], shape=part.shape)
    return Draft(edition.texts[f"inside{which}"], _main(facts), "intersects", 0.0, shape=part.shape)


def _main(facts: Facts) -> Candidate:
    return max(facts.of(BUILT_UP), key=lambda candidate: facts.size(candidate.shape))


def _error(facts: Facts) -> float:
    return max(facts.error_m(candidate) for candidate in facts.of(BUILT_UP))
