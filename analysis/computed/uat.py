"""The UATs the land lies in, each with its part."""

from __future__ import annotations

from analysis.facts import Facts
from analysis.needs import UAT
from analysis.relations import Draft, overlap
from analysis.rulebook import Edition, Rule


def findings(rule: Rule, edition: Edition, facts: Facts) -> list[Draft]:
    """One finding a UAT; the sentence with shares where there are several."""
    drafts = [overlap(edition.text, candidate, candidate.shape, facts) for candidate in facts.of(UAT)]
    found = [draft for draft in drafts if draft]
    if len(found) > 1:
        for draft in found:
            draft.text = edition.texts["several"]
    return sorted(found, key=lambda draft: -facts.size(draft.shape or facts.shape))
