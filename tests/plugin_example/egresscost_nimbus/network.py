"""How Nimbus charges what its trails show, as data.

Goes in: nothing. Comes out: `NETWORK`. Never: behaviour; the rules are applied elsewhere, the first that fits decides.
"""

from __future__ import annotations

from egresscost.frame import Boundary, Charge, Confidence
from egresscost.sources.networks import ChargeRule, CrossingRule, DeviceKind, Network
from egresscost.sources.protocols import Rule

_HIGH, _LOW = Confidence.HIGH, Confidence.LOW


def _when(**asked: str) -> dict[str, frozenset[str]]:
    """What a rule asks for; a bar stands between values."""
    return {name: frozenset(values.split("|")) for name, values in asked.items()}


_RULES = (
    CrossingRule("reserved", _when(far="reserved"), "vantage", Boundary.UNKNOWN, "", _LOW),
    # What the sender's card has counted is only evidence at the receiver's.
    CrossingRule(
        "at-the-sender", _when(far="own|own_public", direction="in", echoed="yes"), "evidence", None, "", _HIGH
    ),
    CrossingRule("same-zone", _when(far="own", relation="same_zone"), "vantage", Boundary.NONE, "", _HIGH),
    CrossingRule("zone", _when(far="own", relation="other_zone"), "vantage", Boundary.ZONE, "", _HIGH),
    CrossingRule("region", _when(relation="other_region"), "vantage", Boundary.REGION, "", _HIGH),
    CrossingRule("neighbours", _when(far="machine|own_public"), "vantage", Boundary.ZONE, "public_ip", _HIGH),
    CrossingRule("sky", _when(far="outside"), "vantage", Boundary.INTERNET, "", _HIGH),
    CrossingRule("unplaced", {}, "vantage", Boundary.UNKNOWN, "", _LOW),
)
_CHARGES = (ChargeRule("gate", _when(at="machine", hop="nat"), "hop", "both"),)
_WORDS = {
    "reserved": ("to or from a reserved address", "The address belongs to no network that bytes can be sent to."),
    "at-the-sender": (
        "counted at the sender",
        "The sender's card has a record of the same bytes, and the sender pays.",
    ),
    "same-zone": ("inside a zone", "Nothing is charged."),
    "zone": ("between zones", "The sender pays for each byte that leaves a zone."),
    "region": ("between regions", "The sender pays for each byte that leaves a region."),
    "neighbours": ("to a public address in the region", "It goes by the price between zones, wherever it stands."),
    "sky": ("to the open sky", "What leaves for the internet costs; what comes in is free."),
    "unplaced": ("nothing else fits", "The other end is not known: its bytes stay unknown."),
    "gate": ("through a gate", "A gate is a NAT: each byte that passes it costs, whichever way."),
}

NETWORK = Network(
    provider="nimbus",
    hops={},
    routes={"internet_gateway": ""},
    types={},
    logs={},
    devices={
        "machine": DeviceKind("machine", "machine", service="Boxes"),
        "gate": DeviceKind("gate", "nat", "nat", Charge.NAT, "Gates", "Gates"),
    },
    services={"": "machine"},
    general=frozenset({""}),
    partitions={},
    rules=_RULES,
    charges=_CHARGES,
    words={name: Rule(name, "", "", title, why, "made up") for name, (title, why) in _WORDS.items()},
)
