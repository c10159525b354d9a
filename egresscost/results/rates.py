"""Rates of a price list.

Goes in: nothing; these are made by `egresscost.pricing`. Comes out: values. Never: prices anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal


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
        basis: `observed`, `rule` (free by a stated rule) or `inferred` (never observed).
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
