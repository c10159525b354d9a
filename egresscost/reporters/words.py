"""How figures and names are written for people, in every format for people.

Goes in: values of a result. Comes out: texts. Never: rounds anything that is computed with afterwards.
"""

from __future__ import annotations

import re
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Final

from egresscost import money
from egresscost.frame import Boundary, Charge, Direction, Evidence, Relative
from egresscost.money import CostKind
from egresscost.units import Unit, gb

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from egresscost.results import Breakdown, Line, PricesUsed, Report

BOUNDARIES: Final = {
    Boundary.ZONE: "Inter-zone",
    Boundary.REGION: "Inter-region",
    Boundary.INTERNET: "Internet",
    Boundary.EDGE: "CDN to viewers",
    Boundary.ORIGIN: "Origin and CDN",
    Boundary.PRIVATE_LINE: "Private line",
    Boundary.PROVIDER_SERVICE: "Provider service",
    Boundary.NONE: "Inside a zone",
    Boundary.NOT_NETWORK: "Not network",
    Boundary.UNKNOWN: "Unknown",
}
CHARGES: Final = {
    Charge.NAT: "NAT gateway",
    Charge.TRANSIT_GATEWAY: "Transit gateway",
    Charge.PRIVATE_ENDPOINT: "Private endpoint",
    Charge.LOAD_BALANCER: "Load balancer",
    Charge.FIREWALL: "Firewall",
    Charge.ACCELERATION: "Acceleration",
    Charge.PRIVATE_LINE: "VPN and lines",
    Charge.PUBLIC_ADDRESS: "Public IPv4",
    Charge.OTHER: "Other",
    Charge.UNKNOWN: "Unknown",
}
TITLES: Final = {
    "src_region": "From",
    "dst_region": "To",
    "src_zone": "From zone",
    "dst_zone": "To zone",
    "region_pair": "Regions",
    "peer": "Other end",
    "peer_kind": "Kind",
}
"""Heads of columns whose key says less."""
CLASSES: Final = ("usage", "fee", "discount", "adjustment", "refund", "tax", "credit", "unknown")
"""Charge classes in the order of an invoice."""
RELATIVE: Final[dict[str, str]] = {
    Relative.OUT: "Out of it",
    Relative.IN: "Into it",
    Relative.BOTH: "Both ways",
    Relative.INSIDE: "Inside",
    Relative.UNKNOWN: "Unknown",
}
"""Which way over the boundary of a view."""
UNKNOWNS: Final = {"boundary": "Boundary", "peer": "Other end", "workload": "Workload", "price": "Price"}
_EACH_WAY: Final = frozenset({Charge.PRIVATE_ENDPOINT, Charge.LOAD_BALANCER})
"""What some clouds charge for each direction by a meter of its own, and others for both by one."""
_DIRECTIONS: Final[dict[str, str]] = {Direction.OUT: ", out", Direction.IN: ", in"}
_MANY, _SOME = Decimal(1000), Decimal(10)
_KEYS: Final = ("charge", "boundary", "direction", "from", "to", "via", "network_tier", "dst_geo", "unit")
"""The keys of a rate, in the order in which its name has them."""
_KEY: Final = re.compile(r"(?:bill:)?[a-z]+:([^ @]*,[^ @]*)(?:@[0-9-]+)?(?: \(.*\))?")
_HALF_CENT = Decimal("0.005")


def boundary(keys: Mapping[str, str | None]) -> str:
    """What a line of the boundary table is about: `Internet, out`, `NAT gateway, hours`.

    The bytes that pass a device cross a boundary, too, which flow logs tell.

    >>> boundary({"charge": "nat", "boundary": "provider_service", "direction": "in", "unit": "GB"})
    'NAT gateway, provider service, in'
    >>> boundary({"charge": "private_endpoint", "boundary": "unknown", "direction": "in", "unit": "GB"})
    'Private endpoint, in'
    """
    if keys.get("charge") == Charge.TRANSFER:
        return _crossed(keys)
    crossing = keys.get("boundary") not in {None, Boundary.NONE, Boundary.UNKNOWN}
    apart = keys.get("charge") in _EACH_WAY and keys.get("boundary") == Boundary.UNKNOWN
    way = _DIRECTIONS.get(keys.get("direction") or "", "") if apart else ""
    name = CHARGES[Charge(keys.get("charge") or "unknown")] + (f", {_crossed(keys).lower()}" if crossing else way)
    return f"{name}, {keys['unit']}" if keys.get("unit") not in {None, Unit.GB} else name


def _crossed(keys: Mapping[str, str | None]) -> str:
    direction = _DIRECTIONS.get(keys.get("direction") or "", "")
    return BOUNDARIES[Boundary(keys.get("boundary") or "unknown")] + direction


