"""Rate cards: the price lists of the clouds as dated rows, each with its source.

Goes in: the folder of CSV files that each provider hands over (those of the built-in clouds lie under `pricing/` of the
repository and travel inside the wheel), or a folder of somebody's own with one for each cloud.
Comes out: the ladder of rates for one kind of transfer. Never: guesses; what no row says has no price.

The columns are those of `pricing/README.md`. An empty key column means "any": a row for `boundary` internet and
`direction` in with no `from` and no `to` holds for every region. A row of `direction` both holds for each direction. Of
several rows that hold, the most particular one counts, an observed one before an inferred one, and the newest of those.
A cell of `from`, `to` or `dst_geo` may be the name of a group of places, which `groups.csv` lists; a place itself is more
particular than a group that it is in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final

from egresscost.errors import MissingSourceError
from egresscost.pricing.groups import GROUPS, read_groups
from egresscost.pricing.ladders import Ladder, each_way, make_ladder, most_particular, with_rates
from egresscost.pricing.rows import FIXED, day, number, parse, read
from egresscost.pricing.sources import SOURCES, read_sources, source_named
from egresscost.results import Allowance
from egresscost.sources import registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date
    from importlib.resources.abc import Traversable

    from egresscost.pricing.groups import Group
    from egresscost.pricing.rows import CardRow
    from egresscost.results import RateSource

__all__ = [
    "ALLOWANCES",
    "GROUPS",
    "SOURCES",
    "Cards",
    "Ladder",
    "allowance",
    "default",
    "ladder",
    "ladders",
    "newest",
    "of_folder",
    "providers",
]

ALLOWANCES = "allowances.csv"


@dataclass(frozen=True)
class _Card:
    """What one cloud's folder says; `near` finds the ladders that may fit by charge, unit, boundary and `from`."""

    ladders: tuple[Ladder, ...]
    allowances: tuple[tuple[str, date | None, date | None, Allowance], ...]
    near: Mapping[tuple[str, ...], tuple[Ladder, ...]]
    wild: Mapping[tuple[str, ...], tuple[Ladder, ...]]


_NOTHING: Final = _Card((), (), {}, {})


@dataclass(frozen=True)
class Cards:
    """Rate cards, a folder for each cloud. Read when asked for, and once.

    Attributes:
        folders: Where the cards of each cloud lie.
    """

    folders: Mapping[str, Traversable]
    _read: dict[str, _Card] = field(default_factory=dict, compare=False, repr=False)

    def providers(self) -> list[str]:
        """The clouds that there are cards for."""
        return sorted(self.folders)

    def ladders(self, provider: str) -> tuple[Ladder, ...]:
        """Every ladder of a cloud; none when there are no cards for it."""
        return self._card(provider).ladders

    def allowance(self, provider: str, pool: str, on: date) -> Allowance | None:
        """The free allowance of a pool on a day."""
        for name, start, end, found in self._card(provider).allowances:
            if name == pool and (start is None or start <= on) and (end is None or on < end):
                return found
        return None

    def ladder(self, provider: str, keys: Mapping[str, str | None], on: date) -> Ladder | None:
        """The rates that hold for one kind of transfer on a day.

        Args:
            provider: The cloud.
            keys: `charge`, `unit`, and what is known of `boundary`, `direction`, `from`, `to`, `via`, `network_tier`
                and `dst_geo`. A direction of `unknown` takes the rates only where both directions have the same.
            on: The day of the transfer.

        Returns:
            None when no row holds, or when the card knows that this is priced apart and not at what price.
        """
        return with_rates(each_way(lambda known: self.best(provider, known, on), keys))

    def best(self, provider: str, keys: Mapping[str, str | None], on: date) -> Ladder | None:
        """The ladder that counts, be it one without a price. The direction must be known."""
        card = self._card(provider)
        fixed = tuple(keys.get(name) or "" for name in FIXED)
        boundary, start = keys.get("boundary") or "", keys.get("from") or ""
        places = dict.fromkeys((wide, narrow) for wide in (boundary, "") for narrow in (start, ""))
        near = [ladder for place in places for ladder in card.near.get((*fixed, *place), ())]
        found = most_particular([*near, *card.wild.get(fixed, ())], keys, on)
        return found.as_of_members(keys) if found is not None else None

    def _card(self, provider: str) -> _Card:
        if provider not in self._read:
            self._read[provider] = _read(provider, self.folders[provider]) if provider in self.folders else _NOTHING
        return self._read[provider]


