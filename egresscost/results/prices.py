"""What the calculator and the rate cards answer.

Goes in: nothing; these are made by `egresscost.pricing`. Comes out: values. Never: prices anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from egresscost.results.rates import Allowance, Rate, TierStep


@dataclass(frozen=True)
class QuotePart:
    """One charge of a quote: one end of a transfer, or a device's GB or hours.

    Attributes:
        keys: What was looked up, by column of a rate card.
        unit, quantity: How much.
        currency: ISO 4217; empty without a rate.
        allowance: What is free each month; None where there is none, or it was not asked for.
        free: How much of the quantity that is.
        tier_pool: What is added up to find the tier.
        tier_start: Units of the month that were taken as used before.
        steps: Tier by tier.
        cost: Exactly; None without a price for all of it.
        rate_id: The ladder; empty without one.
        is_inferred: Whether a rate of it was never observed.
        missing: What has no price, in words; empty when all of it has.
    """

    keys: Mapping[str, str]
    unit: str
    quantity: Decimal
    currency: str = ""
    allowance: Allowance | None = None
    free: Decimal = Decimal(0)
    tier_pool: str = ""
    tier_start: Decimal = Decimal(0)
    steps: tuple[TierStep, ...] = ()
    cost: Decimal | None = None
    rate_id: str = ""
    is_inferred: bool = False
    missing: str = ""


@dataclass(frozen=True)
class Quote:
    """What is asked for, from one place.

    Attributes:
        provider: The cloud.
        place: The region, or another place that rates begin at.
        parts: Its charges.
        currency: ISO 4217; empty when no part has a price, or parts have different ones.
        cost: Their sum; None when one is not known.
        average: Cost for one unit of what was asked for, rounded to ten decimals; None when several units were.
        difference: To the cheapest of the same currency; None without a cost.
    """

    provider: str
    place: str
    parts: tuple[QuotePart, ...]
    currency: str
    cost: Decimal | None
    average: Decimal | None
    difference: Decimal | None


@dataclass(frozen=True)
class QuoteSheet:
    """All places side by side, the cheapest first, what has no price last.

    Attributes:
        what: The boundary or charge that was asked for.
        day: The rates are those in force then.
        quantities: By unit.
        quotes: One for each place.
    """

    what: str
    day: date
    quantities: Mapping[str, Decimal]
    quotes: tuple[Quote, ...]


@dataclass(frozen=True)
class CardEntry:
    """One ladder of the cards.

    Attributes:
        id: Its name.
        provider: The cloud.
        keys: What it holds for, by column of the card; an empty text means any.
        rates: Tier by tier; none at all where it is priced apart.
        currency: ISO 4217.
        tier_pool: What is added up to find the tier.
        allowance: What is free each month before the first tier.
        valid_from, valid_to: First day, and first day after; None where it is not known.
        as_of: When its oldest rate was so; may be empty.
        age_days: How long ago that is; None without a date.
        basis, confidence: The weakest of its rates.
        note: What else must be known.
        groups: For each key that is the name of a group of places, what is in it.
    """

    id: str
    provider: str
    keys: Mapping[str, str]
    rates: tuple[Rate, ...]
    currency: str
    tier_pool: str
    allowance: Allowance | None
    valid_from: date | None
    valid_to: date | None
    as_of: str
    age_days: int | None
    basis: str
    confidence: str
    note: str
    groups: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class CardList:
    """Ladders of the cards that are in force on a day."""

    day: date
    entries: tuple[CardEntry, ...]


@dataclass(frozen=True)
class Finding:
    """Something about the rate cards that a reader must know.

    Attributes:
        code: Stable name: `conflict`.
        severity: `error`, `warning` or `note`.
        message: One sentence.
        details: Files with lines, or ids of ladders.
    """

    code: str
    severity: str
    message: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gap:
    """A kind of charge, and the regions without a rate for it.

    Attributes:
        provider: The cloud.
        charge, boundary, via, network_tier, unit: The kind; `via` only where it tells kinds of devices apart, and
            `network_tier` where the cloud has several.
        known, inferred: How many regions have a rate, and how many of these only an inferred one.
        missing: The regions that have none.
    """

    provider: str
    charge: str
    boundary: str
    via: str
    network_tier: str
    unit: str
    known: int
    inferred: int
    missing: tuple[str, ...]


@dataclass(frozen=True)
class CardCheck:
    """What is wrong with the cards, and what they do not know.

    Attributes:
        day: The rates are those in force then.
        rates: How many were looked at, by basis.
        findings: Errors first.
        gaps: By kind of charge.
    """

    day: date
    rates: Mapping[str, int]
    findings: tuple[Finding, ...]
    gaps: tuple[Gap, ...]


@dataclass(frozen=True)
class RateChange:
    """A ladder that is not the same on both sides.

    Attributes:
        status: `changed`, `new` or `gone`.
        provider: The cloud.
        keys: What it holds for.
        before, after: Its rates; empty on the side that has none.
        currency_before, currency_after: ISO 4217; empty on the side that has none.
        relative: Change of the first tier's price; None where there is none to compare.
    """

    status: str
    provider: str
    keys: Mapping[str, str]
    before: tuple[Rate, ...]
    after: tuple[Rate, ...]
    currency_before: str
    currency_after: str
    relative: Decimal | None


@dataclass(frozen=True)
class CardDifference:
    """Two sets of rate cards, or two days of one.

    Attributes:
        before, after: What they are called.
        same: How many ladders are the same on both sides.
        changes: The others.
    """

    before: str
    after: str
    same: int
    changes: tuple[RateChange, ...]
