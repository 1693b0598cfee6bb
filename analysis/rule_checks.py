"""Whether a well-formed rule also makes sense: layers, columns, texts, approvals, editions, acts.

Each check yields mistakes as (path in the file, cause), so that the reader can name the line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from difflib import get_close_matches
from itertools import pairwise
from typing import Any, NamedTuple

from analysis.reference import LOCAL_ACT, Act, ApprovalKind
from analysis.rule_model import MEASURES, Condition, Edition, Range, Rule
from analysis.sentences import FORMATS, fields
from layers.catalogue import Column, Layer, catalogue

Path = tuple[int | str, ...]

PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,), "choice": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,), "date": (),
}  # fmt: skip


class Mistake(NamedTuple):
    """Where in the file, and what is wrong."""

    path: Path
    cause: str


def mistakes(rule: Rule, acts: Mapping[str, Act], approvals: Mapping[str, ApprovalKind]) -> Iterator[Mistake]:
    """Everything that is wrong with a rule, in no particular order."""
    if (rule.relation is None) == (rule.compute is None):
        yield Mistake((), "a rule has either a 'relation' or a 'compute'")
    for index, code in enumerate(rule.approvals):
        if code not in approvals:
            yield Mistake(("approvals", index), f"approval {code!r} is not in approvals.yaml")
    yield from _unknown_layers(rule)
    yield from _overlaps(rule)
    for index, edition in enumerate(rule.editions):
        yield from (
            Mistake(("editions", index, *path), cause) for path, cause in _edition(rule, edition, acts)
        )
    layer = catalogue().get(rule.layer)
    if layer:
        yield from _columns(rule, layer)
        yield from _texts(rule, layer)
        yield from _zone(rule, layer)


def lacking(rule: Rule, model: Rule) -> Iterator[Mistake]:
    """What a computed rule of a county's own leaves out of what its computation reads in ours."""
    wanted = model.editions[-1]
    for index, edition in enumerate(rule.editions):
        for name in ("texts", "parameters"):
            missing = getattr(wanted, name).keys() - getattr(edition, name).keys()
            if missing:
                yield Mistake(
                    ("editions", index), f"{name} lacks {_listed(missing)}, which {rule.compute} reads"
                )


def _unknown_layers(rule: Rule) -> Iterator[Mistake]:
    if rule.layer not in catalogue():
        yield Mistake(("layer",), f"layer {rule.layer!r} is not in the catalogue")
    for index, needed in enumerate(rule.needs):
        if needed not in catalogue():
            yield Mistake(("needs", index), f"layer {needed!r} is not in the catalogue")


def _overlaps(rule: Rule) -> Iterator[Mistake]:
    ordered = sorted(enumerate(rule.editions), key=lambda pair: pair[1].valid_from)
    for (_, earlier), (index, later) in pairwise(ordered):
        if earlier.valid_to is None or earlier.valid_to > later.valid_from:
            yield Mistake(
                ("editions", index, "valid_from"), f"two editions are in force on {later.valid_from}"
            )


def _edition(rule: Rule, edition: Edition, acts: Mapping[str, Act]) -> Iterator[Mistake]:
    if edition.valid_to and edition.valid_to <= edition.valid_from:
        yield Mistake(
            ("valid_to",), f"ends on {edition.valid_to}, not after it starts on {edition.valid_from}"
        )
    measured = edition.distance_m is not None or edition.cases
    if rule.relation in ("within_distance", "nearest") and not measured:
        yield Mistake((), f"relation {rule.relation!r} needs 'distance_m' or 'cases'")
    if rule.relation == "intersects" and measured:
        yield Mistake((), "relation 'intersects' takes no distance")
    for index, basis in enumerate(edition.legal_basis):
        cause = _act(basis.act, edition, acts)
        if cause:
            yield Mistake(("legal_basis", index, "act"), cause)


def _act(name: str, edition: Edition, acts: Mapping[str, Act]) -> str | None:
    if LOCAL_ACT.fullmatch(name):
        return None
    act = acts.get(name)
    if act is None:
        return f"act {name!r} is not in acts.yaml"
    if edition.valid_from < act.in_force_from:
        return f"the edition starts on {edition.valid_from}, but {name} is in force from {act.in_force_from}"
    if act.until and (edition.valid_to or date.max) > act.until:
        return f"{name} is no longer in force from {act.until} (replaced by {act.replaced_by or 'nothing'})"
    return None


