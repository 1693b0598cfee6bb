"""Buildings on the land, and the land coverage (POT) they make."""

from __future__ import annotations

import shapely

from analysis.facts import Facts
from analysis.relations import Draft, concerned, overlap
from analysis.rulebook import Edition, Rule


def findings(rule: Rule, edition: Edition, facts: Facts) -> list[Draft]:
    """One finding for all buildings; ``feature`` is the largest, its ``buildings`` lists them all.

    The POT (%) is the joined footprint over the registered area, or the drawn one where that is not known.
    """
    drafts = [
        overlap(edition.text, candidate, candidate.shape, facts) for candidate in concerned(rule, facts)
    ]
    parts = [
        (draft.candidate, draft.shape, draft) for draft in drafts if draft and draft.candidate and draft.shape
    ]
    if not parts or facts.is_line:
        return []
    parts.sort(key=lambda part: -part[1].area)
    largest, _, first = parts[0]
    joined = shapely.union_all([shape for _, shape, _ in parts])
    listed = [{**building.attributes, "footprint_m2": shape.area} for building, shape, _ in parts]
    pot = 100 * joined.area / (facts.area_legal_m2 or facts.area_m2)
    borderline = all(draft.certainty == "borderline" for _, _, draft in parts)
    return [
        Draft(
            edition.text,
            largest,
            "intersects",
            0.0,
            shape=joined,
            certainty="borderline" if borderline else "certain",
            margin_m=first.margin_m if borderline else None,
            values={"count": len(parts), "footprint_m2": joined.area, "pot": pot},
            attributes={**largest.attributes, "buildings": listed, "footprint_m2": joined.area, "pot": pot},
        )
    ]