def charged(keys: Mapping[str, str | None]) -> str:
    """What is charged, whatever boundary the bytes that pass a device cross: a bill does not tell.

    >>> charged({"charge": "nat", "boundary": "provider_service", "direction": "in", "unit": "GB"})
    'NAT gateway'
    """
    of_bytes = keys.get("charge") in {Charge.TRANSFER, Charge.ACCELERATION}
    return boundary(keys if of_bytes else {**keys, "boundary": None})


def place(keys: Mapping[str, str | None]) -> str:
    """Where a sender's bytes go: the other region, the boundary, or the device that they pass."""
    if keys.get("charge") == Charge.TRANSFER and keys.get("boundary") == Boundary.REGION:
        inward = keys.get("direction") == Direction.IN
        other = keys.get("src_region") if inward else keys.get("dst_region")
        return f"from {other or 'another region'}" if inward else other or "another region"
    return charged(keys)


def name(value: str) -> str:
    """A boundary or a charge as people call it; any other text as it is.

    >>> name("nat"), name("EUC1-NatGateway-Bytes")
    ('NAT gateway', 'EUC1-NatGateway-Bytes')
    """
    names = {
        **{str(each): text for each, text in CHARGES.items()},
        **{str(each): text for each, text in BOUNDARIES.items()},
    }
    return names.get(value, value)


def route(keys: Mapping[str, str | None]) -> str:
    """What a row of a rate card is about: `Inter-region, us-east-1 → eu-west-1`.

    >>> route({"charge": "nat", "unit": "hours", "from": "eu-west-1"})
    'NAT gateway, hours, eu-west-1'
    """
    source, destination = keys.get("from"), keys.get("to")
    if keys.get("charge") == Charge.TRANSFER and source and destination:
        ends = f"{source} → {destination}" if source != destination else source
    else:
        ends = source or destination or ""
    apart = source and destination and source != destination
    name = charged({**keys, "direction": None if apart else keys.get("direction")})
    return ", ".join(part for part in (name, ends) if part)


def pool(text: str) -> str:
    """What one rate is applied to: a tier pool, or the rate's own key.

    >>> pool("bill:aws:nat,,both,us-east-1,,nat,,,GB (bill of 2026-10)"), pool("internet:us-east-1"), pool("cdn:edge-EU")
    ('NAT gateway, us-east-1', 'Internet, us-east-1', 'CDN to viewers, edge-EU')
    >>> pool("aws:transfer,zone,in,us-east-1,us-east-1,peering,,,GB@2024-02-01")
    'Inter-zone, in, us-east-1, by peering'
    """
    found = _KEY.fullmatch(text)
    cells = dict(zip(_KEYS, found[1].split(","), strict=False)) if found else {}
    if len(cells) == len(_KEYS) and cells["charge"] in {*Charge}:
        via = cells["via"].replace("_", " ")
        way = f", by {via}" if via and not cells["charge"].replace("_", " ").startswith(via) else ""
        return route(cells) + way
    kind, _, where = text.partition(":")
    known = {"cdn": BOUNDARIES[Boundary.EDGE]}.get(kind) or name(kind)
    return f"{known}, {where}" if where and known != kind else text


def sender(keys: Mapping[str, str | None]) -> str:
    """Who sends, as flow logs know: the workload, else the resource."""
    named, thing = keys["workload"], keys["resource"]
    return f"{named} ({thing})" if named and thing and named != thing else named or thing or "unknown"


def receiver(keys: Mapping[str, str | None]) -> str:
    """The boundary and who is behind it: `Internet, out: aws us-east-1 S3`."""
    return f"{charged(keys)}: {keys['peer']}" if keys["peer"] else charged(keys)


def cost_of(report: Report) -> str:
    """Which amount a report is about."""
    if report.evidence is not Evidence.FLOW:
        return report.selection.cost.words
    return "at your own rates" if report.selection.cost is CostKind.NET else "at list price, by rate card"


def rates_used(used: PricesUsed) -> str:
    """Which rates flow logs were priced by: their day and dates, and how many are the user's own."""
    own = (
        (used.by_overlay, f"your own rates ({used.overlay})"),
        (used.by_bill, f"your bill's own rates ({used.bill})"),
    )
    said = [f"{name}: {count} of {used.charges} charges" for count, name in own if count]
    card = f"own cards ({used.cards}) before the rate cards" if used.cards else "rate card"
    dates = f", rates dated {used.oldest} to {used.newest}" if used.oldest != used.newest else ""
    dates = dates or (f", rates dated {used.newest}" if used.newest else "")
    when = f"in force on {used.day}" if used.day else "in force on each day"
    if used.by_overlay + used.by_bill < used.charges or not used.charges:
        said.append(f"{'the rest by ' if said else ''}{card} {when}{dates}")
    return f"Prices, {used.provider}: {'; '.join(said)}."


