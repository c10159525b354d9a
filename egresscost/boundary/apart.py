"""Addresses of strangers that somebody asks about by name, told apart from all others of their place.

Goes in: the table that the scan searches, and addresses. Comes out: the same table, in which each of them is a place of its
own. Never: makes a stranger's address one that the boundary room takes for somebody's own.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from egresscost.addresses.places import Place
    from egresscost.scan.places import PlaceTable

_HALF: Final = 64
_LOWER: Final = 2**64 - 1
_LAST: Final = {4: 2**32 - 1, 6: 2**128 - 1}


@dataclass(frozen=True)
class Apart:
    """Places of which some are a single address.

    Attributes:
        table: For the scan.
        places: What the numbers mean.
        names: The address that a number stands for.
    """

    table: PlaceTable
    places: tuple[Place, ...]
    names: Mapping[int, str] = field(default_factory=dict)


def as_address(text: str) -> IPv4Address | IPv6Address | None:
    """A text as an address, None when it is none. IPv4 inside IPv6 is IPv4.

    >>> as_address("::ffff:192.0.2.1"), as_address("eni-web")
    (IPv4Address('192.0.2.1'), None)
    """
    try:
        found = ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def told_apart(table: PlaceTable, places: Sequence[Place], addresses: Iterable[str]) -> Apart:
    """Give each address a place of its own; one that the scan keeps anyhow stays as it is."""
    known, names = list(places), {}
    for address in sorted({found for text in addresses if (found := as_address(text)) is not None}, key=str):
        before = _place_of(table, address)
        if not table.exact[before]:
            names[len(known)] = str(address)
            table = _cut(table, address, before, len(known))
            known.append(known[before])
    return Apart(table, tuple(known), names)


def _starts(table: PlaceTable, family: int) -> tuple[list[int], list[int]]:
    """Where ranges of a family begin, and their places."""
    if family == 4:  # noqa: PLR2004
        return table.v4_starts.tolist(), table.v4_places.tolist()
    pairs = zip(table.v6_highs.tolist(), table.v6_lows.tolist(), strict=True)
    return [high << _HALF | low for high, low in pairs], table.v6_places.tolist()


def _place_of(table: PlaceTable, address: IPv4Address | IPv6Address) -> int:
    starts, places = _starts(table, address.version)
    at = sum(start <= int(address) for start in starts)
    return places[at - 1] if at else 0


def _cut(table: PlaceTable, address: IPv4Address | IPv6Address, before: int, number: int) -> PlaceTable:
    """The table with a range of one address in it."""
    family, at = address.version, int(address)
    old, old_places = _starts(table, family)
    ranges = dict(zip(old, old_places, strict=True))
    if at < _LAST[family]:
        ranges.setdefault(at + 1, before)
    ranges[at] = number
    starts = sorted(ranges)
    places = np.array([ranges[start] for start in starts], np.int32)
    exact = np.append(table.exact, np.False_)
    if family == 4:  # noqa: PLR2004
        return replace(table, v4_starts=np.array(starts, np.uint32), v4_places=places, exact=exact)
    highs, lows = (
        np.array([start >> _HALF for start in starts], np.uint64),
        np.array([start & _LOWER for start in starts], np.uint64),
    )
    return replace(table, v6_highs=highs, v6_lows=lows, v6_places=places, exact=exact)
