"""The words of the frame: the values that its categories may have.

Goes in: nothing. Comes out: enumerations. Never: knows a cloud.
"""

from __future__ import annotations

from enum import StrEnum


class Boundary(StrEnum):
    """The border that bytes cross. Direction is always relative to one of these."""

    ZONE = "zone"
    REGION = "region"
    INTERNET = "internet"
    EDGE = "edge"
    ORIGIN = "origin"
    PRIVATE_LINE = "private_line"
    PROVIDER_SERVICE = "provider_service"
    NONE = "none"
    NOT_NETWORK = "not_network"
    UNKNOWN = "unknown"


class Direction(StrEnum):
    """Which way bytes cross the boundary, seen from the owner's side of it."""

    OUT = "out"
    IN = "in"
    BOTH = "both"
    UNKNOWN = "unknown"


class View(StrEnum):
    """A boundary that all traffic can be looked at from, whatever border each part of it crossed."""

    ZONE = "zone"
    REGION = "region"
    VPC = "vpc"
    ACCOUNT = "account"
    CLOUD = "cloud"

    @property
    def words(self) -> str:
        """What people call it."""
        return "VPC" if self is View.VPC else self.value


class Relative(StrEnum):
    """Which way bytes go over the boundary of a view; `inside` do not cross it."""

    OUT = "out"
    IN = "in"
    BOTH = "both"
    INSIDE = "inside"
    UNKNOWN = "unknown"


class Charge(StrEnum):
    """What the money is for: the transfer itself, or something laid on the same bytes."""

    TRANSFER = "transfer"
    NAT = "nat"
    TRANSIT_GATEWAY = "transit_gateway"
    PRIVATE_ENDPOINT = "private_endpoint"
    LOAD_BALANCER = "load_balancer"
    FIREWALL = "firewall"
    ACCELERATION = "acceleration"
    PRIVATE_LINE = "private_line"
    PUBLIC_ADDRESS = "public_address"
    OTHER = "other"
    UNKNOWN = "unknown"


class ChargeClass(StrEnum):
    """What kind of line the bill calls it."""

    USAGE = "usage"
    CREDIT = "credit"
    REFUND = "refund"
    TAX = "tax"
    FEE = "fee"
    DISCOUNT = "discount"
    ADJUSTMENT = "adjustment"
    UNKNOWN = "unknown"


class PeerKind(StrEnum):
    """What is known of who is at the other end."""

    WORKLOAD = "workload"
    PROVIDER_SERVICE = "provider_service"
    NETWORK_OWNER = "network_owner"
    PREFIX = "prefix"
    REGION = "region"
    UNKNOWN = "unknown"


class Evidence(StrEnum):
    """Where a row comes from."""

    BILL = "bill"
    FLOW = "flow"

    @property
    def table(self) -> str:
        """What the table of such rows is called: `bill` or `flows`."""
        return "flows" if self is Evidence.FLOW else "bill"


class Basis(StrEnum):
    """How a cost came to be: read from the bill, bytes times a rate card, a share of a bill line, or an assumption."""

    BILLED = "billed"
    PRICED = "priced"
    ALLOCATED = "allocated"
    ESTIMATED = "estimated"


class Confidence(StrEnum):
    """How sure the placing of a row is: by the provider's own meter, by a text, or not at all."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
