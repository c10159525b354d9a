"""Which networks hold an address, where several networks use the same ranges.

Goes in: subnets. Comes out: for an address the subnets that hold it, each network at most once. Never: chooses.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from egresscost.boundary.numbers import span_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from egresscost.sources.inventories import Subnet


class Segments:
    """The line of addresses, cut where a subnet begins or ends."""

    def __init__(self, subnets: Iterable[Subnet]) -> None:
        edges: dict[int, list[tuple[bool, str, str]]] = {}
        for subnet in subnets:
            for prefix in subnet.prefixes:
                span = span_of(prefix)
                if span is not None and subnet.network is not None:
                    edges.setdefault(span[0], []).append((True, subnet.network, subnet.id))
                    edges.setdefault(span[1], []).append((False, subnet.network, subnet.id))
        active: dict[str, str] = {}
        self._starts = sorted(edges)
        self._holding: list[dict[str, str]] = []
        for start in self._starts:
            for begins, network, subnet_id in sorted(edges[start]):  # what ends comes first
                if begins:
                    active[network] = subnet_id
                elif active.get(network) == subnet_id:
                    del active[network]
            self._holding.append(dict(active))

    def holding(self, number: int | None) -> Mapping[str, str]:
        """The subnets that hold an address, by network."""
        at = bisect_right(self._starts, number) - 1 if number is not None else -1
        return self._holding[at] if at >= 0 else {}
