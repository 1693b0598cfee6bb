"""Which field of a file is which column of ours, and its values in our types."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from layers.catalogue import Column, Layer
from layers.errors import VatraError
from layers.reading.source import Batch
from layers.reading.text import fold, normalise_array
from layers.report import SHOWN, ImportReport

ARROW: dict[str, pa.DataType] = {
    "text": pa.string(),
    "choice": pa.string(),
    "integer": pa.int32(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
}
TRUE = {"1", "da", "d", "true", "t", "yes", "y", "adevarat"}
FALSE = {"0", "nu", "n", "false", "f", "no", "fals"}


class MappingError(VatraError):
    """The fields of a file do not fit the columns of the layer."""


@dataclass(frozen=True)
class ColumnMapping:
    """``fields`` names the file's field for each of our columns, ``constants`` the values set for others."""

    layer: Layer
    fields: Mapping[str, str]
    constants: Mapping[str, str]

    def shown(self) -> dict[str, str]:
        """Ours → theirs, for the report; constants with an equals sign."""
        return {**self.fields, **{ours: f"= {value}" for ours, value in self.constants.items()}}


def map_columns(
    layer: Layer,
    available: Iterable[str],
    given: Mapping[str, str] | None = None,
    constants: Mapping[str, str] | None = None,
    defaults: Mapping[str, str] | None = None,
    derived: Iterable[str] = (),
    file: Path | None = None,
) -> ColumnMapping:
    """Match by what the caller says, then by name, then by the catalogue's synonyms.

    ``defaults`` are values for columns the file turns out not to have, ``derived`` columns that the
    caller will fill. Names are compared without case, diacritics and punctuation. MappingError names
    every required column left without a field, and every name the caller gave that does not exist.
    """
    names, given, constants = list(available), dict(given or {}), dict(constants or {})
    where = f"{file.name}: " if file else ""
    _check_given(layer, names, given, constants, where)
    fields = dict(given)
    by_fold: dict[str, str] = {}
    for name in names:
        by_fold.setdefault(fold(name), name)
    taken = set(fields.values())
    for spellings in (lambda column: (column.name,), lambda column: column.synonyms):
        for column in layer.columns:
            if column.name in fields or column.name in constants:
                continue
            match = next((by_fold[fold(s)] for s in spellings(column) if fold(s) in by_fold), None)
            if match is not None and match not in taken:
                fields[column.name] = match
                taken.add(match)
    constants = {**{ours: v for ours, v in (defaults or {}).items() if ours not in fields}, **constants}
    known = {*fields, *constants, *derived}
    missing = [column.name for column in layer.columns if column.required and column.name not in known]
    if missing:
        raise MappingError(
            f"{where}no field found for {', '.join(missing)} of {layer.id}; "
            f"the file has: {', '.join(names) or 'none'}. Name it with --map {missing[0]}=FIELD, "
            f"or give one value for all rows with --set {missing[0]}=VALUE"
        )
    order = [column.name for column in layer.columns]
    return ColumnMapping(layer, {ours: fields[ours] for ours in order if ours in fields}, constants)


def _check_given(
    layer: Layer, names: list[str], given: Mapping[str, str], constants: Mapping[str, str], where: str
) -> None:
    ours = [column.name for column in layer.columns]
    for name in (*given, *constants):
        if name not in ours:
            raise MappingError(
                f"{layer.id} has no column {name!r}{_near(name, ours)}; it has: {', '.join(ours)}"
            )
    for theirs in given.values():
        if theirs not in names:
            raise MappingError(
                f"{where}no field {theirs!r}{_near(theirs, names)}; the file has: {', '.join(names)}"
            )
    both = sorted(set(given) & set(constants))
    if both:
        raise MappingError(f"{', '.join(both)}: given by --map and by --set; choose one")


def _near(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=3)
    return f" (did you mean {', '.join(near)}?)" if near else ""


def convert(batch: Batch, mapping: ColumnMapping, report: ImportReport) -> dict[str, pa.Array]:
    """Our columns, in our types; what cannot be converted is rejected in the report and null here."""
    columns: dict[str, pa.Array] = {}
    for column in mapping.layer.columns:
        if column.name in mapping.fields:
            raw = _whole(batch.attributes.column(mapping.fields[column.name]))
        elif column.name in mapping.constants:
            raw = pa.array([mapping.constants[column.name]] * len(batch.rows), pa.string())
        else:
            columns[column.name] = pa.nulls(len(batch.rows), ARROW[column.type])
            continue
        values, failed = CONVERTERS[column.type](raw, column)
        _reject(report, batch, column, raw, failed, _expected(column))
        if column.required:
            missing = pc.and_(pc.is_null(values), pc.invert(failed))
            _reject(report, batch, column, raw, missing, "a value (the column is required)")
        columns[column.name] = values
    return columns


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _reject(
    report: ImportReport, batch: Batch, column: Column, raw: pa.Array, failed: pa.Array, expected: str
) -> None:
    if not pc.any(failed).as_py():
        return
    where = np.flatnonzero(failed.to_numpy(zero_copy_only=False))
    room = max(SHOWN - len(report.rejected), 0)
    for index in where[:room]:
        found = raw[int(index)].as_py()
        report.reject(int(batch.rows[index]), column.name, found if found != "" else None, expected)
    report.reject_more(column.name, batch.rows[where[room:]])


