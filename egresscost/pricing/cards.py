"""Rate cards: the price lists of the clouds as dated rows, each with its source.

Goes in: the CSV files under `pricing/` of the repository, which travel inside the wheel. Comes out: the ladder of rates
for one kind of transfer. Never: guesses; what no row says has no price.

The columns are those of `pricing/README.md`. An empty key column means "any": a row for `boundary` internet and
`direction` in with no `from` and no `to` holds for every region. Of several rows that hold, the most particular one
counts, an observed one before an inferred one, and the newest of those.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from egresscost.results import Allowance, Rate, RateSource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.resources.abc import Traversable

_SOURCES, _ALLOWANCES = "sources.csv", "allowances.csv"
_KEYS = ("via", "to", "from", "boundary", "direction", "network_tier", "dst_geo")
"""What a row may leave open, the most telling first."""
_FIXED = ("charge", "unit")


@dataclass(frozen=True)
class Ladder:
    """The rates of one kind of transfer, tier by tier.

    Attributes:
        keys: What it holds for, by column of the card; an empty text means any.
        rates: From the first unit on, without gaps; the last may be open at its end.
        currency: ISO 4217.
        tier_pool: What is added up to find the tier, empty where there is only one.
        allowance_pool: The free allowance that comes first, empty where there is none.
        valid_from, valid_to: First day, and first day after; None where it is not known.
    """

    keys: Mapping[str, str]
    rates: tuple[Rate, ...]
    currency: str
    tier_pool: str
    allowance_pool: str
    valid_from: date | None
    valid_to: date | None

    def holds(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day < self.valid_to)

    @property
    def is_inferred(self) -> bool:
        """Whether some rate of it was never observed."""
        return any(rate.basis == "inferred" for rate in self.rates)


def root() -> Traversable:
    """The folder of the cards: inside the installed package, or at the top of a checkout."""
    packaged = files("egresscost").joinpath("_pricing")
    return packaged if packaged.is_dir() else files("egresscost").joinpath("../pricing")


def providers() -> list[str]:
    """The clouds that there are cards for."""
    return sorted(folder.name for folder in root().iterdir() if folder.is_dir())


@cache
def ladders(provider: str) -> tuple[Ladder, ...]:
    """Every ladder of a cloud; none when there are no cards for it."""
    sources = _sources(provider)
    grouped: dict[tuple[str, ...], list[Mapping[str, str]]] = {}
    for row in _rows(provider):
        key = tuple(row[name] for name in (*_FIXED, *_KEYS, "currency", "valid_from", "valid_to"))
        grouped.setdefault(key, []).append(row)
    return tuple(_ladder(rows, sources) for rows in grouped.values())


def _rows(provider: str) -> Iterator[Mapping[str, str]]:
    if provider not in providers():
        return
    for file in sorted(root().joinpath(provider).iterdir(), key=lambda each: each.name):
        if file.name.endswith(".csv") and file.name not in {_SOURCES, _ALLOWANCES}:
            yield from csv.DictReader(file.read_text(encoding="utf-8").splitlines())


def _ladder(rows: list[Mapping[str, str]], sources: Mapping[str, RateSource]) -> Ladder:
    first = rows[0]
    return Ladder(
        keys={name: first[name] for name in (*_FIXED, *_KEYS)},
        rates=tuple(sorted((_rate(row, sources) for row in rows if row["price"]), key=lambda rate: rate.start)),
        currency=first["currency"],
        tier_pool=first["tier_pool"],
        allowance_pool=first["allowance_pool"],
        valid_from=_day(first["valid_from"]),
        valid_to=_day(first["valid_to"]),
    )


def _rate(row: Mapping[str, str], sources: Mapping[str, RateSource]) -> Rate:
    return Rate(
        start=Decimal(row["tier_start"]),
        end=Decimal(row["tier_end"]) if row["tier_end"] else None,
        price=Decimal(row["price"]),
        as_of=row["as_of"],
        basis=row["basis"],
        confidence=row["confidence"],
        source=sources[row["source"]],
        confirmed_by=tuple(sources[name] for name in row["confirmed_by"].split("|") if name),
        note=row["note"],
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@cache
def _sources(provider: str) -> Mapping[str, RateSource]:
    text = root().joinpath(provider, _SOURCES).read_text(encoding="utf-8") if provider in providers() else ""
    return {
        row["source"]: RateSource(row["source"], row["kind"], row["date"], row["title"])
        for row in csv.DictReader(text.splitlines())
    }


@cache
def _allowances(provider: str) -> tuple[tuple[str, date | None, date | None, Allowance], ...]:
    text = root().joinpath(provider, _ALLOWANCES).read_text(encoding="utf-8") if provider in providers() else ""
    return tuple(
        (
            row["allowance"],
            _day(row["valid_from"]),
            _day(row["valid_to"]),
            Allowance(
                Decimal(row["quantity"]), row["unit"], row["scope"], _sources(provider)[row["source"]], row["note"]
            ),
        )
        for row in csv.DictReader(text.splitlines())
    )


def allowance(provider: str, pool: str, day: date) -> Allowance | None:
    """The free allowance of a pool on a day."""
    for name, start, end, found in _allowances(provider):
        if name == pool and (start is None or start <= day) and (end is None or day < end):
            return found
    return None


def ladder(provider: str, keys: Mapping[str, str | None], day: date) -> Ladder | None:
    """The rates that hold for one kind of transfer on a day.

    Args:
        provider: The cloud.
        keys: `charge`, `unit`, and what is known of `boundary`, `direction`, `from`, `to`, `via`, `network_tier` and
            `dst_geo`. A direction of `unknown` takes the rates only where both directions have the same.
        day: The day of the transfer.

    Returns:
        None when no row holds, or when the card knows that this is priced apart and not at what price.
    """
    if keys.get("direction") == "unknown":
        both = [ladder(provider, {**keys, "direction": direction}, day) for direction in ("out", "in")]
        prices = [[(rate.start, rate.price) for rate in each.rates] if each else None for each in both]
        return both[0] if prices[0] == prices[1] else None
    fitting = [each for each in ladders(provider) if each.holds(day) and _fits(each, keys)]
    best = max(fitting, key=_rank, default=None)
    return best if best is not None and best.rates else None


def _fits(each: Ladder, keys: Mapping[str, str | None]) -> bool:
    if any(each.keys[name] != keys.get(name) for name in _FIXED):
        return False
    return all(not each.keys[name] or fnmatchcase(keys.get(name) or "", each.keys[name]) for name in _KEYS)


def _rank(each: Ladder) -> tuple[object, ...]:
    particular = tuple(bool(each.keys[name]) + (bool(each.keys[name]) and "*" not in each.keys[name]) for name in _KEYS)
    return (*particular, not each.is_inferred, max((rate.as_of for rate in each.rates), default=""))


def newest(provider: str) -> str:
    """The date of the newest rate of a cloud's cards."""
    return max((rate.as_of for each in ladders(provider) for rate in each.rates), default="")
