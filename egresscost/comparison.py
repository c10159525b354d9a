"""Two reports side by side: what grew, what is new, what is gone.

Goes in: two `Report`s, be they fresh or saved. Comes out: a `Difference`. Never: compares a month that is still open
with a whole one.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from egresscost.errors import UsageError
from egresscost.periods import Window
from egresscost.results import Breakdown, Change, ChangeTable, Difference, Notice, Severity
from egresscost.summary.comparing import SETTLING_DAYS, compare, is_covered, month_statuses

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from egresscost.results import Line, Report

_NOTHING = Decimal(0)
TABLES = ("groups", "boundaries", "senders", "region_pairs")
"""Tables that are compared; the asked-for one where both reports have it."""


def difference(before: Report, after: Report, settling_days: int = SETTLING_DAYS) -> Difference:
    """Compare two reports.

    Args:
        before: A report.
        after: A later one, about the same kind of cost.
        settling_days: Last days of an open month that are left out.

    Raises:
        UsageError: They are about different kinds of cost or different parts of the bill.
    """
    _check_alike(before, after)
    days = equal_days(before, after, settling_days)
    notices = []
    if days == 0:
        message = "nothing can be compared yet: one of the periods has no settled day, or the input begins inside it"
        notices.append(Notice("too-young", Severity.WARNING, message))
    elif days is not None:
        message = f"totals are over the first {'day' if days == 1 else f'{days} days'} of each, for a period is still open or they have not the same length; tables are over all days"
        notices.append(Notice("equal-days", Severity.NOTE, message))
    return Difference(
        before=before.window,
        after=after.window,
        cost=after.selection.cost,
        equal_days=days,
        totals=totals(before, after, days),
        tables=tuple(_tables(before, after)),
        notices=tuple(notices),
        account_names={**before.account_names, **after.account_names},
    )


def side_by_side(before: Report, after: Report) -> Difference:
    """The same days twice, as they are and as they would be: what has a price, and the same tables."""
    old, new = ({each.currency: each.network or _NOTHING for each in report.totals} for report in (before, after))
    lost = max(each.without_cost for report in (before, after) for each in report.totals)
    message = (
        f"{lost:,} row{' has' if lost == 1 else 's have'} no price, and {'is' if lost == 1 else 'are'} in neither total"
    )
    return Difference(
        before=before.window,
        after=after.window,
        cost=after.selection.cost,
        equal_days=None,
        totals=tuple(
            Change({}, currency, old.get(currency, _NOTHING), new.get(currency, _NOTHING))
            for currency in sorted({*old, *new})
        ),
        tables=tuple(_tables(before, after)),
        notices=(Notice("unpriced", Severity.WARNING, message, lost),) if lost else (),
        account_names={**before.account_names, **after.account_names},
    )


def _check_alike(before: Report, after: Report) -> None:
    if before.selection.cost != after.selection.cost:
        message = f"one report is {before.selection.cost.words}, the other {after.selection.cost.words}"
        raise UsageError(message, hint="make both with the same --cost")
    if dict(before.selection.filters) != dict(after.selection.filters):
        details = [f"{name}: {_filters(report)}" for name, report in (("before", before), ("after", after))]
        message = "the reports are about different parts of the bill"
        raise UsageError(message, details=details, hint="make both with the same filters")


def _filters(report: Report) -> str:
    given = [f"--{name} {text}" for name, texts in report.selection.filters.items() for text in texts]
    return " ".join(given) or "all of it"


def equal_days(before: Report, after: Report, settling_days: int = SETTLING_DAYS) -> int | None:
    """How many first days of both periods can be compared; None when the whole of both can."""
    settled = [_settled(report, settling_days) for report in (before, after)]
    whole_months = all(
        report.window.is_month and days == report.window.days
        for report, days in zip((before, after), settled, strict=True)
    )
    same_length = before.window.days == after.window.days == settled[0] == settled[1]
    return None if whole_months or same_length else min(settled)


def _settled(report: Report, settling_days: int) -> int:
    """Days of a report whose usage is complete; none when its first days are not in the input."""
    if not is_covered(report.window, report.data):
        return 0
    statuses = month_statuses((month.month, month.status) for month in report.months)
    found = compare(report.window, report.data, statuses, settling_days)
    return found.window.days if found is not None else 0


def totals(before: Report, after: Report, days: int | None) -> tuple[Change, ...]:
    """Network cost by currency, over the first `days` days of each or over the whole of both; no days are no answer."""
    currencies = sorted({each.currency for report in (before, after) for each in report.totals})
    old, new = (_total(report, days) for report in (before, after))
    return tuple(
        Change(
            {},
            currency,
            old.get(currency, _NOTHING),
            new.get(currency, _NOTHING),
            is_new=currency not in old,
            is_gone=currency not in new,
        )
        for currency in currencies
    )


def _total(report: Report, days: int | None) -> dict[str, Decimal | None]:
    if days is None:
        return {each.currency: None if each.without_cost else each.network for each in report.totals}
    if not days:
        return {each.currency: None for each in report.totals}
    window = Window(report.window.start, report.window.start + timedelta(days=days))
    result = {each.currency: None if each.network is None or each.without_cost else _NOTHING for each in report.totals}
    for day, _, currency, cost in report.daily:
        known = result.get(currency, _NOTHING)
        if day in window and known is not None:
            result[currency] = known + cost
    return result


def _tables(before: Report, after: Report) -> Iterator[ChangeTable]:
    for name in TABLES:
        old, new = _breakdown(before, name), _breakdown(after, name)
        for cut in filter(None, (old, new)):
            if cut.left_out:
                message = f"a saved report holds only the first {len(cut.lines)} lines of its table {cut.name!r}"
                raise UsageError(message, hint="save it without --top: what was cut off would look new")
        if old is not None and new is not None and old.keys == new.keys:
            yield _table(old, new)


def _breakdown(report: Report, name: str) -> Breakdown | None:
    if name == report.boundaries.name:
        return report.boundaries
    return next((each for each in report.breakdowns if each.name == name), None)


def _table(before: Breakdown, after: Breakdown) -> ChangeTable:
    old, new = _by_keys(before), _by_keys(after)
    changes = []
    for key in dict.fromkeys([*new, *old]):
        one, other = old.get(key), new.get(key)
        known = other or one
        if known is not None:
            changes.append(
                Change(
                    known.keys,
                    known.currency,
                    _whole(one) if one else _NOTHING,
                    _whole(other) if other else _NOTHING,
                    one.bytes if one else None,
                    other.bytes if other else None,
                    is_new=one is None,
                    is_gone=other is None,
                )
            )
    ordered = sorted(
        changes,
        key=lambda change: (
            -abs(change.difference or _NOTHING),
            change.currency,
            [value or "" for value in change.keys.values()],
        ),
    )
    return ChangeTable(after.name, after.title, after.keys, tuple(ordered))


def _whole(line: Line) -> Decimal | None:
    """What a line costs; None as soon as one of its rows has no amount."""
    return None if line.without_cost else line.cost


def _by_keys(breakdown: Breakdown) -> Mapping[tuple[str | None, ...], Line]:
    return {(line.currency, *line.keys.values()): line for line in breakdown.lines}
