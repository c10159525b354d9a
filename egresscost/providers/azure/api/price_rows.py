"""Entries of Azure's price list as rows of rate cards.

Goes in: entries. Comes out: rows, and how many entries of the network became none, by kind. Never: takes one meter's price for
another's use.

A meter becomes rows only where its rule says exactly what use it prices, and no other meter claims the same use in the same region.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from egresscost.frame import Boundary, Direction
from egresscost.providers.azure.meters import place
from egresscost.sources.live import NewCards

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from egresscost.sources.protocols import Placement

_RULES: Final = frozenset(
    {
        "internet-out",
        "internet-out-isp",
        "peering-region-out",
        "peering-region-in",
        "peering-out",
        "peering-in",
        "private-link-in",
        "private-link-out",
        "private-link-hours",
        "nat-bytes",
        "nat-hours",
        "balancer-bytes",
        "hub-bytes",
    }
)
"""Rules whose meters price a use that the cards have a row for."""
_UNIT: Final = re.compile(r"(\d+) (GB|Hour)s?", re.IGNORECASE)
_REGION: Final = re.compile(r"[a-z0-9]+")
_NO_BOUNDARY: Final = (Boundary.UNKNOWN, Boundary.NONE)
_NO_PATH: Final = ("unknown", "direct")
_KEY: Final = ("charge", "boundary", "direction", "from", "to", "via", "network_tier", "unit")
_NAMES: Final = ("serviceName", "productName", "skuName", "meterName", "meterId", "armRegionName", "unitOfMeasure")
"""What tells a meter of one region from another."""

Item = dict[str, Any]


def cards(items: Iterable[Item], asked: date) -> NewCards:
    """Rows of the entries that are understood."""
    meters: dict[tuple[str, ...], list[Item]] = defaultdict(list)
    for item in items:
        meters[tuple(str(item.get(name) or "") for name in _NAMES)].append(item)
    unread: Counter[str] = Counter()
    claims: dict[tuple[str, ...], list[tuple[str, list[dict[str, str]]]]] = defaultdict(list)
    for names, tiers in meters.items():
        placement = _placed(names)
        if placement.boundary is Boundary.NOT_NETWORK:
            continue
        label = " | ".join((names[0], names[1], names[3]))
        rows = _rows(names, placement, tiers, asked) if placement.rule in _RULES else []
        if rows:
            claims[tuple(rows[0][key] for key in _KEY)].append((label, rows))
        else:
            unread[label] += len(tiers)
    found: list[Mapping[str, str]] = []
    for claimed in claims.values():
        if len({label for label, _ in claimed}) == 1 and len(claimed) == 1:
            found += claimed[0][1]
        else:
            unread.update({label: len(rows) for label, rows in claimed})
    return NewCards(found, dict(unread))


def _placed(names: Sequence[str]) -> Placement:
    service, product, _, meter, meter_id, region, _ = names
    return place(
        {
            "sku": meter_id,
            "family": service,
            "operation": product,
            "usage_type": f"{service} - {meter}",
            "region": region if _REGION.fullmatch(region) else None,
        }
    )


def _rows(names: Sequence[str], placement: Placement, tiers: Sequence[Item], asked: date) -> list[dict[str, str]]:
    """The tiers of a meter as rows, none where they are no whole ladder in US dollars."""
    unit = _UNIT.fullmatch(names[6])
    ladder = _ladder(tiers, asked)
    if unit is None or int(unit[1]) == 0 or not ladder or ladder[0][0] != 0:
        return []
    region = names[5]
    if region.lower() != "global" and region and not _REGION.fullmatch(region):
        return []
    if placement.rule.startswith(("internet", "peering-region")) and not _REGION.fullmatch(region):
        return []
    block = Decimal(unit[1])
    via = "" if placement.path in _NO_PATH else placement.path
    pool = f"{via or placement.boundary.value}:{names[4]}" if len(ladder) > 1 else ""
    ends = [start for start, _, _ in ladder[1:]] + [None]
    return [
        {
            "charge": placement.charge.value,
            "boundary": "" if placement.boundary in _NO_BOUNDARY else placement.boundary.value,
            "direction": "" if placement.direction is Direction.UNKNOWN else placement.direction.value,
            "from": placement.src_region or "",
            "to": placement.dst_region or "",
            "via": via,
            "network_tier": placement.network_tier or "",
            "dst_geo": "",
            "unit": "GB" if unit[2].upper() == "GB" else "hours",
            "tier_start": _plain(start),
            "tier_end": "" if end is None else _plain(end),
            "price": _plain(price / block),
            "currency": "USD",
            "tier_pool": pool,
            "allowance_pool": "",
            "valid_from": since,
            "valid_to": "",
            "as_of": str(asked),
            "basis": "observed",
            "confidence": "high",
            "source": f"retail-api-{asked}",
            "confirmed_by": "",
            "note": f"{names[1]} | {names[3]}",
        }
        for (start, price, since), end in zip(ladder, ends, strict=True)
    ]


def _ladder(tiers: Sequence[Item], asked: date) -> list[tuple[Decimal, Decimal, str]]:
    """Start, price and first day of each tier, of several of one start the newest that is in force; empty where one is no number."""
    newest: dict[Decimal, tuple[str, Decimal]] = {}
    for item in tiers:
        since = str(item.get("effectiveStartDate") or "")[:10]
        if item.get("currencyCode") != "USD" or since > str(asked):
            return []
        try:
            start, price = Decimal(str(item.get("tierMinimumUnits"))), Decimal(str(item.get("retailPrice")))
        except InvalidOperation:
            return []
        if start not in newest or newest[start][0] < since:
            newest[start] = since, price
    return [(start, newest[start][1], newest[start][0]) for start in sorted(newest)]


def _plain(number: Decimal) -> str:
    """A number without an exponent and without zeros at its end."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
