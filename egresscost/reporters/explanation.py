"""An explanation, for people and for machines.

Goes in: `Explanation`s. Comes out: a tree of texts, or JSON. Never: computes a cost.
"""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING

from egresscost import money
from egresscost.document import of_explanations
from egresscost.money import CostKind
from egresscost.reporters import words
from egresscost.reporters.page import Column, Page
from egresscost.results import Severity
from egresscost.summary.lines import cut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from egresscost.reporters import Look
    from egresscost.results import Explanation, ListPrice, Meter

_SHOWN = 12
_TEXT_WIDTH = 100
_WIDEST = 10_000
_ONE = {"hours": "hour", "LCU-hours": "LCU-hour", "Gbps-hours": "Gbps-hour"}
_DIRECTION = {"in": "in", "out": "out"}


def to_json(explanations: Sequence[Explanation]) -> bytes:
    """All of it as one JSON document."""
    return (json.dumps(of_explanations(explanations), indent=1, ensure_ascii=False) + "\n").encode()


def to_text(explanations: Sequence[Explanation], look: Look) -> bytes:
    """All of it for a terminal."""
    page = Page(look)
    for explanation in explanations:
        _explain(page, explanation, look)
    return page.bytes()


def _explain(page: Page, explanation: Explanation, look: Look) -> None:
    currency = explanation.currency
    page.line(
        f"{words.name(explanation.title)}, {explanation.window} (UTC): {words.amount(explanation.total, currency)} {explanation.cost.words}",
        "bold",
    )
    page.line(f"{_volume(explanation)}{explanation.records:,} rows of the bill")
    page.line()
    _amounts(page, explanation)
    _rules(page, explanation, look)
    _meters(page, explanation)
    _others(page, explanation)
    _list_prices(page, explanation, look)
    _shown_by(page, explanation)
    _rows(page, explanation, look)
    for notice in explanation.notices:
        if notice.severity is Severity.WARNING:
            page.line(f"warning: {notice.message}", "yellow")


def _volume(explanation: Explanation) -> str:
    """The GB of an explanation; where both ends of the same bytes are in it, also what both add up to."""
    if explanation.bytes is None:
        return ""
    billed = sum(use.bytes or 0 for use in explanation.rules)
    if billed == explanation.bytes:
        return f"{words.volume(billed)} from "
    return (
        f"{words.volume(billed)} billed, {words.volume(explanation.bytes)} when the same bytes are counted once, from "
    )


def _shown_by(page: Page, explanation: Explanation) -> None:
    several = [breakdown for breakdown in explanation.shown_by if len(breakdown.lines) > 1]
    for breakdown in several:
        short = cut(breakdown, 5)
        names = [_name(explanation, line.keys[breakdown.keys[0]]) for line in short.lines]
        parts = [
            f"{name} {words.percent(line.share) or words.amount(line.cost, explanation.currency)}"
            for name, line in zip(names, short.lines, strict=True)
        ]
        more = f" · {short.left_out:,} more" if short.left_out else ""
        page.line(f"{breakdown.title}: {' · '.join(parts)}{more}")
    if several:
        page.line()


def _name(explanation: Explanation, value: str | None) -> str:
    return explanation.account_names.get(value or "", value or "(none)")


def _amounts(page: Page, explanation: Explanation) -> None:
    amounts, currency = explanation.amounts, explanation.currency
    facts = [
        ("list price", amounts.list_cost),
        ("billed, before credits", amounts.billed_cost),
        ("credits", amounts.credit),
        ("net", amounts.net_cost),
    ]
    page.line(" · ".join(f"{name} {words.amount(amount, currency)}" for name, amount in facts))
    page.line()


def _rules(page: Page, explanation: Explanation, look: Look) -> None:
    width = min(look.width or _TEXT_WIDTH, _TEXT_WIDTH) - 4
    for use in explanation.rules:
        counted = "" if use.bytes is None else f"{words.volume(use.bytes)}, "
        page.line(f"{use.title}: {counted}{words.amount(use.cost, explanation.currency)}", "bold")
        for line in textwrap.wrap(use.why, width):
            page.line(f"    {line}")
        page.line(f"    boundary {use.boundary}, direction {use.direction}, charge {use.charge}; rule {use.id}", "dim")
        if use.pattern:
            for line in textwrap.wrap(f"pattern {use.pattern}", width, break_long_words=False, break_on_hyphens=False):
                page.line(f"    {line}", "dim")
        for line in textwrap.wrap(f"source: {use.source}", width) if use.source else []:
            page.line(f"    {line}", "dim")
        page.line()


def _meters(page: Page, explanation: Explanation) -> None:
    """List against billed rate; a rate id of its own is a price tier of its own."""
    meters = explanation.meters[:_SHOWN]
    if not meters:
        return
    currency = explanation.currency
    page.table(
        [
            Column("Meter", [meter.usage_type or "(none)" for meter in meters], right=False),
            Column("", [_DIRECTION.get(meter.direction, "") for meter in meters], right=False),
            Column("rate id", [meter.rate_id or "" for meter in meters], right=False, drop=1, style="dim"),
            Column("Quantity", [_quantity(meter) for meter in meters]),
            Column("List", [words.rate(meter.list_rate, currency) for meter in meters]),
            Column("Billed", [words.rate(meter.billed_rate, currency) for meter in meters]),
            Column("Cost", [words.amount(meter.cost, currency) for meter in meters]),
        ]
    )
    left = len(explanation.meters) - len(meters)
    if left:
        rest = money.total(meter.cost for meter in explanation.meters[_SHOWN:])
        page.line(f" … {left:,} more, {words.amount(rest, currency)}", "dim")
    page.line(
        " List and Billed are for one unit; each price tier has its own rate id. An empty List: the bill does not say it.",
        "dim",
    )
    page.line()


