"""The way of bytes for people: each sighting, why it is priced or not, and each charge with its rate.

Goes in: a `Conversation`. Comes out: lines on a page. Never: computes a cost.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from egresscost.frame import Boundary, Charge, Direction
from egresscost.reporters import words
from egresscost.reporters.explanation import ladder, source
from egresscost.results import ListPrice
from egresscost.units import Unit, gb

if TYPE_CHECKING:
    from egresscost.reporters.page import Page
    from egresscost.results import Conversation, LaidCharge, Sighting

_SENDER, _RECEIVER = "sender", "receiver"
_DEVICES: Final = {
    "nat": "a NAT on the way",
    "transit": "a transit gateway's interface on the way",
    "log": "a transit gateway by its own log",
    "endpoint": "a private endpoint on the way",
    "appliance": "a firewall or appliance on the way",
    "balancer": "a load balancer on the way",
    "managed": "a managed service on the way",
    "machine": "an interface on the way",
}
_ROLES: Final = {
    "vantage": "this record counts, the last one on this side before the boundary",
    "step": "this record counts up to the next device, which has a record of its own for the rest",
    "charge": "this record counts for passing the device; the transfer is priced at another one",
    "evidence": "evidence only, nothing is priced here",
}
_INDENT: Final = 5


def wrapped(page: Page, text: str, width: int, *, indent: int, hang: int, style: str = "") -> None:
    """A text in lines of a width, those after the first further in."""
    lines = textwrap.wrap(
        text,
        width,
        initial_indent=" " * indent,
        subsequent_indent=" " * hang,
        break_on_hyphens=False,
        break_long_words=False,
    )
    for line in lines:
        page.line(line, style)


def walk(page: Page, conversation: Conversation, width: int) -> None:
    """Both directions, sighting by sighting."""
    said: set[str] = set()
    for leg in conversation.legs:
        page.line()
        sightings = f"{len(leg.sightings):,} {'sighting' if len(leg.sightings) == 1 else 'sightings'}"
        page.line(
            f"{leg.sender} to {leg.receiver}: {words.volume(leg.bytes)}, {sightings} in the order of the way", "bold"
        )
        for number, sighting in enumerate(leg.sightings, 1):
            _sighting(page, number, sighting, width, said)
    page.line()


def _sighting(page: Page, number: int, sighting: Sighting, width: int, said: set[str]) -> None:
    """One record of the way; what was said before is not said again."""
    who = sighting.interface + (
        f" ({sighting.resource})" if sighting.resource not in {None, sighting.interface} else ""
    )
    stands = {_SENDER: "the sender's own interface", _RECEIVER: "the receiver's own interface"}
    what = stands.get(sighting.stands) or _DEVICES.get(sighting.at, sighting.at)
    where = ", ".join(text for text in (sighting.zone, sighting.network) if text)
    log = f"flow log {', '.join(sighting.flow_logs)}" if sighting.flow_logs else "a flow log without an id"
    records = f"{sighting.records:,} {'record' if sighting.records == 1 else 'records'}"
    head = (
        f"{number}. {who}, {what}{f' ({where})' if where else ''}: {words.volume(sighting.bytes)} in {records} of {log}"
    )
    wrapped(page, head, width, indent=2, hang=_INDENT)
    wrapped(page, _view(sighting), width, indent=_INDENT, hang=_INDENT)
    for text in _reason(sighting, said):
        wrapped(page, text, width, indent=_INDENT, hang=_INDENT, style="dim")
    for charge in sighting.charges:
        _charge(page, charge, width, said)


def _reason(sighting: Sighting, said: set[str]) -> list[str]:
    """The rule in words, the first time; later its name."""
    reason = sighting.reason
    rule = f"rule {reason.rule}, confidence {sighting.confidence}"
    if reason.rule in said:
        return [f"{_capital(reason.title)}: as above; {rule}"]
    said.add(reason.rule)
    return [f"{_capital(reason.title)}. {reason.why}", f"{rule}; source: {reason.source}" if reason.source else rule]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _view(sighting: Sighting) -> str:
    """From whose view it is out or in, over what; and whether something is priced."""
    inferred = " (inferred, the log does not say it)" if sighting.is_inferred else ""
    by = (
        ""
        if sighting.path in {"direct", "unknown"}
        else f", by {sighting.path.replace('>', ' and then ').replace('_', ' ')}"
    )
    return f"Seen from {sighting.seen_from} {_crossing(sighting)}{inferred}{by}: {_ROLES.get(sighting.role, sighting.role)}."


def _crossing(sighting: Sighting) -> str:
    """`it goes out, over the internet boundary`."""
    way = {Direction.OUT: "it goes out", Direction.IN: "it comes in"}.get(
        Direction(sighting.direction), "it goes out or in, which is not known"
    )
    if sighting.boundary == Boundary.NONE:
        return f"{way} and stays inside one zone"
    if sighting.boundary == Boundary.UNKNOWN and sighting.role == "evidence":
        return way
    if sighting.boundary == Boundary.UNKNOWN:
        return f"{way} over a boundary that is not known"
    return f"{way} over the boundary “{words.BOUNDARIES[Boundary(sighting.boundary)]}”"


def _charge(page: Page, charge: LaidCharge, width: int, said: set[str]) -> None:
    """What is laid on the bytes: cost, rate, tiers, source, and the part of the pool."""
    share = ", its share of what the device passed on" if charge.is_estimated else ""
    payer = f"account {charge.payer}" if charge.payer else "an account that is not known"
    name = words.boundary(
        {"charge": charge.charge, "boundary": charge.boundary, "direction": charge.direction, "unit": Unit.GB}
    )
    if charge.charge != Charge.TRANSFER:
        name += " processing"
    head = f"{name}: {_cost(charge)} for {words.volume(charge.bytes)}{share}"
    paid = f", paid by {payer}" if charge.cost else ""
    wrapped(page, head + paid, width, indent=_INDENT, hang=_INDENT + 2, style="bold" if charge.cost else "")
    rates = f"{charge.rate_id} {charge.month}"
    again = bool(charge.rate_id) and rates in said
    said.add(rates)
    for text in ["rate as above"] if again else (_why(charge), _rates(charge), _pool(charge)):
        if text:
            wrapped(page, text, width, indent=_INDENT + 2, hang=_INDENT + 4, style="dim")


def _cost(charge: LaidCharge) -> str:
    if charge.missing:
        return "no price"
    if charge.cost:
        return words.amount(charge.cost, charge.currency)
    if all(not rate.price for rate in charge.rates):
        return "free"
    return f"{words.amount(charge.cost, charge.currency)} (under the free allowance of the month)"


def _why(charge: LaidCharge) -> str:
    """Why there is no cost, or what lays a device's charge on the bytes."""
    if charge.missing:
        return f"the rate cards have no row for {charge.missing}"
    if charge.rates and all(not rate.price for rate in charge.rates):
        note = f" ({charge.rates[0].note})" if charge.rates[0].note else ""
        by = "by a stated rule of the price list" if charge.rates[0].basis == "rule" else "by the rate card"
        return f"free {by}{note}: {charge.rate_id}"
    if charge.charge != Charge.TRANSFER:
        return f"{charge.reason.title}: {charge.reason.why} (rule {charge.reason.rule})"
    return ""


def _rates(charge: LaidCharge) -> str:
    """Tier by tier, with source and date."""
    if not charge.rates:
        return ""
    price = ListPrice(
        provider="",
        keys={},
        quantity=gb(charge.bytes),
        unit=Unit.GB,
        billed=None,
        rates=charge.rates,
        currency=charge.currency,
        allowance=charge.allowance,
    )
    if all(not rate.price for rate in charge.rates):
        return source(price)
    return f"rate {ladder(price)}; {source(price)}"


def _pool(charge: LaidCharge) -> str:
    """The month's price of all traffic in the pool, of which this is a part."""
    pool = charge.pool
    if pool is None or not charge.cost or (len(charge.rates) == 1 and charge.allowance is None):
        return ""
    used = f"{words.number(pool.quantity)} {pool.unit}"
    free = f", {words.number(pool.free)} {pool.unit} of it free" if pool.free else ""
    return (
        f"all traffic of this pool in {charge.month:%Y-%m}: {used}{free}, together {words.amount(pool.cost, pool.currency)}; "
        "this is its part by bytes"
    )
