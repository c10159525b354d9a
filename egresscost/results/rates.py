"""Rates of a price list.

Goes in: nothing; these are made by `egresscost.pricing`. Comes out: values. Never: prices anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


@dataclass(frozen=True)
class RateSource:
    """Where a rate was seen.

    Attributes:
        id: Its name in the card.
        kind: `price_list_copy`, `provider_page`, `bill`, `dataset`, `secondary` or `inference`.
        date: When it was published or read, as far as that is known; may be empty.
        title: For people.
    """

    id: str
    kind: str
    date: str
    title: str


@dataclass(frozen=True)
class Rate:
    """One tier of a price list.

    Attributes:
        start, end: From how many units in a month on, and up to how many; an end of None is open.
        price: For one unit.
        as_of: When it was so; may be empty.
        basis: `observed`, `rule` (free by a stated rule), `inferred` (never observed), `negotiated` (the user's own) or
            `learned` (from a bill).
        confidence: `high`, `medium` or `low`.
        source, confirmed_by: Where it was seen, and where else.
        note: What else must be known; often empty.
    """

    start: Decimal
    end: Decimal | None
    price: Decimal
    as_of: str
    basis: str
    confidence: str
    source: RateSource
    confirmed_by: tuple[RateSource, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Allowance:
    """What is free each month before the first tier begins.

    Attributes:
        quantity, unit: How much.
        scope: Who shares it, over what time.
        source: Where that was seen.
        note: What it covers.
    """

    quantity: Decimal
    unit: str
    scope: str
    source: RateSource
    note: str = ""


@dataclass(frozen=True)
class TierStep:
    """The part of a quantity that lies in one tier.

    Attributes:
        start, end: Units of the month that this part begins and ends at.
        quantity: Units in it.
        cost: Quantity times the rate's price, exactly.
        rate: The tier.
    """

    start: Decimal
    end: Decimal
    quantity: Decimal
    cost: Decimal
    rate: Rate


@dataclass(frozen=True)
class TierCost:
    """A ladder applied to a quantity.

    Attributes:
        steps: Tier by tier, in order.
        total: The sum of their costs; None where some of the quantity lies in no known tier.
        unpriced: How much that is.
        unpriced_from: Where the first of it begins; None when there is none.
    """

    steps: tuple[TierStep, ...]
    total: Decimal | None
    unpriced: Decimal
    unpriced_from: Decimal | None = None


@dataclass(frozen=True)
class PoolCost:
    """What the uses of one tier pool cost in one month, before that is shared out to them.

    Attributes:
        provider, month: Whose, and the first day of the month.
        pool: The tier pool, or the rate's id where a ladder has no pool.
        rate_ids: The ladders that were applied; several with the same prices may fill one pool.
        unit, quantity: What was used.
        free: How much of it fell under the allowance.
        tier_start: Units of the month that were taken as used before.
        pool_quantity: Charged units of the whole pool, which decide the tiers; more than `quantity - free` only where
            ladders of different prices fill one pool.
        steps: The ladder over the whole pool.
        cost: Rounded to ten decimals; None when it is not known.
        currency: ISO 4217.
        is_inferred: Whether a rate of it was never observed.
    """

    provider: str
    month: date
    pool: str
    rate_ids: tuple[str, ...]
    unit: str
    quantity: Decimal
    free: Decimal
    tier_start: Decimal
    pool_quantity: Decimal
    steps: tuple[TierStep, ...]
    cost: Decimal | None
    currency: str
    is_inferred: bool


@dataclass(frozen=True)
class Unpriced:
    """A kind of use without a price.

    Attributes:
        provider, month: Whose, and the month.
        missing: The card's key that has no rate, or what else is not known.
        unit, quantity: How much there is of it; None where that itself is unknown.
        rows: In how many rows.
    """

    provider: str
    month: date
    missing: str
    unit: str
    quantity: Decimal | None
    rows: int


@dataclass(frozen=True)
class PricesUsed:
    """Which rates the flow logs of a provider were priced by.

    Attributes:
        provider: Whose.
        day: The rates are those in force then; None for those in force on each use's own day.
        cards: A folder of own rate cards that come before those of the program; empty for none.
        overlay: A file of own rates; empty for none.
        bill: What own rates were learned from, `bill of 2026-10`; empty for nothing.
        oldest, newest: Dates of the rates of price lists that were used; empty without one.
        charges: How many rates cost something.
        by_overlay, by_bill: How many of them are the overlay's, and the bill's.
        tier_start: Units of each month that were taken as used before, in every pool with tiers.
        pool_starts: The same for single pools.
    """

    provider: str
    day: date | None = None
    cards: str = ""
    overlay: str = ""
    bill: str = ""
    oldest: str = ""
    newest: str = ""
    charges: int = 0
    by_overlay: int = 0
    by_bill: int = 0
    tier_start: Decimal = Decimal(0)
    pool_starts: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class EffectivePart:
    """What one rate id of a bill costs.

    Attributes:
        rate_id: The bill's own; None where it has none.
        quantity, cost: Sums over its rows.
        rate: Cost for one unit, rounded to twelve decimals; None where the quantity is 0.
        list_cost: The same at list price, as the bill says it; None where one of its rows does not.
    """

    rate_id: str | None
    quantity: Decimal
    cost: Decimal
    rate: Decimal | None
    list_cost: Decimal | None = None


@dataclass(frozen=True)
class EffectiveRate:
    """What a bill really charges for one kind of transfer.

    Attributes:
        provider: The cloud.
        keys: As a rate card has them: `charge`, `boundary`, `direction`, `from`, `to`, `via`, `network_tier`,
            `dst_geo`, `unit`.
        currency: ISO 4217.
        quantity, cost: Sums over the rows that have both; None when no row has.
        rate: Cost for one unit, rounded to twelve decimals; None where it is not known.
        lowest, highest: Of the rates of its parts: how far the tiers lie apart.
        parts: By the bill's rate id, the dearest first.
        incomplete: Rows of the bill that lack a quantity or a cost, and are in none of the sums.
    """

    provider: str
    keys: Mapping[str, str]
    currency: str
    quantity: Decimal | None
    cost: Decimal | None
    rate: Decimal | None
    lowest: Decimal | None
    highest: Decimal | None
    parts: tuple[EffectivePart, ...]
    incomplete: int