def _read(provider: str, folder: Traversable) -> _Card:
    sources = read_sources(folder)
    ladders = tuple(_ladders(provider, rows_of(folder), sources, read_groups(folder, sources)))
    near, wild = _index(ladders)
    return _Card(ladders, tuple(_allowances(folder, sources)), near, wild)


_Index = dict[tuple[str, ...], list["Ladder"]]


def _index(ladders: Iterable[Ladder]) -> tuple[Mapping[tuple[str, ...], tuple[Ladder, ...]], ...]:
    """Ladders by charge, unit, boundary and each place they begin at; and those that begin at a pattern."""
    near: _Index = {}
    wild: _Index = {}
    for ladder in ladders:
        fixed = tuple(ladder.keys[name] for name in FIXED)
        if "*" in ladder.keys["from"]:
            wild.setdefault(fixed, []).append(ladder)
            continue
        for place in ladder.places("from") or ("",):
            near.setdefault((*fixed, ladder.keys["boundary"], place), []).append(ladder)
    return _frozen(near), _frozen(wild)


def _frozen(found: Mapping[tuple[str, ...], list[Ladder]]) -> dict[tuple[str, ...], tuple[Ladder, ...]]:
    return {key: tuple(ladders) for key, ladders in found.items()}


def rows_of(folder: Traversable) -> Iterator[CardRow]:
    """Every row of a cloud's folder.

    Raises:
        SettingsError: A row is no row of a card.
    """
    for file in tables(folder):
        for place, cells in read(file.read_text(encoding="utf-8"), file.name):
            yield parse(cells, place)


def tables(folder: Traversable) -> list[Traversable]:
    """The files of a folder that hold rates, by name."""
    if not folder.is_dir():
        return []
    found = [each for each in folder.iterdir() if each.name.endswith(".csv")]
    return sorted(
        (each for each in found if each.name not in {SOURCES, ALLOWANCES, GROUPS}), key=lambda each: each.name
    )


def _ladders(
    provider: str, rows: Iterable[CardRow], sources: Mapping[str, RateSource], groups: Mapping[str, Group]
) -> Iterator[Ladder]:
    grouped: dict[tuple[object, ...], list[CardRow]] = {}
    for row in rows:
        key = (*row.keys.values(), row.currency, row.valid_from, row.valid_to)
        grouped.setdefault(key, []).append(row)
    for same in grouped.values():
        yield make_ladder(provider, same, sources, groups=groups)


def _allowances(
    folder: Traversable, sources: Mapping[str, RateSource]
) -> Iterator[tuple[str, date | None, date | None, Allowance]]:
    file = folder.joinpath(ALLOWANCES)
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    for place, row in read(text, ALLOWANCES):
        quantity = number(row["quantity"], "quantity", place)
        source = source_named(row["source"], place, sources)
        start, end = (day(row[name], name, place) for name in ("valid_from", "valid_to"))
        yield row["allowance"], start, end, Allowance(quantity, row["unit"], row["scope"], source, row["note"])


@cache
def default() -> Cards:
    """The cards that the installed providers bring."""
    found = {name: provider.rate_cards() for name, provider in registry.providers().items()}
    return Cards({name: folder for name, folder in found.items() if folder is not None})


def of_folder(path: Traversable) -> Cards:
    """The cards of a folder that somebody names.

    Raises:
        MissingSourceError: There are none in it.
    """
    inside = path.iterdir() if path.is_dir() else ()
    found = Cards({each.name: each for each in inside if each.joinpath(SOURCES).is_file()})
    if not found.folders:
        message = f"{path} is no folder of rate cards"
        raise MissingSourceError(message, hint=f"it holds a folder for each cloud, and each of those a {SOURCES}")
    return found


def providers() -> list[str]:
    """The clouds that there are cards for."""
    return default().providers()


def ladders(provider: str) -> tuple[Ladder, ...]:
    """Every ladder of a cloud; none when there are no cards for it."""
    return default().ladders(provider)


def allowance(provider: str, pool: str, on: date) -> Allowance | None:
    """The free allowance of a pool on a day."""
    return default().allowance(provider, pool, on)


def ladder(provider: str, keys: Mapping[str, str | None], on: date) -> Ladder | None:
    """The rates that hold for one kind of transfer on a day: see `Cards.ladder`."""
    return default().ladder(provider, keys, on)


def newest(provider: str) -> str:
    """The date of the newest rate of a cloud's cards."""
    return max((rate.as_of for each in ladders(provider) for rate in each.rates), default="")
