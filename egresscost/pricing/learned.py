"""What a bill teaches about the list: which part of the list price it really charges.

Goes in: the normalized frame of a bill, and price lists. Comes out: `Learned`, which lays the bill's own rates over the
list. Never: takes an average of tiers for the price of one more GB, or what is free on the bill for a rate of 0.

A rate of the list with tiers keeps its tiers: each price is multiplied by what was billed, divided by what the same
usage costs at list price. The bill itself says what that is; where it does not (a reseller's bill), the list is
applied to the bill's quantities. A rate without tiers becomes what was billed, divided by what was used. Negotiated
discounts that stand on rows of their own count in. An allowance, at whatever list price it stands on the bill, and other
usage whose list cost is 0 teach nothing. What no list has is charged at the bill's average.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from egresscost import money
from egresscost.frame import Boundary, C
from egresscost.pricing.effective import as_overlay, cell, effective_rates, is_told
from egresscost.pricing.ladders import key_id, most_particular
from egresscost.pricing.overlay import Overlay
from egresscost.pricing.pools import Assumptions
from egresscost.pricing.price import price
from egresscost.pricing.rows import KEYS
from egresscost.results import RateSource
from egresscost.units import BYTES_PER_GB, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from egresscost.money import CostKind
    from egresscost.pricing.ladders import Ladder, Listed
    from egresscost.results import EffectivePart, EffectiveRate, Rate

ENOUGH: Final = Decimal("0.01")
"""What a bill must charge for something, in its currency, before it teaches a rate: less is too little to divide."""
_PLACES: Final = 6
"""Decimals of a part of the list price: bills round each of their rows."""
_RATE_PLACES: Final = 12
_APART: Final = 2
"""How many times the list price that a bill says may differ from the cards', before it is taken for something else."""
_NOTHING: Final = Decimal(0)
_HUNDRED: Final = Decimal(100)

Meter = tuple[date, "EffectiveRate"]
"""What a bill has of one kind of transfer in one month."""


@dataclass(frozen=True)
class Ratio:
    """What a bill charges for one rate of the list.

    Attributes:
        factor: The part of the list price, rounded to six decimals; None where the list says free.
        price: For one unit, where the list says free.
        quantity, cost: What of the bill says so.
    """

    factor: Decimal | None
    price: Decimal | None
    quantity: Decimal
    cost: Decimal


@dataclass(frozen=True)
class Learned:
    """What a bill teaches.

    Attributes:
        name: `bill of 2026-10`.
        ratios: By the key cells of a ladder of the list.
        unlisted: Average rates of what no list has.
        same_months: Whether the bill has some of the months that are priced.
    """

    name: str
    ratios: Mapping[str, Ratio] = field(default_factory=dict)
    unlisted: Overlay = field(default_factory=lambda: Overlay(""))
    same_months: bool = True

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.ratios or self.unlisted.ladders)

    def over(self, provider: str, listed: Ladder | None, keys: Mapping[str, str | None], on: date) -> Ladder | None:
        """The bill's own rates in place of those of the list; the list's where the bill does not tell."""
        if listed is None or not listed.rates:
            mine = (each for each in self.unlisted.ladders if each.provider == provider)
            return most_particular(mine, keys, on) or listed
        ratio = self.ratios.get(key_id(provider, listed.keys))
        if ratio is None:
            return listed
        source = RateSource(self.name, "bill", "", "Learned from a bill: what was charged for what was used")
        rates = tuple(_learned(rate, ratio, listed.currency, source) for rate in listed.rates)
        return replace(listed, rates=rates, origin=self.name)


def _learned(rate: Rate, ratio: Ratio, currency: str, source: RateSource) -> Rate:
    """A rate of the list as the bill charges it; what it was stands in the note."""
    if ratio.factor is None:
        assert ratio.price is not None  # noqa: S101  it has one of them
        paid, said = ratio.price, "billed, and free on the list"
    else:
        paid = money.EXACT.multiply(rate.price, ratio.factor)
        part = money.plain(money.EXACT.multiply(ratio.factor, _HUNDRED))
        said = f"{part} % of {money.plain(rate.price)} {currency} of {rate.source.id}"
    note = f"{said}; {rate.note}" if rate.note else said
    return replace(
        rate, price=paid, as_of="", basis="learned", confidence="high", source=source, confirmed_by=(), note=note
    )


