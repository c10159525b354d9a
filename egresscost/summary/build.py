"""Putting a report together.

Goes in: a bill that was read, a selection, settings that matter here. Comes out: the `Report`. Never: formats.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from egresscost.boundary.views import seen_from
from egresscost.errors import NoDataError, UsageError
from egresscost.frame import Boundary, C, Charge, Direction, Evidence, View
from egresscost.periods import Window, month_of
from egresscost.results import (
    Breakdown,
    Comparison,
    Invoice,
    Month,
    Notice,
    Report,
    Selection,
    Severity,
)
from egresscost.summary import flows as flow_groups
from egresscost.summary import keys as key_columns
from egresscost.summary import select, views
from egresscost.summary.comparing import SETTLING_DAYS, compare, is_covered, month_statuses
from egresscost.summary.doubts import doubts
from egresscost.summary.lines import breakdown, cut, lines
from egresscost.summary.totals import totals_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    import pandas as pd

    from egresscost.formats.bill import BillRead
    from egresscost.money import CostKind

BOUNDARY_KEYS = (C.CHARGE.value, C.BOUNDARY.value, C.DIRECTION.value, C.UNIT.value)
SENDER_KEYS = (C.SERVICE.value, C.ACCOUNT.value, "region", *BOUNDARY_KEYS, C.SRC_REGION.value, C.DST_REGION.value)
FLOW_KEYS = (C.WORKLOAD.value, C.RESOURCE.value, "region", *BOUNDARY_KEYS, C.PATH.value, C.PEER.value)
"""Who sends to whom, which only flow logs know."""
PAIR_KEYS = (C.SRC_REGION.value, C.DST_REGION.value)


@dataclass(frozen=True)
class Build:
    """What a report needs besides the bill.

    Attributes:
        generated_at: Now, UTC.
        version: Of egresscost.
        selection: What was asked for.
        account_names: Names that the settings give, by account id.
        settling_days: Last days of an open month that are still filling.
    """

    generated_at: datetime
    version: str
    selection: Selection = field(default_factory=Selection)
    account_names: Mapping[str, str] = field(default_factory=dict)
    settling_days: int = SETTLING_DAYS


def build_report(bill: BillRead, build: Build) -> Report:
    """The report on a bill.

    Raises:
        NoDataError: Nothing in the bill falls into the window or passes the filters.
        UsageError: A key or a filter does not exist.
    """
    selection = build.selection
    for key in selection.group_by:
        key_columns.check(key)
    frame = _seen(_named(bill.frame, build.account_names), selection)
    everything = select.covered(frame)
    if everything is None:
        message = "the bill has no rows: no data is not $0"
        raise NoDataError(message, details=[f"{source.name}: {source.rows} rows" for source in bill.sources[:3]])
    window = _window(selection.window, everything)
    mine = select.matching(frame, selection.filters, select.OF_THE_BILL)
    period = select.within(mine, window)
    kept = select.matching(period, selection.filters)
    if kept.empty:
        raise _nothing(window, everything, select.within(frame, window), selection)
    statuses = month_statuses((status.month, status.status) for status in bill.periods)
    comparison, notices = _comparison(window, everything, statuses, mine, build.settling_days)
    return _assemble(
        bill,
        build,
        mine=mine,
        kept=kept,
        window=window,
        data=everything,
        comparison=comparison,
        statuses=statuses,
        notices=notices,
    )


def _seen(frame: pd.DataFrame, selection: Selection) -> pd.DataFrame:
    """The frame with `relative` filled, where a view is asked for."""
    view = selection.relative_to
    if view is None and C.RELATIVE in selection.group_by:
        message = "relative is which way over the boundary of a view, and no view is asked for"
        raise UsageError(message, hint=f"add --relative-to {'|'.join(View)}")
    if view is None or frame.empty:
        return frame
    views.check(view, _evidence(frame))
    return seen_from(frame, view)


def _assemble(
    bill: BillRead,
    build: Build,
    *,
    mine: pd.DataFrame,
    kept: pd.DataFrame,
    window: Window,
    data: Window,
    comparison: Comparison | None,
    statuses: Mapping[str, str],
    notices: list[Notice],
) -> Report:
    selection, cost = build.selection, build.selection.cost
    net = kept[select.network(kept)]
    earlier = compared = None
    if comparison is not None:
        allowed = _network(mine, selection)
        earlier, compared = select.within(allowed, comparison.before), select.within(allowed, comparison.window)

    shares = {line.currency: line.cost for line in lines(net, [], cost)}

    def group(name: str, title: str, keys: tuple[str, ...], rows: pd.DataFrame = net, sort: str = "auto") -> Breakdown:
        return breakdown(
            name,
            title,
            rows,
            keys,
            cost,
            totals=shares,
            sort=sort,
            comparison=comparison,
            earlier=earlier,
            compared=compared,
        )

    boundaries = group("boundaries", "Boundary", BOUNDARY_KEYS)
    breakdowns = _breakdowns(net, selection, group)
    totals = totals_of(kept, select.within(mine, window), cost, earlier, compared)
    found = select.covered(kept) or window
    return Report(
        generated_at=build.generated_at,
        version=build.version,
        selection=selection,
        window=window,
        covered=found,
        comparison=comparison,
        totals=totals,
        boundaries=boundaries,
        breakdowns=breakdowns,
        daily=_daily(net, cost),
        months=_months(mine, data, statuses, build),
        data=data,
        invoices=_invoices(mine, window, selection),
        sources=bill.sources,
        skipped=bill.skipped,
        notices=(*bill.notices, *notices, *doubts(kept, totals, cost, bill.unplaced)),
        bill=kept,
        account_names=_account_names(kept),
        evidence=_evidence(kept),
        unknowns=flow_groups.unknowns(net, cost) if _evidence(kept) is Evidence.FLOW else (),
    )


def _named(frame: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    if not names:
        return frame
    given = frame[C.ACCOUNT].map(dict(names)).astype(frame[C.ACCOUNT_NAME].dtype)
    return frame.assign(**{C.ACCOUNT_NAME: given.where(given.notna(), frame[C.ACCOUNT_NAME])})


def _account_names(frame: pd.DataFrame) -> dict[str, str]:
    pairs = frame[[C.ACCOUNT, C.ACCOUNT_NAME]].dropna().drop_duplicates(C.ACCOUNT, keep="last")
    return dict(sorted(zip(pairs[C.ACCOUNT], pairs[C.ACCOUNT_NAME], strict=True)))


def _window(asked: Window | None, everything: Window) -> Window:
    """The asked-for days; a window without a beginning begins with the data."""
    if asked is None:
        return everything
    return Window(max(asked.start, everything.start), asked.end) if asked.start == date.min else asked


def _nothing(window: Window, everything: Window, period: pd.DataFrame, selection: Selection) -> NoDataError:
    if period.empty:
        message = f"the input has nothing from {window}: no data is not $0"
        return NoDataError(
            message, details=[f"It has data from {everything}."], hint="choose days that it has: --since, --until"
        )
    given = " ".join(f"--{name} {text}" for name, texts in selection.filters.items() for text in texts)
    message = f"no row passes {given}"
    found = {
        name: sorted(map(str, period[select.FILTERS[name][0]].dropna().unique()))[:8] for name in selection.filters
    }
    return NoDataError(
        message, details=[f"{name}: {', '.join(values) or 'none in the bill'}" for name, values in found.items()]
    )


def _comparison(
    window: Window,
    everything: Window,
    statuses: Mapping[str, str],
    frame: pd.DataFrame,
    settling_days: int,
) -> tuple[Comparison | None, list[Notice]]:
    comparison = compare(window, everything, statuses, settling_days)
    if comparison is None:
        message = "the period is too young to be compared: its days are still filling"
        return None, [Notice("too-young", Severity.NOTE, message)]
    if select.within(frame, comparison.before).empty:
        return None, []
    if not (is_covered(comparison.before, everything) and is_covered(comparison.window, everything)):
        message = f"nothing is compared: the input begins on {everything.start}, so {comparison.before} is not whole"
        return None, [Notice("half-a-period", Severity.NOTE, message)]
    if not comparison.is_open:
        return comparison, []
    message = f"the month is still open: {comparison.window} is compared with {comparison.before}"
    if comparison.settling:
        message += f"; the last {comparison.settling} days are still filling and left out"
    return comparison, [Notice("open-month", Severity.NOTE, message)]


def _breakdowns(net: pd.DataFrame, selection: Selection, group: Callable[..., Breakdown]) -> tuple[Breakdown, ...]:
    found = []
    flows = _evidence(net) is Evidence.FLOW and len(net) > 0
    if selection.group_by:
        title = ", ".join(key.removeprefix(key_columns.TAG) for key in selection.group_by)
        found.append(group("groups", f"By {title}", selection.group_by, sort=selection.sort))
    if selection.relative_to is not None:
        found.append(views.seen(net, selection.relative_to, group))
    senders = FLOW_KEYS if flows else SENDER_KEYS
    found.append(group("senders", "Top senders", senders, sort="auto" if selection.group_by else selection.sort))
    pairs = net[
        (net[C.BOUNDARY] == Boundary.REGION) & (net[C.CHARGE] == Charge.TRANSFER) & (net[C.DIRECTION] != Direction.IN)
    ]
    found.append(group("region_pairs", "Region pairs", PAIR_KEYS, pairs))
    found.append(group("accounts", "Accounts", (C.ACCOUNT.value,)))
    found.append(group("resources", "Top resources", (C.RESOURCE.value, C.SERVICE.value)))
    if flows:
        found += flow_groups.breakdowns(net, group)
    if selection.top is not None:
        found = [cut(each, selection.top) for each in found]
    return tuple(found)


def _daily(net: pd.DataFrame, cost: CostKind) -> tuple[tuple[date, str, str, Decimal], ...]:
    found = lines(net, ["day", C.CHARGE, C.BOUNDARY], cost)
    days = [
        (date.fromisoformat(line.keys["day"] or ""), _place(line.keys), line.currency, line.cost)
        for line in found
        if line.cost is not None
    ]
    return tuple(sorted(days, key=lambda day: day[:3]))


def _place(keys: Mapping[str, str | None]) -> str:
    """The boundary of a transfer, the name of any other charge."""
    charge = keys[C.CHARGE] or ""
    return (keys[C.BOUNDARY] or "") if charge == Charge.TRANSFER else charge


def _months(frame: pd.DataFrame, data: Window, statuses: Mapping[str, str], build: Build) -> tuple[Month, ...]:
    """Every month of the input, each compared with the one before it over equal days."""
    cost = build.selection.cost
    net = _network(frame, build.selection)

    def by_currency(rows: pd.DataFrame) -> dict[str, Decimal | None]:
        return {line.currency: line.cost for line in lines(rows, [], cost)}

    result = []
    for name in sorted(key_columns.column(frame, "month").unique()):
        window = month_of(date.fromisoformat(f"{name}-01"))
        rows = select.within(frame, window)
        comparison = compare(window, data, statuses, build.settling_days)
        if comparison is not None and not (is_covered(comparison.before, data) and is_covered(window, data)):
            comparison = None
        result.append(
            Month(
                month=name,
                status=statuses.get(name, "unknown"),
                last_day=rows[C.PERIOD_START].max().date(),
                network=by_currency(select.within(net, window)),
                bill=by_currency(rows),
                comparison=comparison,
                before=by_currency(select.within(net, comparison.before)) if comparison else {},
                compared=by_currency(select.within(net, comparison.window)) if comparison else {},
            )
        )
    return tuple(result)


def _evidence(frame: pd.DataFrame) -> Evidence:
    return Evidence.FLOW if (frame[C.EVIDENCE] == Evidence.FLOW).all() else Evidence.BILL


def _network(frame: pd.DataFrame, selection: Selection) -> pd.DataFrame:
    """The network rows that every filter lets through."""
    passing = select.matching(frame, selection.filters)
    return passing[select.network(passing)]


def _invoices(frame: pd.DataFrame, window: Window, selection: Selection) -> tuple[Invoice, ...]:
    """What each invoice adds up to, of the whole bill and of the asked-for network in it."""
    rows, cost = select.within(frame, window), selection.cost
    keys = [C.PROVIDER, C.BILLING_ACCOUNT, C.INVOICE_ID]
    of_network = {
        (line.currency, *line.keys.values()): line.cost for line in lines(_network(rows, selection), keys, cost)
    }
    return tuple(
        Invoice(
            provider=line.keys[C.PROVIDER] or "unknown",
            billing_account=line.keys[C.BILLING_ACCOUNT],
            invoice_id=line.keys[C.INVOICE_ID],
            currency=line.currency,
            amounts=line.amounts,
            network=of_network.get((line.currency, *line.keys.values()), Decimal(0)),
        )
        for line in lines(rows, keys, cost)
    )
