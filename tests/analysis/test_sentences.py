"""Romanian sentences: numbers, dates, optional parts, words for codes."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.sentences import day, fields, fill, number, percent


@pytest.mark.parametrize(
    ("value", "expected"),
    [(20.0, "20"), (12.306, "12,31"), (12.3, "12,30"), (1234.5, "1.234,50"), (1_000_000, "1.000.000"),
     (0.004, "0"), (19.999, "20"), (0, "0"), (-3.5, "-3,50")],
)  # fmt: skip
def test_numbers(value, expected):
    assert number(value) == expected


@given(st.floats(min_value=-1e9, max_value=1e9))
def test_a_number_reads_back_within_half_a_hundredth(value):
    assert abs(float(number(value).replace(".", "").replace(",", ".")) - value) <= 0.0050001


def test_shares_and_days():
    assert percent(0.25137) == "25,14\u00a0%"
    assert percent(1) == "100\u00a0%"
    assert day(date(2026, 3, 5)) == "05.03.2026"


@pytest.mark.parametrize(
    ("value", "expected"), [(0.4, "0,4"), (110.0, "110"), (37.55, "37,55"), (1200, "1.200")]
)
def test_figures_of_their_own_length(value, expected):
    assert fill("{value:n}", {"value": value}) == expected


@pytest.mark.parametrize(
    ("years", "expected"),
    [(1, "1 ani"), (7, "7 ani"), (19, "19 ani"), (20, "20 de ani"), (100, "100 de ani"), (101, "101 ani"),
     (119, "119 ani"), (120, "120 de ani"), (1000, "1.000 de ani"), (0, "0 ani"), (2.5, "2,5 ani")],
)  # fmt: skip
def test_from_twenty_on_romanian_wants_de(years, expected):
    assert fill("{years:de} ani", {"years": years}) == expected


def test_formats_are_asked_for_after_a_colon():
    values = {"distance_m": 12.306, "share": 0.5, "until": date(2029, 8, 25)}
    assert fill("{distance_m:m} m, {share:pct}, {until:date}", values) == "12,31 m, 50\u00a0%, 25.08.2029"


def test_without_a_format_values_write_themselves():
    assert (
        fill("{a} {b} {c} {d}", {"a": True, "b": 2.5, "c": date(2026, 1, 2), "d": 30112})
        == "da 2,50 02.01.2026 30112"
    )


def test_an_optional_part_goes_when_a_field_in_it_is_unknown():
    text = "drumul {number}[ ({name}, {owner})]."
    assert fill(text, {"number": "DJ 663", "name": "x", "owner": "y"}) == "drumul DJ 663 (x, y)."
    assert fill(text, {"number": "DJ 663", "name": "x", "owner": None}) == "drumul DJ 663."
    assert fill(text, {"number": "DJ 663", "name": ""}) == "drumul DJ 663."


def test_zero_and_no_are_known():
    assert fill("[{n:n} case][ {b}]", {"n": 0, "b": False}) == "0 case nu"


def test_an_unknown_field_outside_brackets_says_so():
    assert fill("zona {code}", {}) == "zona necunoscut"


def test_codes_print_their_words():
    assert fill("{side}", {"side": "left"}, {"side": {"left": "stânga"}}) == "stânga"
    assert fill("{side}", {"side": "up"}, {"side": {"left": "stânga"}}) == "up"


@pytest.mark.parametrize("text", ["[a [b]]", "a]", "[a", "{", "}", "{a b}", "{0}", "{a.b}", "{a!r}"])
def test_broken_texts_are_errors(text):
    with pytest.raises(ValueError, match=r"\w"):
        list(fields(text))


def test_fields_with_their_formats():
    assert list(fields("a {b} [c {d:m}]")) == [("b", ""), ("d", "m")]
