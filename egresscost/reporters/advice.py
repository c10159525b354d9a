"""Advice for people: the table of a report, and one change in full.

Goes in: an `AdviceList`, or one `Advice`. Comes out: lines on a page, or bytes. Never: computes a saving.
"""

from __future__ import annotations

import json
import textwrap
from decimal import Decimal
from typing import TYPE_CHECKING

from egresscost import money
from egresscost.document import of_advice
from egresscost.frame import Basis
from egresscost.reporters import words
from egresscost.reporters.page import Column, Page
from egresscost.results import Standing, Sureness
from egresscost.units import Unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from egresscost.reporters import Look
    from egresscost.results import Advice, AdviceList, Fee, PoolChange, Seen

_TEXT_WIDTH = 100
_SHOWN = 8
_SAMPLE = "access logs"
_EMPTY_ONLY = 99
"""A column that goes last on a narrow page, and at once where it is empty."""
_NOTHING = Decimal(0)
_EVEN = Decimal("0.01")
_JUDGED = " can't be judged"
SURE = {Sureness.HIGH: "high", Sureness.MEDIUM: "medium", Sureness.LOW: "low"}


def saving(advice: Advice) -> str:
    """What a change saves in a month; a tilde before what stands on assumptions."""
    return about(advice.monthly, advice)


def about(amount: Decimal | None, advice: Advice) -> str:
    """An amount of an advice; a tilde before what stands on assumptions."""
    mark = "~" if advice.basis is Basis.ESTIMATED and amount is not None else ""
    return mark + words.amount(amount, advice.currency)


def period(months: Decimal, days: int) -> str:
    """What an amount a month stands on, where that is not one month: ` from 10 of 31 days`.

    >>> period(Decimal(10) / 31, 10), period(Decimal(2), 61), period(Decimal(1), 31)
    (', from 10 of 31 days', ', from 61 days', '')
    """
    if months == 1 or not days:
        return ""
    whole = days / months if months else _NOTHING
    of = f" of {round(whole)}" if 0 < months < 1 and abs(whole - round(whole)) < _EVEN else ""
    return f", from {days}{of} days"


def headline(advice: AdviceList) -> list[str]:
    """For the head of a report: what could be saved."""
    said = []
    for currency, total in sorted(advice.total.items()):
        mine = [each for each in advice.savings if each.currency == currency]
        mark = "~" if any(each.basis is Basis.ESTIMATED for each in mine) else ""
        amount = words.amount(_monthly(total, advice), currency)
        said.append(f"{mark}{amount} a month avoidable{period(advice.months, advice.days)}")
    return said


def _monthly(amount: Decimal, advice: AdviceList) -> Decimal:
    return amount / advice.months if advice.months else amount


def table(page: Page, advice: AdviceList, look: Look) -> None:
    """What to do, the largest saving first; then what could not be judged."""
    savings = advice.savings
    shown = savings[: look.top]
    if shown:
        page.table(
            [
                Column("What to do", [f"{each.number:>2}  {each.title}" for each in shown], right=False),
                Column("Saves a month", [saving(each) for each in shown]),
                Column("Basis", [each.basis.value for each in shown], right=False, drop=3, style="dim"),
                Column("Sure", [SURE[each.sureness] for each in shown], right=False, drop=2),
                Column("", [f"explain A{each.number}" for each in shown], right=False, drop=1, style="dim"),
            ]
        )
        _rest(page, advice, savings[look.top :])
    _not_judged(page, advice)
    if advice.corrections:
        kinds = "1 kind of use is" if advice.corrections == 1 else f"{advice.corrections:,} kinds of use are"
        page.line(f" {kinds} below zero, as corrections are, and left out of this.", "dim")
    if advice.items or advice.corrections:
        page.line()


def _rest(page: Page, advice: AdviceList, more: Sequence[Advice]) -> None:
    if more:
        sums = [
            words.amount(money.total(each.monthly for each in more if each.currency == currency), currency)
            for currency in sorted({each.currency for each in more})
        ]
        page.line(f" … {len(more):,} more, {' and '.join(sums)}", "dim")
    for currency, total in sorted(advice.total.items()):
        whole = advice.cost.get(currency)
        share = (
            f", {words.percent(total / whole)} of {words.amount(_monthly(whole, advice), currency)}" if whole else ""
        )
        page.line(
            f" Together {words.amount(_monthly(total, advice), currency)} a month{share} that it is priced at{period(advice.months, advice.days)}. No byte's saving is counted twice.",
            "dim",
        )


