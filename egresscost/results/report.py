"""A report: what a bill says, summed up.

Goes in: nothing; these are made by `egresscost.summary`. Comes out: values. Never: sums a frame.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from egresscost.frame import Evidence, View
from egresscost.money import CostKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    import pandas as pd

    from egresscost.periods import Window
    from egresscost.results.advice import AdviceList
    from egresscost.results.rates import PricesUsed


_NOTHING = Decimal(0)


class Severity(StrEnum):
    """How much a notice matters: a note is for the record, a warning changes how far the figures can be trusted."""

    NOTE = "note"
    WARNING = "warning"


@dataclass(frozen=True)
class Notice:
    """Something that the reader of a report must know.

    Attributes:
        code: Stable name: `rows-skipped`.
        severity: Note or warning.
        message: One sentence.
        count: How many rows, files or deliveries it is about.
        details: The first few of them.
        partial: Whether something that belongs to the period is missing from the figures.
    """

    code: str
    severity: Severity
    message: str
    count: int = 1
    details: tuple[str, ...] = ()
    partial: bool = False


@dataclass(frozen=True)
class Source:
    """A delivery that was read.

    Attributes:
        name: Its first file or its folder.
        format: The layout: `AWS CUR 2.0`.
        files, rows, size: How many files, rows and bytes on disk.
        delivery: Its id, or what stands for one.
        decided_by: What says that its files belong together and that it is the newest.
        periods: Billing periods in it, `2026-10`.
    """

    name: str
    format: str
    files: int
    rows: int
    size: int
    delivery: str
    decided_by: str
    periods: tuple[str, ...]


@dataclass(frozen=True)
class Skipped:
    """A file that was found and not read, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Amounts:
    """The amounts of a group, None where the bill does not say."""

    list_cost: Decimal | None = None
    billed_cost: Decimal | None = None
    credit: Decimal | None = None
    net_cost: Decimal | None = None
    amortized_cost: Decimal | None = None


def relative_change(before: Decimal | None, after: Decimal | None) -> Decimal | None:
    """How much something grew, 0.1 is ten percent; None when it was nothing or is not known."""
    if before is None or after is None or not before:
        return None
    return (after - before) / abs(before)


@dataclass(frozen=True)
class Line:
    """A group of a report.

    Attributes:
        keys: What it is grouped by.
        cost: In the report's kind of cost.
        amounts: In every kind.
        bytes: Bytes, each counted once (see `egresscost.summary.lines.lines`), None where the group counts none.
        quantity: As billed, where the group is about one charge, boundary, direction and unit.
        unit: That unit.
        records: Rows behind it.
        without_cost: How many of them have no amount of the report's kind; `cost` is the sum of the others.
        rate: Cost per unit, None where some row lacks its amount or its bytes.
        share: Part of the currency's network cost, 1 is all of it.
        before: Cost in the period before, None where it was not there or there is nothing to compare with.
        compared: Cost in the days of this period that are compared, None where nothing is.
    """

    keys: Mapping[str, str | None]
    currency: str
    cost: Decimal | None
    amounts: Amounts
    bytes: int | None
    quantity: Decimal | None
    unit: str | None
    records: int
    without_cost: int = 0
    rate: Decimal | None = None
    share: Decimal | None = None
    before: Decimal | None = None
    compared: Decimal | None = None

    @property
    def change(self) -> Decimal | None:
        """Relative change on the period before, None when that had nothing."""
        return relative_change(self.before, self.compared)


@dataclass(frozen=True)
class Breakdown:
    """Lines grouped in one way, largest first, and what was cut off.

    Attributes:
        name: Stable name: `boundaries`, `senders`.
        title: For people.
        keys: What it is grouped by.
        lines: The lines shown.
        rest: For each currency, what the lines left out add up to.
        left_out: How many lines that is.
    """

    name: str
    title: str
    keys: tuple[str, ...]
    lines: tuple[Line, ...]
    rest: tuple[Line, ...] = ()
    left_out: int = 0


@dataclass(frozen=True)
class Unknown:
    """Traffic of which something is not known. Kinds overlap: what has no boundary has no price either.

    Attributes:
        what: `boundary`, `peer`, `workload` or `price`.
        cause: Why it is not known, and what would tell.
        line: How much it is, each byte once.
    """

    what: str
    cause: str
    line: Line