def _others(page: Page, explanation: Explanation) -> None:
    """Discounts, credits, refunds: what stands between the meters and the total."""
    others, currency = explanation.others[:_SHOWN], explanation.currency
    if not others:
        return
    credits_ = [words.amount(other.credit, currency) if other.credit else "" for other in others]
    columns = [
        Column("Other rows", [other.charge_class for other in others], right=False),
        Column("Meter", [other.usage_type or "(none)" for other in others], right=False),
        Column("rate id", [other.rate_id or "" for other in others], right=False, drop=1, style="dim"),
        Column("Rows", [f"{other.records:,}" for other in others], drop=2),
        *([Column("Credit", credits_)] if any(credits_) else []),
        Column("Cost", [words.amount(other.cost, currency) for other in others]),
    ]
    page.table(columns)
    left = explanation.others[_SHOWN:]
    if left:
        rest = money.total(other.cost for other in left)
        page.line(f" … {len(left):,} more, {words.amount(rest, currency)}", "dim")
    used = money.total(meter.cost for meter in explanation.meters)
    rest = money.total(other.cost for other in explanation.others)
    parts = (
        f"usage {words.amount(used, currency)}, other rows {words.amount(rest, currency)}" if used is not None else ""
    )
    if parts:
        page.line(f" {parts}: together {words.amount(explanation.total, currency)}.", "dim")
    if any(credits_) and explanation.cost is CostKind.BILLED:
        page.line(" A credit is no part of what is billed before credits; `--cost net` counts it.", "dim")
    page.line()


def _list_prices(page: Page, explanation: Explanation, look: Look) -> None:
    """The rate cards, tier by tier, each with its source and date."""
    charged = [price for price in explanation.list_prices if any(rate.price for rate in price.rates)]
    free = [price for price in explanation.list_prices if price.rates and price not in charged]
    unknown = [price for price in explanation.list_prices if not price.rates and price.billed]
    if not explanation.list_prices:
        return
    width = min(look.width or _TEXT_WIDTH, _TEXT_WIDTH) - 4
    page.line("Public list prices, from dated rate cards (not from your bill):", "bold")
    for price in charged[:_SHOWN]:
        billed = (
            f"{words.number(price.quantity)} {price.unit}, billed {words.amount(price.billed, explanation.currency)}"
        )
        page.line(f"  {words.route(price.keys)}: {billed}")
        for line in textwrap.wrap(ladder(price), width):
            page.line(f"    {line}")
        for line in textwrap.wrap(source(price), width, break_on_hyphens=False):
            page.line(f"    {line}", "dim")
    if len(charged) > _SHOWN:
        page.line(f"  … {len(charged) - _SHOWN:,} more; `--json` has them all", "dim")
    for names, sentence in ((free, "Free by the price list"), (unknown, "No price on the card for")):
        routes = list(dict.fromkeys(words.route(price.keys) for price in names))
        if routes:
            more = f" and {len(routes) - _SHOWN:,} more" if len(routes) > _SHOWN else ""
            for line in textwrap.wrap(f"{sentence}: {'; '.join(routes[:_SHOWN])}{more}", width):
                page.line(f"  {line}", "dim")
    page.line()


def ladder(price: ListPrice) -> str:
    """`$0.09 up to 10,240 GB · $0.085 above, each month, after 100 GB free`."""
    steps = []
    for rate in price.rates:
        text = words.exact(rate.price, price.currency)
        if len(price.rates) > 1 or rate.end is not None:
            edge = f"up to {words.number(rate.end)} {price.unit}" if rate.end is not None else "above that"
            text += f" {edge}{' (inferred)' if rate.basis == 'inferred' else ''}"
        else:
            text += f" for one {_ONE.get(price.unit, price.unit)}"
        steps.append(text)
    if price.rates[-1].end is not None:
        steps.append("above that unknown")
    per = "each month " if len(price.rates) > 1 else ""
    free = price.allowance
    before = f"; before that {words.number(free.quantity)} {free.unit} free (per {free.scope})" if free else ""
    return per + " · ".join(steps) + before


def source(price: ListPrice) -> str:
    """`as of 2026-07-01, confidence high; sources …`."""
    first = price.rates[0]
    sources = dict.fromkeys(each.id for rate in price.rates for each in (rate.source, *rate.confirmed_by))
    inferred = f"inferred, never observed: {first.note}; " if first.basis == "inferred" else ""
    seen = f"as of {first.as_of}" if first.as_of else "undated"
    return f"{inferred}{seen}, confidence {first.confidence}; sources {', '.join(sources)}"


def _quantity(meter: Meter) -> str:
    return f"{words.number(meter.quantity)} {meter.unit or ''}".strip()


def _rows(page: Page, explanation: Explanation, look: Look) -> None:
    if not explanation.rows:
        return
    page.line("The dearest rows:")
    for row in explanation.rows:
        facts = [
            str(row.day),
            _name(explanation, row.account),
            row.service,
            row.usage_type,
            row.operation,
            row.resource,
        ]
        quantity = "" if row.quantity is None else f"{money.plain(row.quantity)} {row.unit or ''}".strip()
        cost = words.exact(row.cost, explanation.currency)
        page.line(f"  {row.place}")
        said = f"{row.line_type}: {' · '.join(fact for fact in (*facts, quantity, cost) if fact)}"
        for line in textwrap.wrap(said, (look.width or _WIDEST) - 4, break_on_hyphens=False):
            page.line(f"    {line}", "dim")
    page.line()
