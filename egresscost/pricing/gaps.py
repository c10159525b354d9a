"""What rate cards do not know: regions without a rate, by kind of charge.

Goes in: ladders. Comes out: `Gap`s. Never: takes a place that is no region (a CDN's geography, a line's location) for
one that lacks something.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from egresscost.frame import Boundary, Charge, Direction
from egresscost.results import Gap

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from egresscost.pricing.ladders import Ladder

_OF_REGIONS = frozenset({Boundary.INTERNET, Boundary.ZONE, Boundary.REGION})
"""What begins at such a boundary is a region."""


def gaps(ladders: Iterable[Ladder], provider: str, on: date) -> list[Gap]:
    """For each kind of charge, the regions without a rate on a day.

    Args:
        ladders: All of a cloud.
        provider: Its name.
        on: Rates count that are in force then.
    """
    open_ = [each for each in ladders if each.holds(on) and each.keys["direction"] != Direction.IN]
    known = [each for each in open_ if each.rates]
    regions = sorted({region for each in open_ if _is_of_region(each) for region in _starts(each)})
    kinds: dict[tuple[str, ...], list[Ladder]] = defaultdict(list)
    for each in known:
        if _starts(each) <= set(regions):
            kinds[_kind(each)].append(each)
    wide = [each for each in known if not _starts(each) <= set(regions)]
    return [
        _gap(provider, kind, [*kinds[kind], *(each for each in wide if _kind(each) == kind)], regions)
        for kind in sorted(kinds)
    ]


def _starts(ladder: Ladder) -> set[str]:
    """The places that a ladder begins at by name: a region, or those of a group."""
    return set(ladder.members.get("from", {})) or {ladder.keys["from"]}


def _is_of_region(ladder: Ladder) -> bool:
    keys = ladder.keys
    return (
        keys["charge"] == Charge.TRANSFER
        and keys["boundary"] in _OF_REGIONS
        and bool(keys["from"])
        and "*" not in keys["from"]
    )


def _kind(ladder: Ladder) -> tuple[str, ...]:
    return tuple(ladder.keys[name] for name in ("charge", "boundary", "via", "network_tier", "unit"))


def _gap(provider: str, kind: tuple[str, ...], ladders: Sequence[Ladder], regions: Sequence[str]) -> Gap:
    charge, boundary, via, network_tier, unit = kind
    found = {
        region: [each for each in ladders if not each.keys["from"] or each.is_at("from", region)] for region in regions
    }
    return Gap(
        provider=provider,
        charge=charge,
        boundary=boundary,
        via=via,
        network_tier=network_tier,
        unit=unit,
        known=sum(bool(rates) for rates in found.values()),
        inferred=sum(bool(rates) and all(each.is_inferred for each in rates) for rates in found.values()),
        missing=tuple(region for region, rates in found.items() if not rates),
    )
