"""What the meters of Nimbus mean: `sky/out`, `lane/zone`, `lane/sky-2`, `gate/bytes`.

Goes in: the words of a line. Comes out: where it belongs, and why. Never: guesses; a lane to nowhere we know is unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from egresscost.frame import Boundary, Charge, Confidence, Direction
from egresscost.sources.protocols import NOT_NETWORK, Placement, Rule
from egresscost.units import Unit
from egresscost_nimbus.places import REGIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

NETWORK = r"^(sky|lane|gate)/"
"""Every meter of the network matches it."""
_LANE = "lane/"


def _rule(name: str, pattern: str, title: str, why: str) -> Rule:
    return Rule(name, pattern, "", title, why, "made up")


RULES = {
    rule.id: rule
    for rule in (
        _rule(
            "sky-out",
            "sky/out",
            "to the open sky",
            "Bytes that leave a Nimbus region for the internet. Nimbus charges the sender.",
        ),
        _rule("lane-zone", "lane/zone", "between zones", "Bytes that leave a zone for another. The sender pays."),
        _rule("lane-region", "lane/REGION", "between regions", "Bytes to another region. The sender pays."),
        _rule("gate", "gate/bytes", "through a gate", "A gate is a NAT: each byte that passes it costs."),
        _rule("gate-hours", "gate/hours", "a gate by the hour", "A gate costs for as long as it is there."),
        _rule("looks-like-transfer", "sky/, lane/, gate/", "not known", "A meter of the network that nobody knows."),
    )
}


def _out(boundary: Boundary, rule: str, region: str | None, to: str | None = None) -> Placement:
    return Placement(
        boundary=boundary,
        direction=Direction.OUT,
        charge=Charge.TRANSFER,
        rule=rule,
        confidence=Confidence.HIGH,
        src_region=region,
        dst_region=to,
        path="direct",
        unit=Unit.GB,
        has_bytes=True,
    )


def _gate(rule: str, region: str | None, unit: Unit) -> Placement:
    return Placement(
        boundary=Boundary.UNKNOWN,
        direction=Direction.BOTH,
        charge=Charge.NAT,
        rule=rule,
        confidence=Confidence.HIGH,
        src_region=region,
        path="nat",
        unit=unit,
        has_bytes=unit is Unit.GB,
    )


_UNKNOWN = Placement(
    Boundary.UNKNOWN, Direction.UNKNOWN, Charge.TRANSFER, "looks-like-transfer", Confidence.LOW, has_bytes=False
)


def place(meter: str, region: str | None) -> Placement:
    """Where a line with this meter belongs."""
    if not meter.startswith(("sky/", _LANE, "gate/")):
        return NOT_NETWORK
    to = meter.removeprefix(_LANE)
    if meter == "sky/out":
        return _out(Boundary.INTERNET, "sky-out", region)
    if meter == "lane/zone":
        return _out(Boundary.ZONE, "lane-zone", region, region)
    if to in REGIONS:
        return _out(Boundary.REGION, "lane-region", region, to)
    if meter in {"gate/bytes", "gate/hours"}:
        unit = Unit.GB if meter == "gate/bytes" else Unit.HOURS
        return _gate("gate" if unit is Unit.GB else "gate-hours", region, unit)
    return _UNKNOWN


def place_focus(keys: Mapping[str, str | None]) -> Placement:
    """Where a FOCUS line of Nimbus belongs: it has no meter, only words."""
    if "sky egress" in (keys.get("description") or "").lower():
        return place("sky/out", keys.get("region"))
    return NOT_NETWORK
