"""Quotes of the calculator, for people and for machines.

Goes in: a `QuoteSheet`. Comes out: tables, JSON or CSV. Never: computes a cost.
"""

from __future__ import annotations

import json
import textwrap
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from egresscost import money
from egresscost.document.prices import of_prices
from egresscost.reporters import words
from egresscost.reporters.page import Column, Page
from egresscost.reporters.tabular import write_csv

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from egresscost.reporters import Look
    from egresscost.results import Quote, QuotePart, QuoteSheet, TierStep

FORMATS: Final = {"table": (".txt",), "json": (".json",), "csv": (".csv",)}
_COLUMNS: Final = (
    "provider",
    "place",
    "charge",
    "boundary",
    "direction",
    "to",
    "via",
    "unit",
    "tier_start",
    "tier_end",
    "quantity",
    "price",
    "cost",
    "currency",
    "basis",
    "as_of",
    "confidence",
    "source",
    "rate_id",
    "note",
)
_TEXT_WIDTH = 100


def render(sheet: QuoteSheet, name: str, look: Look) -> bytes:
    """The quotes in one of `FORMATS`."""
    if name == "json":
        return (json.dumps(of_prices(sheet), indent=1, ensure_ascii=False) + "\n").encode()
    if name == "csv":
        return write_csv(_COLUMNS, (row for each in sheet.quotes for part in each.parts for row in _rows(each, part)))
    return _text(sheet, look)


def _rows(quote: Quote, part: QuotePart) -> Iterator[dict[str, Any]]:
    """A row for what is free, one for each tier, one for what has no price; the quantities add up."""
    keys = {name: part.keys.get(name, "") for name in ("charge", "boundary", "direction", "to", "via")}
    base = {**dict.fromkeys(_COLUMNS), "provider": quote.provider, "place": quote.place, **keys, "unit": part.unit}
    base |= {"currency": part.currency, "rate_id": part.rate_id}
    nothing = Decimal(0)
    if part.allowance and part.free:
        source = {"source": part.allowance.source.id, "note": part.allowance.scope}
        yield base | source | {"quantity": part.free, "price": nothing, "cost": nothing, "basis": "allowance"}
    for step in part.steps:
        rate = step.rate
        tier = {"tier_start": rate.start, "tier_end": rate.end, "price": rate.price, "basis": rate.basis}
        told = {"as_of": rate.as_of, "confidence": rate.confidence, "source": rate.source.id, "note": rate.note}
        yield base | tier | told | {"quantity": step.quantity, "cost": step.cost}
    rest = _unpriced(part)
    if rest or part.missing:
        yield base | {"quantity": rest, "basis": "unpriced", "note": part.missing}


def _unpriced(part: QuotePart) -> Decimal:
    priced = money.total([part.free, *(step.quantity for step in part.steps)])
    return money.EXACT.subtract(part.quantity, priced or Decimal(0))


def _text(sheet: QuoteSheet, look: Look) -> bytes:
    page = Page(look)
    amounts = " and ".join(f"{words.number(quantity)} {unit}" for unit, quantity in sheet.quantities.items())
    page.line(f"{words.name(sheet.what)}, {amounts}: rates in force on {sheet.day}", "bold")
    page.line()
    if len(sheet.quotes) > 1:
        _side_by_side(page, sheet.quotes)
    for quote in sheet.quotes:
        _quote(page, quote, look)
    page.line(" GB is 2^30 bytes. Before tax, and before discounts that no overlay names.", "dim")
    return page.bytes()


def _side_by_side(page: Page, quotes: Sequence[Quote]) -> None:
    clouds = [each.provider for each in quotes]
    marks = [_marks(each) for each in quotes]
    page.table(
        [
            *([Column("Cloud", clouds, right=False)] if len(set(clouds)) > 1 else []),
            Column("From", [each.place for each in quotes], right=False),
            Column("Cost", [_cost(each.cost, each.currency) for each in quotes]),
            Column("Average", [_average(each) for each in quotes], drop=1),
            Column("More than the cheapest", [_more(each) for each in quotes]),
            *([Column("", marks, right=False, style="yellow")] if any(marks) else []),
        ]
    )
    page.line()


