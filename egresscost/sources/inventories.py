"""What an inventory says of a network, in no cloud's words.

Goes in: nothing. Comes out: the records that a provider makes of its inventory files. Never: behaviour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from fractions import Fraction


@dataclass(frozen=True)
class Interface:
    """A network interface, or a device that logs under its own name. What is not known is None or empty.

    Attributes:
        id: As flow logs name it.
        account, region: Whose it is and where.
        zone: The id of its zone that means the same in every account (`use1-az1`), never a letter.
        network, subnet: Where it stands (AWS: VPC and subnet).
        kind: What it is: a word of the provider's table of devices, `machine` where nothing special.
        service: The product that its transfer is billed under.
        instance: The machine that it belongs to.
        resource: What people and bills call it when that is neither interface nor machine (`nat-…`, `vpce-…`).
        addresses: Its own addresses, public ones of it too when they are IPv6.
        prefixes: Ranges that are its own (prefix delegation).
        public: Public IPv4 addresses that lead to it.
        has_public: Whether it may have a public address: None where nothing says so.
        workload: What runs there, by name.
        peer_service: The service behind it, for an endpoint.
        exit: The kind of device that its own flows to public addresses pass, where its subnet is set up so and the device
            keeps no log.
        network_tier: Which of the cloud's networks its bytes to the internet take, where a cloud sells several and a list
            says which.
        valid_from, valid_to: When it was there, half-open; None is open.
        groups: What filters its traffic, by id and name (AWS: `sg-0abc (web)`).
    """

    id: str
    account: str | None = None
    region: str | None = None
    zone: str | None = None
    network: str | None = None
    subnet: str | None = None
    kind: str = "machine"
    service: str | None = None
    instance: str | None = None
    resource: str | None = None
    addresses: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    public: tuple[str, ...] = ()
    has_public: bool | None = None
    workload: str | None = None
    peer_service: str | None = None
    exit: str | None = None
    network_tier: str | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Subnet:
    """A part of a network that stands in one zone.

    Attributes:
        id: As flow logs name it.
        account, region, zone, network: Whose it is and where.
        prefixes: Its ranges.
        sampling: The share of records that its flow logs keep, where it says so.
    """

    id: str
    account: str | None = None
    region: str | None = None
    zone: str | None = None
    network: str | None = None
    prefixes: tuple[str, ...] = ()
    sampling: Fraction | None = None


@dataclass(frozen=True)
class Device:
    """Something that costs by the hour for as long as it exists.

    Attributes:
        id: Its name.
        charge, via: As in the frame and the rate cards.
        account, region, network: Whose it is and where.
        count: How many hours it costs in an hour (an endpoint counts once for each zone).
        name: For people.
        valid_from, valid_to: When it existed, as far as is known.
        seen_from, seen_to: From the first to the last moment at which a list, or the cloud's own date, says that it
            existed; None where no list was looked at yet.
    """

    id: str
    charge: str
    via: str
    account: str | None = None
    region: str | None = None
    network: str | None = None
    count: int = 1
    name: str | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    seen_from: datetime | None = None
    seen_to: datetime | None = None


@dataclass(frozen=True)
class Snapshot:
    """What one inventory file said at one moment.

    Attributes:
        source: The file, for messages.
        what: What the file lists (`NetworkInterfaces`): only a later list of the same can say that something is gone.
        taken: When.
        interfaces, subnets, devices: What it lists.
    """

    source: str
    what: str
    taken: datetime
    interfaces: tuple[Interface, ...] = ()
    subnets: tuple[Subnet, ...] = ()
    devices: tuple[Device, ...] = ()
