"""The grammar of AWS usage types and of AWS descriptions, and what it says about a line.

Goes in: product, usage type, operation, or a description. Comes out: a `Placement`. Never: reads a file of the user's.

The grammar is data: `usage_types.csv` and `descriptions.csv`, first match wins, with the words for people in
`rules.toml`. In a pattern `{R}` is an optional region prefix (none means us-east-1), `{S}` a needed one, `{A}-{B}` two
of them, `{A}-{A}` one of them twice, `{G}` a CloudFront geography and `{L}` a Direct Connect location. `ends` says which
region is the source and which the destination: `R>` out of the line's region, `>R` into it, `R=R` within it, `R` a device
in it, `A>B`, `B>A`, and for descriptions `R>P`, `P>R` with the peer that the text names.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from egresscost.frame import Boundary, Charge, Confidence, Direction
from egresscost.providers.aws.regions import DEFAULT, region_of
from egresscost.providers.aws.tables import rows
from egresscost.sources.protocols import NOT_NETWORK, Placement, Rule
from egresscost.units import Unit, bytes_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_CODE = r"[A-Z]{2,4}\d{0,2}(?:-[A-Z]{2,4}\d{1,2})*"
_LONG = r"[a-z]{2,4}(?:-[a-z]+)+-\d"
_HOLES = {
    "{R}": rf"(?:(?P<R>{_CODE}|{_LONG})-)?",
    "{S}": rf"(?P<R>{_CODE})",
    "{A}-{A}": r"(?P<R>[A-Z]{2,4}\d{0,2})-(?P=R)",
    "{A}-{B}": r"(?P<A>[A-Z]{2,4}\d{0,2})-(?P<B>[A-Z]{2,4}\d{0,2})",
    "{G}": r"(?:(?P<G>[A-Z]{2}\d?)-)?",
    "{L}": r"[A-Za-z0-9]+",
}
_NETWORK_PRODUCTS = frozenset(
    {
        "AmazonVPC",
        "AWSELB",
        "AmazonCloudFront",
        "AWSDirectConnect",
        "AWSGlobalAccelerator",
        "AWSNetworkFirewall",
        "AWSDataTransfer",
    }
)
_LOOKS_LIKE_TRANSFER = re.compile(
    r"DataTransfer|DataXfer|AWS-(In|Out)-|-(In|Out)-[AO]?Bytes|(Egress|Ingress)[\w-]*Bytes|TransitGateway|NatGateway|VpcEndpoint|VpcPeering"
    r"|VerifiedAccess-Data|Private-?Connectivity-Data"
)
_TEXT_LOOKS_LIKE_TRANSFER = re.compile(r"data transfer|per GB for\s+in\b|per GB for \S*Bytes", re.IGNORECASE)
_TRANSFER_FAMILY = "Data Transfer"
_UNKNOWN = Placement(Boundary.UNKNOWN, Direction.UNKNOWN, Charge.TRANSFER, "looks-like-transfer", Confidence.LOW)
NO_RULE = frozenset({NOT_NETWORK.rule, _UNKNOWN.rule})
"""What a placement names as its rule when none matches."""

NETWORK_HINT = (
    r"Bytes|NatGateway|Vpc|VPC|Transit|IPv4|ElasticIP|LoadBalancer|LCU|VPN|Xfer|Transfer|PortUsage|Traffic-GB|Endpoint-Hour|CloudWAN"
    r"|[Ff]ixed-[Ff]ee|Egress|Ingress|LBCapacity|VerifiedAccess|Connectivity-Data"
)
"""Every usage type that the grammar can place matches this; what does not is folded without being looked at."""
DESCRIPTION_HINT = (
    r"data transfer|nat gateway|vpc endpoint|privatelink|transit ?gateway|ip address|ipv4|load ?balancer|lcu|vpn|per GB"
)
"""The same for descriptions, whatever the case of the letters."""


@dataclass(frozen=True)
class Entry:
    """One row of a grammar table."""

    product: str
    pattern: re.Pattern[str]
    operation: re.Pattern[str] | None
    ends: str
    placement: Placement
    written: str


@cache
def grammar() -> tuple[Entry, ...]:
    """The rows of `usage_types.csv` in order."""
    return tuple(_entry(row, row["usage_type"], Confidence.HIGH) for row in rows("usage_types.csv"))


@cache
def descriptions() -> tuple[Entry, ...]:
    """The rows of `descriptions.csv` in order."""
    return tuple(_entry(row, row["description"], Confidence.MEDIUM, re.IGNORECASE) for row in rows("descriptions.csv"))


def _entry(row: Mapping[str, str], written: str, confidence: Confidence, flags: int = 0) -> Entry:
    pattern = written
    for hole, expression in _HOLES.items():
        pattern = pattern.replace(hole, expression)
    operation = row.get("operation", "")
    boundary = Boundary(row["boundary"])
    if boundary is Boundary.UNKNOWN and row["charge"] == Charge.TRANSFER:
        confidence = Confidence.MEDIUM
    placement = Placement(
        boundary,
        Direction(row["direction"]),
        Charge(row["charge"]),
        row["rule"],
        confidence,
        path=row["path"],
        unit=Unit(row["unit"]) if row["unit"] else None,
        has_bytes=row["bytes"] == "yes",
    )
    return Entry(
        row.get("product") or row["service"],
        re.compile(pattern, flags),
        re.compile(operation) if operation else None,
        row["ends"],
        placement,
        written,
    )


@cache
def rules() -> Mapping[str, Rule]:
    """Every rule in words, by id."""
    with files(__package__).joinpath("rules.toml").open("rb") as file:
        words = tomllib.load(file)
    types, texts = _written(grammar()), _written(descriptions())
    return {
        name: Rule(name, types.get(name, ""), texts.get(name, ""), each["title"], each["why"].strip(), each["source"])
        for name, each in words.items()
    }


def _written(entries: Iterable[Entry]) -> dict[str, str]:
    """The patterns of each rule as the tables write them."""
    found: dict[str, list[str]] = {}
    for entry in entries:
        product = "" if entry.product == "*" else f"{entry.product}: "
        operation = f" with operation {entry.operation.pattern}" if entry.operation else ""
        found.setdefault(entry.placement.rule, []).append(f"{product}{entry.written}{operation}")
    return {name: " | ".join(patterns) for name, patterns in found.items()}


@lru_cache(maxsize=65536)
def place(
    product: str,
    usage_type: str,
    operation: str,
    *,
    unit: str = "",
    family: str = "",
    peer: str | None = None,
) -> Placement:
    """Where a line with this usage type belongs.

    Args:
        product: `lineItem/ProductCode`; it tells CloudFront's geographies from regions.
        usage_type: `lineItem/UsageType`.
        operation: `lineItem/Operation`; it tells the two ends of traffic between zones apart.
        unit: `pricing/unit`, often empty.
        family: `product/productFamily`, often empty.
        peer: The region at the other end, where another column tells it.
    """
    for entry in grammar():
        if entry.product in {"*", product} and (entry.operation is None or entry.operation.fullmatch(operation)):
            found = entry.pattern.fullmatch(usage_type)
            if found is not None:
                return _checked_unit(_with_ends(entry, found.groupdict(), DEFAULT, peer), unit)
    if _looks_like_transfer(product, usage_type, family):
        return _unknown(unit)
    return NOT_NETWORK


def _unknown(unit: str) -> Placement:
    """Something that looks like transfer: its bytes are known where the unit is one of bytes, only their place is not."""
    return replace(_UNKNOWN, unit=Unit.GB, has_bytes=True) if bytes_in(unit) else _UNKNOWN


def _looks_like_transfer(product: str, usage_type: str, family: str) -> bool:
    if family == _TRANSFER_FAMILY or _LOOKS_LIKE_TRANSFER.search(usage_type):
        return True
    return product in _NETWORK_PRODUCTS and "Bytes" in usage_type


@lru_cache(maxsize=65536)
def place_description(service: str, description: str, region: str | None, *, unit: str = "") -> Placement:
    """Where a line belongs whose usage type is not given, by its description.

    Args:
        service: The product code.
        description: The text of the line. What it names besides the billed region is the other end.
        region: The region that is billed.
        unit: The billed unit.
    """
    for entry in descriptions():
        if entry.product in {"*", service}:
            found = entry.pattern.search(description)
            if found is not None:
                peer = _peer(found.groupdict(), region)
                return _checked_unit(_with_ends(entry, {"R": region}, region, peer), unit)
    return _unknown(unit) if _TEXT_LOOKS_LIKE_TRANSFER.search(description) else NOT_NETWORK


def _peer(groups: Mapping[str, str | None], own: str | None) -> str | None:
    """The other end that a description names: the first of its names that is not the billed region."""
    named = [region_of(groups.get(name)) for name in ("peer", "code", "second", "place")]
    return next((region for region in named if region is not None and region != own), None)


def _with_ends(entry: Entry, groups: Mapping[str, str | None], default: str | None, peer: str | None) -> Placement:
    own = region_of(groups.get("R")) or default
    first, second = region_of(groups.get("A")), region_of(groups.get("B"))
    edge = f"edge-{groups['G']}" if groups.get("G") else "edge"
    ends: dict[str, tuple[str | None, str | None]] = {
        "": (None, None),
        "R": (own, None),
        "R>": (own, peer),
        ">R": (peer, own),
        "R=R": (own, own),
        "R>P": (own, peer),
        "P>R": (peer, own),
        "A>B": (first, second),
        "B>A": (second, first),
        "G>": (edge, None),
        ">G": (None, edge),
    }
    source, destination = ends[entry.ends]
    billed_end = (
        "dst" if entry.ends in {">R", "P>R", "B>A", ">G"} or entry.placement.direction is Direction.IN else "src"
    )
    return replace(entry.placement, src_region=source, dst_region=destination, own_end=billed_end)


def _checked_unit(placement: Placement, unit: str) -> Placement:
    """A meter in GB whose line says a unit that is none of bytes has no known bytes."""
    if placement.unit == Unit.GB and unit and not bytes_in(unit):
        return replace(placement, unit=None, has_bytes=False, confidence=Confidence.LOW)
    return placement
