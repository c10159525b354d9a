"""How a cloud's network charges, as data: its words for hops and devices, and its rules for a record.

Goes in: nothing. Comes out: the tables that a provider hands to the boundary room. Never: behaviour.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from egresscost.frame import Boundary, Charge, Confidence
    from egresscost.sources.clusters import NodeWords
    from egresscost.sources.protocols import Rule

    When = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class DeviceKind:
    """A kind of interface.

    Attributes:
        kind: Its word, as in `Interface.kind`.
        role: What rules ask for: `machine`, `managed`, `nat`, `transit`, `log` (a device that keeps its own log),
            `endpoint`, `appliance`, `balancer` or `gateway` (the end of a private line).
        hop: Its word in a path; empty for what is no hop.
        charge: What passing it is charged as; None where nothing by the byte.
        charge_service: The product that this charge is billed under.
        service: The product that transfer from it is billed under.
        far: What it stands for at the far end of a record: an endpoint for the service behind it. Empty: for itself.
    """

    kind: str
    role: str
    hop: str = ""
    charge: Charge | None = None
    charge_service: str = ""
    service: str = ""
    far: str = ""


@dataclass(frozen=True)
class CrossingRule:
    """One row of a provider's table of rules: the first that fits decides.

    Attributes:
        rule: Its id.
        when: For each thing that it asks about the values that fit; what it does not name may be anything.
        role: `vantage` (priced here), `step` (priced here, yet only up to the next hop), `charge` (only the passing of
            the device is priced here) or `evidence`.
        boundary: What is crossed; None: read off the relation of both ends.
        path: Hops to add to the path; with `=` in front, to stand in its stead.
        confidence: How sure it is.
    """

    rule: str
    when: When
    role: str
    boundary: Boundary | None
    path: str
    confidence: Confidence


@dataclass(frozen=True)
class ChargeRule:
    """One row of a provider's table of charges laid on bytes: the first that fits decides.

    Attributes:
        rule: Its id.
        when: As in `CrossingRule`; it may ask for the path, too.
        device: Whose charge: `at` (what recorded it), `hop` (the next hop), or a kind of device.
        way: The direction that is charged, `both` for each.
    """

    rule: str
    when: When
    device: str
    way: str


@dataclass(frozen=True)
class PolicyRule:
    """One row of a provider's table of controls that must let bytes through. Of rows of one id the first that fits counts.

    Attributes:
        policy: Its id.
        at: Whose it is: `interface` or `subnet` (of an own end), a role of a device on the way (`nat`, `transit`,
            `endpoint`, …), or `service` (of the other end).
        way: Which of its directions: `out`, `in`, or `both`; empty where it has none.
        when: As in `CrossingRule`; it may ask for `hop`, `far`, `service`, `role` (of the end) and
            `subnets` (`same`, `other` or `unknown`).
        title: What it is, in a few words.
        why: What it must allow, for somebody who meets it for the first time.
        source: Where the fact comes from.
    """

    policy: str
    at: str
    way: str
    when: When
    title: str
    why: str
    source: str


@dataclass(frozen=True)
class Network:
    """A cloud's network.

    Attributes:
        provider: As in the frame.
        hops: What a log's number for the way out means: `local`, `internet_gateway`, `peering`, ….
        routes: What a way out is called in a path, empty where it is no hop.
        types: From a log's word for the type of an interface to a kind.
        logs: The kind of device that keeps the logs of a source, where that is no interface.
        devices: What each kind is.
        services: What an address of the provider is, by the service of its range: `machine`, `cdn`, `accelerator`;
            `service` for all others.
        general: Services that say nothing about what an address is.
        partitions: Which separate network a region belongs to.
        rules, charges: First fit decides; the last rule fits everything.
        words: The rules in words.
        policies: What must let bytes through.
        also: Other names that address lists have for this cloud: `google` beside `gcp`.
        names_ends: Whether a record names its other end where other logs name the next hop: the log's own word for that
            end then wins over all that is known of its address.
        headers: Bytes of a packet that the cloud bills and its logs leave out, the least and the most; None where logs
            count whole packets.
        samples: Whether its logs may hold a part of the records only.
        network_tier: Which of its networks bytes to the internet take unless somebody chose another, as bills and rate cards
            call it; empty where the cloud has only one.
        tier_sources: What says which network it is, in the user's words: `az network public-ip list`.
        by_country: Whether the price of what leaves the cloud goes by the country that it goes to.
        regions: Regions that lists of its addresses call by another name, by that name.
        nodes: How Kubernetes names its machines; None where it has none.
        own_workloads: A pattern for workloads that a record itself names by what runs there, which no list of pods
            overrules; empty where records name none.
    """

    provider: str
    hops: Mapping[int, str]
    routes: Mapping[str, str]
    types: Mapping[str, str]
    logs: Mapping[str, str]
    devices: Mapping[str, DeviceKind]
    services: Mapping[str, str]
    general: frozenset[str]
    partitions: Mapping[str, str]
    rules: tuple[CrossingRule, ...]
    charges: tuple[ChargeRule, ...]
    words: Mapping[str, Rule]
    policies: tuple[PolicyRule, ...] = ()
    also: frozenset[str] = frozenset()
    names_ends: bool = False
    headers: tuple[int, int] | None = None
    samples: bool = False
    network_tier: str = ""
    tier_sources: str = ""
    by_country: bool = False
    regions: Mapping[str, str] = field(default_factory=dict)
    nodes: NodeWords | None = None
    own_workloads: str = ""
