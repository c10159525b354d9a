"""What rate cards do not know: regions without a rate, by kind of charge.

Goes in: ladders. Comes out: `Gap`s. Never: takes a place that is no region (a CDN's geography, a line's location) for
one that lacks something.
"""

from __future__ import annotations

from collections import defaultdict
from fnmatch import fnmatchcase
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
    known = [each for each in ladders if each.holds(on) and each.rates and each.keys["direction"] != Direction.IN]
    regions = sorted({each.keys["from"] for each in known if _is_of_region(each)})
    kinds: dict[tuple[str, str, str, str], list[Ladder]] = defaultdict(list)
    for each in known:
        if each.keys["from"] in regions:
            kinds[each.keys["charge"], each.keys["boundary"], each.keys["via"], each.keys["unit"]].append(each)
    wide = [each for each in known if each.keys["from"] not in regions]
    return [
        _gap(provider, kind, [*kinds[kind], *(each for each in wide if _is_kind(each, kind))], regions)
        for kind in sorted(kinds)
    ]


def _is_of_region(ladder: Ladder) -> bool:
    keys = ladder.keys
    return (
        keys["charge"] == Charge.TRANSFER
        and keys["boundary"] in _OF_REGIONS
        and bool(keys["from"])
        and "*" not in keys["from"]
    )


def _is_kind(ladder: Ladder, kind: tuple[str, str, str, str]) -> bool:
    return kind == tuple(ladder.keys[name] for name in ("charge", "boundary", "via", "unit"))


def _gap(provider: str, kind: tuple[str, str, str, str], ladders: Sequence[Ladder], regions: Sequence[str]) -> Gap:
    charge, boundary, via, unit = kind
    found = {region: [each for each in ladders if _holds(each, region)] for region in regions}
    return Gap(
        provider=provider,
        charge=charge,
        boundary=boundary,
        via=via,
        unit=unit,
        known=sum(bool(rates) for rates in found.values()),
        inferred=sum(bool(rates) and all(each.is_inferred for each in rates) for rates in found.values()),
        missing=tuple(region for region, rates in found.items() if not rates),
    )


def _holds(ladder: Ladder, region: str) -> bool:
    start = ladder.keys["from"]
    return not start or fnmatchcase(region, start)
