"""Billing periods: which source counts for each, and whether it is final.

Goes in: the sums of deliveries. Comes out: the same, each period from one source only. Never: guesses which of two
sources counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from egresscost.errors import AmbiguousInputError
from egresscost.formats import exact
from egresscost.formats.lines import PROBLEM, Partial, Scales
from egresscost.results import Notice, Severity

if TYPE_CHECKING:
    from datetime import date

    from egresscost.formats.deliveries import Delivery
    from egresscost.formats.reading import Options
    from egresscost.sources.protocols import BillFormat, Lines

OWNER = ("provider", "billing_account", "billing_period")
"""Whose period it is; only one source may hold it."""
_SHOWN = 3


@dataclass(frozen=True)
class PeriodStatus:
    """What is known of a billing period of one payer.

    Attributes:
        month: `2026-10`.
        provider, billing_account: Whose.
        status: `final`, `open` or `unknown`, as in `results.Month`.
        last_day: The last day with data.
    """

    month: str
    provider: str
    billing_account: str | None
    status: str
    last_day: date


@dataclass
class Read:
    """One delivery's sums."""

    delivery: Delivery
    layout: BillFormat
    lines: Lines
    partial: Partial
    scales: list[Scales]
    rows: int


def one_source_each(reads: list[Read], options: Options, notices: list[Notice]) -> list[Read]:
    """Make sure that no billing period of a payer is counted from two sources.

    Raises:
        AmbiguousInputError: It would be, and the options do not say what to do.
    """
    owners: dict[tuple[str | None, ...], list[Read]] = {}
    for read in reads:
        for key in read.partial.frame.select(OWNER).unique().rows():
            owners.setdefault(key, []).append(read)
    rest = {key: _one_view(key, rivals, notices) for key, rivals in owners.items()}
    shared = {key: rivals for key, rivals in rest.items() if len(rivals) > 1}
    if not shared or options.same_period == "add":
        return reads
    if options.same_period == "fail":
        (provider, account, month), rivals = next(iter(shared.items()))
        message = f"two sources hold {month} of {provider} account {account}, and nothing says which one counts"
        details = [f"{first_file(read.delivery)} ({read.layout.title})" for read in rivals[:_SHOWN]]
        if len(shared) > 1:
            details.append(f"{len(shared) - 1} more periods like this")
        hint = "give only one of them, or say what they are: --same-period add (parts of one bill) or --same-period newest (by file time)"
        raise AmbiguousInputError(message, details=details, hint=hint)
    for key, rivals in shared.items():
        newest = max(rivals, key=lambda read: read.delivery.modified)
        for read in rivals:
            if read is not newest:
                _leave_out(read, key)
        message = f"{key[2]} of {key[0]} account {key[1]}: {first_file(newest.delivery)} is the newest of {len(rivals)} sources and counts alone"
        notices.append(Notice("newest-source", Severity.NOTE, message, len(rivals) - 1))
    return reads


def _leave_out(read: Read, key: tuple[str | None, ...]) -> None:
    """Take a billing period out of what was read."""
    read.partial = Partial(read.partial.frame.filter(~_is_of(key)), read.partial.scales)


def _is_of(key: tuple[str | None, ...]) -> pl.Expr:
    return pl.all_horizontal(pl.col(name).eq_missing(pl.lit(value)) for name, value in zip(OWNER, key, strict=True))


def _one_view(key: tuple[str | None, ...], rivals: list[Read], notices: list[Notice]) -> list[Read]:
    """Of several views of the same usage the one that counts first; the others are left out, and said.

    One that does not tell which view it is counts after the first and before the others: it may be either.
    """
    names = {tuple(read.lines.views) for read in rivals}
    if len(names) > 1 or not (order := names.pop()):
        return rivals
    views = [(_view(read, key), read) for read in rivals]
    ranks = (order[0], "", *order[1:])
    best = min((view for view, _ in views), key=ranks.index)
    others = [(view, read) for view, read in views if view != best]
    if not all(view for view, _ in others):
        return rivals
    kept = [read for view, read in views if view == best]
    whose = f"{key[2]} of {key[0]} account {key[1]}: {first_file(kept[0].delivery)}"
    if best in order[1:]:
        message = f"{whose} is the {best} view: what its {order[0]} view bills otherwise, such as purchases in advance, is not in it"
        notices.append(Notice("one-view", Severity.NOTE, message))
    for _, read in others:
        _leave_out(read, key)
    if others:
        seen = " and ".join(sorted({view for view, _ in others}))
        message = f"{whose} counts; the {seen} view of the same usage is left out"
        details = tuple(first_file(read.delivery) for _, read in others[:_SHOWN])
        notices.append(Notice("other-view", Severity.NOTE, message, len(others), details))
    return kept


def _view(read: Read, key: tuple[str | None, ...]) -> str:
    """Which view of the usage a delivery is: by its manifest, by its rows, by its name; empty when nothing tells."""
    if read.delivery.view in read.lines.views:
        return read.delivery.view
    mine = read.partial.measured().with_columns(pl.col("line_type").cast(pl.String)).filter(_is_of(key))
    marked = [name for name, marks in read.lines.views.items() if mine.select(marks.any()).item()]
    named = [name for name in read.lines.views if name in read.delivery.name.lower()]
    return next(iter(marked or named), "")


def first_file(delivery: Delivery) -> str:
    """What a delivery is called."""
    more = len(delivery.parts) - 1
    return delivery.parts[0].table.blob.name + (f" and {more} more" if more else "")


def statuses(read: Read) -> list[PeriodStatus]:
    """What is known of each billing period: final when all its rows have an invoice."""
    has_column = "invoice_id" in read.lines.texts
    rows = read.partial.frame.filter(pl.col(PROBLEM) == exact.OK)
    grouped = rows.group_by(OWNER).agg(
        pl.col("invoice_id").is_not_null().any().alias("invoiced"),
        pl.col("invoice_id").is_null().any().alias("waiting"),
        pl.when(pl.col("start") >= pl.col("billing_period").str.to_date("%Y-%m", strict=False))
        .then("start")
        .max()
        .alias("last"),
    )
    found = []
    for row in grouped.sort(OWNER).to_dicts():
        if row["billing_period"] is None or row["last"] is None:
            continue
        status = _status(invoiced=row["invoiced"], waiting=row["waiting"], tells=has_column and read.layout.invoices)
        found.append(PeriodStatus(row["billing_period"], row["provider"], row["billing_account"], status, row["last"]))
    return found


def _status(*, invoiced: bool, waiting: bool, tells: bool) -> str:
    """Open while some row waits for its invoice, where the layout fills invoices at all."""
    if tells:
        return "open" if waiting else "final"
    return "final" if invoiced and not waiting else "unknown"
