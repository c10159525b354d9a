"""What a field of a record is to the scan, and which of them make up the key of a sum.

Goes in: names that providers give their fields. Comes out: numbers that the kernel works with. Never: a cloud's own
word for a field.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Final


class Role(IntEnum):
    """The fields that mean something, in the kernel's order: words, what is told of interfaces, hops, numbers."""

    STATUS = 0
    ACTION = 1
    DIRECTION = 2
    SRC = 3
    DST = 4
    PKT_SRC = 5
    PKT_DST = 6
    SERVICE_SRC = 7
    SERVICE_DST = 8

    INTERFACE = 9
    RESOURCE = 10
    ACCOUNT = 11
    VPC = 12
    SUBNET = 13
    INSTANCE = 14
    ZONE = 15
    REGION = 16
    INTERFACE_TYPE = 17
    INSTANCE_TAG = 18
    INSTANCE_TAG_2 = 19
    INTERFACE_TAG = 20
    INTERFACE_TAG_2 = 21
    ASG_TAG = 22
    ASG_TAG_2 = 23
    ECS_CLUSTER = 24
    ECS_SERVICE = 25

    HOP = 26
    HOP_SUBNET = 27
    HOP_ZONE = 28
    HOP_VPC = 29
    HOP_TYPE = 30

    BYTES = 31
    PACKETS = 32
    START = 33
    PATH = 34


TEXTS: Final = int(Role.BYTES)
"""How many roles are texts; the others are numbers."""
NUMBERS: Final = len(Role) - TEXTS
FACTS: Final = tuple(Role(number) for number in range(Role.ACCOUNT, Role.HOP))
"""What is told of an interface beside its name."""
HOP_FACTS: Final = (Role.HOP_SUBNET, Role.HOP_ZONE, Role.HOP_VPC, Role.HOP_TYPE)

ROLES: Final = {role.name.lower(): role for role in Role}
"""Roles by the name that providers use."""


class Keep(IntEnum):
    """The parts of a key as bits, for the kernel."""

    INTERFACE = 1
    SRC = 2
    DST = 4
    PKT_SRC = 8
    PKT_DST = 16
    PEER = 32
    DIRECTION = 64
    PATH = 128
    HOP = 256
    HOUR = 512
    SERVICE_SRC = 1024
    SERVICE_DST = 2048
    FACTS = 4096
    SEEN_FROM = 8192


@dataclass(frozen=True)
class Keys:
    """By what records are summed up. What no kept key needs is not looked at, so fewer keys are faster.

    Attributes:
        flow_log: The flow log and the kind of source.
        interface: The recording interface.
        src, dst: The ends as the interface saw them.
        pkt_src, pkt_dst: The ends as the packet says.
        peer: Only the far end of the packet: its destination when it goes out, its source when it comes in, its
            destination when nothing tells. Takes the place of the four ends above. Where a log does not have the
            packet's own ends, the interface's stand for them.
        direction, path, next_hop, hour, service_src, service_dst: As the record says.
        facts: No key: whether to learn what records tell of interfaces and next hops.
    """

    flow_log: bool = True
    interface: bool = True
    src: bool = True
    dst: bool = True
    pkt_src: bool = True
    pkt_dst: bool = True
    peer: bool = False
    direction: bool = True
    path: bool = True
    next_hop: bool = True
    hour: bool = True
    service_src: bool = True
    service_dst: bool = True
    facts: bool = True

    @classmethod
    def only(cls, *names: str) -> Keys:
        """These keys and no others.

        >>> Keys.only("interface", "hour").src
        False
        """
        return cls(**{each.name: each.name in names for each in fields(cls)})

    @property
    def bits(self) -> int:
        """The keys as the kernel wants them."""
        wanted = {
            Keep.INTERFACE: self.interface,
            Keep.SRC: self.src and not self.peer,
            Keep.DST: self.dst and not self.peer,
            Keep.PKT_SRC: self.pkt_src and not self.peer,
            Keep.PKT_DST: self.pkt_dst and not self.peer,
            Keep.PEER: self.peer,
            Keep.DIRECTION: self.direction,
            Keep.PATH: self.path,
            Keep.HOP: self.next_hop,
            Keep.HOUR: self.hour,
            Keep.SERVICE_SRC: self.service_src,
            Keep.SERVICE_DST: self.service_dst,
            Keep.FACTS: self.facts,
        }
        return sum(bit for bit, kept in wanted.items() if kept)


class Verdict(IntEnum):
    """What becomes of a line."""

    COUNTED = 0
    NODATA = 1
    SKIPDATA = 2
    REFUSED = 3
    OUTSIDE = 4
    MALFORMED = 5


class Reason(IntEnum):
    """Why a line is malformed."""

    FIELDS = 0
    TOO_LONG = 1
    START = 2
    STATUS = 3
    ACTION = 4
    BYTES = 5
    PACKETS = 6
    PATH = 7
    ADDRESS = 8
    TEXT = 9
    CUT = 10


REASONS: Final = {
    Reason.FIELDS: "not as many fields as the log has",
    Reason.TOO_LONG: "longer than any record",
    Reason.START: "no time where the start must be",
    Reason.STATUS: "an unknown log status",
    Reason.ACTION: "an unknown action",
    Reason.BYTES: "no whole number of bytes",
    Reason.PACKETS: "no whole number of packets",
    Reason.PATH: "no known number of a traffic path",
    Reason.ADDRESS: "no address where one must be",
    Reason.TEXT: "a field that is too long or holds a zero byte",
    Reason.CUT: "a record that is cut off",
}
