"""What a question is about: subscriptions and billing scopes, and months of a bill.

Goes in: texts of settings, windows. Comes out: scopes and months. Never: asks Azure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from egresscost.errors import UsageError
from egresscost.periods import Window, month_of, months_of

if TYPE_CHECKING:
    from datetime import date

SUBSCRIPTION: Final = "/subscriptions/"
_SCOPE: Final = re.compile(r"/(?:subscriptions|providers/Microsoft\.(?:Billing|Management))/[\w:.()/-]+", re.IGNORECASE)
_OPEN_DAYS: Final = 10
"""Days after a month until which its bill still changes: Azure's charges of a month are final by about the fifth day."""
_FRESH: Final = timedelta(hours=6)
_MONTHS: Final = 13
"""Months back for which Azure answers (GenerateCostDetailsReportErrorResponse of the API's reference)."""


@dataclass(frozen=True)
class Month:
    """The wanted days of one month of the bill.

    Attributes:
        days: The days.
        lasts: How long an answer counts; None when the month is final.
    """

    days: Window
    lasts: timedelta | None

    @property
    def whole(self) -> Window:
        """The calendar month."""
        return month_of(self.days.start)

    @property
    def folder(self) -> str:
        """`20261001-20261031`, as exports call the folder of a month."""
        return f"{self.whole.start:%Y%m%d}-{self.whole.last:%Y%m%d}"

    def __str__(self) -> str:
        return f"{self.days.start:%B %Y}"


def scope_of(text: str) -> str:
    """A scope as URLs have it, with a slash in front and none behind.

    Raises:
        UsageError: It is none.
    """
    scope = "/" + text.strip("/")
    if not _SCOPE.fullmatch(scope) or ".." in scope:
        message = f"{text!r} is no scope of a bill"
        examples = "/subscriptions/ID, /providers/Microsoft.Billing/billingAccounts/ID or /providers/Microsoft.Management/managementGroups/ID"
        raise UsageError(message, hint=f"write {examples}")
    return scope


def short(scope: str) -> str:
    """What a scope is called among people: the last part of it."""
    return scope.rpartition("/")[2]


def folder_of(scope: str) -> str:
    """A scope as a name of a folder."""
    return re.sub(r"[^\w.-]+", "-", scope.strip("/"))


def months(window: Window, now: datetime) -> tuple[list[Month], Window | None]:
    """The months of a window that Azure answers for.

    Returns:
        The months, and the days before them that no question reaches; None where there are none.
    """
    today = now.astimezone(UTC).date()
    first = _back(today, _MONTHS)
    end = min(window.end, today + timedelta(days=1))
    start = max(window.start, first)
    out_of_reach = Window(window.start, min(first, window.end)) if window.start < first else None
    if start >= end:
        return [], out_of_reach
    found = []
    for day in months_of(Window(start, end)):
        whole = month_of(day)
        final = today >= whole.end + timedelta(days=_OPEN_DAYS)
        found.append(Month(Window(max(start, whole.start), min(end, whole.end)), None if final else _FRESH))
    return found, out_of_reach


def _back(day: date, count: int) -> date:
    """The first day of the month so many months ago."""
    number = day.year * 12 + day.month - 1 - count
    return day.replace(year=number // 12, month=number % 12 + 1, day=1)
