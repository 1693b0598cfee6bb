"""Mean and greatest slope of the land, from the elevation model that covers it."""

from __future__ import annotations

from analysis.facts import Facts
from analysis.relations import Draft, Gap
from analysis.rulebook import Edition, Rule
from analysis.terrain import Unreadable, slope


def findings(rule: Rule, edition: Edition, facts: Facts) -> list[Draft | Gap]:
    """The slope over the subject; a model that cannot be read is a gap, not a flat land."""
    models = [candidate for candidate in facts.of(rule.layer) if not candidate.shape.is_empty]
    if not models:
        return []
    finest = min(
        models, key=lambda model: (model.attributes["resolution_m"] or 1e9, -facts.size(model.shape))
    )
    try:
        measured = slope(finest.attributes["path"], facts.shape)
    except Unreadable:
        return [Gap(rule.layer, "unreadable")]
    values = {"mean_pct": measured.mean_pct, "max_pct": measured.max_pct}
    steep = measured.max_pct > edition.parameters["steep_pct"]
    text = edition.texts["steep"] if steep else edition.text
    attributes = {**finest.attributes, **values}
    return [Draft(text, finest, "intersects", 0.0, shape=facts.shape, values=values, attributes=attributes)]