def _columns(rule: Rule, layer: Layer) -> Iterator[Mistake]:
    columns = {column.name: column for column in layer.columns}
    yield from _condition(("where",), rule.where, layer, columns)
    for number, edition in enumerate(rule.editions):
        for index, case in enumerate(edition.cases):
            yield from _condition(("editions", number, "cases", index, "where"), case.where, layer, columns)
    named = {("offset", "column"): rule.offset and rule.offset.column, ("ends",): rule.ends}
    wanted = {("offset", "column"): ("integer", "number"), ("ends",): ("date",)}
    for path, name in named.items():
        if name and name not in columns:
            yield Mistake(path, f"layer {layer.id} has no column {name!r}")
        elif name and columns[name].type not in wanted[path]:
            yield Mistake(path, f"{layer.id}.{name} is a {columns[name].type}, not a {wanted[path][-1]}")


def _condition(
    path: Path, condition: Condition, layer: Layer, columns: Mapping[str, Column]
) -> Iterator[Mistake]:
    for name, wanted in condition.items():
        column = columns.get(name)
        if column is None:
            yield Mistake((*path, name), f"layer {layer.id} has no column {name!r}")
        elif isinstance(wanted, Range):
            if column.type not in ("integer", "number"):
                yield Mistake((*path, name), f"{layer.id}.{name} is a {column.type}: a range needs a number")
        else:
            strangers = [value for value in wanted if not _can_hold(column, value)]
            if strangers:
                yield Mistake((*path, name), f"{layer.id}.{name} never holds {_listed(strangers)}")


def _can_hold(column: Column, value: Any) -> bool:
    if value is None:
        return True
    if isinstance(value, bool) != (column.type == "boolean"):
        return False
    return isinstance(value, PYTHON_TYPES[column.type]) and (not column.values or value in column.values)


def _texts(rule: Rule, layer: Layer) -> Iterator[Mistake]:
    columns = {column.name: column for column in layer.columns}
    for index, edition in enumerate(rule.editions):
        known = MEASURES | columns.keys() | set(rule.fields) | set(edition.parameters)
        for path, text in _positive(edition):
            yield from (
                Mistake(("editions", index, *path), cause) for cause in _text(rule, text, known, columns)
            )
        nothing_found = {"limit_m", *edition.parameters}
        for cause in _text(rule, edition.absent or "", nothing_found, {}):
            yield Mistake(("editions", index, "absent"), cause)
    for name, words in rule.labels.items():
        if name in columns and columns[name].type == "choice":
            strangers = words.keys() - set(columns[name].values)
            if strangers:
                yield Mistake(("labels", name), f"{layer.id}.{name} never holds {_listed(strangers)}")
        elif name not in rule.fields:
            yield Mistake(
                ("labels", name), f"{name!r} is neither a choice of {layer.id} nor one of the fields"
            )


def _zone(rule: Rule, layer: Layer) -> Iterator[Mistake]:
    """A zone follows from distances to drawn features, and is named by what stands in their columns."""
    if rule.zone is None:
        return
    if rule.relation != "within_distance" or layer.geometry is None:
        yield Mistake(("zone",), "a zone is drawn by a rule 'within_distance' of a layer with shapes only")
    if rule.ends:
        yield Mistake(("zone",), "a zone is drawn for good: it does not go with 'ends'")
    columns = {column.name: column for column in layer.columns}
    causes = list(_text(rule, rule.zone.of, columns.keys(), columns))
    yield from (Mistake(("zone", "of"), cause) for cause in causes)
    if causes:
        return
    for field, form in fields(rule.zone.of):
        numeric = columns[field].type in ("integer", "number")
        if form not in ("", "n") or numeric != (form == "n"):
            yield Mistake(
                ("zone", "of"), f"{{{field}}}: numbers are written {{name:n}} here, all else {{name}}"
            )


def _positive(edition: Edition) -> Iterator[tuple[Path, str]]:
    yield ("text",), edition.text
    for name, text in edition.texts.items():
        yield ("texts", name), text


def _text(rule: Rule, text: str, known: AbstractSet[str], columns: Mapping[str, Column]) -> Iterator[str]:
    try:
        named = list(fields(text))
    except ValueError as error:
        yield f"the text cannot be read: {error}"
        return
    for field, form in named:
        if field not in known:
            near = get_close_matches(field, known, n=1)
            hint = f"; did you mean {{{near[0]}}}?" if near else ""
            yield f"text names {{{field}}}, which is unknown to {rule.layer} and to the rule{hint}"
        if form and form not in FORMATS:
            yield f"{{{field}:{form}}}: no such format; known: {', '.join(FORMATS)}"
        column = columns.get(field)
        if column and column.type == "choice":
            bare = set(_possible(rule, column)) - rule.labels.get(field, {}).keys()
            if bare:
                yield f"text names {{{field}}}, whose values have no words in 'labels': {_listed(bare)}"


def _possible(rule: Rule, column: Column) -> tuple[str, ...]:
    wanted = rule.where.get(column.name)
    if isinstance(wanted, tuple):
        return tuple(value for value in wanted if isinstance(value, str))
    return column.values


def _listed(values: Any) -> str:
    return ", ".join(sorted(repr(value) for value in values))
