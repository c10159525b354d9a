"""Ladders: the rates of one kind of transfer, and which one holds for what.

Goes in: rows of a card, and what is known of a transfer. Comes out: the most particular ladder that holds. Never: reads
a file, or takes a neighbour's price.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from egresscost.pricing.groups import through
from egresscost.pricing.rows import FIXED, KEYS, OPEN, PLACES
from egresscost.pricing.sources import source_named
from egresscost.results import Rate

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping
    from datetime import date
    from decimal import Decimal

    from egresscost.pricing.groups import Group
    from egresscost.pricing.rows import CardRow
    from egresscost.results import Allowance, RateSource


@dataclass(frozen=True)
class Ladder:
    """The rates of one kind of transfer, tier by tier.

    Attributes:
        provider: The cloud.
        keys: What it holds for, by column of the card; an empty text means any.
        rates: From the first unit on, without gaps; the last may be open at its end. None at all: priced apart, and it
            is not known at what price.
        currency: ISO 4217.
        tier_pool: What is added up to find the tier, empty where there is only one.
        allowance_pool: The free allowance that comes first, empty where there is none.
        valid_from, valid_to: First day, and first day after; None where it is not known.
        note: Of its first row.
        members: For each key cell that is the name of a group, what is in the group.
        origin: Where it comes from when that is no rate card: `overlay rates.toml`.
    """

    provider: str
    keys: Mapping[str, str]
    rates: tuple[Rate, ...]
    currency: str
    tier_pool: str
    allowance_pool: str
    valid_from: date | None
    valid_to: date | None
    note: str = ""
    origin: str = ""
    members: Mapping[str, Group] = field(default_factory=dict)

    def holds(self, on: date) -> bool:
        """Whether it is in force on a day."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on < self.valid_to)

    def fits(self, keys: Mapping[str, str | None]) -> bool:
        """Whether it is about this kind of transfer.

        A cell that is a group holds for its members, a `direction` of both for each, and a `via` for every path that has
        it as a hop.
        """
        if any(self.keys[name] != keys.get(name) for name in FIXED):
            return False
        return all(not self.keys[name] or self._fits_cell(name, keys.get(name) or "") for name in OPEN)

    def _fits_cell(self, name: str, value: str) -> bool:
        return value in self.members.get(name, {}) or _holds(name, self.keys[name], value)

    def is_at(self, name: str, place: str) -> bool:
        """Whether a key cell is a place, a pattern that it fits, or a group that it is in; an open cell is nowhere."""
        return bool(self.keys[name]) and self._fits_cell(name, place)

    def places(self, name: str) -> frozenset[str]:
        """What a key cell names: a place, or a group and what is in it; a pattern names nothing."""
        cell = self.keys[name]
        return frozenset({cell, *self.members.get(name, {})} - {""}) if "*" not in cell else frozenset()

    def as_of_members(self, keys: Mapping[str, str | None]) -> Ladder:
        """These rates for one transfer: no surer than that its places are in the groups that the rates are for."""
        found = [group[keys.get(name) or ""] for name, group in self.members.items() if keys.get(name) in group]
        rates = tuple(through(rate, found) for rate in self.rates)
        return self if rates == self.rates else replace(self, rates=rates)

    @cached_property
    def prices(self) -> tuple[str, tuple[tuple[Decimal, Decimal | None, Decimal], ...]]:
        """Currency, and each tier's edges and price: ladders with the same ones may be priced together."""
        return self.currency, tuple((rate.start, rate.end, rate.price) for rate in self.rates)

    @cached_property
    def is_inferred(self) -> bool:
        """Whether some rate of it was never observed."""
        return any(rate.basis == "inferred" for rate in self.rates)

    @cached_property
    def id(self) -> str:
        """Its name: the cloud and the key cells as its file has them, so that it can be searched for."""
        begun = f"@{self.valid_from}" if self.valid_from else ""
        scheme = "bill:" if self.is_learned else ""
        return scheme + key_id(self.provider, self.keys) + begun + (f" ({self.origin})" if self.origin else "")

    @property
    def is_learned(self) -> bool:
        """Whether a bill says what these rates are."""
        return any(rate.basis == "learned" for rate in self.rates)

    @property
    def is_flat(self) -> bool:
        """Whether every unit costs the same, with no tiers and nothing free before them."""
        return len(self.rates) == 1 and self.rates[0].end is None and not (self.rates[0].start or self.allowance_pool)


