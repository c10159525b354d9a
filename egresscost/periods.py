"""Days, months and windows of time, all UTC and half-open.

Goes in: what a person writes after `--since`. Comes out: a `Window` of whole days. Never: looks at a clock on its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from egresscost.errors import UsageError

FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2999, 12, 31)
"""The days that a bill can have; anything else is a mistake, and no day is far from them that cannot be computed with."""
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_DAYS_BACK = re.compile(r"(\d{1,4})d")
_DECEMBER = 12


@dataclass(frozen=True, order=True)
class Window:
    """Whole days from `start` up to, and without, `end`."""

    start: date
    end: date

    @property
    def days(self) -> int:
        """How many days the window has."""
        return (self.end - self.start).days

    @property
    def last(self) -> date:
        """The last day inside the window."""
        return self.end - timedelta(days=1)

    @property
    def is_month(self) -> bool:
        """Whether the window is exactly one calendar month."""
        return self.start.day == 1 and self.end == next_month(self.start)

    def before(self) -> Window:
        """The window just before: the month before a whole month, else as many days."""
        if self.is_month:
            return Window(previous_month(self.start), self.start)
        return Window(self.start - timedelta(days=self.days), self.start)

    def first(self, days: int) -> Window:
        """The first `days` days of this window (fewer when it is shorter)."""
        return Window(self.start, min(self.end, self.start + timedelta(days=max(days, 0))))

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def __str__(self) -> str:
        return f"{self.start} to {self.last}"


def months_of(window: Window) -> list[date]:
    """The first day of every month that a window touches.

    >>> [str(day) for day in months_of(Window(date(2026, 9, 16), date(2026, 10, 2)))]
    ['2026-09-01', '2026-10-01']
    """
    found, day = [], window.start.replace(day=1)
    while day < window.end:
        found.append(day)
        day = next_month(day)
    return found


def next_month(day: date) -> date:
    """The first day of the month after `day`'s."""
    return date(day.year + 1, 1, 1) if day.month == _DECEMBER else date(day.year, day.month + 1, 1)


def previous_month(day: date) -> date:
    """The first day of the month before `day`'s."""
    return month_of(day.replace(day=1) - timedelta(days=1)).start


def month_of(day: date) -> Window:
    """The calendar month that holds `day`."""
    start = day.replace(day=1)
    return Window(start, next_month(start))


def parse_month(text: str) -> Window | None:
    """`2026-10` as a window, None when the text is no month, or one that no bill can have.

    >>> parse_month("2026-12")
    Window(start=datetime.date(2026, 12, 1), end=datetime.date(2027, 1, 1))
    """
    found = _MONTH.fullmatch(text)
    if found is None or not 1 <= int(found[2]) <= _DECEMBER or not FIRST_DAY.year <= int(found[1]) <= LAST_DAY.year:
        return None
    return month_of(date(int(found[1]), int(found[2]), 1))


def parse_window(since: str | None, until: str | None, today: date) -> Window | None:
    """Turn `--since` and `--until` into a window; None when neither is given.

    Args:
        since: `2026-10`, `2026-10-01`, `30d`, `last-month` or `this-month`.
        until: A month or a day that is not part of the window any more. Without it, a month or `last-month` ends with
            itself, anything else ends today.
        today: The day that `30d` and `last-month` count from.

    Raises:
        UsageError: A text is none of these, or the window would be empty.

    >>> str(parse_window("last-month", None, date(2026, 11, 22)))
    '2026-10-01 to 2026-10-31'
    """
    if since is None and until is None:
        return None
    start = _start(since, today) if since else Window(date.min, today + timedelta(days=1))
    end = start.end if until is None else _start(until, today).start
    if end <= start.start:
        message = f"the period from {start.start} until {end} has no day in it"
        raise UsageError(message, hint="--until names the first day that is left out, so it must lie after --since")
    return Window(start.start, end)


def _start(text: str, today: date) -> Window:
    if month := parse_month(text):
        return month
    if text == "this-month":
        return month_of(today)
    if text == "last-month":
        return month_of(previous_month(today))
    if back := _DAYS_BACK.fullmatch(text):
        return Window(today - timedelta(days=int(back[1])), today)
    day = _day(text)
    if day is None or not FIRST_DAY <= day <= LAST_DAY:
        message = f"{text!r} is not a period"
        hint = "write a month (2026-10), a day (2026-10-01), days back (30d), this-month or last-month"
        raise UsageError(message, details=[f"days go from {FIRST_DAY} to {LAST_DAY}"] * bool(day), hint=hint)
    return Window(day, max(today, day) + timedelta(days=1))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def age(text: str, today: date) -> str:
    """How old a date is that may lack its day: `3 months old`; empty where there is none.

    >>> age("2026-08-22", date(2026, 11, 22)), age("2025-07", date(2026, 11, 22)), age("", date(2026, 11, 22))
    ('3 months old', '16 months old', '')
    """
    if len(text) < len("2026-01"):
        return ""
    day = date.fromisoformat(text if len(text) > len("2026-01") else f"{text}-01")
    months = (today.year - day.year) * 12 + today.month - day.month - (today.day < day.day)
    if months < 1:
        return f"{max((today - day).days, 0)} days old"
    return f"{months} month{'s' if months > 1 else ''} old"
