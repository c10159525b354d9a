"""Times of a file: every form means the same moment, and what is no time is null."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from egresscost.formats.moments import days, is_time

TEXTS = {"start": pl.String(), "end": pl.String()}


def read(start: str | None, end: str | None = None) -> tuple[date | None, date | None]:
    """The days of a row, in a batch whose other row takes the fast lane."""
    frame = pl.DataFrame(
        {"start": [start, "2026-10-05T00:00:00Z"], "end": [end, "2026-10-06T00:00:00Z"]}, schema=dict(TEXTS)
    )
    found = frame.lazy().select(days("start", "end", TEXTS)).collect().rows()
    assert found[1] == (date(2026, 10, 5), date(2026, 10, 6))
    return found[0]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-10-05T00:00:00Z", date(2026, 10, 5)),
        ("2026-10-05 00:00:00", date(2026, 10, 5)),
        ("2026-10-05T00:00:00.000Z", date(2026, 10, 5)),
        ("2026-10-05 00:00:00.123456 UTC", date(2026, 10, 5)),
        ("2026-10-05", date(2026, 10, 5)),
        ("2026-10-05T00:00:00+02:00", date(2026, 10, 4)),
        ("2026-10-05T00:00:00.500+0200", date(2026, 10, 4)),
        ("2026-10-05 01:00:00+02", date(2026, 10, 4)),
        ("2026-10-05T23:00:00-05:30", date(2026, 10, 6)),
        ("2026-10-05T00:00:00+00:00", date(2026, 10, 5)),
    ],
)
def test_a_time_counts_on_its_day_in_utc(text: str, day: date) -> None:
    assert read(text)[0] == day
    assert is_time(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", None, "NULL", "05.10.2026", "2026-02-30T00:00:00Z", "2026-10-05T25:00:00Z"),
        *("2026-10-05T00:00:00+2:00", "2026-10-05T00:00:00 CEST", "2026-10-05T00:00:00+02:00:99"),
        *("0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "3000-01-02T00:00:00Z", "9999-12-31T00:00:00Z"),
    ],
)
def test_what_is_no_time_of_a_bill_is_null(text: str | None) -> None:
    assert read(text)[0] is None
    assert not is_time(text)


@pytest.mark.parametrize(
    ("end", "after"),
    [
        ("2026-10-05T23:59:59Z", date(2026, 10, 6)),
        ("2026-10-06T00:00:00Z", date(2026, 10, 6)),
        ("2026-11-01T00:00:00Z", date(2026, 11, 1)),
        ("2026-11-01T02:00:00+02:00", date(2026, 11, 1)),
        ("", date(2026, 10, 6)),
        ("NULL", date(2026, 10, 6)),
        (None, date(2026, 10, 6)),
        ("soon", None),
        ("9999-12-31T00:00:00Z", None),
    ],
)
def test_a_row_ends_with_its_last_day_or_is_a_day_long(end: str | None, after: date | None) -> None:
    assert read("2026-10-05T10:00:00Z", end) == (date(2026, 10, 5), after)


def test_times_of_a_typed_column_are_read_in_utc_too() -> None:
    zone = timezone(timedelta(hours=2))
    moments = pl.Series("start", [datetime(2026, 10, 5, tzinfo=zone), datetime(1, 1, 1, tzinfo=zone)])
    frame = moments.dt.convert_time_zone("Europe/Berlin").to_frame()
    found = frame.lazy().select(days("start", None, frame.schema)).collect().rows()
    assert found == [(date(2026, 10, 4), date(2026, 10, 5)), (None, None)]


@given(
    st.datetimes(datetime(1971, 1, 1), datetime(2999, 1, 1)),  # noqa: DTZ001  zones are drawn apart
    st.integers(-14 * 60, 14 * 60),
)
def test_an_offset_is_taken_off_as_python_does_it(moment: datetime, minutes: int) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert read(aware.isoformat(timespec="seconds"))[0] == aware.astimezone(timezone.utc).date()  # noqa: UP017  beside `timezone`
