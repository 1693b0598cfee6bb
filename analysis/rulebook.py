"""Rules as data: one YAML file a regulation, in editions that follow one another in time.

A county overrides figures and texts in a folder of its own (``VATRA_RULES``); nothing is ever edited in place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from analysis.reference import TABLES, Act, ApprovalKind, acts, approval_kinds, dangling
from analysis.rule_checks import lacking, mistakes
from analysis.rule_model import Case, Condition, Edition, Offset, Range, Rule, Rulebook, UnknownRule
from analysis.yaml_files import DefinitionErrors, Lines, load, shape_errors
from layers.errors import DefinitionError
from layers.yaml_lines import locate

__all__ = [
    "RULES", "Case", "Condition", "Edition", "Offset", "Range", "Rule", "Rulebook",
    "UnknownRule", "read_rule", "read_rulebook", "rulebook", "survey",
]  # fmt: skip

RULES = Path(__file__).parent / "rules"
OWN = "(a rule of its own)"


def read_rule(path: Path) -> Rule:
    """One rule from its file; DefinitionErrors name file, line, field and cause of every mistake."""
    return _read(path, _Tables(None))


def read_rulebook(folder: Path = RULES, county: Path | None = None) -> Rulebook:
    """All rules of ``folder``, with the files of a county's folder laid over those of the same name.

    A county's file names only what differs: top-level keys replace ours; an edition takes what it does not
    say from ours of its first day, and from that day on ours no longer count.
    DefinitionErrors lists the mistakes of all files.
    """
    rules, errors = survey(folder, county)
    if errors:
        raise DefinitionErrors(errors)
    return Rulebook(rules=rules)


@lru_cache(maxsize=4)
def rulebook(county: Path | None = None) -> Rulebook:
    """The rules in use, read once a process."""
    return read_rulebook(RULES, county)


def survey(
    folder: Path = RULES, county: Path | None = None
) -> tuple[dict[str, Rule], tuple[DefinitionError, ...]]:
    """The rules that can be read, and every mistake in the others."""
    rules: dict[str, Rule] = {}
    errors: list[DefinitionError] = []
    if county and not county.is_dir():
        return rules, (DefinitionError(county, 1, "the county's rules (VATRA_RULES): no such folder"),)
    try:
        tables = _Tables(county)
        errors.extend(dangling(county))
    except (DefinitionError, DefinitionErrors) as error:
        return rules, _each(error)
    for read in _readers(folder, county, tables):
        try:
            rule = read()
            rules[rule.id] = rule
        except (DefinitionError, DefinitionErrors) as error:
            errors.extend(_each(error))
    return dict(sorted(rules.items())), tuple(errors)


class _Tables:
    """What rules refer to, read once for all of them."""

    def __init__(self, county: Path | None) -> None:
        self.acts: dict[str, Act] = acts(county)
        self.approvals: dict[str, ApprovalKind] = approval_kinds(county)


def _readers(folder: Path, county: Path | None, tables: _Tables) -> Iterator[Callable[[], Rule]]:
    ours = {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    local = {path.stem: path for path in _rule_files(county)} if county else {}
    for name, path in ours.items():
        if name in local:
            yield partial(_overridden, path, local[name], tables)
        else:
            yield partial(_read, path, tables)
    for name in sorted(local.keys() - ours.keys()):
        yield partial(_own, local[name], ours, tables)


def _rule_files(county: Path) -> Iterator[Path]:
    return (path for path in sorted(county.glob("*.yaml")) if path.name not in TABLES)


def _read(path: Path, tables: _Tables) -> Rule:
    content, lines = load(path)
    return _checked(path, content, lines, tables)


def _own(path: Path, ours: dict[str, Path], tables: _Tables) -> Rule:
    content, lines = load(path)
    if isinstance(content, dict) and content.get("id") in ours:
        name = ours[content["id"]].name
        cause = f"{content['id']!r} is already defined; to override it, name this file {name}"
        raise DefinitionError(path, locate(lines, ("id",)), cause)
    rule = _checked(path, content, lines, tables)
    errors = tuple(
        DefinitionError(path, locate(lines, where), cause)
        for model in (_read(ours[name], tables) for name in ours if rule.compute)
        if model.compute == rule.compute
        for where, cause in lacking(rule, model)
    )
    if errors:
        raise DefinitionErrors(errors)
    return rule.model_copy(update={"overrides": (OWN,)})


def _overridden(ours: Path, theirs: Path, tables: _Tables) -> Rule:
    base, _ = load(ours)
    change, lines = load(theirs)
    if not isinstance(change, dict):
        raise DefinitionError(theirs, 1, "expected the keys that differ from our rule")
    merged = {**base, **change}
    kept: list[dict[str, Any]] = []
    if _datable(change.get("editions")):
        kept, merged["editions"] = _follow(base["editions"], change["editions"])
        lines = {_shifted(path, len(kept)): line for path, line in lines.items()}
    rule = _checked(theirs, merged, lines, tables)
    return rule.model_copy(update={"overrides": _named(change)})


def _datable(editions: Any) -> bool:
    """Whether editions can be laid over ours; if not, they are checked as they are and the mistake shows."""
    return isinstance(editions, list) and all(
        isinstance(edition, dict) and isinstance(edition.get("valid_from"), date) for edition in editions
    )


def _follow(
    ours: list[dict[str, Any]], theirs: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Ours that stay (closed where theirs start), and all editions: ours, then theirs completed from ours."""
    start = min(edition["valid_from"] for edition in theirs)
    kept = [_closed(edition, start) for edition in ours if edition["valid_from"] < start]
    completed = [_laid_over(_basis(ours, edition["valid_from"]), edition) for edition in theirs]
    return kept, kept + completed


