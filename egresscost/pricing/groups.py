"""Groups of places that share rates: zone maps, continents, the geographies of receivers.

Goes in: `groups.csv`. Comes out: groups by name, each member with its source. Never: a place in two groups of one map
(`egresscost.pricing.check` says where).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from egresscost.errors import SettingsError
from egresscost.pricing.rows import check_word, read
from egresscost.pricing.sources import source_named

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.resources.abc import Traversable

    from egresscost.results import Rate, RateSource

GROUPS: Final = "groups.csv"
COLUMNS: Final = ("map", "group", "place", "confidence", "source", "note")
WEAKEST: Final = ("low", "medium", "high")
"""Confidences, the least sure first."""


@dataclass(frozen=True)
class Member:
    """That a place is in a group.

    Attributes:
        place: A region, a location, a country.
        confidence: How sure that is: `high`, `medium` or `low`.
        source: Where it was seen.
        note: What must be known of it.
    """

    place: str
    confidence: str
    source: RateSource
    note: str = ""


Group = Mapping[str, Member]
"""The members of a group by place."""


def read_groups(folder: Traversable, sources: Mapping[str, RateSource]) -> Mapping[str, Group]:
    """The groups of a cloud's folder by name: `bandwidth-1` has every region of bandwidth zone 1."""
    file = folder.joinpath(GROUPS)
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    found: dict[str, dict[str, Member]] = {}
    for place, row in read(text, GROUPS):
        absent = [column for column in COLUMNS if column not in row]
        if absent:
            message = f"{place}: no column {', '.join(absent)}"
            raise SettingsError(message, hint="pricing/README.md says what each column means")
        check_word("confidence", row["confidence"], place)
        source = source_named(row["source"], place, sources)
        found.setdefault(row["group"], {})[row["place"]] = Member(row["place"], row["confidence"], source, row["note"])
    return found


def through(rate: Rate, members: Iterable[Member]) -> Rate:
    """A rate that holds because of memberships: as sure as the least sure of them, with what must be known of them."""
    for each in members:
        if WEAKEST.index(each.confidence) < WEAKEST.index(rate.confidence):
            rate = replace(rate, confidence=each.confidence)
        if each.note and each.note not in rate.note:
            rate = replace(rate, note=f"{rate.note}; {each.note}" if rate.note else each.note)
    return rate
