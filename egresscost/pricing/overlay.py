"""The user's own rates, laid over the rate cards: absolute ones, and percent off the list.

Goes in: rate cards, and an `Overlay`. Comes out: prices that know both, and say which is which. Never: changes a card,
or lets an own rate for everything take the place of a card that is about one path in particular.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from egresscost import money
from egresscost.pricing.ladders import each_way, most_particular, particular, with_rates
from egresscost.pricing.rows import OPEN
from egresscost.results import RateSource

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from egresscost.pricing.ladders import Ladder, Listed
    from egresscost.pricing.learned import Learned
    from egresscost.results import Allowance, Rate

NONE = "none"
"""What an overlay writes for no pool at all; an empty cell keeps the pool of the list."""
_HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Discount:
    """Percent off the list.

    Attributes:
        provider: The cloud; empty for every one.
        charge, unit: Empty for every one.
        keys: Further keys of a card; empty for any, `*` stands for any text.
        percent: Off each price, from 0 to 100.
        valid_from, valid_to: First day, and first day after; None is open.
        place: File and line.
    """

    provider: str
    charge: str
    unit: str
    keys: Mapping[str, str]
    percent: Decimal
    valid_from: date | None
    valid_to: date | None
    place: str

    def holds(self, ladder: Ladder, asked: Mapping[str, str | None], on: date) -> bool:
        """Whether it is about a transfer whose list rates are these."""
        if (self.valid_from and on < self.valid_from) or (self.valid_to and on >= self.valid_to):
            return False
        fixed = (
            (self.provider, ladder.provider),
            (self.charge, ladder.keys["charge"]),
            (self.unit, ladder.keys["unit"]),
        )
        if any(mine and mine != theirs for mine, theirs in fixed):
            return False
        return all(not self.keys[name] or fnmatchcase(asked.get(name) or "", self.keys[name]) for name in OPEN)

    @property
    def rank(self) -> tuple[object, ...]:
        """How particular it is."""
        return (*particular(self.keys), bool(self.charge), bool(self.unit), bool(self.provider))


@dataclass(frozen=True)
class Overlay:
    """Somebody's own rates.

    Attributes:
        name: What rates of it are called: `overlay rates.toml`.
        ladders: Absolute rates.
        discounts: Percent off the list.
    """

    name: str
    ladders: tuple[Ladder, ...] = ()
    discounts: tuple[Discount, ...] = ()


@dataclass(frozen=True)
class Overlaid:
    """Rate cards under somebody's own rates; looked up as the cards are.

    An absolute rate counts before the list, except where the list has a card for the transfer's `via` in particular and
    the own rate has not. Of several discounts the most particular one counts, and of equal ones the last; they do not
    add up, and none applies to an absolute rate. What the overlay says nothing of is taken from a bill, if there is one
    to learn from, and else from the list.
    """

    cards: Listed
    overlay: Overlay
    learned: Learned | None = None

    def providers(self) -> list[str]:
        """The clouds that there are rates for."""
        return sorted({*self.cards.providers(), *(ladder.provider for ladder in self.overlay.ladders)})

    def ladders(self, provider: str) -> tuple[Ladder, ...]:
        """Every ladder of a cloud: the own ones, and those of the cards, without discounts."""
        own = tuple(ladder for ladder in self.overlay.ladders if ladder.provider == provider)
        return (*own, *self.cards.ladders(provider))

    def allowance(self, provider: str, pool: str, on: date) -> Allowance | None:
        """The free allowance of a pool on a day; always the list's."""
        return self.cards.allowance(provider, pool, on)

    def ladder(self, provider: str, keys: Mapping[str, str | None], on: date) -> Ladder | None:
        """The rates that hold for one kind of transfer on a day; None when no row holds."""
        return with_rates(each_way(lambda known: self._best(provider, known, on), keys))

    def _best(self, provider: str, keys: Mapping[str, str | None], on: date) -> Ladder | None:
        own = most_particular((each for each in self.overlay.ladders if each.provider == provider), keys, on)
        listed = self.cards.best(provider, keys, on)
        if own is None or (listed is not None and listed.keys["via"] and not own.keys["via"]):
            return self._of_list(provider, listed, keys, on)
        return replace(
            own,
            tier_pool=_pool(own.tier_pool, listed.tier_pool if listed else ""),
            allowance_pool=_pool(own.allowance_pool, listed.allowance_pool if listed else ""),
        )

    def _of_list(self, provider: str, listed: Ladder | None, keys: Mapping[str, str | None], on: date) -> Ladder | None:
        """What counts where no own rate does: a discount on the list, what a bill has taught, or the list."""
        discount = None
        if listed is not None:
            discount = _last_best(each for each in self.overlay.discounts if each.holds(listed, keys, on))
        if listed is None or discount is None:
            return listed if self.learned is None else self.learned.over(provider, listed, keys, on)
        rates = tuple(_less(rate, discount, listed.currency, self.overlay.name) for rate in listed.rates)
        return replace(listed, rates=rates, origin=self.overlay.name)


def _last_best(found: Iterable[Discount]) -> Discount | None:
    best: Discount | None = None
    for each in found:
        if best is None or each.rank >= best.rank:
            best = each
    return best


def _pool(own: str, listed: str) -> str:
    return "" if own == NONE else own or listed


def _less(rate: Rate, discount: Discount, currency: str, name: str) -> Rate:
    """A rate with its discount; what it was, and by whom, goes into the note."""
    price = money.EXACT.multiply(rate.price, money.EXACT.divide(_HUNDRED - discount.percent, _HUNDRED))
    off = f"{money.plain(discount.percent)} % off {money.plain(rate.price)} {currency} of {rate.source.id}"
    source = RateSource(name, "overlay", "", f"Own discount, {discount.place}")
    note = f"{off}; {rate.note}" if rate.note else off
    return replace(rate, price=price, source=source, confirmed_by=(), note=note)
