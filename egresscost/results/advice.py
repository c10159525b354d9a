"""Advice: what to change, what that saves and what it costs.

Goes in: nothing; these are made by `egresscost.advice`. Comes out: values. Never: prices anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from egresscost.frame import Basis

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from egresscost.results.difference import Difference


class Standing(StrEnum):
    """What came of a change that was looked at."""

    SAVES = "saves"
    DOES_NOT_PAY = "does_not_pay"
    NOT_JUDGED = "not_judged"


class Sureness(StrEnum):
    """How sure a saving is: bill and flow logs agree, one of them says it, or something stands in for the evidence."""

    HIGH = "H"
    MEDIUM = "M"
    LOW = "L"


@dataclass(frozen=True)
class Assumption:
    """A figure that no input tells.

    Attributes:
        name: What `--assume` calls it.
        value, unit: What is taken.
        low, high: Between which it may be set; None is open.
        meaning: What it is.
        source: Where the figure comes from: `given` for one that the user set.
    """

    name: str
    value: Decimal
    unit: str
    low: Decimal | None
    high: Decimal | None
    meaning: str
    source: str


@dataclass(frozen=True)
class PoolChange:
    """What a change does to what one rate is applied to.

    Attributes:
        provider, month: Whose, and the first day of the month.
        pool: The tier pool, or the rate's id where a ladder has no pool.
        unit: Of the quantities.
        before, after: How much there is.
        cost_before, cost_after: What it costs; None where some of it has no price.
        currency: ISO 4217.
        rate_ids: The rates.
    """

    provider: str
    month: date
    pool: str
    unit: str
    before: Decimal
    after: Decimal
    cost_before: Decimal | None
    cost_after: Decimal | None
    currency: str
    rate_ids: tuple[str, ...]


@dataclass(frozen=True)
class Fee:
    """A new cost that no rate card has: quantity times price.

    Attributes:
        title: What it is for.
        quantity, unit: How much of it, in the period.
        price: Of one unit.
        cost: In the period.
        source: Where the price comes from.
    """

    title: str
    quantity: Decimal
    unit: str
    price: Decimal
    cost: Decimal
    source: str


@dataclass(frozen=True)
class Seen:
    """Evidence: rows that a change is about, summed up.

    Attributes:
        keys: What the rows have in common, by column of the frame.
        bytes: How many; None where they count none.
        quantity, unit: Where they count something else.
        cost: What they cost now; None where that is not known.
        source: `flow logs`, `bill` or `access logs`.
    """

    keys: Mapping[str, str]
    bytes: int | None
    quantity: Decimal | None
    unit: str
    cost: Decimal | None
    source: str


@dataclass(frozen=True)
class Step:
    """Something to do.

    Attributes:
        text: In words.
        command: The command or setting; empty where words say it all.
    """

    text: str
    command: str = ""


@dataclass(frozen=True)
class Point:
    """A saving under another assumption.

    Attributes:
        name, value: The assumption and what is taken for it.
        net: What would be saved in the period.
    """

    name: str
    value: Decimal
    net: Decimal


@dataclass(frozen=True)
class Advice:
    """A change that was looked at.

    Attributes:
        kind: The idea: `gateway-endpoint`.
        subject: What it is about: `vpc-0a1b`. Kind and subject name the advice whatever else is in the report.
        number: Its place in the report, 1 for the largest saving; 0 where it saves nothing.
        title: The change in one line.
        standing: What came of it.
        change: The change in a sentence or two.
        seen: The evidence.
        pools: What the change does to each rate's quantity and cost.
        fees: New costs that no rate card has.
        spared: Costs outside of the network's that fall away, at assumed prices.
        gross: What is no longer paid, at the margin: the price of all less the price of all without these bytes; and `spared`.
        new_cost: What is paid instead, fees included.
        net: Gross less new cost, in the period; None where it cannot be told.
        currency: ISO 4217; empty where nothing has a price.
        months, days: How long the period is: 31 days of October are 1 month.
        one_off: What the change costs once; None where nothing is known of it.
        basis: How the figures came to be.
        sureness: How sure they are, and `because`.
        risk: What can go wrong.
        assumptions: What was taken to be so.
        curve: The saving under other assumptions.
        steps: How to carry it out.
        missing: What is lacking to judge; empty where nothing is.
        evidence_cost: What getting that evidence costs, in words.
        at_stake: What the rows cost that could not be judged.
    """

    kind: str
    subject: str
    title: str
    standing: Standing
    change: str = ""
    number: int = 0
    seen: tuple[Seen, ...] = ()
    pools: tuple[PoolChange, ...] = ()
    fees: tuple[Fee, ...] = ()
    spared: tuple[Fee, ...] = ()
    gross: Decimal | None = None
    new_cost: Decimal | None = None
    net: Decimal | None = None
    currency: str = ""
    months: Decimal = Decimal(1)
    days: int = 0
    one_off: Decimal | None = None
    basis: Basis = Basis.PRICED
    sureness: Sureness = Sureness.MEDIUM
    because: str = ""
    risk: str = ""
    assumptions: tuple[Assumption, ...] = ()
    curve: tuple[Point, ...] = ()
    steps: tuple[Step, ...] = ()
    missing: str = ""
    evidence_cost: str = ""
    at_stake: Decimal | None = None

    @property
    def key(self) -> str:
        """What `explain` takes: the same whatever else is in the report."""
        return f"{self.kind}:{self.subject}"

    @property
    def monthly(self) -> Decimal | None:
        """The net saving of a month."""
        return None if self.net is None or not self.months else self.net / self.months

    @property
    def payback_months(self) -> Decimal | None:
        """After how many months the one-off cost is earned back; None where there is none or nothing is saved."""
        monthly = self.monthly
        return self.one_off / monthly if self.one_off and monthly and monthly > 0 else None


@dataclass(frozen=True)
class SimulationStep:
    """What a change that the user named comes to, after the changes before it.

    Attributes:
        option: As it was written: `--drop nat-1`.
        gross, new_cost, net: As of an `Advice`; None where some of it has no price, or two currencies.
        currency: ISO 4217.
        fees: New costs that no rate card has.
        unpriced: What has no price.
        said: What is done, in a few words for each thing that the change found.
        assumptions: What was taken to be so.
        one_off: What the change costs once; None where nothing is known of it.
    """

    option: str
    gross: Decimal | None
    new_cost: Decimal | None
    net: Decimal | None
    currency: str
    fees: tuple[Fee, ...] = ()
    unpriced: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    one_off: Decimal | None = None


@dataclass(frozen=True)
class Simulation:
    """The same days with changes.

    Attributes:
        steps: What each change comes to, in the order in which they were made.
        difference: As it is, and as it would be: two reports side by side, without the fees.
        fees: All fees by currency, which no rate card has and no report holds.
    """

    steps: tuple[SimulationStep, ...]
    difference: Difference
    fees: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class AdviceList:
    """All changes that were looked at, in one currency each.

    Attributes:
        items: Those that save by number, then those that do not pay, then those that could not be judged.
        total: What all savings come to in the period, by currency; no byte's saving is in it twice.
        cost: What the rows cost that the changes draw on, and what is spared outside of them, by currency.
        months, days: How long the period is.
        corrections: How many uses of less than nothing, such as refunds of usage, were left out.
    """

    items: tuple[Advice, ...] = ()
    total: Mapping[str, Decimal] = field(default_factory=dict)
    cost: Mapping[str, Decimal] = field(default_factory=dict)
    months: Decimal = Decimal(1)
    days: int = 0
    corrections: int = 0

    @property
    def savings(self) -> tuple[Advice, ...]:
        """Those that save."""
        return tuple(each for each in self.items if each.standing is Standing.SAVES)
