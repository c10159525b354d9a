"""Google's SKUs, and what they say about a line: by id first, then by the wording of the description.

Goes in: a SKU's id and description, and the region that is billed. Comes out: a `Placement`. Never: reads a file of the
user's.

An id is for ever, while its description was changed in 2023 ("Egress" became "Data Transfer Out") and comes in other
languages. So `skus.csv` has the present English wording of each known id, and an id is placed by that: a row
`Network ... from Mumbai to {}` holds `China=96B7-A85B-0114` and so on. What has another id is placed by its own
description. Wordings are patterns in `descriptions.csv`, the first that fits, with the words for people in `rules.toml`.

`ends` says which end is which: `R>` out of the billed region, `>R` into it, `R=R` within it, `R` a device in it, `R>P`
and `P>R` to and from the place that the text names, `R>G` to a part of the world, `R>E` to a cache there, `E>G` from a
cache to viewers there.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from egresscost.frame import Boundary, Charge, Confidence, Direction
from egresscost.providers.gcp.regions import region_of
from egresscost.providers.gcp.tables import rows
from egresscost.sources.protocols import NOT_NETWORK, Placement, Rule
from egresscost.units import Unit, bytes_in

if TYPE_CHECKING:
    from collections.abc import Mapping

NETWORK_HINT: Final = (
    r"(?i)network|egress|ingress|data transfer|interconnect|vpn|\bnat\b|private service connect|load balanc"
    r"|forwarding rule|(external|static) ip|cdn|cache fill|^download |vended logs|peering"
)
"""Every description that a pattern can place matches this; what does not, and has no known id, is folded at once."""
_LOOKS_LIKE_TRANSFER = re.compile(r"\b(egress|ingress)\b|data transfer", re.IGNORECASE)
_UNKNOWN = Placement(Boundary.UNKNOWN, Direction.UNKNOWN, Charge.TRANSFER, "looks-like-transfer", Confidence.LOW)
_NO_REGION: Final = "global"
_GEOGRAPHIES: Final = {"apac": "Apac", "apac(excluding korea and indonesia)": "Apac", "korea": "South Korea"}
"""Names of one part of the world over the years, in lower case, and the one that rate cards have."""
_REMARK = re.compile(r"\s*\(.*?\)")
_HOURS: Final = frozenset({"hour", "hours", "h"})


@dataclass(frozen=True)
class Entry:
    """One row of `descriptions.csv`."""

    pattern: re.Pattern[str]
    ends: str
    placement: Placement


@cache
def wordings() -> Mapping[str, str]:
    """The present description of each known SKU, by its id."""
    found: dict[str, str] = {}
    for row in rows("skus.csv"):
        for pair in row["skus"].split(";"):
            place, _, sku = pair.rpartition("=")
            found[sku] = row["wording"].replace("{}", place)
    return found


@cache
def descriptions() -> tuple[Entry, ...]:
    """The rows of `descriptions.csv` in order."""
    return tuple(_entry(row) for row in rows("descriptions.csv"))


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
    return Entry(re.compile(row["description"], re.IGNORECASE), row["ends"], placement)


@cache
def rules() -> Mapping[str, Rule]:
    """Every rule in words, by id."""
    with files(__package__).joinpath("rules.toml").open("rb") as file:
        words = tomllib.load(file)
    written: dict[str, list[str]] = {}
    for entry in descriptions():
        written.setdefault(entry.placement.rule, []).append(entry.pattern.pattern)
    return {
        name: Rule(name, "", " | ".join(written.get(name, ())), each["title"], each["why"].strip(), each["source"])
        for name, each in words.items()
    }


@lru_cache(maxsize=65536)
def place(sku: str, description: str, region: str | None, *, unit: str = "") -> Placement:
    """Where a line belongs.

    Args:
        sku: The SKU's id; may be empty.
        description: The bill's own words for it.
        region: The region that is billed, as the bill has it: also a multi-region (`us`) or `global`.
        unit: The unit that the quantity is in.
    """
    wording = wordings().get(sku)
    confidence = Confidence.MEDIUM if wording is None else Confidence.HIGH
    text = description if wording is None else wording
    for entry in descriptions():
        if (found := entry.pattern.search(text)) is not None:
            placed = replace(entry.placement, confidence=confidence)
            own = None if region == _NO_REGION else region
            return _checked_unit(_with_ends(placed, entry.ends, found.groupdict(), own), unit)
    if _LOOKS_LIKE_TRANSFER.search(text):
        return replace(_UNKNOWN, unit=Unit.GB, has_bytes=True) if bytes_in(unit) else _UNKNOWN
    return NOT_NETWORK


def _with_ends(placement: Placement, ends: str, names: Mapping[str, str | None], region: str | None) -> Placement:
    """The placement with the ends that the bill and the text tell.

    The billed side is where the bill says; the text names it only roughly (`Americas`).
    """
    source, destination = names.get("src"), names.get("dst")
    inward = placement.direction is Direction.IN
    own = region or region_of(destination if inward else source)
    peer = source if inward else destination
    sides: dict[str, tuple[str | None, str | None]] = {
        "": (None, None),
        "R": (own, None),
        "R>": (own, None),
        ">R": (None, own),
        "R=R": (own, own),
        "R>P": (own, region_of(peer)),
        "P>R": (region_of(peer), own),
        "R>G": (own, None),
        "R>E": (own, _cache(destination)),
        "E>G": (_cache(destination), None),
    }
    first, second = sides[ends]
    unnamed = ends.endswith(("G", "E")) or (ends == "R>P" and second is None)
    return replace(
        placement,
        src_region=first,
        dst_region=second,
        dst_geo=_GEOGRAPHIES.get((peer or "").lower(), peer) if unnamed else None,
        own_end="dst" if inward else "src",
    )


def _cache(geography: str | None) -> str:
    """The caches of Cloud CDN in a part of the world, as rate cards call them.

    >>> _cache("North America (incl. Hawaii)"), _cache("Other Destinations"), _cache(None)
    ('edge-north-america', 'edge-other', 'edge')
    """
    words = _REMARK.sub("", geography or "").lower().replace("all other", "other").split()
    return "-".join(["edge", *(word for word in words if word != "destinations")])


def _checked_unit(placement: Placement, unit: str) -> Placement:
    """A meter whose line says another kind of unit than its rule has no known bytes or hours."""
    expected = {Unit.GB: bool(bytes_in(unit)), Unit.HOURS: unit in _HOURS}
    if placement.unit is None or not unit or expected.get(Unit(placement.unit), True):
        return placement
    return replace(placement, unit=None, has_bytes=False, confidence=Confidence.LOW)