class Prices(Protocol):
    """Where rates are looked up: rate cards, or rate cards under somebody's own rates."""

    def providers(self) -> list[str]:
        """The clouds that there are cards for."""

    def ladders(self, provider: str) -> tuple[Ladder, ...]:
        """Every ladder of a cloud; none when there are no cards for it."""

    def ladder(self, provider: str, keys: Mapping[str, str | None], on: date) -> Ladder | None:
        """The rates that hold for one kind of transfer on a day; None when no row holds."""

    def allowance(self, provider: str, pool: str, on: date) -> Allowance | None:
        """The free allowance of a pool on a day."""


class Listed(Prices, Protocol):
    """Price lists: what they have can be looked up apart from what is laid over it."""

    def best(self, provider: str, keys: Mapping[str, str | None], on: date) -> Ladder | None:
        """The ladder that counts, be it one without a price. The direction must be known."""


def key_id(provider: str, keys: Mapping[str, str | None]) -> str:
    """A kind of transfer as the card files write it.

    >>> key_id("aws", {"charge": "transfer", "boundary": "internet", "direction": "out", "from": "eu-west-1", "unit": "GB"})
    'aws:transfer,internet,out,eu-west-1,,,,,GB'
    """
    return f"{provider}:" + ",".join(keys.get(name) or "" for name in KEYS)


def make_ladder(
    provider: str,
    rows: list[CardRow],
    sources: Mapping[str, RateSource],
    origin: str = "",
    groups: Mapping[str, Group] | None = None,
) -> Ladder:
    """A ladder of the rows of one key; where a tier has several, an observed and then the newest one counts."""
    by_start = {}
    for row in sorted(rows, key=lambda row: (row.start, row.basis != "inferred", row.as_of)):
        by_start[row.start] = row
    first = rows[0]
    return Ladder(
        provider=provider,
        keys={name: first.keys[name] for name in (*FIXED, *OPEN)},
        rates=tuple(_rate(row, sources) for row in by_start.values() if row.price is not None),
        currency=first.currency,
        tier_pool=first.tier_pool,
        allowance_pool=first.allowance_pool,
        valid_from=first.valid_from,
        valid_to=first.valid_to,
        note=first.note,
        origin=origin,
        members={name: groups[first.keys[name]] for name in PLACES if groups and first.keys[name] in groups},
    )


def _rate(row: CardRow, sources: Mapping[str, RateSource]) -> Rate:
    assert row.price is not None  # noqa: S101  the caller looked
    return Rate(
        start=row.start,
        end=row.end,
        price=row.price,
        as_of=row.as_of,
        basis=row.basis,
        confidence=row.confidence,
        source=source_named(row.source, row.place, sources),
        confirmed_by=tuple(source_named(name, row.place, sources) for name in row.confirmed_by),
        note=row.note,
    )


def each_way(
    find: Callable[[Mapping[str, str | None]], Ladder | None], keys: Mapping[str, str | None]
) -> Ladder | None:
    """What is found; for an unknown direction only what both directions agree on."""
    if keys.get("direction") != "unknown":
        return find(keys)
    out, back = (find({**keys, "direction": direction}) for direction in ("out", "in"))
    prices = [[(rate.start, rate.price) for rate in each.rates] if each else None for each in (out, back)]
    return out if prices[0] == prices[1] else None


def with_rates(found: Ladder | None) -> Ladder | None:
    """A ladder that has a price."""
    return found if found is not None and found.rates else None


def most_particular(among: Iterable[Ladder], keys: Mapping[str, str | None], on: date) -> Ladder | None:
    """Of the ladders that hold, the one that counts."""
    return max((each for each in among if each.holds(on) and each.fits(keys)), key=_rank, default=None)


def _holds(name: str, cell: str, value: str) -> bool:
    if fnmatchcase(value, cell) or (name == "direction" and cell == "both"):
        return True
    return name == "via" and ">" in value and any(fnmatchcase(hop, cell) for hop in value.split(">"))


def particular(keys: Mapping[str, str], grouped: Container[str] = ()) -> tuple[int, ...]:
    """How particular keys are, the most telling first: 0 for any, 1 for a pattern, 2 for a group, 3 for one thing."""
    return tuple(_particular(keys[name], name in grouped) for name in OPEN)


def _particular(cell: str, is_group: bool) -> int:  # noqa: FBT001  a property of the cell
    if not cell or "*" in cell:
        return len(cell[:1])
    return 2 if is_group else 3


def _rank(each: Ladder) -> tuple[object, ...]:
    newest_rate = max((rate.as_of for rate in each.rates), default="")
    return (*particular(each.keys, each.members), not each.is_inferred, newest_rate)
