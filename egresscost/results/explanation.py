"""How a figure came to be.

Goes in: nothing; these are made by `egresscost.explanation`. Comes out: values. Never: computes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal

    from egresscost.money import CostKind
    from egresscost.periods import Window
    from egresscost.results.rates import Allowance, Rate
    from egresscost.results.report import Amounts, Breakdown, Notice


@dataclass(frozen=True)
class Meter:
    """Rows of one meter at one rate: a tier, where the bill has one row for each.

    Attributes:
        usage_type, rate_id: As the bill says.
        direction: As in the frame.
        quantity, unit: Billed.
        list_rate, billed_rate: Cost for one unit, None where the bill does not say.
        list_cost: What it comes to at list price.
        cost: What it comes to in the asked-for kind.
        records: Rows behind it.
    """

    usage_type: str | None
    rate_id: str | None
    direction: str
    quantity: Decimal | None
    unit: str | None
    list_rate: Decimal | None
    billed_rate: Decimal | None
    list_cost: Decimal | None
    cost: Decimal | None
    records: int


@dataclass(frozen=True)
class OtherRows:
    """Rows of an explained figure that are no usage: discounts, credits, refunds. With the meters, they add up to it.

    Attributes:
        charge_class: As in the frame.
        usage_type, rate_id: As the bill says.
        cost: What they come to in the asked-for kind; a credit is no part of what is billed before credits.
        credit: What they credit, negative.
        records: How many there are.
    """

    charge_class: str
    usage_type: str | None
    rate_id: str | None
    cost: Decimal | None
    credit: Decimal | None
    records: int


@dataclass(frozen=True)
class RuleUse:
    """A rule that placed rows of an explained figure.

    Attributes:
        id, title, pattern, why, source: Of the rule.
        boundary, direction, charge: What it says.
        cost, bytes, records: What it placed.
    """

    id: str
    title: str
    pattern: str
    why: str
    source: str
    boundary: str
    direction: str
    charge: str
    cost: Decimal | None
    bytes: int | None
    records: int


@dataclass(frozen=True)
class ListPrice:
    """What the rate card says of some of the explained rows, beside what was billed.

    Attributes:
        provider: The cloud.
        keys: What was looked up, by column of the card.
        quantity, unit: What was billed.
        billed: What it came to.
        rates: Tier by tier; empty when no card says.
        currency: Of the rates.
        tier_pool: What is added up to find the tier.
        allowance: What is free before the first tier.
    """

    provider: str
    keys: Mapping[str, str | None]
    quantity: Decimal | None
    unit: str
    billed: Decimal | None
    rates: tuple[Rate, ...]
    currency: str = ""
    tier_pool: str = ""
    allowance: Allowance | None = None


@dataclass(frozen=True)
class BillRow:
    """A single row of a bill.

    Attributes:
        place: File and line.
        day: First day of its period.
        account, service, usage_type, operation, resource: As the bill says.
        quantity, unit, cost: As billed.
        line_type: The bill's own word for the kind of line.
    """

    place: str
    day: date
    account: str | None
    service: str | None
    usage_type: str | None
    operation: str | None
    resource: str | None
    quantity: Decimal | None
    unit: str | None
    cost: Decimal | None
    line_type: str | None


@dataclass(frozen=True)
class Explanation:
    """The answer to `egresscost explain`, for one currency.

    Attributes:
        title: What is explained.
        window: The days.
        currency: ISO 4217.
        cost: The kind of cost.
        amounts: In every kind.
        total: In the asked-for kind.
        bytes, records: Behind it.
        rules: What placed the rows, the dearest first.
        meters: Usage and its rates by meter and tier, the dearest first.
        others: What is no usage and belongs to it, by charge class, meter and tier, the largest first.
        shown_by: Breakdowns by service, account and usage type.
        list_prices: What the rate cards say, the dearest first.
        rows: The dearest single rows.
        notices: What the reader must know.
        account_names: Names by account id.
    """

    title: str
    window: Window
    currency: str
    cost: CostKind
    amounts: Amounts
    total: Decimal | None
    bytes: int | None
    records: int
    rules: tuple[RuleUse, ...]
    meters: tuple[Meter, ...]
    others: tuple[OtherRows, ...]
    shown_by: tuple[Breakdown, ...]
    list_prices: tuple[ListPrice, ...]
    rows: tuple[BillRow, ...]
    notices: tuple[Notice, ...] = ()
    account_names: Mapping[str, str] = field(default_factory=dict)
