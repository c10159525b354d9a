"""A comparison of two reports, for people and for machines.

Goes in: a `Difference`. Comes out: tables, Markdown, CSV or JSON. Never: computes a cost.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from egresscost import money
from egresscost.document import of_difference
from egresscost.frame import C
from egresscost.reporters import words
from egresscost.reporters.markdown import escaped, table
from egresscost.reporters.page import Column, Page
from egresscost.reporters.tabular import write_csv

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from decimal import Decimal

    from egresscost.reporters import Look
    from egresscost.results import Change, ChangeTable, Difference

    Keep = Callable[[Change], bool]
    """Whether a table shows a change."""

FORMATS = {"table": (".txt",), "json": (".json",), "csv": (".csv",), "markdown": (".md", ".markdown")}


def render(difference: Difference, name: str, look: Look) -> bytes:
    """The difference in one of `FORMATS`."""
    makers = {"json": _json, "csv": _csv}
    if name in makers:
        return makers[name](difference)
    return (_markdown if name == "markdown" else _text)(difference, look)


def _json(difference: Difference) -> bytes:
    return (json.dumps(of_difference(difference), indent=1, ensure_ascii=False) + "\n").encode()


def _csv(difference: Difference) -> bytes:
    """Every change of every table; keys that a table has not are empty."""
    keys = list(dict.fromkeys(key for each in difference.tables for key in each.keys))
    rows = []
    for each in difference.tables:
        for change in each.changes:
            costs = {"before": change.before, "after": change.after, "difference": change.difference}
            sizes = {"before_bytes": change.before_bytes, "after_bytes": change.after_bytes}
            rows.append(
                {
                    "table": each.name,
                    **{key: change.keys.get(key) for key in keys},
                    "currency": change.currency,
                    "status": change.status,
                    **costs,
                    **sizes,
                }
            )
    figures = ["before", "after", "difference", "before_bytes", "after_bytes"]
    return write_csv(["table", *keys, "currency", "status", *figures], rows)


def _text(difference: Difference, look: Look) -> bytes:
    page = Page(look)
    page.facts([f"Data transfer, {_periods(difference)} (UTC)", difference.cost.words], "bold")
    page.line()
    for change in difference.totals:
        page.line(f"  {sentence(change)}{_days(difference)}", "bold")
    page.line()
    if difference.equal_days is not None:
        page.line(f"Over all days, {difference.before.days} and {difference.after.days}:")
        page.line()
    tables(page, difference, look.top)
    for notice in difference.notices:
        page.line(f" note: {notice.message}", "dim")
    return page.bytes()


def differs(change: Change) -> bool:
    """Whether something is not as it was, or not known."""
    return change.status != "same"


def tables(page: Page, difference: Difference, top: int, keep: Keep = differs) -> None:
    """Every table that has changes to show, each followed by what was cut and an empty line."""
    for each in difference.tables:
        changes = [change for change in each.changes if keep(change)]
        if changes:
            _table(page, difference, each, changes[:top])
            if len(changes) > top:
                page.line(f" … {_rest(changes[top:])}", "dim")
            page.line()


def _periods(difference: Difference, between: str = "and") -> str:
    """Both, or the one that both are about."""
    if difference.before == difference.after:
        return f"{difference.before} in both"
    return f"{difference.before} {between} {difference.after}"


def _rest(cut: Sequence[Change]) -> str:
    """What was cut from a table: how many changes, and what they add up to in each currency."""
    sums = []
    for currency in dict.fromkeys(change.currency for change in cut):
        differences = [change.difference for change in cut if change.currency == currency]
        sums.append("unknown" if None in differences else _signed(money.total(differences), currency))
    return f"{len(cut):,} more change{'s' if len(cut) != 1 else ''}, {', '.join(sums)}"


def sentence(change: Change) -> str:
    """A total before and after, and by how much it changed."""
    relative = f", {words.percent(change.relative, signed=True)}" if change.relative is not None else ""
    before, after = (words.amount(amount, change.currency) for amount in (change.before, change.after))
    return f"{before} → {after}    {_signed(change.difference, change.currency)}{relative}"


def _days(difference: Difference) -> str:
    """Which days the totals are over, where not all of both."""
    days = difference.equal_days
    if not days:
        return ""
    return "    over the first day of each" if days == 1 else f"    over the first {days} days of each"


def _signed(amount: Decimal | None, currency: str) -> str:
    text = words.amount(amount, currency)
    return f"+{text}" if amount is not None and amount > 0 else text


def _table(page: Page, difference: Difference, each: ChangeTable, changes: Sequence[Change]) -> None:
    page.table(
        [
            *_names(difference, each, changes),
            Column(
                "Before",
                [_cost(change.before, change, absent=change.is_new) for change in changes],
            ),
            Column(
                "After",
                [_cost(change.after, change, absent=change.is_gone) for change in changes],
            ),
            Column("Change", [_signed(change.difference, change.currency) for change in changes]),
            Column("", [_relative(change) for change in changes], drop=1),
        ]
    )


def _cost(amount: Decimal | None, change: Change, *, absent: bool) -> str:
    return "–" if absent else words.amount(amount, change.currency)


def _relative(change: Change) -> str:
    if change.is_new or change.is_gone:
        return change.status
    return "" if change.relative is None else words.signed_percent(change.relative)


def _names(difference: Difference, each: ChangeTable, changes: Sequence[Change]) -> list[Column]:
    if each.name == "boundaries":
        return [Column(each.title, [words.boundary(change.keys) for change in changes], right=False)]
    if each.name == "senders" and C.PEER in each.keys:
        return [
            Column(each.title, [words.sender(change.keys) for change in changes], right=False),
            Column("to", [words.receiver(change.keys) for change in changes], right=False),
        ]
    if each.name == "senders":
        accounts = [
            difference.account_names.get(change.keys[C.ACCOUNT] or "", change.keys[C.ACCOUNT] or "unknown")
            for change in changes
        ]
        columns = [Column(each.title, [change.keys[C.SERVICE] or "unknown" for change in changes], right=False)]
        if len(set(accounts)) > 1:
            columns.append(Column("account", accounts, right=False, drop=2))
        columns.append(Column("from", [change.keys["region"] or "–" for change in changes], right=False))
        columns.append(Column("to", [words.place(change.keys) for change in changes], right=False))
        return columns
    return [
        Column(words.title(key), [change.keys[key] or "(none)" for change in changes], right=False) for key in each.keys
    ]


def _markdown(difference: Difference, look: Look) -> bytes:
    parts = ["<!-- egresscost compare -->", ""]
    parts += [
        f"**{escaped(', '.join(f'{sentence(change)}{_days(difference)}'.split('    ')))}**"
        for change in difference.totals
    ]
    parts += ["", f"{_periods(difference, 'against')}, {difference.cost.words}.", ""]
    if difference.equal_days is not None:
        parts += ["The tables are over all days of both.", ""]
    parts += markdown_tables(difference, look.top)
    parts += [f"> {escaped(notice.message)}" for notice in difference.notices]
    return ("\n".join(parts).rstrip() + "\n").encode()


def markdown_tables(difference: Difference, top: int, keep: Keep = differs) -> list[str]:
    """Lines of every table that has changes to show, folded."""
    parts = []
    for each in difference.tables:
        changed = [change for change in each.changes if keep(change)]
        changes = changed[:top]
        if changes:
            names = _names(difference, each, changes)
            rows = [
                [
                    *(column.cells[number] for column in names),
                    _cost(change.before, change, absent=change.is_new),
                    _cost(change.after, change, absent=change.is_gone),
                    _signed(change.difference, change.currency),
                    _relative(change),
                ]
                for number, change in enumerate(changes)
            ]
            parts += [
                f"<details><summary>{escaped(each.title)}</summary>",
                "",
                *table([*(column.title for column in names), "Before", "After", "Change", ""], rows, len(names)),
                *(["", f"… {_rest(changed[top:])}"] if len(changed) > top else []),
                "",
                "</details>",
                "",
            ]
    return parts
