"""Numbers, dates and units as Romanian documents write them."""

from datetime import UTC, date, datetime

import pytest

from gis_app.certificates import romanian


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [(1234.5, None, "1.234,5"), (0.9, None, "0,9"), (35.0, None, "35"), (1234.5, 2, "1.234,50"), (2, 0, "2")],
)
def test_numbers_have_a_comma_and_grouped_thousands(value, decimals, expected):
    assert romanian.number(value, decimals) == expected


def test_a_no_break_space_holds_figure_and_unit_together():
    assert romanian.area(1234.5) == "1.234,50\u00a0m²"
    assert romanian.metres(12.314) == "12,31\u00a0m"
    assert romanian.per_cent(0.25137) == "25,14\u00a0%"
    assert romanian.lei(14) == "14,00\u00a0lei"


def test_days_are_written_short_and_long():
    assert romanian.day(date(2026, 3, 5)) == "05.03.2026"
    assert romanian.long_day(date(2026, 11, 24)) == "24\u00a0noiembrie\u00a02026"


def test_a_moment_is_told_in_romanian_time_winter_and_summer():
    assert romanian.moment(datetime(2026, 11, 24, 22, 30, tzinfo=UTC)) == "25.11.2026, ora\u00a000:30"
    assert romanian.moment(datetime(2026, 7, 1, 9, 0, tzinfo=UTC)) == "01.07.2026, ora\u00a012:00"


@pytest.mark.parametrize(
    ("found", "expected"),
    [("2019-03-15", "15.03.2019"), (date(2019, 3, 15), "15.03.2019"), ("2019", "2019"), ("HCL 12", "HCL 12")],
)
def test_dates_from_the_data_are_written_the_same_way(found, expected):
    assert romanian.iso_day(found) == expected