@dataclass(frozen=True)
class Totals:
    """What one currency adds up to.

    Attributes:
        currency: ISO 4217.
        bill: All of the bill, network or not.
        network: Transfer and what is charged on it.
        unplaced: The part of `network` whose boundary no rule could tell.
        unanswered: Rows of vendors that no provider answers for, or without a meter; they may be network or not, and are in `bill` only.
        amounts: `network` in every kind of cost.
        bill_amounts: `bill` in every kind of cost.
        by_class: The bill in every kind of cost by charge class.
        out_bytes: Bytes sent across some boundary, each counted once.
        in_bytes: Bytes received from the internet.
        either_bytes: Bytes between zones whose ends the bill does not tell apart; each may be counted twice.
        coverage: The part of the cost whose boundary is known, 1 is all of it; None when nothing costs anything, or
            when some row lacks its amount.
        without_cost: Rows of the network without an amount of the report's kind; `network` is the sum of the others.
        before: `network` of the period before, None without one.
        compared: `network` of the days that are compared with it.
    """

    currency: str
    bill: Decimal | None
    network: Decimal | None
    unplaced: Decimal | None
    unanswered: Decimal | None
    amounts: Amounts
    bill_amounts: Amounts
    by_class: Mapping[str, Amounts]
    out_bytes: int | None
    in_bytes: int | None
    either_bytes: int | None
    coverage: Decimal | None
    without_cost: int = 0
    before: Decimal | None = None
    compared: Decimal | None = None

    @property
    def share(self) -> Decimal | None:
        """Network cost as a part of the bill."""
        if self.network is None or not self.bill:
            return None
        return self.network / self.bill

    @property
    def change(self) -> Decimal | None:
        """Relative change of the network cost on the period before."""
        return relative_change(self.before, self.compared)


@dataclass(frozen=True)
class Comparison:
    """What is compared with what.

    Attributes:
        window: Days of this period.
        before: As many days of the period before.
        settling: How many last days with data are left out because they still fill.
        is_open: Whether the month is still open.
    """

    window: Window
    before: Window
    settling: int = 0
    is_open: bool = False


@dataclass(frozen=True)
class Month:
    """A billing period of the input.

    Attributes:
        month: `2026-10`.
        status: `final` (every row has its invoice), `open` (none or not all have), `unknown` (the layout has no
            invoices).
        last_day: The last day with data.
        network: Network cost by currency.
        bill: Bill by currency.
        comparison: The days that are compared with the month before, None when it is not in the input.
        before, compared: Network cost by currency of those days, and of the days before.
    """

    month: str
    status: str
    last_day: date
    network: Mapping[str, Decimal | None]
    bill: Mapping[str, Decimal | None]
    comparison: Comparison | None = None
    before: Mapping[str, Decimal | None] = field(default_factory=dict)
    compared: Mapping[str, Decimal | None] = field(default_factory=dict)

    def change(self, currency: str) -> Decimal | None:
        """Relative change of a currency's network cost on the month before."""
        return relative_change(self.before.get(currency), self.compared.get(currency))


@dataclass(frozen=True)
class Invoice:
    """What an invoice adds up to, for tying out."""

    provider: str
    billing_account: str | None
    invoice_id: str | None
    currency: str
    amounts: Amounts
    network: Decimal | None


@dataclass(frozen=True)
class Selection:
    """What was asked for, as it was understood."""

    window: Window | None = None
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    group_by: tuple[str, ...] = ()
    sort: str = "auto"
    top: int | None = None
    cost: CostKind = CostKind.BILLED
    relative_to: View | None = None


@dataclass(frozen=True)
class Report:
    """The answer to `egresscost report`.

    Attributes:
        generated_at: UTC.
        version: Of egresscost.
        selection: What was asked for.
        window: The days that the report is about.
        covered: First and last day that have data in them.
        data: First and last day that the whole input has data for, whatever is asked.
        totals: One for each currency; currencies are never added.
        boundaries: By boundary and charge.
        breakdowns: Further ways to group, the asked-for one first.
        daily: Network cost by day, boundary and currency, for equal-day comparisons.
        months, invoices, sources, skipped, notices: What the figures stand on.
        bill: The normalized frame of the window and the filters, as a pandas frame.
        account_names: Names by account id, where the bill or the settings have them.
        evidence: Whether all this is about a bill or about flow logs; `bill` holds the flows frame then.
        flows: The same of the flow logs, where there are both. The two are never added.
        prices: Which rates flow logs were priced by, one for each provider; none for a bill.
        advice: What to change; None where nobody looked.
        unknowns: What flow logs leave open, with its bytes; nothing for a bill.
    """

    generated_at: datetime
    version: str
    selection: Selection
    window: Window
    covered: Window
    data: Window
    comparison: Comparison | None
    totals: tuple[Totals, ...]
    boundaries: Breakdown
    breakdowns: tuple[Breakdown, ...]
    daily: tuple[tuple[date, str, str, Decimal], ...]
    months: tuple[Month, ...]
    invoices: tuple[Invoice, ...]
    sources: tuple[Source, ...]
    skipped: tuple[Skipped, ...]
    notices: tuple[Notice, ...]
    bill: pd.DataFrame = field(repr=False, compare=False)
    account_names: Mapping[str, str] = field(default_factory=dict)
    evidence: Evidence = Evidence.BILL
    flows: Report | None = None
    prices: tuple[PricesUsed, ...] = ()
    advice: AdviceList | None = None
    unknowns: tuple[Unknown, ...] = ()

    @property
    def partial(self) -> bool:
        """Whether something that belongs to the period could not be read."""
        return any(notice.partial for notice in self.notices)
