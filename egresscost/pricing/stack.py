"""Somebody's own rate cards before those that travel with the program.

Goes in: two folders of cards. Comes out: prices that know both, and say which is which. Never: mixes the tiers of two
folders in one ladder.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from egresscost.pricing.ladders import each_way, with_rates

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from egresscost.pricing.cards import Cards
    from egresscost.pricing.ladders import Ladder
    from egresscost.results import Allowance


@dataclass(frozen=True)
class Stack:
    """Two folders of cards, looked up as one is.

    Attributes:
        first: What it has a row for counts, even where that row says "priced apart".
        rest: For everything else.
        name: What rates of the first are called: `cards my-cards`.
    """

    first: Cards
    rest: Cards
    name: str

    def providers(self) -> list[str]:
        """The clouds that there are cards for."""
        return sorted({*self.first.providers(), *self.rest.providers()})

    def ladders(self, provider: str) -> tuple[Ladder, ...]:
        """Every ladder of a cloud, the own ones first."""
        return (*map(self._named, self.first.ladders(provider)), *self.rest.ladders(provider))

    def allowance(self, provider: str, pool: str, on: date) -> Allowance | None:
        """The free allowance of a pool on a day."""
        return self.first.allowance(provider, pool, on) or self.rest.allowance(provider, pool, on)

    def ladder(self, provider: str, keys: Mapping[str, str | None], on: date) -> Ladder | None:
        """The rates that hold for one kind of transfer on a day; None when no row holds."""
        return with_rates(each_way(lambda known: self.best(provider, known, on), keys))

    def best(self, provider: str, keys: Mapping[str, str | None], on: date) -> Ladder | None:
        """The ladder that counts, be it one without a price. The direction must be known."""
        own = self.first.best(provider, keys, on)
        return self.rest.best(provider, keys, on) if own is None else self._named(own)

    def _named(self, ladder: Ladder) -> Ladder:
        return replace(ladder, origin=self.name)