def learn(
    bill: pd.DataFrame, listed: Listed, months: Iterable[date], cost: CostKind, assumed: Assumptions | None = None
) -> Learned:
    """What a bill teaches about the rates of some months.

    Args:
        bill: The normalized frame, whole.
        listed: The price lists.
        months: First days. Months that the bill does not have are left out; when it has none of them, all of its own
            months count.
        cost: Which amount: billed, before credits; or net.
        assumed: Where tiers begin, and which day's list counts.
    """
    assumed = assumed or Assumptions()
    starts = bill[C.PERIOD_START].dt.date.map(lambda day: day.replace(day=1))
    has = sorted(starts.unique())
    same = [month for month in has if month in set(months)]
    chosen = same or has
    meters = [(month, each) for month in chosen for each in effective_rates(bill[starts == month], cost)]
    name = "bill of " + " to ".join(dict.fromkeys(f"{month:%Y-%m}" for month in (chosen[:1] + chosen[-1:])))
    by_ladder: dict[str, list[Meter]] = defaultdict(list)
    ladders: dict[str, Ladder] = {}
    unlisted = []
    for month, each in meters:
        if not _teaches(each):
            continue
        ladder = listed.best(each.provider, _keys(each), assumed.day or month)
        if ladder is None or not ladder.rates:
            unlisted.append(each)
        else:
            key = key_id(each.provider, ladder.keys)
            by_ladder[key].append((month, each))
            ladders[key] = ladder
    by_list = _at_list(ladders, by_ladder, listed, assumed)
    found = {key: _ratio(ladders[key], alike, by_list.get(key)) for key, alike in by_ladder.items()}
    ratios = {key: ratio for key, ratio in found.items() if ratio is not None}
    return Learned(name, ratios, as_overlay(unlisted, name), bool(same))


def _keys(each: EffectiveRate) -> dict[str, str | None]:
    return {name: cell(name, each.keys.get(name, "")) for name in KEYS}


def _teaches(each: EffectiveRate) -> bool:
    """Whether a bill says enough of a kind of transfer: all its amounts, and where it goes."""
    if each.incomplete or each.cost is None or each.cost < 0 or not is_told(each.keys):
        return False
    if max(each.cost, _at_list_price(each.parts) or _NOTHING) < ENOUGH:
        return False
    has_ends = bool(each.keys["from"] and each.keys["to"])
    return has_ends or each.keys["boundary"] != Boundary.REGION or each.keys["charge"] != "transfer"


def _at_list_price(parts: Iterable[EffectivePart]) -> Decimal | None:
    """What parts of a bill cost at list price, as the bill says it; None where it does not."""
    stated = [part.list_cost for part in parts]
    return None if None in stated else money.total(stated)


def _credible(parts: Sequence[EffectivePart], ladder: Ladder) -> Decimal | None:
    """What parts cost at list price; None where the bill does not say, or says what no tier of the list could cost."""
    stated = _at_list_price(parts)
    used = sum((part.quantity for part in parts if part.list_cost), _NOTHING)
    if not stated or not used:
        return stated
    prices = [rate.price for rate in ladder.rates]
    average = money.EXACT.divide(stated, used)
    return stated if min(prices) / _APART <= average <= max(prices) * _APART else None


def _is_allowance(part: EffectivePart) -> bool:
    """Whether a bill charges nothing for a part: the list's own allowance takes care of that."""
    return part.cost == 0 and bool(part.quantity)


def _ratio(ladder: Ladder, same: Sequence[Meter], by_list: Decimal | None) -> Ratio | None:
    """What several meters of a bill say of a ladder; None where they do not."""
    parts = [part for _, each in same for part in each.parts if not (ladder.allowance_pool and _is_allowance(part))]
    currencies = {each.currency for _, each in same}
    stated = _credible(parts, ladder) if currencies == {ladder.currency} else _at_list_price(parts)
    if stated is not None:
        parts = [part for part in parts if part.list_cost or not part.quantity]
    quantity, cost = (sum((getattr(part, name) for part in parts), _NOTHING) for name in ("quantity", "cost"))
    if len(currencies) > 1 or quantity <= 0 or max(cost, stated or _NOTHING) < ENOUGH:
        return None
    at_list = stated
    if currencies == {ladder.currency}:
        at_list = money.EXACT.multiply(quantity, ladder.rates[0].price) if ladder.is_flat else stated or by_list
        if ladder.is_flat and not at_list:
            return Ratio(None, _divided(cost, quantity, _RATE_PLACES), quantity, cost)
    return Ratio(_divided(cost, at_list, _PLACES), None, quantity, cost) if at_list else None


def _divided(cost: Decimal, by: Decimal, places: int) -> Decimal:
    return money.rounded(money.EXACT.divide(cost, by), places)


def _at_list(
    ladders: Mapping[str, Ladder], by_ladder: Mapping[str, Sequence[Meter]], listed: Listed, assumed: Assumptions
) -> dict[str, Decimal]:
    """What the bill's quantities cost by the list, for ladders with tiers; a bill may not say it."""
    import polars as pl  # noqa: PLC0415

    tiered = [key for key, ladder in ladders.items() if not ladder.is_flat and ladder.keys["unit"] == Unit.GB]
    if not tiered:
        return {}
    rows = [
        {"ladder": key, "provider": each.provider, **_keys(each), "month": month, "quantity": _bytes(each.quantity)}
        for key in tiered
        for month, each in by_ladder[key]
    ]
    priced = price(pl.DataFrame(rows), listed, assumed).rows
    whole = priced.group_by("ladder").agg(pl.col("cost").sum(), unknown=pl.col("cost").null_count())
    return {key: cost for key, cost, unknown in whole.iter_rows() if not unknown}


def _bytes(quantity: Decimal | None) -> int:
    return int(money.rounded(money.EXACT.multiply(quantity or _NOTHING, Decimal(BYTES_PER_GB)), 0))
