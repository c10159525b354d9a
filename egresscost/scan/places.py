"""Where an address belongs, by sorted ranges; and which interfaces are known under another name.

Goes in: prefixes with the number of their place; interface ids with what to call them. Comes out: arrays that the
kernel searches. Never: knows what a place is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_network
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple, Self

import numpy as np

from egresscost.errors import UsageError
from egresscost.scan.machine import at, inner

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

UNKNOWN: Final = 0
"""The place of an address that no range holds."""

_HALVES: Final = 1 << 16
_BITS_16: Final = 16
_MASK_64: Final = (1 << 64) - 1


class Ranges(NamedTuple):
    """Arrays, or pointers to them, for the kernel. Each range reaches up to the next start."""

    v4_starts: NDArray[np.uint32]
    v4_places: NDArray[np.int32]
    v4_index: NDArray[np.int32]
    v6_highs: NDArray[np.uint64]
    v6_lows: NDArray[np.uint64]
    v6_places: NDArray[np.int32]
    exact: NDArray[np.uint8]
    v6_count: int


@dataclass(frozen=True)
class PlaceTable:
    """Ranges of addresses and their places. A range reaches from its start up to the next start.

    Attributes:
        v4_starts, v4_places: Sorted starts of IPv4 ranges and the place of each.
        v6_highs, v6_lows, v6_places: The same for IPv6, each start in two halves.
        exact: For each place, whether its addresses are kept themselves: private, special and own ranges.
    """

    v4_starts: NDArray[np.uint32]
    v4_places: NDArray[np.int32]
    v6_highs: NDArray[np.uint64]
    v6_lows: NDArray[np.uint64]
    v6_places: NDArray[np.int32]
    exact: NDArray[np.bool_]

    def __post_init__(self) -> None:
        """Refuse ranges that a search would be wrong on."""
        v6 = list(zip(self.v6_highs.tolist(), self.v6_lows.tolist(), strict=True))
        sorted_v4 = bool(np.all(self.v4_starts[1:] > self.v4_starts[:-1]))
        sorted_v6 = all(one < other for one, other in pairwise(v6))
        if not (sorted_v4 and sorted_v6):
            message = "the starts of address ranges must rise"
            raise UsageError(message)
        highest = max((int(places.max()) for places in (self.v4_places, self.v6_places) if len(places)), default=0)
        if highest >= len(self.exact):
            message = f"the place {highest} has no entry in `exact`, which has {len(self.exact)}"
            raise UsageError(message)

    @classmethod
    def of(cls, prefixes: Iterable[tuple[str, int]], exact: Sequence[bool]) -> Self:
        """Flatten prefixes, which may lie inside one another: the longest one counts.

        >>> table = PlaceTable.of([("10.0.0.0/8", 1), ("10.1.0.0/16", 2)], [False, True, True])
        >>> table.v4_starts.tolist(), table.v4_places.tolist()
        ([0, 167772160, 167837696, 167903232, 184549376], [0, 1, 2, 1, 0])
        """
        by_version: dict[int, list[tuple[int, int, int]]] = {4: [], 6: []}
        for prefix, place in prefixes:
            network = ip_network(prefix)
            first, last = int(network.network_address), int(network.broadcast_address)
            by_version[network.version].append((first, last, place))
        v4, v6 = _flatten(by_version[4], 32), _flatten(by_version[6], 128)
        return cls(
            np.array([start for start, _ in v4], np.uint32),
            np.array([place for _, place in v4], np.int32),
            np.array([start >> 64 for start, _ in v6], np.uint64),
            np.array([start & _MASK_64 for start, _ in v6], np.uint64),
            np.array([place for _, place in v6], np.int32),
            np.array(exact, np.bool_),
        )

    def ranges(self) -> Ranges:
        """The arrays as the kernel wants them: from the very first address on, with an index by the upper half."""
        v4_starts, v4_places = self.v4_starts, self.v4_places
        if not len(v4_starts) or v4_starts[0]:
            v4_starts, v4_places = np.insert(v4_starts, 0, 0), np.insert(v4_places, 0, UNKNOWN)
        highs, lows, v6_places = self.v6_highs, self.v6_lows, self.v6_places
        if not len(highs) or highs[0] or lows[0]:
            highs, lows = np.insert(highs, 0, 0), np.insert(lows, 0, 0)
            v6_places = np.insert(v6_places, 0, UNKNOWN)
        halves = np.arange(_HALVES, dtype=np.uint64) << np.uint64(_BITS_16)
        index = np.append(np.searchsorted(v4_starts, halves, "right"), len(v4_starts))
        return Ranges(
            v4_starts,
            v4_places,
            index.astype(np.int32),
            highs,
            lows,
            v6_places,
            self.exact.astype(np.uint8),
            len(highs),
        )


def _flatten(prefixes: list[tuple[int, int, int]], bits: int) -> list[tuple[int, int]]:
    """Starts and places of disjoint ranges, from nested ones. Of equal ranges the last one counts."""
    unique = {(first, -last): place for first, last, place in prefixes}
    flat: list[tuple[int, int]] = [(0, UNKNOWN)]

    def begin(start: int, place: int) -> None:
        if start >> bits:
            return
        if flat[-1][0] == start:
            flat.pop()
        if not flat or flat[-1][1] != place:
            flat.append((start, place))

    around: list[tuple[int, int]] = []  # the last address and the place of every range that is open
    for (first, minus_last), place in sorted(unique.items()):
        while around and around[-1][0] < first:
            last, _ = around.pop()
            begin(last + 1, around[-1][1] if around else UNKNOWN)
        begin(first, place)
        around.append((-minus_last, place))
    while around:
        last, _ = around.pop()
        begin(last + 1, around[-1][1] if around else UNKNOWN)
    return flat


@dataclass(frozen=True)
class InterfaceTable:
    """Interfaces that are known, and what they count as: themselves, or a workload of which they are a part.

    Attributes:
        names: What can be counted as.
        codes: For an interface's id, the position of its name in `names`.
        sites: For an interface's id, the number of the site it stands at; only `seen_from` asks.
        seen_from: What the peer's place is called from a site: `seen_from[site, place]`. None calls it the same from
            everywhere. Row 0 is for interfaces that are not known.
    """

    names: Sequence[str] = ()
    codes: Mapping[str, int] = field(default_factory=dict)
    sites: Mapping[str, int] = field(default_factory=dict)
    seen_from: NDArray[np.int32] | None = None


@inner
def point_to_ranges(ranges: Ranges) -> Ranges:
    """The same with pointers."""
    return Ranges(
        at(ranges.v4_starts),
        at(ranges.v4_places),
        at(ranges.v4_index),
        at(ranges.v6_highs),
        at(ranges.v6_lows),
        at(ranges.v6_places),
        at(ranges.exact),
        ranges.v6_count,
    )


@inner
def find_v4(ranges: Ranges, address: int) -> int:
    """The place of an IPv4 address."""
    half = address >> _BITS_16
    low, high = int(ranges.v4_index[half]), int(ranges.v4_index[half + 1])
    while low < high:
        middle = (low + high) >> 1
        if ranges.v4_starts[middle] <= address:
            low = middle + 1
        else:
            high = middle
    return int(ranges.v4_places[low - 1])


@inner
def find_v6(ranges: Ranges, high_half: np.uint64, low_half: np.uint64) -> int:
    """The place of an IPv6 address."""
    low, high = 0, ranges.v6_count
    while low < high:
        middle = (low + high) >> 1
        start = ranges.v6_highs[middle]
        if start < high_half or (start == high_half and ranges.v6_lows[middle] <= low_half):
            low = middle + 1
        else:
            high = middle
    return int(ranges.v6_places[low - 1])
