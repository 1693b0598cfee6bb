"""Fields become columns by name, synonym or order; values become ours or are rejected with their place."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from layers.catalogue import get_layer
from layers.mapping import MappingError, convert, map_columns
from layers.reading import Batch
from layers.report import SHOWN, ImportReport

PARCEL = get_layer("cadastre.parcel")


def converted(layer_id: str, **fields: Any) -> tuple[dict[str, list[Any]], ImportReport]:
    table = pa.table(
        {
            name: values if isinstance(values, pa.Array) else pa.array(values)
            for name, values in fields.items()
        }
    )
    batch = Batch(table, None, np.arange(1, table.num_rows + 1))
    layer = get_layer(layer_id)
    report = ImportReport(layer=layer_id, file="f")
    mapping = map_columns(layer, table.column_names, derived=[c.name for c in layer.columns])
    return {name: values.to_pylist() for name, values in convert(batch, mapping, report).items()}, report


def test_synonyms_without_case_and_diacritics() -> None:
    mapping = map_columns(
        PARCEL, ["SIRUTA_UAT", "Nr. Cadastral", "SUPRAFAȚĂ acte", "Categorie", "observații"]
    )
    assert mapping.fields == {
        "siruta": "SIRUTA_UAT",
        "cadastral_number": "Nr. Cadastral",
        "use_category": "Categorie",
        "area_legal_m2": "SUPRAFAȚĂ acte",
    }


def test_own_names_go_before_synonyms() -> None:
    mapping = map_columns(get_layer("planning.zone"), ["siruta", "plan_code", "zona", "code", "denumire"])
    assert mapping.fields["code"] == "code"
    assert mapping.fields["title"] == "denumire"


def test_what_the_caller_says_goes_before_all() -> None:
    mapping = map_columns(
        PARCEL, ["siruta", "nr_cad", "numar"], {"cadastral_number": "numar"}, {"siruta": "77812"}
    )
    assert mapping.fields == {"cadastral_number": "numar"}
    assert mapping.shown() == {"cadastral_number": "numar", "siruta": "= 77812"}


@pytest.mark.parametrize(
    ("given", "constants", "cause"),
    [
        (
            {},
            {},
            r"no field found for siruta, cadastral_number of cadastre.parcel; the file has: nr.*--map siruta=FIELD",
        ),
        ({"sirutta": "nr"}, {}, r"has no column 'sirutta' \(did you mean siruta\?\)"),
        ({"siruta": "nrr"}, {}, r"no field 'nrr' \(did you mean nr\?\); the file has: nr"),
        ({}, {"color": "red"}, "has no column 'color'"),
        ({"siruta": "nr"}, {"siruta": "1"}, "siruta: given by --map and by --set"),
    ],
)
def test_errors_say_what_is_there(given: dict[str, str], constants: dict[str, str], cause: str) -> None:
    with pytest.raises(MappingError, match=cause):
        map_columns(PARCEL, ["nr"], given, constants)


def test_text_from_numbers() -> None:
    columns, _ = converted("cadastre.parcel", nr_cad=[30112.0, 7.5, float("nan")])
    assert columns["cadastral_number"] == ["30112", "7.5", None]
    columns, _ = converted("cadastre.parcel", nr_cad=["  30112 ", "", "Ţ-1"])
    assert columns["cadastral_number"] == ["30112", None, "Ț-1"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["1234,50", "1.234,50", "1 234.5", "+3", "-0,25", ".5"], [1234.5, 1234.5, 1234.5, 3.0, -0.25, 0.5]),
        ([1, 2, None, 4, 5, 6], [1.0, 2.0, None, 4.0, 5.0, 6.0]),
    ],
)
def test_numbers(given: list[Any], expected: list[float]) -> None:
    columns, report = converted("cadastre.parcel", suprafata=given)
    assert columns["area_legal_m2"] == expected
    assert report.rejected_count == 0


def test_what_is_no_number_is_rejected_with_its_place() -> None:
    columns, report = converted(
        "cadastre.parcel", suprafata=["12", "circa 300", None], siruta=["1.5", "77812", "x"]
    )
    assert columns["area_legal_m2"] == [12.0, None, None]
    found = {(r.row, r.column): (r.found, r.expected) for r in report.rejected}
    assert found[2, "area_legal_m2"] == ("circa 300", "a number (m2)")
    assert found[1, "siruta"] == ("1.5", "a whole number")
    assert found[3, "siruta"] == ("x", "a whole number")


def test_choices_without_case_and_marks() -> None:
    columns, report = converted("admin.uat", tip=["Oraș", "COMUNA", "sat"], siruta=[1, 2, 3])
    assert columns["kind"] == ["oras", "comuna", None]
    assert [(r.row, r.found, r.expected) for r in report.rejected] == [
        (3, "sat", "one of municipiu, oras, comuna")
    ]


def test_zone_codes_keep_their_case() -> None:
    columns, _ = converted("planning.zone", cod=["Ta", "TA"])
    assert columns["code"] == ["Ta", "TA"]


def test_booleans() -> None:
    columns, report = converted("roads.road", european=["Da", "nu", "1", "false", None, "poate"])
    assert columns["european"] == [True, False, True, False, None, None]
    assert [r.row for r in report.rejected if r.column == "european"] == [6]


def test_dates() -> None:
    columns, report = converted(
        "planning.plan", data_aprobarii=["2019-05-31", "31.05.2019", "1/6/2019", "2019", None]
    )
    day = datetime.date(2019, 5, 31)
    assert columns["approved_on"] == [day, day, datetime.date(2019, 6, 1), None, None]
    assert [r.found for r in report.rejected if r.column == "approved_on"] == ["2019"]
    columns, _ = converted("planning.plan", data_aprobarii=pa.array([datetime.datetime(2019, 5, 31, 10)]))
    assert columns["approved_on"] == [day]


def test_required_nulls() -> None:
    _, report = converted("cadastre.parcel", nr_cad=["1", None, " "], siruta=[1, 1, 1])
    assert [(r.row, r.column, r.found) for r in report.rejected] == [
        (2, "cadastral_number", "nothing"),
        (3, "cadastral_number", " "),
    ]
    assert report.rejected[0].expected == "a value (the column is required)"


def test_ten_thousand_bad_rows_are_counted_and_a_hundred_shown() -> None:
    _, report = converted("cadastre.parcel", suprafata=["?"] * 10_000)
    assert (report.rejected_count, len(report.rejected)) == (10_000, SHOWN)
    assert report.rejected_by == {"area_legal_m2": 10_000}
    assert "… 9900 more mistakes (of all: area_legal_m2 10000)" in report.text()
