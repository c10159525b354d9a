"""Azure's meters and what they say about a line.

Goes in: the keys of a bill line: meter id, category, subcategory, meter, product. Comes out: a `Placement`. Never:
reads a file of the user's.

The grammar is data: a meter whose id is in `meter_ids.csv` has the English words of that table, whatever the language
of its row. `meters.csv` holds patterns over those words, joined as `category | subcategory | category - meter |
product`; the first match wins. Words for people are in `rules.toml`. `ends` says which region is the source and which
the destination: `R>` out of the line's region, `>R` into it, `R=R` within it, `R` a device in it, `G>` and `>G` an edge.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from egresscost.frame import Boundary, Charge, Confidence, Direction
from egresscost.providers.azure.regions import region_of
from egresscost.providers.azure.tables import rows, toml
from egresscost.sources.protocols import NOT_NETWORK, Placement, Rule
from egresscost.units import Unit, bytes_in

if TYPE_CHECKING:
    from collections.abc import Mapping

NETWORK_HINT: Final = (
    r"(?i)bandwidth|networking|data transfer|preference: |peering|private (link|endpoint)|gateway|expressroute|virtual wan"
    r"|load balancer|firewall|front door|content delivery|azure cdn|ip address|public ip|bastion|geo-?replication|egress|^virtual network$"
)
"""Every row that the grammar can place by its words matches this; the rest is folded without being looked at."""
NOT_GROUPED: Final = "not-grouped"
_LOOKS_LIKE_TRANSFER: Final = re.compile(r"bandwidth|data transfer|\begress\b", re.IGNORECASE)
_UNKNOWN: Final = Placement(Boundary.UNKNOWN, Direction.UNKNOWN, Charge.TRANSFER, "looks-like-transfer", Confidence.LOW)
_UNGROUPED: Final = Placement(Boundary.UNKNOWN, Direction.UNKNOWN, Charge.UNKNOWN, NOT_GROUPED, Confidence.LOW)
_MIXED: Final = re.compile(r"(Virtual Network( \| )?)+")
"""A category without a meter that holds addresses, peering and private endpoints."""
_NO_RATE: Final = re.compile(r"month|hour|day|second", re.IGNORECASE)
"""A unit with one of these is no unit of traffic: `GB/Month` is storage."""


@dataclass(frozen=True)
class Entry:
    """One row of the grammar."""

    pattern: re.Pattern[str]
    ends: str
    placement: Placement
    written: str


@cache
def grammar() -> tuple[Entry, ...]:
    """The rows of `meters.csv` in order."""
    return tuple(_entry(row) for row in rows("meters.csv"))


def _entry(row: Mapping[str, str]) -> Entry:
    placement = Placement(
        Boundary(row["boundary"]),
        Direction(row["direction"]),
        Charge(row["charge"]),
        row["rule"],
        Confidence.HIGH,
        path=row["path"],
        network_tier=row["tier"] or None,
        unit=Unit(row["unit"]) if row["unit"] else None,
        has_bytes=row["bytes"] == "yes",
    )
    return Entry(re.compile(row["text"], re.IGNORECASE), row["ends"], placement, row["text"])


@cache
def _by_id() -> Mapping[str, tuple[str, str, str]]:
    return {row["meter_id"]: (row["category"], row["subcategory"], row["meter"]) for row in rows("meter_ids.csv")}


def known_ids() -> frozenset[str]:
    """The meter ids there is a row for, in lower case."""
    return frozenset(_by_id())


@cache
def rules() -> Mapping[str, Rule]:
    """Every rule in words, by id."""
    written: dict[str, list[str]] = {}
    for entry in grammar():
        written.setdefault(entry.placement.rule, []).append(entry.written)
    return {
        name: Rule(
            name,
            "",
            " | ".join(written.get(name, ())),
            words["title"],
            words["why"].strip(),
            words["source"],
            words.get("free_since"),
        )
        for name, words in toml("rules.toml").items()
    }


def place(keys: Mapping[str, str | None]) -> Placement:
    """Where a line with these keys belongs: by the meter's id, else by its words.

    A meter decides with high confidence, a product's text alone with medium.
    """
    words = _by_id().get((keys.get("sku") or "").lower())
    if words is not None:
        category, subcategory, meter = words
        text = f"{category} | {subcategory} | {category} - {meter}"
    else:
        pieces = (keys.get("family"), keys.get("operation"), keys.get("usage_type"), keys.get("description"))
        text = " | ".join(piece for piece in pieces if piece)
    if not text:
        return _UNGROUPED
    return _place(
        text,
        keys.get("unit") or "",
        region_of(keys.get("region")),
        keys.get("peer_location") or "",
        has_meter=words is not None or bool(keys.get("usage_type")),
    )


@lru_cache(maxsize=65536)
def _place(text: str, unit: str, region: str | None, meter_region: str, *, has_meter: bool) -> Placement:
    for entry in grammar():
        if entry.pattern.search(text):
            placement = _with_ends(entry, region, f"{meter_region} | {region or ''} | {text}")
            return _checked(placement if has_meter else _less_sure(placement), unit)
    if _MIXED.fullmatch(text):
        return _UNGROUPED
    if _LOOKS_LIKE_TRANSFER.search(text) and not _NO_RATE.search(unit):
        return replace(_UNKNOWN, unit=Unit.GB, has_bytes=True) if bytes_in(unit) else _UNKNOWN
    return NOT_NETWORK


def _with_ends(entry: Entry, region: str | None, said: str) -> Placement:
    """The ends of a line: its region, or the zone of a CDN that the first of its texts with one names, as cards call it."""
    zone = re.search(r"\bZone (\d)", said, re.IGNORECASE)
    edge = f"edge-{zone[1]}" if zone else "edge"
    ends: dict[str, tuple[str | None, str | None]] = {
        "R": (region, None),
        "R>": (region, None),
        ">R": (None, region),
        "R=R": (region, region),
        "G>": (edge, None),
        ">G": (None, edge),
    }
    source, destination = ends[entry.ends]
    billed_end = "dst" if entry.ends in {">R", ">G"} or _receives(entry) else "src"
    return replace(entry.placement, src_region=source, dst_region=destination, own_end=billed_end)


def _receives(entry: Entry) -> bool:
    return entry.ends == "R=R" and entry.placement.direction is Direction.IN


def _less_sure(placement: Placement) -> Placement:
    return replace(placement, confidence=Confidence.MEDIUM)


def _checked(placement: Placement, unit: str) -> Placement:
    """A meter in GB whose line says another unit: a block of GB is less sure, and no unit of bytes leaves them unknown."""
    if placement.unit != Unit.GB or not unit:
        return placement
    if unit.endswith("?"):
        return replace(placement, confidence=Confidence.LOW)
    if not bytes_in(unit):
        return replace(placement, unit=None, has_bytes=False, confidence=Confidence.LOW)
    return _less_sure(placement) if unit[0].isdigit() else placement