def _expected(column: Column) -> str:
    match column.type:
        case "integer":
            return "a whole number" + (f" ({column.unit})" if column.unit else "")
        case "number":
            return "a number" + (f" ({column.unit})" if column.unit else "")
        case "boolean":
            return "da or nu (true or false)"
        case "date":
            return "a date (YYYY-MM-DD or DD.MM.YYYY)"
        case "choice":
            return "one of " + ", ".join(column.values)
        case _:
            return "text"


Converted = tuple[pa.Array, pa.Array]


def _as_text(raw: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(raw.type):
        raw = raw.dictionary_decode()
    if pa.types.is_floating(raw.type):
        whole = pc.and_(pc.is_finite(raw), pc.equal(pc.floor(raw), raw))
        small = pc.and_(whole, pc.less(pc.abs(raw), 1e15))
        texts = pc.cast(raw, pa.string())
        as_integers = pc.cast(pc.cast(pc.if_else(small, raw, 0.0), pa.int64()), pa.string())
        return pc.if_else(pc.is_nan(raw), None, pc.if_else(small, as_integers, texts))
    if not (pa.types.is_string(raw.type) or pa.types.is_large_string(raw.type)):
        raw = pc.cast(raw, pa.string())
    return normalise_array(pc.cast(raw, pa.string()))


def _none_failed(values: pa.Array) -> pa.Array:
    return pa.array(np.zeros(len(values), dtype=bool))


def _to_text(raw: pa.Array, column: Column) -> Converted:
    values = _as_text(raw)
    return values, _none_failed(values)


def _to_number(raw: pa.Array, column: Column) -> Converted:
    if pa.types.is_integer(raw.type) or pa.types.is_floating(raw.type) or pa.types.is_decimal(raw.type):
        values = pc.cast(raw, pa.float64())
        values = pc.if_else(pc.is_nan(values), None, values)
        failed = pc.fill_null(pc.is_inf(values), False)
        return pc.if_else(failed, None, values), failed
    texts = _as_text(raw)
    # Romanian files write 1.234,50 or 1234,5; others 1234.5.
    both = pc.and_(pc.match_substring(texts, ","), pc.match_substring(texts, "."))
    texts = pc.if_else(both, pc.replace_substring(texts, ".", ""), texts)
    texts = pc.replace_substring(pc.replace_substring_regex(texts, r"[\s\x{00A0}]", ""), ",", ".")
    fits = pc.match_substring_regex(texts, r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")
    values = pc.cast(pc.if_else(fits, pc.replace_substring_regex(texts, r"^\+", ""), None), pa.float64())
    return values, pc.fill_null(pc.invert(fits), False)


def _to_integer(raw: pa.Array, column: Column) -> Converted:
    if pa.types.is_integer(raw.type):
        failed = pc.fill_null(pc.greater(pc.abs(raw), 2**31 - 1), False)
        return pc.cast(pc.if_else(failed, None, raw), pa.int32()), failed
    numbers, failed = _to_number(raw, column)
    fits = pc.and_(pc.equal(pc.floor(numbers), numbers), pc.less(pc.abs(numbers), 2**31))
    failed = pc.or_(failed, pc.fill_null(pc.invert(fits), False))
    return pc.cast(pc.if_else(fits, numbers, None), pa.int32()), failed


def _to_boolean(raw: pa.Array, column: Column) -> Converted:
    if pa.types.is_boolean(raw.type):
        return raw, _none_failed(raw)

    def meaning(text: str) -> bool | None:
        key = fold(text)
        return True if key in TRUE else False if key in FALSE else None

    return _by_value(_as_text(raw), meaning, pa.bool_())


def _to_choice(raw: pa.Array, column: Column) -> Converted:
    by_fold = {fold(value): value for value in column.values}
    return _by_value(_as_text(raw), lambda text: by_fold.get(fold(text)), pa.string())


def _by_value(texts: pa.Array, meaning: Callable[[str], object], kind: pa.DataType) -> Converted:
    """Convert each distinct text once."""
    encoded = pc.dictionary_encode(texts)
    known = pa.array([meaning(text) for text in encoded.dictionary.to_pylist()], kind)
    values = known.take(encoded.indices)
    return values, pc.and_(pc.is_valid(texts), pc.is_null(values))


def _to_date(raw: pa.Array, column: Column) -> Converted:
    if pa.types.is_date(raw.type) or pa.types.is_timestamp(raw.type):
        return pc.cast(raw, pa.date32(), safe=False), _none_failed(raw)
    texts = _as_text(raw)
    iso = pc.replace_substring_regex(texts, r"^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$", r"\3-\2-\1")
    iso = pc.replace_substring_regex(iso, r"^(\d{4})[./](\d{1,2})[./](\d{1,2})$", r"\1-\2-\3")
    parsed = pc.strptime(pc.utf8_slice_codeunits(iso, 0, 10), format="%Y-%m-%d", unit="s", error_is_null=True)
    values = pc.cast(parsed, pa.date32())
    return values, pc.and_(pc.is_valid(texts), pc.is_null(values))


CONVERTERS: dict[str, Callable[[pa.Array, Column], Converted]] = {
    "text": _to_text,
    "choice": _to_choice,
    "integer": _to_integer,
    "number": _to_number,
    "boolean": _to_boolean,
    "date": _to_date,
}