def _cost(cost: Decimal | None, currency: str) -> str:
    return "unpriced" if cost is None else words.amount(cost, currency)


def _average(quote: Quote) -> str:
    return words.rate(quote.average, quote.currency)


def _more(quote: Quote) -> str:
    if not quote.difference:
        return "–" if quote.difference is not None else ""
    return f"+{words.amount(quote.difference, quote.currency)}"


def _marks(quote: Quote) -> str:
    return "inferred" if any(part.is_inferred for part in quote.parts) else ""


def _quote(page: Page, quote: Quote, look: Look) -> None:
    average = f"    average {_average(quote)}" if quote.average else ""
    page.line(f"{quote.place} ({quote.provider}): {_cost(quote.cost, quote.currency)}{average}", "bold")
    for part in quote.parts:
        _part(page, part, look)
    page.line()


def _part(page: Page, part: QuotePart, look: Look) -> None:
    via = part.keys.get("via")
    name = words.route(part.keys) + (f", by {via}" if via and via != part.keys.get("charge") else "")
    name += f", {part.keys['network_tier']}" if part.keys.get("network_tier") else ""
    if part.keys.get("direction") == "in" and part.keys.get("to") != part.keys.get("from"):
        name += ", at the receiving end" if part.keys.get("to") else ""
    page.line(f"  {name}: {words.number(part.quantity)} {part.unit}, {_cost(part.cost, part.currency)}")
    if part.steps or part.free:
        _tiers(page, part)
    for text in _remarks(part):
        for line in textwrap.wrap(text, min(look.width or _TEXT_WIDTH, _TEXT_WIDTH) - 4, break_on_hyphens=False):
            page.line(f"    {line}", "dim")
    if part.missing:
        page.line(f"    unpriced: {words.number(_unpriced(part))} {part.unit}: {part.missing}", "yellow")


def _tiers(page: Page, part: QuotePart) -> None:
    free = part.allowance if part.free else None
    nothing = words.amount(Decimal(0), part.currency)
    rows = [("    allowance", words.number(part.free), "free", nothing, "", "", free.source.id)] if free else []
    rows += [
        (
            f"    {_tier(part, step)}",
            words.number(step.quantity),
            _price(step, part),
            _cost(step.cost, part.currency),
            step.rate.as_of or "undated",
            _sure(step),
            step.rate.source.id,
        )
        for step in part.steps
    ]
    tier, quantity, price, cost, as_of, sure, source = zip(*rows, strict=True)
    page.table(
        [
            Column("    Tier", tier, right=False),
            Column(part.unit, quantity),
            Column("Price", price),
            Column("Cost", cost),
            Column("as of", as_of, right=False, drop=2, style="dim"),
            Column("confidence", sure, right=False, drop=3, style="dim"),
            Column("source", source, right=False, drop=1, style="dim"),
        ]
    )


def _tier(part: QuotePart, step: TierStep) -> str:
    if len(part.steps) == 1 and step.rate.end is None and not step.rate.start:
        return "all"
    end = "on" if step.rate.end is None else f"to {words.number(step.rate.end)}"
    return f"from {words.number(step.rate.start)} {end}"


def _price(step: TierStep, part: QuotePart) -> str:
    return "free" if not step.rate.price else words.exact(step.rate.price, part.currency)


def _sure(step: TierStep) -> str:
    return f"{step.rate.confidence}, {step.rate.basis}" if step.rate.basis != "observed" else step.rate.confidence


def _remarks(part: QuotePart) -> Iterator[str]:
    """What must be known to believe the figures."""
    if part.allowance is not None:
        free = part.allowance
        yield f"The first {words.number(free.quantity)} {free.unit} are free, once per {free.scope}; the tiers begin after them."
    if part.tier_start:
        yield f"Taken as used before in this month: {words.number(part.tier_start)} {part.unit}, the allowance among them."
    for note in dict.fromkeys(step.rate.note for step in part.steps if step.rate.note):
        said = (
            "Inferred, never observed: "
            if any(s.rate.note == note and s.rate.basis == "inferred" for s in part.steps)
            else ""
        )
        yield f"{said}{note}"
