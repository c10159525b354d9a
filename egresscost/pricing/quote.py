"""The calculator: what an amount costs from one place or several, tier by tier.

Goes in: a question, amounts, and rates. Comes out: a `QuoteSheet`. Never: leaves out a place that has no price; it says
what is missing.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from egresscost import money
from egresscost.errors import UsageError
from egresscost.pricing.pools import Assumptions
from egresscost.pricing.routes import ALL, homes, keys_of, subject
from egresscost.pricing.rows import OPEN
from egresscost.pricing.tiers import cost
from egresscost.results import Quote, QuotePart, QuoteSheet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from egresscost.pricing.ladders import Ladder, Prices
    from egresscost.pricing.routes import Question
    from egresscost.results import TierCost

_NOTHING = Decimal(0)


def quote(
    prices: Prices,
    question: Question,
    places: Sequence[str],
    quantities: Mapping[str, Decimal],
    on: date,
    *,
    assumed: Assumptions | None = None,
) -> QuoteSheet:
    """Price amounts from several places, each as if it were the only one.

    Args:
        prices: Where rates are looked up.
        question: What is asked for.
        places: Regions, or other places that rates begin at.
        quantities: By unit: GB, hours.
        on: The rates in force then.
        assumed: Allowance, and where tiers begin.

    Raises:
        UsageError: Something in the question does not exist, or must be said.
    """
    assumed = assumed or Assumptions()
    found = []
    for provider, place in dict.fromkeys(home for each in places for home in homes(prices, question, each)):
        try:
            asked = [
                (keys, quantity)
                for unit, quantity in quantities.items()
                for keys in keys_of(prices, provider, place, question, unit)
            ]
        except UsageError as error:
            if question.provider != ALL:
                raise
            found.append(_quote(provider, place, _unanswered(question, quantities, error), quantities))
            continue
        parts = tuple(_part(prices, provider, keys, quantity, on=on, assumed=assumed) for keys, quantity in asked)
        found.append(_quote(provider, place, parts, quantities))
    return QuoteSheet(question.what, on, dict(quantities), tuple(_compared(found)))


def _unanswered(question: Question, quantities: Mapping[str, Decimal], error: UsageError) -> tuple[QuotePart, ...]:
    """What one of several clouds has no answer to, and why: the others have theirs."""
    why = "; ".join((error.message, *error.details, *([error.hint] if error.hint else [])))
    return tuple(
        QuotePart(_asked(question, unit), unit, quantity, missing=why) for unit, quantity in quantities.items()
    )


def _asked(question: Question, unit: str) -> dict[str, str]:
    charge, boundary = subject(question.what, unit)
    return {name: text for name, text in (("charge", charge), ("boundary", boundary), ("to", question.to)) if text}


def _part(
    prices: Prices,
    provider: str,
    keys: Mapping[str, str | None],
    quantity: Decimal,
    *,
    on: date,
    assumed: Assumptions,
) -> QuotePart:
    told = {name: value for name, value in keys.items() if value and name != "dst_geo"}
    ladder = prices.ladder(provider, keys, on)
    if ladder is None:
        return QuotePart(told, told["unit"], quantity, missing=_missing(prices.ladders(provider), keys, on))
    start = assumed.start_of(ladder)
    has_allowance = assumed.allowance and not start and ladder.allowance_pool
    allowance = prices.allowance(provider, ladder.allowance_pool, on) if has_allowance else None
    free = min(allowance.quantity, quantity) if allowance else _NOTHING
    tiered = cost(ladder.rates, money.EXACT.subtract(quantity, free), start)
    return QuotePart(
        keys=told,
        unit=told["unit"],
        quantity=quantity,
        currency=ladder.currency,
        allowance=allowance,
        free=free,
        tier_pool=ladder.tier_pool,
        tier_start=start,
        steps=tiered.steps,
        cost=tiered.total,
        rate_id=ladder.id,
        is_inferred=ladder.is_inferred,
        missing=_hole(tiered, told["unit"]),
    )


def _hole(tiered: TierCost, unit: str) -> str:
    """What of a priced quantity lies in no tier, in words."""
    return "" if tiered.unpriced_from is None else f"no rate above {money.plain(tiered.unpriced_from)} {unit}"


def _missing(ladders: Iterable[Ladder], keys: Mapping[str, str | None], on: date) -> str:
    """Why there is no price, in words."""
    alike = [each for each in ladders if each.fits(keys)]
    apart = [each for each in alike if each.holds(on) and not each.rates]
    if apart:
        return f"priced apart, and no card knows at what price: {apart[0].note}"
    later = sorted(each.valid_from for each in alike if each.valid_from is not None and each.valid_from > on)
    if later:
        return f"no rate in force on {on}; the first one begins on {later[0]}"
    over = sorted(each.valid_to for each in alike if each.valid_to is not None and each.valid_to <= on)
    if over:
        return f"no rate in force on {on}; the last one ended on {over[-1]}"
    told = [f"{name} {keys[name]}" for name in reversed(OPEN) if keys.get(name) and name != "dst_geo"]
    return f"no card has a rate for {keys['charge']} by {keys['unit']}, {', '.join(told)}"


def _quote(provider: str, place: str, parts: tuple[QuotePart, ...], quantities: Mapping[str, Decimal]) -> Quote:
    currencies = {part.currency for part in parts if part.currency}
    is_whole = len(currencies) == 1 and all(part.cost is not None for part in parts)
    total = money.total(part.cost for part in parts) if is_whole else None
    asked = list(quantities.values())
    average = None
    if total is not None and len(asked) == 1 and asked[0]:
        average = money.rounded(money.EXACT.divide(total, asked[0]), 10)
    return Quote(provider, place, parts, currencies.pop() if len(currencies) == 1 else "", total, average, None)


def _compared(found: Iterable[Quote]) -> list[Quote]:
    """The cheapest first, each currency apart; what has no price last."""
    ordered = sorted(
        found, key=lambda each: (each.cost is None, each.currency, each.cost or _NOTHING, each.provider, each.place)
    )
    least: dict[str, Decimal] = {}
    for each in ordered:
        if each.cost is not None:
            least.setdefault(each.currency, each.cost)
    return [
        each if each.cost is None else replace(each, difference=money.EXACT.subtract(each.cost, least[each.currency]))
        for each in ordered
    ]
