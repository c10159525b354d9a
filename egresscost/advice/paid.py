"""What amounts of use cost together: the totals of a ledger, priced in pools.

Goes in: how much there is of each kind of use. Comes out: quantity, cost and rates of each pool. Never: knows a row; a
tier knows no filter.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from egresscost import money
from egresscost.pricing.kinds import price_kinds
from egresscost.pricing.pools import PLACES, Assumptions
from egresscost.pricing.rows import KEYS
from egresscost.pricing.uses import Kind
from egresscost.results import PoolChange

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from egresscost.pricing.ladders import Ladder, Prices

    KindKey = tuple[str | date, ...]
    """The provider, the keys of a rate card and the month: what decides a price."""
    PoolKey = tuple[str, date, str, str, str]
    """Provider, month, pool, unit and currency; what has no rate has no currency."""


class Pool(NamedTuple):
    """What is used of a pool: its quantity, its cost (None where it is not known), and the rates that it comes from."""

    quantity: Decimal
    cost: Decimal | None
    rates: frozenset[str]


NOTHING = Pool(Decimal(0), Decimal(0), frozenset())


@dataclass(frozen=True)
class Paid:
    """Amounts that are priced together.

    Attributes:
        totals: The atoms of every kind: bytes, or ten-billionths of another unit.
        prices: Where rates are looked up.
        assumed: What pricing takes to be so.
        known: The rates that were looked up; other totals at the same prices share it.
    """

    totals: Mapping[KindKey, int]
    prices: Prices
    assumed: Assumptions = field(default_factory=Assumptions)
    known: dict[KindKey, Ladder | None] = field(default_factory=dict, compare=False, repr=False)

    def of(self, totals: Mapping[KindKey, int]) -> Paid:
        """Other amounts at the same prices."""
        return replace(self, totals=totals)

    @cached_property
    def pools(self) -> Mapping[PoolKey, Pool]:
        """What is used of each pool."""
        kinds = [_kind(number, *each) for number, each in enumerate(sorted(self.totals.items())) if each[1]]
        priced = price_kinds([(kind, self._ladder(kind)) for kind in kinds], 10**PLACES, self.prices, self.assumed)
        found: dict[PoolKey, Pool] = {
            (each.provider, each.month, each.missing, each.unit, ""): NOTHING._replace(
                quantity=each.quantity or Decimal(0), cost=None
            )
            for each in priced.unpriced
        }
        for each in priced.pools:
            key = (each.provider, each.month, each.pool, each.unit, each.currency)
            quantity, cost, rates = found.get(key, NOTHING)
            both = None if cost is None or each.cost is None else money.EXACT.add(cost, each.cost)
            found[key] = Pool(money.EXACT.add(quantity, each.quantity), both, rates | set(each.rate_ids))
        return found

    def _ladder(self, kind: Kind) -> Ladder | None:
        """The rates of a kind, looked up once."""
        key: KindKey = (kind.provider, *kind.keys.values(), kind.day)
        if key not in self.known:
            self.known[key] = self.prices.ladder(kind.provider, kind.keys, self.assumed.day or kind.day)
        return self.known[key]

    @property
    def cost(self) -> Mapping[str, Decimal]:
        """The price of everything that has one, by currency."""
        found: dict[str, Decimal] = {}
        for (*_, currency), pool in self.pools.items():
            if pool.cost is not None:
                found[currency] = money.EXACT.add(found.get(currency, Decimal(0)), pool.cost)
        return found

    def less(self, other: Paid) -> tuple[dict[str, Decimal], list[str]]:
        """What this costs more than another by currency, and the pools where that is not known."""
        found: dict[str, Decimal] = {}
        unknown = []
        for (*_, name, _unit, currency), mine, theirs in _differing(self, other):
            if mine.cost is None or theirs.cost is None:
                unknown.append(str(name))
            else:
                more = money.EXACT.subtract(mine.cost, theirs.cost)
                found[currency] = money.EXACT.add(found.get(currency, Decimal(0)), more)
        return found, unknown

    def until(self, after: Paid) -> tuple[PoolChange, ...]:
        """What changes from this to what is paid afterwards."""
        return tuple(
            PoolChange(
                *key[:4], one.quantity, two.quantity, one.cost, two.cost, key[4], tuple(sorted(one.rates | two.rates))
            )
            for key, one, two in _differing(self, after)
        )


def _differing(one: Paid, other: Paid) -> Iterator[tuple[PoolKey, Pool, Pool]]:
    """The pools of which there is more in one than in the other, or which cost more."""
    for key in {**one.pools, **other.pools}:
        mine, theirs = one.pools.get(key), other.pools.get(key)
        if (mine and mine[:2]) != (theirs and theirs[:2]):
            yield key, mine or NOTHING, theirs or NOTHING


def _kind(number: int, key: KindKey, atoms: int) -> Kind:
    provider, *texts, month = key
    assert isinstance(month, date)  # noqa: S101  it is the last of a kind
    keys = dict(zip(KEYS, map(str, texts), strict=True))
    return Kind(number, str(provider), keys, month, atoms, rows=1, without=0)