def signed(cost: Decimal, currency: str) -> str:
    """Money with its sign, a plus too."""
    return f"+{amount(cost, currency)}" if cost > 0 else amount(cost, currency)


def amount(cost: Decimal | None, currency: str) -> str:
    """Money with cents; something smaller than half a cent is not nothing."""
    if cost is not None and cost and abs(cost) < _HALF_CENT:
        one = money.text(Decimal("0.01"), currency)
        return f"<{one}" if cost > 0 else f"-<{one}"
    return money.text(cost, currency)


def at_least(cost: Decimal | None, currency: str, without: int) -> str:
    """Money; a + behind what leaves out rows without an amount."""
    return amount(cost, currency) + ("+" if without and cost is not None else "")


def exact(cost: Decimal | None, currency: str) -> str:
    """Money with all its digits."""
    if cost is None:
        return "unknown"
    sign = "-" if cost < 0 else ""
    return f"{sign}{money.SYMBOLS.get(currency, f'{currency} ')}{money.plain(abs(cost))}"


def rate(value: Decimal | None, currency: str) -> str:
    """Money for one unit, with four decimals; where credits outweigh the cost there is no price of a unit."""
    if value is None or value < 0:
        return ""
    return "free" if not value else money.text(value, currency, 4)


def percent(part: Decimal | None, *, signed: bool = False) -> str:
    """A part as a percentage with one decimal."""
    if part is None:
        return ""
    value = (part * 100).quantize(Decimal("0.1"), rounding=ROUND_HALF_EVEN)
    if not value:
        return "0.0 %"
    return f"{value:+,} %" if signed else f"{value:,} %"


def placed(part: Decimal | None) -> str:
    """A coverage, rounded down: what is not all is not 100 %."""
    return "" if part is None else f"{(part * 100).quantize(Decimal('0.1'), rounding=ROUND_DOWN)} %"


def change(before: Decimal | None, after: Decimal | None, relative: Decimal | None) -> str:
    """A change in whole percent; `new` for what costs something and was not there before."""
    if after is None:
        return ""
    if not before:
        return "new" if after else ""
    return "" if relative is None else signed_percent(relative)


def signed_percent(relative: Decimal) -> str:
    """A relative change in whole percent, its sign in front; nothing in front of no change."""
    value = (relative * 100).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
    return f"{value:+,} %" if value else "0 %"


class Volumes:
    """GB of one table, all written alike: whole when the largest is large, with decimals when all are small."""

    def __init__(self, counts: Iterable[int | None]) -> None:
        largest = max((abs(count) for count in counts if count is not None), default=0)
        size = gb(largest) or Decimal(0)
        self._places = 0 if size >= _MANY else 1 if size >= _SOME else 3

    def text(self, count: int | None) -> str:
        """A byte count as GB; empty when there is none."""
        if count is None:
            return ""
        value = gb(count) or Decimal(0)
        smallest = Decimal(1).scaleb(-self._places)
        if count and abs(value) < smallest / 2:
            return f"<{smallest:f}"
        return f"{value.quantize(smallest, rounding=ROUND_HALF_EVEN):,f}"


def quantity(line: Line) -> str:
    """Hours and other billed units, whole when large; empty for GB."""
    return "" if line.unit in {None, Unit.GB} else number(line.quantity)


def number(value: Decimal | None) -> str:
    """A quantity: whole when large, else with up to three decimals."""
    if value is None:
        return ""
    if value and abs(value) < Decimal("0.0005"):
        return "<0.001"
    places = Decimal(1) if abs(value) >= _MANY else Decimal("0.001")
    text = f"{value.quantize(places, rounding=ROUND_HALF_EVEN):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def rest(shown: Breakdown) -> str:
    """What was cut from a table: how many lines, and what they add up to in each currency."""
    sums = ", ".join(amount(line.cost, line.currency) for line in shown.rest)
    return f"{shown.left_out:,} more, {sums}"


def title(key: str) -> str:
    """The head of a key's column."""
    return TITLES.get(key, key.removeprefix("tag:").replace("_", " ").capitalize())


def resource(name: str) -> str:
    """A resource without what every name of its kind begins with.

    >>> resource("arn:aws:ec2:us-east-1:111122223333:natgateway/nat-0c6e")
    'natgateway/nat-0c6e'
    """
    return name.split(":", 5)[5] if name.startswith("arn:") and name.count(":") >= 5 else name  # noqa: PLR2004  an ARN's parts


def account(report: Report, number: str | None) -> str:
    """An account's name, its number where it has none."""
    return report.account_names.get(number or "", number or "unknown account")


def volume(count: int | None) -> str:
    """One byte count for a sentence: `1,234 GB`."""
    return "unknown GB" if count is None else f"{Volumes([count]).text(count)} GB"
