"""A plug-in: a cloud called Nimbus, whose FOCUS bills it can place, and a format of the report.

It needs nothing but egresscost's own contracts, and is found through the entry points in its pyproject.toml.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from egresscost.frame import Boundary, Charge, Confidence, Direction
from egresscost.sources.protocols import NOT_NETWORK, Placement, Provider, Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from egresscost import Report
    from egresscost.reporters import Look

RULE = Rule(
    id="sky-out",
    pattern="",
    text_pattern="Sky egress",
    title="to the open sky",
    why="Bytes that leave a Nimbus region for the internet. Nimbus charges the sender.",
    source="made up",
)


def place(keys: Mapping[str, str | None]) -> Placement:
    """Where a line of a Nimbus bill belongs."""
    if "Sky egress" not in (keys.get("description") or ""):
        return NOT_NETWORK
    return Placement(
        boundary=Boundary.INTERNET,
        direction=Direction.OUT,
        charge=Charge.TRANSFER,
        rule=RULE.id,
        confidence=Confidence.HIGH,
        src_region=keys.get("region"),
        path="direct",
        unit="GB",
        has_bytes=True,
    )


PROVIDER = Provider(
    name="nimbus",
    title="Nimbus",
    focus_names=frozenset({"nimbus"}),
    focus_network=lambda: "(?i)sky egress",
    place_focus=place,
    rules=lambda: {RULE.id: RULE},
    regions=lambda: frozenset({"sky-1"}),
)


class Shout:
    """`--format shout`: the totals, loudly."""

    suffixes = (".shout",)

    def render(self, report: Report, look: Look) -> bytes:  # noqa: ARG002  it looks the same everywhere
        """One line for each currency."""
        return "".join(f"{each.network} {each.currency}!\n" for each in report.totals).encode()


REPORTER = Shout()