def _laid_over(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """Theirs on ours; sentences and parameters one by one, so that none is lost that a computation needs."""
    merged = {**ours, **theirs}
    for key in ("texts", "parameters"):
        if isinstance(theirs.get(key), dict):
            merged[key] = {**ours.get(key, {}), **theirs[key]}
    return merged


def _closed(edition: dict[str, Any], day: date) -> dict[str, Any]:
    until = edition.get("valid_to")
    return {**edition, "valid_to": min(until, day) if until else day}


def _basis(ours: list[dict[str, Any]], day: date) -> dict[str, Any]:
    """What a county's edition leaves unsaid: ours of that day, without its days."""
    for edition in ours:
        if edition["valid_from"] <= day and (edition.get("valid_to") or date.max) > day:
            return {key: value for key, value in edition.items() if key not in ("valid_from", "valid_to")}
    return {}


def _shifted(path: tuple[int | str, ...], by: int) -> tuple[int | str, ...]:
    if len(path) > 1 and path[0] == "editions" and isinstance(path[1], int):
        return ("editions", path[1] + by, *path[2:])
    return path


def _named(change: dict[str, Any]) -> tuple[str, ...]:
    """The overridden keys: ``approvals``, ``2026-09-01: cases``."""
    top = [key for key in change if key not in ("id", "editions")]
    dated = [
        f"{edition['valid_from']}: {key}"
        for edition in change.get("editions", ())
        for key in edition
        if key != "valid_from"
    ]
    return tuple(sorted(top) + dated)


def _checked(path: Path, content: Any, lines: Lines, tables: _Tables) -> Rule:
    if isinstance(content, dict) and "overrides" in content:
        raise DefinitionError(path, locate(lines, ("overrides",)), "overrides: unknown key")
    try:
        rule = Rule.model_validate(content)
    except ValidationError as error:
        raise DefinitionErrors(shape_errors(path, lines, error)) from error
    errors = [
        DefinitionError(path, locate(lines, where), cause)
        for where, cause in mistakes(rule, tables.acts, tables.approvals)
    ]
    if path.stem != rule.id:
        cause = f"the file defines {rule.id!r}; name it {rule.id}.yaml"
        errors.append(DefinitionError(path, locate(lines, ("id",)), cause))
    if errors:
        raise DefinitionErrors(tuple(sorted(errors, key=lambda error: error.line)))
    return rule


def _each(error: DefinitionError | DefinitionErrors) -> tuple[DefinitionError, ...]:
    return error.errors if isinstance(error, DefinitionErrors) else (error,)
