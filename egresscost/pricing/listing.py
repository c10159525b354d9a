"""The cards as a list, and two sets of cards side by side.

Goes in: rates, a day, what to look for. Comes out: entries, or what differs. Never: an entry that is not in force.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from egresscost import money
from egresscost.pricing.groups import WEAKEST
from egresscost.pricing.ladders import key_id
from egresscost.pricing.routes import subject
from egresscost.pricing.rows import KEYS
from egresscost.results import CardDifference, CardEntry, CardList, RateChange

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from egresscost.pricing.ladders import Ladder, Prices
    from egresscost.results import Rate

_LEAST_SURE: Final = ("inferred", "learned", "rule", "observed", "negotiated")


@dataclass(frozen=True)
class Wanted:
    """Which ladders; every text may hold `*`, and None is any.

    Attributes:
        provider: The cloud.
        what: A boundary or a charge.
        places: Where it begins.
        to, via: As on the card.
    """

    provider: str | None = None
    what: str | None = None
    places: tuple[str, ...] = ()
    to: str | None = None
    via: str | None = None

    def holds(self, ladder: Ladder) -> bool:
        """Whether a ladder is wanted."""
        keys = ladder.keys
        if self.what is not None:
            charge, boundary = subject(self.what, keys["unit"])
            if keys["charge"] != charge or (boundary and keys["boundary"] != boundary):
                return False
        if self.places and not any(_is_at(ladder, "from", place) for place in self.places):
            return False
        ends = self.to is None or _is_at(ladder, "to", self.to) or _is_at(ladder, "dst_geo", self.to)
        return ends and (self.via is None or _is_like(keys["via"], self.via))


def _is_at(ladder: Ladder, name: str, asked: str) -> bool:
    return _is_like(ladder.keys[name], asked) or any(fnmatchcase(each, asked) for each in ladder.places(name))


def _is_like(cell: str, asked: str) -> bool:
    """Whether a cell of a card is what is asked for; a pattern on either side may say so."""
    return bool(cell) and (fnmatchcase(cell, asked) or fnmatchcase(asked, cell))


def entries(prices: Prices, wanted: Wanted, on: date) -> CardList:
    """The ladders that count on a day, in the order of their keys; an own rate takes the place of the list's."""
    found: dict[str, CardEntry] = {}
    for ladder in _ladders(prices, wanted.provider):
        if ladder.holds(on) and wanted.holds(ladder):
            counted = (prices.ladder(ladder.provider, ladder.keys, on) if ladder.rates else None) or ladder
            found.setdefault(counted.id, entry(prices, counted, on))
    return CardList(on, tuple(sorted(found.values(), key=_order)))


def _order(each: CardEntry) -> tuple[str, ...]:
    return each.provider, *(each.keys[name] for name in KEYS), each.id


def entry(prices: Prices, ladder: Ladder, on: date) -> CardEntry:
    """A ladder for readers: with its allowance, its age, and how sure the weakest of its rates is."""
    dates = [rate.as_of for rate in ladder.rates if rate.as_of]
    oldest = min(dates, default="")
    return CardEntry(
        id=ladder.id,
        provider=ladder.provider,
        keys=ladder.keys,
        rates=ladder.rates,
        currency=ladder.currency,
        tier_pool=ladder.tier_pool,
        allowance=prices.allowance(ladder.provider, ladder.allowance_pool, on),
        valid_from=ladder.valid_from,
        valid_to=ladder.valid_to,
        as_of=oldest,
        age_days=age(oldest, on),
        basis=min((rate.basis for rate in ladder.rates), key=_LEAST_SURE.index, default=""),
        confidence=min((rate.confidence for rate in ladder.rates), key=WEAKEST.index, default=""),
        note=ladder.note or next((rate.note for rate in ladder.rates if rate.note), ""),
        groups={name: tuple(sorted(group)) for name, group in ladder.members.items()},
    )


def age(as_of: str, on: date) -> int | None:
    """Days since a date that may lack its day or its month, which is then the first.

    >>> age("2026-10", date(2026, 11, 1)), age("", date(2026, 11, 1))
    (31, None)
    """
    if not as_of:
        return None
    year, month, day = (*as_of.split("-"), "1", "1")[:3]
    return (on - date(int(year), int(month), int(day))).days


def _ladders(prices: Prices, provider: str | None) -> Iterator[Ladder]:
    for cloud in prices.providers():
        if provider in {None, cloud}:
            yield from prices.ladders(cloud)


@dataclass(frozen=True)
class Side:
    """One side of a comparison.

    Attributes:
        name: What it is called.
        prices: Its rates.
        day: Those in force then.
    """

    name: str
    prices: Prices
    day: date


def difference(before: Side, after: Side, wanted: Wanted) -> CardDifference:
    """What is not the same on two sides; ladders are the same thing when their keys are."""
    old, new = (_by_key(side, wanted) for side in (before, after))
    changes = [_change(key, old.get(key), new.get(key)) for key in sorted({**old, **new})]
    real = tuple(each for each in changes if each is not None)
    return CardDifference(before.name, after.name, len(changes) - len(real), real)


def _by_key(side: Side, wanted: Wanted) -> dict[str, Ladder]:
    found: dict[str, Ladder] = {}
    for ladder in _ladders(side.prices, wanted.provider):
        key = key_id(ladder.provider, ladder.keys)
        if ladder.holds(side.day) and wanted.holds(ladder) and not (key in found and found[key].origin):
            found[key] = ladder
    return found


def _change(key: str, old: Ladder | None, new: Ladder | None) -> RateChange | None:
    if old is not None and new is not None and _prices(old) == _prices(new):
        return None
    either = new or old
    assert either is not None, key  # noqa: S101  the key comes from one of them
    first = [ladder.rates[0].price if ladder and ladder.rates else None for ladder in (old, new)]
    same_money = old is not None and new is not None and old.currency == new.currency
    return RateChange(
        status="new" if old is None else "gone" if new is None else "changed",
        provider=either.provider,
        keys=either.keys,
        before=old.rates if old else (),
        after=new.rates if new else (),
        currency_before=old.currency if old else "",
        currency_after=new.currency if new else "",
        relative=_relative(*first) if same_money else None,
    )


def _prices(ladder: Ladder) -> tuple[object, ...]:
    """What must be the same; a new source or date is no change of a rate."""
    tiers: tuple[tuple[Decimal, Decimal | None, Decimal], ...] = tuple(map(_tier, ladder.rates))
    return (ladder.currency, ladder.tier_pool, ladder.allowance_pool, tiers)


def _tier(rate: Rate) -> tuple[Decimal, Decimal | None, Decimal]:
    return rate.start, rate.end, rate.price


def _relative(before: Decimal | None, after: Decimal | None) -> Decimal | None:
    if not before or after is None:
        return None
    return money.rounded(money.EXACT.divide(after - before, before), 6)
