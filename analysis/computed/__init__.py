"""Rules that no single relation expresses, one small module each, found by the name in ``compute``.

Each module has ``findings(rule, edition, facts) -> list[Draft | Gap]``. It may have
``reaches(rule, edition) -> {layer: metres}``, the layers it looks at and how far, and ``ALWAYS = True`` when it
has a sentence for what is not known.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analysis.facts import Facts
    from analysis.relations import Draft, Gap
    from analysis.rulebook import Edition, Offset, Rule


@cache
def module(name: str) -> ModuleType:
    """The module that computes the rule; ModuleNotFoundError for a name that is none."""
    return import_module(f"analysis.computed.{name}")


def reaches(rule: Rule, edition: Edition) -> dict[str, float | Offset]:
    """Layer → metres from the subject within which the computation wants its features; 0 for overlaps.

    An offset asks for lines as wide as they are. Unless the module says otherwise: its layer up to its
    distance, the layers it needs where they overlap.
    """
    asked = getattr(module(rule.compute or ""), "reaches", None)
    if asked:
        found: dict[str, float | Offset] = asked(rule, edition)
        return found
    return {rule.layer: edition.distance_m or 0.0, **dict.fromkeys(rule.needs, 0.0)}


def always(rule: Rule) -> bool:
    """Whether the computation has something to say even where a layer is not known."""
    return bool(getattr(module(rule.compute or ""), "ALWAYS", False))


def findings(rule: Rule, edition: Edition, facts: Facts) -> list[Draft | Gap]:
    """What the rule finds about the subject, and what it could not determine."""
    found: list[Draft | Gap] = module(rule.compute or "").findings(rule, edition, facts)
    return found