def _not_judged(page: Page, advice: AdviceList) -> None:
    """What is missing, each kind of evidence once, with all that it would tell."""
    by_evidence: dict[str, list[Advice]] = {}
    for each in advice.items:
        if each.standing is Standing.NOT_JUDGED:
            by_evidence.setdefault(each.missing.partition(": ")[0], []).append(each)
    for evidence, same in by_evidence.items():
        said = _stake(same)
        told = list(dict.fromkeys(each.missing.partition(": ")[2] for each in same if ": " in each.missing))
        if told:
            page.line(f" not judged, {evidence}{said}:", "dim")
            for each_told in told:
                page.line(f"   {each_told.removesuffix(_JUDGED)}", "dim")
        else:
            page.line(f" not judged: {evidence}{said}", "dim")
    idle = sum(each.standing is Standing.DOES_NOT_PAY for each in advice.items)
    if idle:
        what = "1 more change was looked at and does" if idle == 1 else f"{idle} more changes were looked at and do"
        page.line(f" {what} not pay; `--json` has the figures.", "dim")


def _stake(same: Sequence[Advice]) -> str:
    """What is at stake at most, by currency; several look at the same rows."""
    found: dict[str, Decimal] = {}
    for each in same:
        if each.at_stake:
            found[each.currency] = max(found.get(each.currency, _NOTHING), each.at_stake)
    sums = " and ".join(words.amount(amount, currency) for currency, amount in sorted(found.items()))
    return f", up to {sums} at stake" if sums else ""


def to_json(found: Sequence[Advice]) -> bytes:
    """All of it as one JSON document."""
    return (json.dumps(of_advice(found), indent=1, ensure_ascii=False) + "\n").encode()


def to_text(found: Sequence[Advice], look: Look) -> bytes:
    """One or several changes in full."""
    page = Page(look)
    for each in found:
        _whole(page, each, look)
    return page.bytes()


def _whole(page: Page, advice: Advice, look: Look) -> None:
    width = min(look.width or _TEXT_WIDTH, _TEXT_WIDTH) - 4
    number = f"A{advice.number}  " if advice.number else ""
    page.line(f"{number}{advice.title}", "bold")
    page.line(f"{advice.key}", "dim")
    page.line()
    if advice.standing is Standing.NOT_JUDGED:
        stake = f" {words.amount(advice.at_stake, advice.currency)} is at stake." if advice.at_stake else ""
        _wrapped(page, f"Not judged: {advice.missing}.{stake}", width)
        _wrapped(page, f"To know it: {advice.evidence_cost}." if advice.evidence_cost else "", width)
    else:
        verdict = "saves" if advice.standing is Standing.SAVES else "does not pay:"
        of_period = f"{about(advice.net, advice)} in the period, " if advice.months != 1 else ""
        page.line(f"  {verdict} {of_period}{saving(advice)} a month{period(advice.months, advice.days)}", "bold")
        _wrapped(page, f"{advice.basis.value}, {SURE[advice.sureness]} confidence: {advice.because}", width, "dim")
    _wrapped(page, advice.change, width)
    _seen(page, advice)
    _formula(page, advice)
    _assumptions(page, advice, width)
    _curve(page, advice)
    if advice.risk:
        page.line("Risk", "bold")
        _wrapped(page, advice.risk, width)
    _steps(page, advice, width)


def _wrapped(page: Page, text: str, width: int, style: str = "") -> None:
    if text:
        for line in textwrap.wrap(text, width, break_on_hyphens=False):
            page.line(f"  {line}", style)
        page.line()


def _seen(page: Page, advice: Advice) -> None:
    """The evidence; access logs in a table of their own, for they are a sample and have other columns."""
    shown = advice.seen[:_SHOWN]
    for of_logs in (False, True):
        rows = [each for each in shown if (each.source == _SAMPLE) is of_logs]
        if rows:
            _evidence(page, rows, advice.currency)
            page.line()
    if len(advice.seen) > _SHOWN:
        page.line(f" … {len(advice.seen) - _SHOWN:,} more; `--json` has them all", "dim")
        page.line()


