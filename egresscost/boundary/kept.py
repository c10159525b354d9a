"""Which addresses the scan keeps: private ones, and public ones that are known to be one's own.

Goes in: whose each address is, and inventories. Comes out: the table of places that the scan searches, and what its
numbers mean. Never: keeps the address of a stranger.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

import numpy as np

from egresscost.addresses.places import FAMILIES
from egresscost.addresses.ranges import flatten
from egresscost.boundary.inventories import claims
from egresscost.boundary.numbers import number_of, span_of
from egresscost.scan.places import PlaceTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from egresscost.addresses.places import Place, Places
    from egresscost.addresses.ranges import Ranges
    from egresscost.sources.inventories import Snapshot


def place_table(
    places: Places, snapshots: Sequence[Snapshot] = (), more: Iterable[str] = ()
) -> tuple[PlaceTable, tuple[Place, ...]]:
    """The table for the scan and its places, in which own public addresses have places of their own.

    Of IPv6 the whole subnet (/64) of an own address is kept.

    Args:
        places: Whose each address is.
        snapshots: Inventories.
        more: Own addresses that no inventory has: those of pods.
    """
    known = list(places.places)
    private = len(known)
    ranges = {family: places.ranges[family] for family in FAMILIES}
    again: dict[int, int] = {}
    spans: dict[int, list[tuple[int, int, int]]] = {family: [] for family in FAMILIES}
    for family, start, end in _own(snapshots, more):
        place = int(ranges[family].find(np.array([start], np.uint64))[0])
        if not known[place].is_private:
            if place not in again:
                again[place] = len(known)
                known.append(known[place])
            spans[family].append((start, end, again[place]))
    for family, own in spans.items():
        ranges[family] = ranges[family].under(flatten(own, family)) if own else ranges[family]
    exact = [place.is_private or number >= private for number, place in enumerate(known)]
    return _table(ranges, exact), tuple(known)


def _own(snapshots: Sequence[Snapshot], more: Iterable[str]) -> Iterable[tuple[int, int, int]]:
    """Own addresses and IPv6 subnets as spans of numbers, each once."""
    spans = set()
    for address in (*(claim.address for claim in claims(snapshots)), *more):
        number = number_of(address)
        if number is not None:
            spans.add((ip_address(address).version, number, number + 1))
    for prefix in (prefix for each in snapshots for subnet in each.subnets for prefix in subnet.prefixes):
        span = span_of(prefix)
        if span is not None and ":" in prefix:
            spans.add((6, *span))
    return sorted(spans)


def _table(ranges: dict[int, Ranges], exact: list[bool]) -> PlaceTable:
    four, six = ranges[4], ranges[6]
    return PlaceTable(
        v4_starts=four.starts.astype(np.uint32),
        v4_places=four.meanings.astype(np.int32),
        v6_highs=six.starts.astype(np.uint64),
        v6_lows=np.zeros(len(six.starts), np.uint64),
        v6_places=six.meanings.astype(np.int32),
        exact=np.array(exact, np.bool_),
    )
