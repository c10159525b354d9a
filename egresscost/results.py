"""What a run answers: frozen values that reporters and the gate receive.

Goes in: nothing; these are made by `egresscost.summary`. Comes out: values. Never: computes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from egresscost.money import CostKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    import pandas as pd

    from egresscost.periods import Window


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
        rate: Cost per unit.
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
class Totals:
    """What one currency adds up to.

    Attributes:
        currency: ISO 4217.
        bill: All of the bill, network or not.
        network: Transfer and what is charged on it.
        unplaced: The part of `network` whose boundary no rule could tell.
        unanswered: Rows of vendors that no provider answers for; they may be network or not, and are in `bill` only.
        amounts: `network` in every kind of cost.
        bill_amounts: `bill` in every kind of cost.
        by_class: The bill in every kind of cost by charge class.
        out_bytes: Bytes sent across some boundary, each counted once.
        in_bytes: Bytes received from the internet.
        coverage: The part of the cost whose boundary is known, 1 is all of it; None when nothing costs anything.
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
    coverage: Decimal | None
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


@dataclass(frozen=True)
class Report:
    """The answer to `egresscost report`.

    Attributes:
        generated_at: UTC.
        version: Of egresscost.
        selection: What was asked for.
        window: The days that the report is about.
        covered: First and last day that have data in them.
        totals: One for each currency; currencies are never added.
        boundaries: By boundary and charge.
        breakdowns: Further ways to group, the asked-for one first.
        daily: Network cost by day, boundary and currency, for equal-day comparisons.
        months, invoices, sources, skipped, notices: What the figures stand on.
        bill: The normalized frame of the window and the filters, as a pandas frame.
        account_names: Names by account id, where the bill or the settings have them.
    """

    generated_at: datetime
    version: str
    selection: Selection
    window: Window
    covered: Window
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

    @property
    def partial(self) -> bool:
        """Whether something that belongs to the period could not be read."""
        return any(notice.partial for notice in self.notices)


@dataclass(frozen=True)
class Change:
    """A figure before and after.

    Attributes:
        keys: What it is grouped by; empty for a total.
        before, after: Cost, None where there was none.
        before_bytes, after_bytes: Bytes, None where none are counted.
    """

    keys: Mapping[str, str | None]
    currency: str
    before: Decimal | None
    after: Decimal | None
    before_bytes: int | None = None
    after_bytes: int | None = None

    @property
    def difference(self) -> Decimal:
        """After minus before; what was not there counts as nothing."""
        return (self.after or _NOTHING) - (self.before or _NOTHING)

    @property
    def relative(self) -> Decimal | None:
        """Relative change, None when there was nothing before."""
        return relative_change(self.before, self.after or _NOTHING)


@dataclass(frozen=True)
class ChangeTable:
    """Changes grouped in one way, the largest first."""

    name: str
    title: str
    keys: tuple[str, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Difference:
    """The answer to `egresscost compare`.

    Attributes:
        before, after: The days that are compared.
        cost: The kind of cost.
        equal_days: How many days of each are compared, when not the whole of both.
        totals: Network cost by currency.
        tables: By boundary, sender and region pair.
        notices: What the reader must know.
        account_names: Names by account id.
    """

    before: Window
    after: Window
    cost: CostKind
    equal_days: int | None
    totals: tuple[Change, ...]
    tables: tuple[ChangeTable, ...]
    notices: tuple[Notice, ...] = ()
    account_names: Mapping[str, str] = field(default_factory=dict)


class Status(StrEnum):
    """How a rule of a policy came out."""

    PASS = "pass"  # noqa: S105  a verdict, no password
    FAIL = "fail"
    WARN = "warn"


@dataclass(frozen=True)
class Verdict:
    """What a rule says of a report.

    Attributes:
        rule: Its name: `total`, `share.internet`.
        status: How it came out.
        limit, found: As people read them.
        detail: Why, in one sentence; empty when it passes.
        line: Where the rule stands in the policy file, 0 when a flag made it.
        is_coverage: Whether it judges the data instead of the cost.
    """

    rule: str
    status: Status
    limit: str
    found: str
    detail: str = ""
    line: int = 0
    is_coverage: bool = False


@dataclass(frozen=True)
class Judgement:
    """The answer to `egresscost gate`.

    Attributes:
        verdicts: One a rule.
        policy: The policy's file, empty when there is none.
        baseline: The days of the baseline, None without one.
        window: The days that are judged.
        grown: Whether the network cost is above the baseline's.
        notices: What the reader must know.
    """

    verdicts: tuple[Verdict, ...]
    policy: str
    baseline: Window | None
    window: Window
    grown: bool
    notices: tuple[Notice, ...] = ()

    @property
    def counts(self) -> Mapping[Status, int]:
        """How many rules came out in which way."""
        return {status: sum(verdict.status is status for verdict in self.verdicts) for status in Status}


@dataclass(frozen=True)
class Meter:
    """Rows of one meter at one rate: a tier, where the bill has one row for each.

    Attributes:
        usage_type, rate_id: As the bill says.
        direction: As in the frame.
        quantity, unit: Billed.
        list_rate, billed_rate: Cost for one unit, None where the bill does not say.
        list_cost, cost: What it comes to.
        records: Rows behind it.
    """

    usage_type: str | None
    rate_id: str | None
    direction: str
    quantity: Decimal | None
    unit: str | None
    list_rate: Decimal | None
    billed_rate: Decimal | None
    list_cost: Decimal | None
    cost: Decimal | None
    records: int


@dataclass(frozen=True)
class RuleUse:
    """A rule that placed rows of an explained figure.

    Attributes:
        id, title, pattern, why, source: Of the rule.
        boundary, direction, charge: What it says.
        cost, bytes, records: What it placed.
    """

    id: str
    title: str
    pattern: str
    why: str
    source: str
    boundary: str
    direction: str
    charge: str
    cost: Decimal | None
    bytes: int | None
    records: int


@dataclass(frozen=True)
class BillRow:
    """A single row of a bill.

    Attributes:
        place: File and line.
        day: First day of its period.
        account, service, usage_type, operation, resource: As the bill says.
        quantity, unit, cost: As billed.
        line_type: The bill's own word for the kind of line.
    """

    place: str
    day: date
    account: str | None
    service: str | None
    usage_type: str | None
    operation: str | None
    resource: str | None
    quantity: Decimal | None
    unit: str | None
    cost: Decimal | None
    line_type: str | None


@dataclass(frozen=True)
class Explanation:
    """The answer to `egresscost explain`, for one currency.

    Attributes:
        title: What is explained.
        window: The days.
        currency: ISO 4217.
        cost: The kind of cost.
        amounts: In every kind.
        total: In the asked-for kind.
        bytes, records: Behind it.
        rules: What placed the rows, the dearest first.
        meters: Rates by meter and tier, the dearest first.
        shown_by: Breakdowns by service, account and usage type.
        rows: The dearest single rows.
        notices: What the reader must know.
        account_names: Names by account id.
    """

    title: str
    window: Window
    currency: str
    cost: CostKind
    amounts: Amounts
    total: Decimal | None
    bytes: int | None
    records: int
    rules: tuple[RuleUse, ...]
    meters: tuple[Meter, ...]
    shown_by: tuple[Breakdown, ...]
    rows: tuple[BillRow, ...]
    notices: tuple[Notice, ...] = ()
    account_names: Mapping[str, str] = field(default_factory=dict)