def _evidence(page: Page, shown: Sequence[Seen], currency: str) -> None:
    names = list(dict.fromkeys(name for each in shown for name in each.keys))
    volumes = words.Volumes(each.bytes for each in shown)
    costs = [words.amount(each.cost, currency) if each.source != _SAMPLE else "" for each in shown]
    page.table(
        [
            *(
                Column(
                    words.title(name),
                    [words.resource(each.keys.get(name, "")) for each in shown],
                    right=False,
                    drop=at and 9 - min(at, 6),
                )
                for at, name in enumerate(names)
            ),
            Column("GB", [volumes.text(each.bytes) for each in shown], drop=_EMPTY_ONLY),
            Column("Quantity", [_quantity(each) for each in shown], drop=1),
            Column("Cost", costs, drop=_EMPTY_ONLY),
            Column("Seen in", [each.source for each in shown], right=False, drop=2, style="dim"),
        ]
    )


def _quantity(seen: Seen) -> str:
    return "" if seen.quantity is None else f"{words.number(seen.quantity)} {seen.unit}"


def _formula(page: Page, advice: Advice) -> None:
    """Every rate that the change touches, before and after; the rest of the bill stays as it is."""
    if not advice.pools and not advice.fees and not advice.spared:
        return
    rows = [_pool(each) for each in advice.pools]
    rows += [_fee(each, advice.currency, is_spared=True) for each in advice.spared]
    rows += [_fee(each, advice.currency, is_spared=False) for each in advice.fees]
    page.table(
        [
            Column("What changes", [row[0] for row in rows], right=False),
            Column("Before", [row[1] for row in rows]),
            Column("After", [row[2] for row in rows]),
            Column("Cost before", [row[3] for row in rows], drop=1),
            Column("Difference", [row[4] for row in rows]),
        ]
    )
    if advice.net is not None:
        parts = f"{words.amount(advice.gross, advice.currency)} no longer paid less {words.amount(advice.new_cost, advice.currency)} paid instead"
        page.line(f"  {parts} = {words.amount(advice.net, advice.currency)}", "dim")
    if advice.one_off:
        months = advice.payback_months
        back = f", earned back in {words.number(months)} months" if months else ""
        page.line(f"  Once: {words.amount(advice.one_off, advice.currency)}{back}", "dim")
    page.line()


def _fee(fee: Fee, currency: str, *, is_spared: bool) -> tuple[str, str, str, str, str]:
    """A cost at an assumed price, which falls away or comes on top."""
    amount, cost = f"{words.number(fee.quantity)} {fee.unit}", words.amount(fee.cost, currency)
    if is_spared:
        return (fee.title, amount, "", cost, words.signed(-fee.cost, currency))
    return (fee.title, "", amount, "", f"+{cost}")


def _pool(change: PoolChange) -> tuple[str, str, str, str, str]:
    difference = "unknown"
    if change.cost_before is not None and change.cost_after is not None:
        difference = words.signed(change.cost_after - change.cost_before, change.currency)
    unit = "" if change.unit == Unit.GB else f" {change.unit}"
    return (
        words.pool(change.pool),
        f"{words.number(change.before)} {change.unit}",
        f"{words.number(change.after)}{unit or ' GB'}",
        words.amount(change.cost_before, change.currency),
        difference,
    )


def _assumptions(page: Page, advice: Advice, width: int) -> None:
    if not advice.assumptions:
        return
    page.line("Assumptions", "bold")
    for each in advice.assumptions:
        bounds = "" if each.low is None and each.high is None else f" ({_bound(each.low)} to {_bound(each.high)})"
        page.line(f"  --assume {each.name}={money.plain(each.value)}  {each.unit}{bounds}")
        for line in textwrap.wrap(f"{each.meaning}; {each.source}", width - 2, break_on_hyphens=False):
            page.line(f"    {line}", "dim")
    page.line()


def _bound(value: Decimal | None) -> str:
    return "…" if value is None else money.plain(value) or ""


def _curve(page: Page, advice: Advice) -> None:
    if not advice.curve:
        return
    page.table(
        [
            Column("If", [f"{each.name} = {money.plain(each.value)}" for each in advice.curve], right=False),
            Column("it saves in the period", [words.amount(each.net, advice.currency) for each in advice.curve]),
        ]
    )
    page.line()


def _steps(page: Page, advice: Advice, width: int) -> None:
    if not advice.steps:
        return
    page.line("How", "bold")
    for number, step in enumerate(advice.steps, 1):
        lines = textwrap.wrap(step.text, width - 3, break_on_hyphens=False)
        for at, line in enumerate(lines):
            page.line(f"  {f'{number}.' if not at else '  '} {line}")
        if step.command:
            page.line(f"     {step.command}", "cyan")
    page.line()
