"""What two ends said to each other, boundary by boundary.

Goes in: nothing; these are made by `egresscost.conversation`. Comes out: values. Never: computes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from egresscost.periods import Window
    from egresscost.results.rates import Allowance, PoolCost, Rate
    from egresscost.results.report import Notice


@dataclass(frozen=True)
class End:
    """One end of a talk. What is not known is None or empty.

    Attributes:
        name: What people call it: a workload, an instance, an address, or whose the address is.
        address: Its address; None for a place of which single addresses are not kept.
        interface, instance, resource, workload: As flow logs and inventories name it.
        account, region, zone, network: Where it stands, when it is one's own.
        place: Whose the address is, in words: `aws us-east-1 S3`, `DE`, `private`.
        groups: The security groups of its interface, as an inventory names them.
    """

    name: str
    address: str | None = None
    interface: str | None = None
    instance: str | None = None
    resource: str | None = None
    workload: str | None = None
    account: str | None = None
    region: str | None = None
    zone: str | None = None
    network: str | None = None
    place: str = ""
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reason:
    """A rule in words.

    Attributes:
        rule: Its id.
        title: In a few words.
        why: For somebody who meets it for the first time.
        source: Where the fact comes from.
    """

    rule: str
    title: str
    why: str
    source: str


@dataclass(frozen=True)
class LaidCharge:
    """A charge laid on bytes at one record.

    Attributes:
        charge, boundary, direction, path: As in the frame.
        payer: The account that pays.
        month: Whose tiers count.
        bytes: What it is laid on.
        cost: The part of the month's pooled price that falls on these bytes; None where there is no rate.
        currency: ISO 4217; empty without a rate.
        rate_id: The ladder's name; empty without one.
        rates: Tier by tier.
        allowance: What is free before the first tier.
        pool: What all traffic of the pool cost in the month, tier by tier.
        missing: The key that has no rate, empty where there is a cost.
        is_estimated: Whether the bytes are a share of what a device passed on for several senders.
        reason: The rule that lays it.
    """

    charge: str
    boundary: str
    direction: str
    path: str
    payer: str | None
    month: date
    bytes: int
    cost: Decimal | None
    currency: str
    rate_id: str
    rates: tuple[Rate, ...]
    allowance: Allowance | None
    pool: PoolCost | None
    missing: str
    is_estimated: bool
    reason: Reason


@dataclass(frozen=True)
class Sighting:
    """What one interface saw of bytes that went from one end to the other.

    Attributes:
        interface: What recorded it.
        at: What that is: `machine`, `managed`, `nat`, `transit`, `log`, `endpoint`, `appliance`, `balancer`.
        stands: Where on the way: `sender`, `between` or `receiver`.
        resource, account, zone, network: Of the recorder.
        flow_logs: The flow logs that have it; none where no file name tells one.
        seen_from: Whose view the direction is in: an instance, an interface or an address of the near end.
        direction: Out of or into the near end's side of the boundary.
        is_inferred: Whether the direction is not the log's own word.
        boundary, path, confidence: As in the frame.
        role: `vantage`, `step` or `charge` where something is priced, `evidence` where nothing is.
        bytes, records, records_without_bytes: Of it.
        reason: The rule that placed it.
        charges: What is laid on the bytes here, the dearest first.
    """

    interface: str
    at: str
    stands: str
    resource: str | None
    account: str | None
    zone: str | None
    network: str | None
    flow_logs: tuple[str, ...]
    seen_from: str
    direction: str
    is_inferred: bool
    boundary: str
    path: str
    confidence: str
    role: str
    bytes: int
    records: int
    records_without_bytes: int
    reason: Reason
    charges: tuple[LaidCharge, ...]


@dataclass(frozen=True)
class Leg:
    """The bytes in one direction.

    Attributes:
        sender, receiver: Names of the ends.
        bytes: Sent, each counted once: the most that one stage of the way saw.
        sightings: In the order of the way.
    """

    sender: str
    receiver: str
    bytes: int
    sightings: tuple[Sighting, ...]


@dataclass(frozen=True)
class Control:
    """Something that must let the bytes through.

    Attributes:
        policy: Its id.
        title: What it is.
        whose: Of which end or device.
        named: Its names, as far as an inventory has them.
        direction: Which of its directions: `out`, `in`, `both`; empty where it has none.
        peer: Whom it must allow.
        why, source: In words, and where from.
    """

    policy: str
    title: str
    whose: str
    named: tuple[str, ...]
    direction: str
    peer: str
    why: str
    source: str


@dataclass(frozen=True)
class Partner:
    """Somebody whom an end talks with.

    Attributes:
        end: The other end.
        own: The end that was asked about.
        sent, received: Bytes, seen from the end that was asked about, each counted once.
        sighted: The bytes of all sightings, evidence included.
        boundaries: What is crossed, the most bytes first.
        cost: Of all charges, in `currency`; None where none has a rate.
        currency: ISO 4217; empty without a rate.
        unpriced: Bytes of charges without a rate.
    """

    end: End
    own: End
    sent: int
    received: int
    sighted: int
    boundaries: tuple[str, ...]
    cost: Decimal | None
    currency: str
    unpriced: int


@dataclass(frozen=True)
class Conversation:
    """The answer to `egresscost explain A B`, or to `explain A` for one end.

    Attributes:
        title: What is explained.
        window: The days.
        currency: Of the total.
        ends: The end that was asked about first.
        others: The other ends.
        legs: From first to other and back, each only where bytes were seen; none for a single end.
        controls: What must let the bytes through; none for a single end.
        partners: For a single end whom it talks with, the dearest first.
        sent, received: Bytes from the first end and to it, each counted once.
        sighted: Bytes of all sightings, evidence included.
        cost: Of all charges with a rate in `currency`; None where there is none.
        unpriced: Bytes of charges without a rate.
        notices: What the reader must know.
    """

    title: str
    window: Window
    currency: str
    ends: tuple[End, ...]
    others: tuple[End, ...]
    legs: tuple[Leg, ...]
    controls: tuple[Control, ...]
    partners: tuple[Partner, ...]
    sent: int
    received: int
    sighted: int
    cost: Decimal | None
    unpriced: int
    notices: tuple[Notice, ...] = ()
