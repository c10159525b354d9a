"""What a period may be compared with: equal days, and no day that is still filling.

Goes in: the window, the billing periods and their status. Comes out: a `Comparison`, or the reason why there is none.
Never: compares a month that is still open with a whole one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from egresscost.periods import Window, month_of
from egresscost.results import Comparison

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SETTLING_DAYS = 2
"""Days at the end of an open month whose usage is still coming in; AWS updates a report for up to two days after the
usage."""


def month_statuses(periods: Iterable[tuple[str, str]]) -> dict[str, str]:
    """One status a month: open when any payer's is, unknown when none is open and some are unknown."""
    order = {"open": 2, "unknown": 1, "final": 0}
    result: dict[str, str] = {}
    for month, status in periods:
        result[month] = max(result.get(month, "final"), status, key=lambda each: order[each])
    return result


def compare(
    window: Window, data: Window, statuses: Mapping[str, str], settling_days: int = SETTLING_DAYS
) -> Comparison | None:
    """The days of a window that can be compared, and as many days of the period before.

    Args:
        window: What the report is about.
        data: From the first to the last day that the input has data for.
        statuses: Status by month (`2026-10`).
        settling_days: How many last days of an open month are left out.

    Returns:
        None when no day is left. Whether the days before are in the input is for `is_covered` to say.
    """
    last = min(window.last, data.last)
    status = statuses.get(f"{month_of(last).start:%Y-%m}", "unknown")
    is_open = status == "open" or (status == "unknown" and data.last < window.last)
    before = window.before()
    if not is_open:
        return Comparison(window, before)
    settling = settling_days if (data.last - last).days < settling_days else 0
    end = min(window.end, data.end - timedelta(days=settling))
    days = min((end - window.start).days, before.days)
    if days <= 0:
        return None
    return Comparison(window.first(days), before.first(days), settling, is_open=True)


def is_covered(window: Window, data: Window) -> bool:
    """Whether the input has data from a window's first day on: half a period is no period to compare with."""
    return data.start <= window.start < data.end
