"""Days, months and windows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egresscost.errors import UsageError
from egresscost.periods import Window, month_of, parse_month, parse_window

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("since", "until", "first", "last"),
    [
        ("2026-10", None, date(2026, 10, 1), date(2026, 10, 31)),
        ("2026-10", "2026-12", date(2026, 10, 1), date(2026, 11, 30)),
        ("2026-10-05", None, date(2026, 10, 5), TODAY),
        ("2026-10-05", "2026-10-06", date(2026, 10, 5), date(2026, 10, 5)),
        ("30d", None, date(2026, 10, 23), date(2026, 11, 21)),
        ("last-month", None, date(2026, 10, 1), date(2026, 10, 31)),
        ("this-month", None, date(2026, 11, 1), date(2026, 11, 30)),
        (None, "2026-10", date.min, date(2026, 9, 30)),
    ],
)
def test_since_and_until_are_understood(since: str | None, until: str | None, first: date, last: date) -> None:
    window = parse_window(since, until, TODAY)
    assert window is not None
    assert (window.start, window.last) == (first, last)


def test_neither_means_everything() -> None:
    assert parse_window(None, None, TODAY) is None


@pytest.mark.parametrize(
    "text",
    [
        *("2026-13", "yesterday", "2026-10-40", "", "0d0"),
        *("9999-12", "9999-12-31", "0000-12", "0001-01-01", "3000-01"),
    ],
)
def test_nonsense_is_refused_with_a_hint(text: str) -> None:
    if not text:
        assert parse_window(text, None, TODAY) is None or text == ""
        return
    with pytest.raises(UsageError, match="is not a period") as caught:
        parse_window(text, None, TODAY)
    assert "2026-10" in str(caught.value.hint)


def test_an_empty_window_is_refused() -> None:
    with pytest.raises(UsageError, match="no day in it"):
        parse_window("2026-10", "2026-10", TODAY)


def test_before_a_whole_month_is_the_month_before_and_before_days_as_many_days() -> None:
    assert month_of(date(2026, 3, 9)).before() == Window(date(2026, 2, 1), date(2026, 3, 1))
    assert Window(date(2026, 3, 9), date(2026, 3, 12)).before() == Window(date(2026, 3, 6), date(2026, 3, 9))


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_every_day_lies_in_its_month(day: date) -> None:
    month = month_of(day)
    assert day in month
    assert month.is_month
    assert month.before().end == month.start
    assert parse_month(f"{day:%Y-%m}") == month


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(1, 400), st.integers(0, 500))
def test_the_first_days_of_a_window_are_inside_it(start: date, length: int, days: int) -> None:
    window = Window(start, start + timedelta(days=length))
    assert window.first(days).days == min(days, length)
